"""Where a transaction keeps what it took out, and what it put in; both only to be looked at."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import UndoConflict
from .journal import read_journal

if TYPE_CHECKING:
    from .store import Store

__all__ = ["kept_by", "put_in_by"]


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


def _moves(store: Store, identity: str, way: str) -> list[tuple[Path, Path]]:
    journal = read_journal(store.journal(identity))
    if journal is None:
        raise UndoConflict(f"{identity} is no longer in {store.path}.")
    directory = Path(store.directory(identity))
    root = Path(store.root)
    return [(root / move.name, directory / move.kept) for move in journal.moves if move.way == way]
