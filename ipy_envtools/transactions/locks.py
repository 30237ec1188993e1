"""One writer at a time: this package's own lock, and uv's in a virtual environment."""

from __future__ import annotations

import contextlib
import os
import time
from typing import TYPE_CHECKING

# Not its FileLock, which opens the file itself: it would make the store anew that another
# process has removed with its lock.
from filelock import lock_descriptor, unlock_descriptor

from ..environment.file_locks import UV_LOCK, is_waited_for, lock_holder
from ..errors import EnvToolsError
from .times import same_time

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
    "no_uv_lock_left",
]

WAIT_SECONDS = 3.0
"""How long a change waits for another one; an uninstall takes a small part of a second."""
_PAUSE_SECONDS = 0.02
_OURS = b"made by ipy-envtools for one change; uv locks this file too\n"
"""The content of a lock file of uv's that was made here, and that goes again."""


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
    """Hold uv's lock of the virtual environment that ``store`` is in.

    uv takes an exclusive ``flock`` on ``.lock`` there for its own changes. One that uv has made
    is never written or removed here. Where there is none, one is made for as long as this
    lasts; it stays where somebody waits for it by then, because who waits for a removed file
    would no longer keep others out.

    Raises:
        EnvToolsError: another process holds it.
    """
    path = os.path.join(store.root, UV_LOCK)
    is_venv = os.path.isfile(os.path.join(store.root, "pyvenv.cfg"))
    while is_venv and (descriptor := _uv_lock(path)) is not None:
        with _held(descriptor, path, store):
            if not _is_at(descriptor, path):
                continue  # whoever made it has removed it meanwhile
            try:
                yield
            finally:
                _remove_if_ours(descriptor, path)
            return
    yield


@contextlib.contextmanager
def no_uv_lock_left(prefix: str | os.PathLike[str]) -> Iterator[None]:
    """Take away the lock file that uv makes where it only looks and none was.

    It stays where somebody else has it by then, or where nobody can tell.
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
            _remove_empty(path)
            if sorted(os.listdir(prefix)) == names:
                os.utime(prefix, ns=(status.st_atime_ns, status.st_mtime_ns))


def _remove_empty(path: str) -> None:
    descriptor = os.open(path, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
    try:
        if lock_descriptor(descriptor, blocking=False):
            is_empty = _is_at(descriptor, path) and not os.fstat(descriptor).st_size
            if is_empty and is_waited_for(path) is False:
                os.unlink(path)
            unlock_descriptor(descriptor)
    finally:
        os.close(descriptor)


def _uv_lock(path: str) -> int | None:
    """Open uv's lock file, made where missing; None where this user can neither."""
    with contextlib.suppress(OSError), _alone(os.path.dirname(path)):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666)
        try:
            os.write(descriptor, _OURS)
            lock_descriptor(descriptor, blocking=False)
        except OSError:  # a full disk, where it would look as if uv had made it; or no locks
            os.close(descriptor)
            os.unlink(path)
            return None
        return descriptor
    return _opened(path) if os.path.isfile(path) else None


def _remove_if_ours(descriptor: int, path: str) -> None:
    """Remove a lock file that was made here, now or by a process that was killed; it is held."""
    with contextlib.suppress(OSError):
        os.lseek(descriptor, 0, os.SEEK_SET)
        content = os.read(descriptor, len(_OURS) + 1)
        if content and _OURS.startswith(content) and is_waited_for(path) is False:
            with _alone(os.path.dirname(path)):
                os.unlink(path)


@contextlib.contextmanager
def _alone(directory: str) -> Iterator[None]:
    """Leave a directory's time as it was, also where another process does the same just now."""
    with contextlib.ExitStack() as held:
        with contextlib.suppress(OSError):  # a directory cannot be opened, or locked, everywhere
            descriptor = os.open(directory, os.O_RDONLY)
            held.callback(os.close, descriptor)
            if _taken(descriptor, WAIT_SECONDS):
                held.callback(unlock_descriptor, descriptor)
        with same_time(directory):
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
    if pid := lock_holder(path):
        with contextlib.suppress(OSError), open(f"/proc/{pid}/comm", encoding="utf-8") as file:
            return f"{file.read().strip()} (process {pid})"
        return f"Process {pid}"
    with contextlib.suppress(OSError, EnvToolsError):
        open_ones = (each for each in store.outlines() if each.phase in ("applying", "undoing"))
        for owner in (each.owner for each in open_ones):
            if owner is not None and (owner.is_elsewhere or owner.is_seen_alive):
                return f"P{str(owner)[1:]}"
    return "Another program"
