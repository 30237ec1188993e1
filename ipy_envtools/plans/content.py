"""Whether a file is still what RECORD says of it."""

from __future__ import annotations

import hashlib
import os
import stat
from base64 import urlsafe_b64encode

__all__ = ["differs"]

_CHUNK = 1 << 20  # bytes
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
_WITHOUT_LENGTH = frozenset({"shake_128", "shake_256"})


def differs(path: str, status: os.stat_result, digest: str, size: int | None) -> bool:
    """Whether the regular file at ``path`` is not what a row of RECORD describes.

    What the row does not say, or says by an unknown algorithm, or what cannot be read, is no
    difference.

    Args:
        path: the file.
        status: what :func:`os.lstat` says of it.
        digest: ``algorithm=value`` as in RECORD, or empty.
        size: in bytes, or None.
    """
    if not stat.S_ISREG(status.st_mode):
        return False
    if size is not None and size != status.st_size:
        return True
    algorithm, _, expected = digest.partition("=")
    if not expected or algorithm in _WITHOUT_LENGTH:
        return False
    try:
        found = hashlib.sha256() if algorithm == "sha256" else hashlib.new(algorithm)
        descriptor = os.open(path, _FLAGS)
    except (OSError, ValueError):
        return False
    try:
        left = status.st_size
        while left > 0 and (chunk := os.read(descriptor, min(left, _CHUNK))):
            found.update(chunk)
            left -= len(chunk)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    value = found.digest()
    expected = expected.rstrip("=")
    return urlsafe_b64encode(value).rstrip(b"=") != expected.encode() and value.hex() != expected
