"""What the entries of site directories are now, so that a newcomer is noticed later."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["entry_stamps"]

_SUFFIXES = (".dist-info", ".egg-info", ".egg-link", ".egg")
_LISTS_OF_FILES = {".dist-info": "RECORD", ".egg-info": "installed-files.txt"}


def entry_stamps(directories: Iterable[Path]) -> frozenset[tuple[str, int, int, int]]:
    """Return path, inode, size and modification time (ns) of what says which files an entry owns.

    That is the list of its files where there is one, else the entry itself. A directory that
    cannot be read holds nothing.
    """
    found = set()
    for directory in directories:
        try:
            names = os.listdir(directory)
        except OSError:
            continue
        for name in names:
            if not name.endswith(_SUFFIXES):
                continue
            entry = os.path.join(directory, name)
            for path in (
                os.path.join(entry, _LISTS_OF_FILES.get(os.path.splitext(name)[1], "")),
                entry,
            ):
                try:
                    status = os.stat(path)
                except OSError:
                    continue
                found.add((entry, status.st_ino, status.st_size, status.st_mtime_ns))
                break
    return frozenset(found)
