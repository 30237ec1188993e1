"""One writer at a time: this package's own lock, and uv's in a virtual environment."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import sys
import time
from typing import TYPE_CHECKING

from ..errors import EnvToolsError
from .owner import Owner, this_process

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "WAIT_SECONDS",
    "is_locked",
    "lock_reaches_other_hosts",
    "locked",
    "locked_for_uv",
    "locks_are_shared",
]

WAIT_SECONDS = 3.0
"""How long a change waits for another one; an uninstall takes a small part of a second."""
_PAUSE_SECONDS = 0.02
_LOCK_BYTES = 512
"""Room for any text about a process, which is written over the one before."""

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int, *, shared: bool = False) -> None:  # noqa: ARG001
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int, *, shared: bool = False) -> None:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)


_BUSY = {errno.EAGAIN, errno.EACCES, errno.EWOULDBLOCK, errno.EDEADLK}


@contextlib.contextmanager
def locked(path: str, root: str) -> Iterator[bool]:
    """Hold the lock file ``path`` of the environment at ``root``; it is made where missing.

    Yields whether it was free at once.

    Raises:
        EnvToolsError: another process holds it, or the file system has no locks.
    """
    deadline = time.monotonic() + WAIT_SECONDS
    at_once = True
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
        try:
            at_once = _acquire(descriptor, path, root, deadline) and at_once
            if _is_still(descriptor, path):
                with contextlib.suppress(OSError):  # only for the sentence that others will read
                    # Not cut off first: ext4 flushes a file that was cut off when it is closed.
                    text = json.dumps(this_process().to_json())
                    os.write(descriptor, text.encode().ljust(_LOCK_BYTES))
                yield at_once
                return
        finally:
            os.close(descriptor)
        at_once = False  # whoever held it has removed it with the store: begin again


@contextlib.contextmanager
def locked_for_uv(root: str) -> Iterator[None]:
    """Hold uv's lock of the virtual environment at ``root``, where uv has made one.

    uv takes an exclusive ``flock`` on ``.lock`` there for its own changes. The file is never
    made, written or removed here.

    Raises:
        EnvToolsError: another process holds it.
    """
    path = os.path.join(root, ".lock")
    descriptor = None
    if os.path.isfile(os.path.join(root, "pyvenv.cfg")) and os.path.isfile(path):
        for access in (os.O_RDWR, os.O_RDONLY):
            with contextlib.suppress(OSError):
                descriptor = os.open(path, access | getattr(os, "O_NONBLOCK", 0))
                break
    if descriptor is None:
        yield
        return
    try:
        _acquire(descriptor, path, root, time.monotonic() + WAIT_SECONDS)
        yield
    finally:
        os.close(descriptor)


def is_locked(path: str) -> bool:
    """Whether another process, or another thread of this one, holds the lock file ``path``."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        _lock(descriptor, shared=True)
    except OSError as error:
        return error.errno in _BUSY
    else:
        return False
    finally:
        os.close(descriptor)


def lock_reaches_other_hosts(path: str) -> bool:
    """Whether a lock that a process on another machine holds would be noticed here.

    On a local file system the question does not arise: a record of another host name there is
    of a container that is gone. Network file systems are believed, unless they are mounted so
    that locks stay on each machine.
    """
    return locks_are_shared(*_mount_of(path))


def locks_are_shared(kind: str, options: set[str]) -> bool:
    """The same for a type of file system, mounted with these options."""
    if kind in ("nfs", "nfs4"):
        return not {"nolock", "local_lock=all", "local_lock=flock"} & options
    if kind == "lustre":
        return "flock" in options
    return not (kind.startswith("fuse.") or kind == "9p")


def _mount_of(path: str) -> tuple[str, set[str]]:
    """The type and the options of the file system that ``path`` is on; Linux only."""
    device = os.stat(path).st_dev
    wanted = f"{os.major(device)}:{os.minor(device)}" if hasattr(os, "major") else ""
    try:
        with open("/proc/self/mountinfo", encoding="utf-8", errors="replace") as file:
            lines = file.readlines()
    except OSError:
        return "", set()
    for line in lines:
        mount, _, system = line.partition(" - ")
        if mount.split(" ")[2] == wanted and len(parts := system.split()) >= 3:
            return parts[0], set(parts[2].split(","))
    return "", set()


def _acquire(descriptor: int, path: str, root: str, deadline: float) -> bool:
    """Take the lock; whether it was free at once."""
    at_once = True
    while True:
        try:
            _lock(descriptor)
        except OSError as error:
            if error.errno not in _BUSY:
                raise EnvToolsError(
                    "This file system has no file locks, so two programs could change the "
                    f"environment at once; nothing was changed ({error.strerror})."
                ) from error
        else:
            return at_once
        if time.monotonic() >= deadline:
            raise EnvToolsError(
                f"{_holder(path)} is changing {root} at this moment; "
                "nothing was done, try again when it has finished."
            )
        at_once = False
        time.sleep(_PAUSE_SECONDS)


def _is_still(descriptor: int, path: str) -> bool:
    """Whether the locked file is the one that ``path`` names; the store may have been removed."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.lstat(path))
    except OSError:
        return False


def _holder(path: str) -> str:
    """Who holds the lock, as the beginning of a sentence."""
    if pid := _pid_in_proc_locks(path):
        with contextlib.suppress(OSError), open(f"/proc/{pid}/comm", encoding="utf-8") as file:
            return f"{file.read().strip()} (process {pid})"
        return f"Process {pid}"
    try:
        with open(path, "rb") as file:
            owner = Owner.from_json(json.loads(file.read(4096)))
    except (OSError, ValueError, KeyError, TypeError):
        return "Another program"
    return f"P{str(owner)[1:]}"


def _pid_in_proc_locks(path: str) -> int | None:
    try:
        status = os.stat(path)
        with open("/proc/locks", encoding="ascii") as file:
            lines = file.read().splitlines()
    except (OSError, ValueError):
        return None
    inode = f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}:{status.st_ino}"
    for line in lines:
        # 1: FLOCK  ADVISORY  WRITE 4711 08:01:131 0 EOF
        fields = line.split()
        if "->" not in fields and inode in fields:
            return int(fields[fields.index(inode) - 1])
    return None
