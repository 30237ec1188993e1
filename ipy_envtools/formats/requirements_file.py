"""Requirements files as pip reads them: their encoding, and their lines."""

from __future__ import annotations

import codecs
import os
import re
from typing import TYPE_CHECKING, NamedTuple

from ..environment import printable
from .install_request import BadRequest, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = ["Line", "read_lines", "read_text", "split_lines"]

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(rb"#.*coding[:=]\s*([-\w.]+)")  # PEP 263
_COMMENT = re.compile(r"(?:^|\s+)#.*$")
_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")
_LARGEST = 16 << 20  # bytes; thousands of requirements with hashes are a hundredth of it


class Line(NamedTuple):
    """What is left of one or several lines of a file."""

    text: str
    number: int
    """Of the first one, from 1."""


def read_text(path: Path, where: str = "") -> str:
    """Read a file in the encoding that it tells, else UTF-8, else the locale's.

    Raises:
        BadRequest: it is not there, or no text.
    """
    try:
        if not path.is_file():
            what = "a directory" if path.is_dir() else "not there"
            raise BadRequest(f"the requirements file {quoted(str(path))} is {what}{where}")
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except OSError as error:
        reason = printable(error.strerror or str(error))
        raise BadRequest(f"{quoted(str(path))} cannot be read: {reason}{where}") from None
    if len(content) > _LARGEST:
        raise BadRequest(f"{quoted(str(path))} is too large for a requirements file{where}")
    for encoding in _encodings(content):
        try:
            return content.decode(encoding).removeprefix("\ufeff")
        except (UnicodeDecodeError, LookupError):
            continue
    raise BadRequest(f"{quoted(str(path))} is not text that can be read{where}")


def _encodings(content: bytes) -> Iterator[str]:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            yield encoding
            return
    for line in content.split(b"\n", 2)[:2]:
        if match := _DECLARED.match(line.lstrip()):
            yield match[1].decode("ascii", "replace")
    import locale

    yield "utf-8"
    yield locale.getpreferredencoding(False)


def read_lines(lines: Iterable[str], *, variables: bool) -> Iterator[Line]:
    """Join continued lines, and drop comments and empty lines.

    Args:
        lines: without line ends.
        variables: replace ``${NAME}`` by the environment variable, where there is one.
    """
    kept: list[str] = []
    first = 0
    for number, line in enumerate(lines, 1):
        is_comment = line.lstrip().startswith("#")
        if line.endswith("\\") and not is_comment:
            first = first or number
            kept.append(line[:-1].strip("\\"))
            continue
        if is_comment and kept:
            line = ""  # a comment ends what was continued, as in pip
        text = _COMMENT.sub("", "".join([*kept, line])).strip()
        if text:
            yield Line(_expanded(text) if variables else text, first or number)
        kept, first = [], 0
    if kept and (text := _COMMENT.sub("", "".join(kept)).strip()):
        yield Line(_expanded(text) if variables else text, first)


def _expanded(text: str) -> str:
    return _VARIABLE.sub(lambda match: os.environ.get(match[1]) or match[0], text)


def split_lines(text: str) -> list[str]:
    """Split at line ends only: a form feed or U+2028 within a line is no line end."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
