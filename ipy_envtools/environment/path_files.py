"""``.pth`` and ``.start`` files: the lines that :mod:`site` acts on in every start of Python.

Sources: the documentation of :mod:`site`; PEP 829 for ``.start``.
"""

from __future__ import annotations

import os
from typing import NamedTuple

from .regular_files import read_regular_file

__all__ = ["PathFileLines", "path_files_in", "read_path_file"]

_LIMIT = 1 << 20  # bytes


class PathFileLines(NamedTuple):
    """What one file makes Python do."""

    directories: tuple[str, ...]
    """Paths that it adds to ``sys.path`` if they exist, absolute, ``..`` resolved as text."""
    code: tuple[str, ...]
    """Lines that are executed: ``import`` lines, and entry points of a ``.start`` file."""


def read_path_file(path: str) -> PathFileLines:
    """Read a ``.pth`` or ``.start`` file.

    Raises:
        OSError: it cannot be read, is no regular file, or exceeds 1 MiB.
    """
    text = read_regular_file(path, _LIMIT).decode(errors="surrogateescape").removeprefix("\ufeff")
    lines = [line.strip() for line in text.splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    if path.endswith(".start"):
        return PathFileLines((), tuple(lines))
    base = os.path.dirname(path)
    code: list[str] = []
    directories: list[str] = []
    for line in lines:
        if line.startswith(("import ", "import\t")):
            code.append(line)
        elif "\0" not in line:
            directories.append(os.path.normpath(os.path.join(base, line)))
    return PathFileLines(tuple(directories), tuple(code))


def path_files_in(directory: str) -> list[str]:
    """Return the paths of a directory's ``.pth`` files in the order in which they are read."""
    try:
        names = sorted([name for name in os.listdir(directory) if name.endswith(".pth")])
    except OSError:
        return []
    return [os.path.join(directory, name) for name in names]
