"""Console scripts that no RECORD names: they go only if their own text says whose they are."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from ..environment.regular_files import read_regular_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..environment import InstalledDistribution
    from .schemes import SchemeDirectories

__all__ = ["unrecorded_scripts"]

_SECTION = re.compile(r"\[\s*(?:console|gui)_scripts\s*\]([^\[]*)", re.IGNORECASE)
_ENTRY_POINT = re.compile(r"^[ \t]*([^=#\s][^=\n]*?)[ \t]*=[ \t]*([\w.]+)", re.MULTILINE)
_LIMIT = 1 << 16


def unrecorded_scripts(
    distribution: InstalledDistribution, schemes: SchemeDirectories
) -> Iterator[Path]:
    """Yield scripts that start a module which the distribution's entry points name.

    A script of that name which starts something else belongs to another package.
    """
    directory = schemes.directory("scripts")
    if directory is None or distribution.info.directory is None:
        return
    try:
        text = read_regular_file(
            os.path.join(distribution.info.directory, "entry_points.txt"), 1 << 20
        ).decode(errors="replace")
    except OSError:
        return
    for section in _SECTION.findall(text):
        for name, module in _ENTRY_POINT.findall(section):
            if name != os.path.basename(name):
                continue
            path = os.path.join(directory, name)
            if _starts(path, module):
                yield Path(path)


def _starts(path: str, module: str) -> bool:
    try:
        if os.path.islink(path):
            return False
        text = read_regular_file(path, _LIMIT).decode(errors="replace")
    except OSError:
        return False
    return text.startswith("#!") and bool(
        re.search(rf"^\s*(?:from|import)\s+{re.escape(module)}\b", text, re.MULTILINE)
    )
