"""One writer at a time: this package's own lock, and uv's in a virtual environment."""

from __future__ import annotations

import contextlib
import os
import time
from typing import TYPE_CHECKING

# Not its FileLock, which opens the file itself: it would make the store anew that another
# process has removed with its lock, and would make uv's file where there is none.
from filelock import lock_descriptor, unlock_descriptor

from ..errors import EnvToolsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .store import Store

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


@contextlib.contextmanager
def locked(store: Store) -> Iterator[None]:
    """Hold the lock file of ``store``; it is made where missing.

    Raises:
        EnvToolsError: another process holds it, or the file system has no locks.
        FileNotFoundError: there is no store.
    """
    is_there = False
    while not is_there:
        with _held(_opened_or_made(store.lock), store.lock, store) as descriptor:
            # Whoever held it may have removed it with the store, and somebody made another.
            is_there = _is_at(descriptor, store.lock)
            if is_there:
                yield


@contextlib.contextmanager
def locked_for_uv(store: Store) -> Iterator[None]:
    """Hold uv's lock of the virtual environment that ``store`` is in, where uv has made one.

    uv takes an exclusive ``flock`` on ``.lock`` there for its own changes. The file is never
    made, written or removed here.

    Raises:
        EnvToolsError: another process holds it.
    """
    path = os.path.join(store.root, ".lock")
    descriptor = None
    if os.path.isfile(os.path.join(store.root, "pyvenv.cfg")) and os.path.isfile(path):
        descriptor = _opened(path)
    if descriptor is None:
        yield
        return
    with _held(descriptor, path, store):
        yield


def is_locked(path: str) -> bool:
    """Whether another process, or another thread of this one, holds the lock file ``path``."""
    descriptor = _opened(path)
    if descriptor is None:
        return False
    try:
        # Whoever only asks, as this does, holds it for less than a pause.
        taken = _taken(descriptor, 2 * _PAUSE_SECONDS)
        if taken:
            unlock_descriptor(descriptor)
    except OSError:
        return False
    else:
        return not taken
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


def _opened_or_made(path: str) -> int:
    """The store's lock file. Whoever makes the store makes it last, and is given time for that."""
    access = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0)
    deadline = time.monotonic() + 10 * _PAUSE_SECONDS
    while not os.path.lexists(path) and time.monotonic() < deadline:
        os.stat(os.path.dirname(path))
        time.sleep(_PAUSE_SECONDS / 10)
    return os.open(path, access | os.O_CREAT, 0o666)


def _opened(path: str) -> int | None:
    """An existing lock file, for writing if possible: NFS locks nothing that is only read."""
    for access in (os.O_RDWR, os.O_RDONLY):
        with contextlib.suppress(OSError):
            return os.open(path, access | getattr(os, "O_NONBLOCK", 0))
    return None


@contextlib.contextmanager
def _held(descriptor: int, path: str, store: Store) -> Iterator[int]:
    """Hold the lock of an open file, and close it."""
    try:
        try:
            taken = _taken(descriptor, WAIT_SECONDS)
        except OSError as error:
            raise EnvToolsError(
                "This file system has no file locks, so two programs could change the "
                f"environment at once; nothing was changed ({error.strerror})."
            ) from error
        if not taken:
            raise EnvToolsError(
                f"{_holder(path, store)} is changing {store.root} at this moment; "
                "nothing was done, try again when it has finished."
            )
        try:
            yield descriptor
        finally:
            # Closing alone leaves it locked where a child was forked meanwhile.
            unlock_descriptor(descriptor)
    finally:
        os.close(descriptor)


def _taken(descriptor: int, seconds: float) -> bool:
    """Whether the lock could be taken in that time."""
    deadline = time.monotonic() + seconds
    while not lock_descriptor(descriptor, blocking=False):
        if time.monotonic() >= deadline:
            return False
        time.sleep(_PAUSE_SECONDS)
    return True


def _is_at(descriptor: int, path: str) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except OSError:
        return False


def _holder(path: str, store: Store) -> str:
    """Who holds the lock, as the beginning of a sentence."""
    if pid := _pid_in_proc_locks(path):
        with contextlib.suppress(OSError), open(f"/proc/{pid}/comm", encoding="utf-8") as file:
            return f"{file.read().strip()} (process {pid})"
        return f"Process {pid}"
    with contextlib.suppress(OSError, EnvToolsError):
        open_ones = (each for each in store.outlines() if each.phase in ("applying", "undoing"))
        for owner in (each.owner for each in open_ones):
            if owner is not None and (owner.is_elsewhere or owner.is_seen_alive):
                return f"P{str(owner)[1:]}"
    return "Another program"


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
