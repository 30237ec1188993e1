"""File locks as Linux lists them, and where uv keeps its own."""

from __future__ import annotations

import os

__all__ = ["UV_LOCK", "is_waited_for", "lock_holder"]

UV_LOCK = ".lock"
"""The file in a virtual environment's root that uv locks whenever it looks there or changes
something. It makes it where missing, empty, and leaves it."""


def lock_holder(path: str) -> int | None:
    """The id of a process that holds a lock on the file; None where nobody tells."""
    for fields in _listed(path) or ():
        if "->" not in fields:
            return int(fields[-4])
    return None


def is_waited_for(path: str) -> bool | None:
    """Whether somebody waits for a lock on the file; None where nobody tells."""
    found = _listed(path)
    return None if found is None else any("->" in fields for fields in found)


def _listed(path: str) -> list[list[str]] | None:
    """The lines about a file in Linux's list of locks, those that are waited for included."""
    try:
        status = os.stat(path)
        with open("/proc/locks", encoding="ascii") as file:
            lines = file.read().splitlines()
    except (OSError, ValueError):
        return None
    inode = f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}:{status.st_ino}"
    # 1: FLOCK  ADVISORY  WRITE 4711 08:01:131 0 EOF
    # 1: -> FLOCK  ADVISORY  WRITE 4712 08:01:131 0 EOF
    return [fields for fields in map(str.split, lines) if inode in fields]
