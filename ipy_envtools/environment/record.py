"""RECORD, read tolerantly: every row is kept as far as it can be understood.

Source: the "Recording installed projects" specification.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from .regular_files import read_regular_file

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Record", "RecordRow", "RecordSummary", "parse_record", "read_record", "summarize"]

_LIMIT = 64 << 20  # bytes; ten thousand rows are about 1.5 MB
_SIZE = re.compile(rb",(\d{1,18})[ \t]*\r?$", re.MULTILINE)
_TOP = re.compile(rb'^"?([^/\\,"\r\n]+)', re.MULTILINE)

_ABSOLUTE = re.compile(rb'^"?(?:[/\\]|[A-Za-z]:)', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class RecordRow:
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


def read_record(path: str) -> bytes:
    """Return the bytes of RECORD.

    Raises:
        OSError: it cannot be read, is no regular file, or exceeds 64 MiB.
    """
    return read_regular_file(path, _LIMIT)


def summarize(content: bytes) -> RecordSummary:
    """Sum sizes and collect first path components in two passes of one pattern each."""
    sizes = _SIZE.findall(content)
    tops = {top.decode(errors="surrogateescape") for top in set(_TOP.findall(content))}
    return RecordSummary(
        size=sum(map(int, sizes)) if sizes else None,
        top_components=frozenset(tops),
        reaches_out=".." in tops or "." in tops or _ABSOLUTE.search(content) is not None,
    )


def parse_record(content: bytes) -> Record:
    """Read every row; a row without a path is reported, never guessed."""
    text = content.decode(errors="surrogateescape").removeprefix("\ufeff")
    rows: list[RecordRow] = []
    invalid: list[str] = []
    for fields in _fields(text):
        if not fields:
            continue
        path = fields[0]
        size = fields[2].strip() if len(fields) > 2 else ""
        number = int(size) if size.isascii() and size.isdigit() and len(size) < 19 else None
        if len(fields) > 3 or "\0" in path or (size and number is None):
            invalid.append(",".join(fields))
        if "\0" not in path:
            rows.append(RecordRow(path, fields[1].strip() if len(fields) > 1 else "", number))
    return Record(tuple(rows), tuple(invalid))


def _fields(text: str) -> Iterator[list[str]]:
    if '"' not in text:
        for line in text.replace("\r\n", "\n").split("\n"):
            yield line.rsplit(",", 2) if line.count(",") > 2 else line.split(",") if line else []
        return
    reader = csv.reader(text.splitlines(keepends=True))
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error:  # a NUL before Python 3.11, a field of over 128 KiB
            continue
