"""RECORD, read tolerantly: every row is kept as far as it can be understood.

Source: the "Recording installed projects" specification.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "RECORD_LIMIT",
    "Record",
    "RecordRow",
    "RecordSummary",
    "claimed_paths",
    "has_too_many_rows",
    "is_ambiguous",
    "parse_record",
    "recorded_paths",
    "summarize",
]

RECORD_LIMIT = 16 << 20
"""Bytes. Ten thousand rows are about 1.5 MB; the largest packages have thirty thousand."""
_MOST_ROWS = 500_000
_LONGEST_NAME = 8  # lines that a quoted path may go over; a file name may hold line feeds
_SIZE = re.compile(rb",(\d{1,18})[ \t]*\r?$", re.MULTILINE)
# A match goes on over the rows that begin alike, because most do: so a pattern does in a fifth of
# the time what would take a loop. Not over all at once, which would be kept to go back to.
_FIRST = re.compile(rb'^(?=.)"?([^/\\,"\r\n]*).*(?:\n"?\1[/\\].*){0,999}', re.MULTILINE)
_DIRECTORY = re.compile(rb"\n([^\n,]+)/")
_UPWARDS = (".", "..")
_MARKS = (b'"', b"\v", b"\f", b"\x1c", b"\x1d", b"\x1e")
_WIDE_MARKS = tuple(map(str.encode, ("\x85", "\u2028", "\u2029")))
"""A quote, and what ends lines for some readers."""


class RecordRow(NamedTuple):
    """One row. A path is spelled as RECORD spells it; bytes that are no UTF-8 are escaped."""

    path: str
    hash: str
    """``algorithm=value``, or empty."""
    size: int | None
    """Bytes, where recorded."""


@dataclass(frozen=True, slots=True)
class Record:
    """All rows of one RECORD."""

    rows: tuple[RecordRow, ...]
    invalid_rows: tuple[str, ...]
    """Rows that are no path, hash and size."""

    @property
    def paths(self) -> tuple[PurePosixPath, ...]:
        """The paths as RECORD spells them, relative to the site directory."""
        return tuple(PurePosixPath(row.path) for row in self.rows)


@dataclass(frozen=True, slots=True)
class RecordSummary:
    """What a list of packages needs of RECORD, without one object a row."""

    size: int | None
    """Sum of the recorded sizes in bytes; None where no row has one."""
    top_components: frozenset[str]
    """First components of all relative paths."""
    reaches_out: bool
    """Whether a path may lead out of the site directory."""


def has_too_many_rows(content: bytes) -> bool:
    """Whether these are more rows than any package has files, and than memory should hold."""
    return len(content) > _MOST_ROWS and content.count(b"\n") > _MOST_ROWS


def summarize(content: bytes) -> RecordSummary:
    """Sum sizes and collect first path components, without looking at each row by itself."""
    sizes = _SIZE.findall(content)
    first = set(_FIRST.findall(content))
    tops = frozenset(name.decode(errors="surrogateescape") for name in first if name)
    return RecordSummary(
        size=sum(map(int, sizes)) if sizes else None,
        top_components=tops,
        reaches_out=(
            b"" in first or not tops.isdisjoint(_UPWARDS) or any(name[1:2] == ":" for name in tops)
        ),
    )


def parse_record(content: bytes) -> Record:
    """Read every row; a row that is not understood is kept as text, and hides no other."""
    text = content.decode(errors="surrogateescape").removeprefix("\ufeff")
    rows: list[RecordRow] = []
    invalid: list[str] = []
    for line, fields in _rows(text):
        path = fields[0] if fields else ""
        size = fields[2].strip() if len(fields) > 2 else ""
        number = int(size) if size.isascii() and size.isdigit() and len(size) < 19 else None
        if not fields or len(fields) > 3 or "\0" in path or (size and number is None):
            invalid.append(line)
        if fields and "\0" not in path:
            rows.append(RecordRow(path, fields[1].strip() if len(fields) > 1 else "", number))
    return Record(tuple(rows), tuple(invalid))


def recorded_paths(content: bytes) -> list[str]:
    """Return only the paths of all rows: a third of the time that :func:`parse_record` takes."""
    if b'"' in content or b"\0" in content:
        return [row.path for row in parse_record(content).rows]
    text = content.decode(errors="surrogateescape").removeprefix("\ufeff")
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    return [line.rsplit(",", 2)[0] for line in text.split("\n") if line]


def claimed_paths(content: bytes) -> list[str]:
    """Return every path that a reader of RECORD may find in it, for whom it may mean a file.

    Readers differ where a quote stands alone, and in what ends a line: pip takes each end of a
    line that :meth:`str.splitlines` knows.
    """
    paths = recorded_paths(content)
    if not is_ambiguous(content):
        return paths
    text = content.decode(errors="surrogateescape").removeprefix("\ufeff")
    lines = text.splitlines()
    found = dict.fromkeys(paths)
    found.update(dict.fromkeys(_as_csv(lines)))
    for line in lines:
        if '"' in line:
            found.update(dict.fromkeys(_as_csv([line])))
        path = line.rsplit(",", 2)[0]
        found.update({path: None, path.strip('"'): None})
    return [path for path in found if path and "\0" not in path]


def recorded_directories(content: bytes) -> frozenset[bytes]:
    """Return the directories below the site directory that rows name files in.

    For a RECORD that is not ambiguous and has no ``..`` but at the beginning of rows.
    """
    found = set(_DIRECTORY.findall(b"\n" + content))
    return frozenset(each for each in found if not each.startswith((b"/", b"..")))


def is_ambiguous(content: bytes) -> bool:
    """Whether readers may find different paths in a RECORD."""
    return (
        any(mark in content for mark in _MARKS)
        or (not content.isascii() and any(mark in content for mark in _WIDE_MARKS))
        or (b"\r" in content and content.count(b"\r") != content.count(b"\r\n"))
    )


def _as_csv(lines: list[str]) -> Iterator[str]:
    """The paths that :mod:`csv` finds, which is what pip reads RECORD with."""
    import csv

    rows = csv.reader(lines)
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error:  # a NUL before Python 3.11, a field of over 128 KiB
            continue
        if row:
            yield row[0]


def _rows(text: str) -> Iterator[tuple[str, list[str]]]:
    """Every row with its fields; no fields where its quotes do not pair."""
    lines = text.replace("\r\n", "\n").split("\n")
    at = 0
    while at < len(lines):
        line = lines[at]
        at += 1
        if '"' in line:
            more = _lines_to_pair_quotes(lines, at - 1)
            if more is None:
                yield line, []
                continue
            line = "\n".join(lines[at - 1 : at + more])
            at += more
            yield line, _quoted_fields(line)
        elif line:
            yield line, line.rsplit(",", 2) if line.count(",") > 2 else line.split(",")


def _lines_to_pair_quotes(lines: list[str], first: int) -> int | None:
    """How many more lines belong to a row; None where its quotes do not pair soon."""
    is_open = False
    for more, line in enumerate(lines[first : first + _LONGEST_NAME]):
        is_open = _ends_in_quotes(line, is_open)
        if not is_open:
            return more
    return None


def _ends_in_quotes(line: str, is_open: bool) -> bool:
    """Whether a line ends within a quoted field.

    Only a quote at the beginning of a field opens one, as for :mod:`csv`; another is a character.

    Args:
        line: a line.
        is_open: whether it begins within one.
    """
    at = 0
    while True:
        if is_open or line.startswith('"', at):
            at = line.find('"', at if is_open else at + 1)
            while at >= 0 and line.startswith('""', at):
                at = line.find('"', at + 2)
            if at < 0:
                return True
            is_open = False
        at = line.find(",", at) + 1
        if not at:
            return False


def _quoted_fields(line: str) -> list[str]:
    import csv
    import io

    try:
        return next(csv.reader(io.StringIO(line, newline="")), [])
    except csv.Error:  # a NUL before Python 3.11, a field of over 128 KiB
        return []
