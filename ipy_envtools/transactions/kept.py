"""Where a transaction keeps what it took out, what it put in, and who moved that later.

All of it only to be looked at.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import UndoConflict
from .journal import JournalUnreadable, read_journal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .store import Store

__all__ = ["kept_by", "moved_later", "put_in_by"]


def kept_by(store: Store, identity: str) -> dict[Path, Path]:
    """Return, by the place that each thing belongs to, where in the store it lies now.

    Raises:
        EnvToolsError: the transaction is no longer kept, or its journal cannot be read.
    """
    found = _moves(store, identity, "out")
    return {place: kept for place, kept in found if os.path.lexists(kept)}


def put_in_by(store: Store, identity: str) -> tuple[Path, ...]:
    """Return the places that the transaction put something into, edited text files included.

    Raises:
        EnvToolsError: the transaction is no longer kept, or its journal cannot be read.
    """
    return tuple(place for place, _ in _moves(store, identity, "in"))


def moved_later(store: Store, identity: str, paths: Iterable[Path]) -> dict[Path, str]:
    """Return which of ``paths`` a later transaction moved that still stands: the newest's ID."""
    wanted = set(paths)
    found: dict[Path, str] = {}
    root = Path(store.root)
    for later in sorted(store.identities(), reverse=True) if wanted else ():
        if later <= identity or not wanted:
            break
        with contextlib.suppress(JournalUnreadable, OSError):
            journal = read_journal(store.journal(later))
            if journal is None or journal.phase != "applied":
                continue
            places = {root / move.name for move in journal.moves}
            moved = {path for path in wanted if not places.isdisjoint((path, *path.parents))}
            found.update(dict.fromkeys(moved, later))
            wanted -= moved
    return found


def _moves(store: Store, identity: str, way: str) -> list[tuple[Path, Path]]:
    journal = read_journal(store.journal(identity))
    if journal is None:
        raise UndoConflict(f"{identity} is no longer in {store.path}.")
    directory = Path(store.directory(identity))
    root = Path(store.root)
    return [(root / move.name, directory / move.kept) for move in journal.moves if move.way == way]
