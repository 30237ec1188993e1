"""uv's lock file, gone again where uv has only looked."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from ..environment.file_locks import UV_LOCK, is_waited_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["no_lock_left"]


@contextlib.contextmanager
def no_lock_left(prefix: Path) -> Iterator[None]:
    """Take away the lock file that uv makes in an environment where none was.

    It stays where somebody else has it by then, or where nobody can tell: who waits for a removed
    file would no longer keep others out.
    """
    path = os.path.join(prefix, UV_LOCK)
    if os.path.lexists(path):
        yield
        return
    names, status = sorted(os.listdir(prefix)), os.stat(prefix)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            _remove_unused(path)
            if sorted(os.listdir(prefix)) == names:
                os.utime(prefix, ns=(status.st_atime_ns, status.st_mtime_ns))


def _remove_unused(path: str) -> None:
    from filelock import lock_descriptor, unlock_descriptor

    descriptor = os.open(path, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
    try:
        if lock_descriptor(descriptor, blocking=False):
            ours = os.path.samestat(os.fstat(descriptor), os.lstat(path))
            if ours and not os.fstat(descriptor).st_size and is_waited_for(path) is False:
                os.unlink(path)
            unlock_descriptor(descriptor)
    finally:
        os.close(descriptor)
