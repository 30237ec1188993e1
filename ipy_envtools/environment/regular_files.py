"""Reading files that may be anything: a FIFO would block for ever, a device never ends."""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import re

__all__ = [
    "SETTLED",
    "Stamp",
    "has_changed",
    "is_settled",
    "open_regular_file",
    "read_regular_file",
    "read_stamped",
    "stamp_of",
]

_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
_CHUNK = 1 << 16
_FIRST = 1 << 12  # bytes: what is looked for stands near the beginning of most files

SETTLED = 2_000_000_000
"""Nanoseconds after which a change has a time that a later change cannot have: clocks of file
systems are coarse, two seconds at the worst."""


Stamp = tuple[int, int, int, int, int]
"""Device, inode, size, and the nanoseconds of the last writing and of the last change of anything:
different whenever a file or directory was written or replaced, whatever times it was given. A
plain tuple, because there are thousands and the garbage collector need not look at those."""


def stamp_of(path: str) -> Stamp | None:
    """Return the stamp of what ``path`` leads to; None where nothing can be found out."""
    try:
        return _stamp(os.stat(path))
    except (OSError, ValueError):
        return None


def has_changed(status: os.stat_result, stamp: Stamp) -> bool:
    """Whether a status is another one than the stamp was taken from."""
    # Not by making a stamp of it: a rescan asks this five times a distribution.
    return (
        status.st_ctime_ns != stamp[4]
        or status.st_mtime_ns != stamp[3]
        or status.st_size != stamp[2]
        or status.st_ino != stamp[1]
        or status.st_dev != stamp[0]
    )


def is_settled(stamp: Stamp, now: int) -> bool:
    """Whether a change after ``now`` (nanoseconds) is certain to change the stamp."""
    return now - max(stamp[3], stamp[4]) > SETTLED


def read_regular_file(path: str, limit: int) -> bytes:
    """Return the content of a regular file, links followed.

    Raises:
        OSError: it cannot be read, is no regular file, or is longer than ``limit`` bytes.
    """
    return read_stamped(path, limit)[0]


def read_stamped(
    path: str, limit: int, *, until: re.Pattern[bytes] | None = None
) -> tuple[bytes, Stamp]:
    """Return the content of a regular file, and its stamp from before the reading.

    Reading stops in the chunk that holds what ``until`` matches, four bytes at the most.

    Raises:
        OSError: it cannot be read, is no regular file, or is longer than ``limit`` bytes
            (where ``until`` was not met before).
    """
    descriptor, status = open_regular_file(path)
    try:
        size = status.st_size
        if size > limit and not until:
            raise OSError(errno.EFBIG, f"larger than {limit:,} bytes", path)
        chunks = [os.read(descriptor, min(_FIRST, size + 1) if until else size + 1)]
        length = len(chunks[0])
        tail = chunks[0]
        while length < size and not (until and until.search(tail)):
            if length > limit:
                raise OSError(errno.EFBIG, f"larger than {limit:,} bytes", path)
            more = os.read(descriptor, min(_CHUNK, size + 1 - length) if until else size - length)
            if not more:
                break
            chunks.append(more)
            length += len(more)
            tail = tail[-3:] + more  # what is looked for may lie across two chunks
        return chunks[0] if len(chunks) == 1 else b"".join(chunks), _stamp(status)
    finally:
        os.close(descriptor)


def open_regular_file(path: str) -> tuple[int, os.stat_result]:
    """Open a regular file for reading; return its descriptor, for the caller to close.

    Raises:
        OSError: it cannot be read, or is no regular file.
    """
    try:
        descriptor = os.open(path, _FLAGS)
    except ValueError:  # a NUL, or a surrogate that the file system's encoding has no byte for
        raise OSError(errno.EINVAL, "not a possible file name", path) from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "not a regular file", path)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor, status


def _stamp(status: os.stat_result) -> Stamp:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
