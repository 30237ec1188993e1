"""Giving a directory back the time it had, where it holds again what it held then.

Python's finders keep the listing of a directory for as long as its modification time stays the
same. So a time goes with a set of names: it is only ever given back to a directory that has
exactly the names it was seen with at that time, and that nobody else has changed since we last
looked. This also makes undoing several transactions in any order end where they began.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["STORE_NAME", "Seen", "give_back_times", "look_at", "look_at_tree", "looks", "seen_with"]

STORE_NAME = ".ipy-envtools"
"""The store's name in its root; it is no content of the root."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A directory at one moment."""

    mode: int
    mtime_ns: int
    names: str
    """A digest of the names in it."""
    at: float = field(default=0.0, compare=False)
    """When it was looked at, in seconds since the epoch."""


def seen_with(status: os.stat_result, names: Iterable[str]) -> Seen:
    """A directory of which the status and the names are at hand."""
    digest = hashlib.blake2b(digest_size=8)
    for name in sorted(names):
        if name != STORE_NAME:
            digest.update(os.fsencode(name) + b"\0")
    return Seen(stat.S_IMODE(status.st_mode), status.st_mtime_ns, digest.hexdigest())


def look_at(path: str) -> Seen | None:
    """The directory ``path`` as it is now; None where there is none, or none for this user."""
    try:
        return seen_with(os.stat(path), os.listdir(path))
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
        names = []
        with os.scandir(path) as entries:
            for entry in entries:
                names.append(entry.name)
                if entry.is_dir(follow_symlinks=False):
                    pending.append((entry.path, f"{name}/{entry.name}"))
        found[name] = seen_with(os.stat(path), names)
    return found


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
        then = _latest(seen, now)
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


def _by_name(seen: list[tuple[str, Seen]]) -> dict[str, list[Seen]]:
    grouped: dict[str, list[Seen]] = {}
    for name, item in seen:
        grouped.setdefault(name, []).append(item)
    return grouped


def _latest(seen: list[Seen], now: Seen) -> Seen | None:
    return next((item for item in reversed(seen) if item.names == now.names), None)
