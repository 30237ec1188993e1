"""Giving a directory back the time it had, where it holds again what it held then.

Python's finders keep the listing of a directory for as long as its modification time stays the
same. So a time goes with what is in a directory: it is only ever given back to one that has
exactly the entries it was seen with at that time, and that nobody else has changed since we last
looked. A file counts with its size and time, because an upgrade leaves the names as they were.
This also makes undoing several transactions in any order end where they began.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..environment.file_locks import UV_LOCK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = [
    "STORE_NAME",
    "Seen",
    "give_back_times",
    "look_at",
    "look_at_tree",
    "looks",
    "same_time",
]

STORE_NAME = ".ipy-envtools"
"""The store's name in its root; it is no content of the root."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A directory at one moment."""

    mode: int
    mtime_ns: int
    entries: str
    """A digest of what is in it."""
    at: float = field(default=0.0, compare=False)
    """When it was looked at, in seconds since the epoch."""


def look_at(path: str) -> Seen | None:
    """The directory ``path`` as it is now; None where there is none, or none for this user."""
    try:
        return _look(path)[0]
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return None


def looks(root: str, names: Iterable[str]) -> dict[str, Seen]:
    """How the directories ``names`` below ``root`` are now, those that exist."""
    found = {name: look_at(os.path.join(root, name)) for name in names}
    return {name: seen for name, seen in found.items() if seen is not None}


def look_at_tree(top: str, name: str) -> dict[str, Seen]:
    """Every directory from ``top`` downwards, where ``name`` stands for ``top``."""
    found = {}
    pending = [(top, name)]
    while pending:
        path, name = pending.pop()
        found[name], inner = _look(path)
        pending += [(os.path.join(path, each), f"{name}/{each}") for each in inner]
    return found


def _look(path: str) -> tuple[Seen, list[str]]:
    """One directory, and the names of the directories in it."""
    looks = []
    inner = []
    with os.scandir(path) as entries:
        for entry in entries:
            if entry.name in (STORE_NAME, UV_LOCK):  # neither is content
                continue
            if entry.is_dir(follow_symlinks=False):
                inner.append(entry.name)
                looks.append((os.fsencode(entry.name), b""))
            else:
                seen = entry.stat(follow_symlinks=False)
                looks.append((os.fsencode(entry.name), b"%d %d" % (seen.st_size, seen.st_mtime_ns)))
    digest = hashlib.blake2b(digest_size=8)
    for name, state in sorted(looks):
        digest.update(b"%b\0%b\0" % (name, state))
    status = os.stat(path)
    return Seen(stat.S_IMODE(status.st_mode), status.st_mtime_ns, digest.hexdigest()), inner


def give_back_times(
    root: str,
    before: dict[str, Seen | None],
    own: list[tuple[str, Seen]],
    others: Callable[[], list[tuple[str, Seen]]],
    *,
    resuming: bool,
) -> None:
    """Restore the modification times of directories whose contents are as they were.

    Args:
        root: what the names of directories are relative to.
        before: how each directory was just before files moved; None where it did not exist.
        own: what this transaction has seen of them, oldest first.
        others: what all other transactions have seen; only asked where that is not enough.
        resuming: whether this completes what a killed process began, so that nothing is known
            about the moment at which the directory was last left alone.
    """
    mine = _by_name(own)
    theirs: dict[str, list[Seen]] | None = None
    for name, was in before.items():
        path = os.path.join(root, name)
        now = look_at(path)
        if now is None:
            continue
        seen = mine.get(name, [])
        then = _before(seen, was, now, resuming=resuming) or _latest(seen, now)
        known = resuming or was is None or was in seen
        if then is None or not known:
            theirs = _by_name(others()) if theirs is None else theirs
            seen = sorted([*seen, *theirs.get(name, ())], key=lambda item: item.at)
            then = then or _latest(seen, now)
            known = known or was in seen
        if then is None or not known:
            continue  # the names are new, or somebody else has changed it in the meantime
        try:
            if resuming and then.mode != now.mode:
                os.chmod(path, then.mode)
            if then.mtime_ns != now.mtime_ns:
                os.utime(path, ns=(os.stat(path).st_atime_ns, then.mtime_ns))
        except OSError as error:
            # Somebody else's directory, shared by a group: its time is not ours to set.
            if error.errno != errno.EPERM:
                raise


@contextlib.contextmanager
def same_time(path: str) -> Iterator[None]:
    """Leave a directory's modification time as it was, where that is possible for this user."""
    before = os.stat(path)
    yield
    with contextlib.suppress(OSError):
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def _by_name(seen: list[tuple[str, Seen]]) -> dict[str, list[Seen]]:
    grouped: dict[str, list[Seen]] = {}
    for name, item in seen:
        grouped.setdefault(name, []).append(item)
    return grouped


def _before(seen: list[Seen], was: Seen | None, now: Seen, *, resuming: bool) -> Seen | None:
    """How it was before the transaction, which can have left what is in it as it was.

    Reinstalling does. The time is that of the beginning then, unless others came in between.
    """
    alone = resuming or (was is not None and was in seen)
    return seen[0] if seen and alone and seen[0].entries == now.entries else None


def _latest(seen: list[Seen], now: Seen) -> Seen | None:
    return next((item for item in reversed(seen) if item.entries == now.entries), None)
