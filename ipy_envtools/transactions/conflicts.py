"""What stands in the way of taking a transaction back."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from .relocation import is_copy, is_directory

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .moves import Move, Mover

__all__ = ["conflicts"]

_TICK_SECONDS = 2
"""To which file systems may round times when a file moves from one to another."""


def conflicts(root: str, moves: Sequence[Move], mover: Mover, *, resuming: bool) -> dict[str, Move]:
    """Return every path that keeps ``moves`` from being taken back, and the move that it blocks.

    Changes nothing.

    Args:
        root: what the moves are relative to.
        moves: those of the transaction.
        mover: of the same transaction; knows where things are.
        resuming: whether only a part of the moves has been carried out, so that a thing may be
            at its place already, or at both.
    """
    found: dict[str, Move] = {}
    leaving: set[str] = set()
    usable: dict[str, bool] = {}
    for move in reversed(moves):
        place, kept = mover.place(move), mover.kept(move)
        if move.loose or move.way == "make":
            leaving.add(place)
            continue
        if move.way == "in":
            if resuming:
                leaving.add(mover.unfinished_copy(move))
            ours = mover.is_in(move)
            if resuming and os.path.lexists(kept):
                ours = ours and is_copy(place, kept)  # else it has not been put in
            elif not ours and not resuming:
                found[place] = move
            if ours:
                leaving.add(place)
            continue
        if not os.path.lexists(kept):
            if not resuming:
                found[kept] = move
            continue
        if not resuming and _was_edited(kept, move):
            found[kept] = move
        blocking = _blocking_parent(root, move, usable)
        if blocking and blocking not in leaving:
            found[blocking] = move
        elif place not in leaving or is_directory(place):
            in_the_way = _in_the_way(kept, place, resuming)
            found.update((path, move) for path in in_the_way if not _goes(path, leaving))
    return found


def _was_edited(kept: str, move: Move) -> bool:
    """Whether a file in the store is no longer the one that was taken out.

    Whole directories carry no state: looking at each of their files again would take as long as
    taking them out.
    """
    if move.state is None or not stat.S_ISREG(move.state[0]):
        return False
    _, size, mtime_ns = move.state
    status = os.lstat(kept)
    return (
        status.st_size != size or abs(status.st_mtime_ns - mtime_ns) > _TICK_SECONDS * 1_000_000_000
    )


def _goes(path: str, leaving: set[str]) -> bool:
    """Whether nothing will be left at ``path`` once everything in ``leaving`` has gone."""
    if path not in leaving:
        return False
    if not is_directory(path):
        return True
    with os.scandir(path) as entries:
        return all(_goes(entry.path, leaving) for entry in entries)


def _blocking_parent(root: str, move: Move, usable: dict[str, bool]) -> str | None:
    """The first directory on the way to a place that is none, or that is a link elsewhere."""
    path = os.path.join(root, move.base)
    if not usable.setdefault(path, os.path.isdir(path)):
        return path
    for part in move.path.split("/")[:-1]:
        path = os.path.join(path, part)
        if path not in usable:
            usable[path] = is_directory(path) or not os.path.lexists(path)
        if not usable[path]:
            return path
    return None


def _in_the_way(kept: str, place: str, resuming: bool) -> Iterator[str]:
    pending = [(kept, place)]
    while pending:
        kept, place = pending.pop()
        if not os.path.lexists(place):
            continue
        if is_directory(kept) and is_directory(place):
            with os.scandir(kept) as entries:
                pending += [(entry.path, os.path.join(place, entry.name)) for entry in entries]
        elif not (resuming and is_copy(kept, place)):
            yield place
