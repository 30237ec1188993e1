"""Reading files that may be anything: a FIFO would block for ever, a device never ends."""

from __future__ import annotations

import errno
import os
import stat

__all__ = ["read_regular_file"]

_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
_CHUNK = 1 << 16


def read_regular_file(path: str, limit: int, *, until: tuple[bytes, ...] = ()) -> bytes:
    """Return the content of a regular file, links followed.

    Reading stops at ``limit`` bytes, or in the chunk that holds one of ``until``.

    Raises:
        OSError: it cannot be read, is no regular file, or is longer than ``limit`` bytes
            (where none of ``until`` was met before).
    """
    descriptor = os.open(path, _FLAGS)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "not a regular file", path)
        if not until and status.st_size > limit:
            raise OSError(errno.EFBIG, f"larger than {limit:,} bytes", path)
        content = os.read(descriptor, min(_CHUNK, limit + 1))
        while len(content) < status.st_size and not any(end in content for end in until):
            if len(content) > limit:
                raise OSError(errno.EFBIG, f"larger than {limit:,} bytes", path)
            more = os.read(descriptor, _CHUNK)
            if not more:
                break
            content += more
        return content
    finally:
        os.close(descriptor)
