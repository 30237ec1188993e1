"""What Python has compiled from files that a transaction put in: an undo takes it along."""

from __future__ import annotations

import os
from collections import defaultdict
from typing import TYPE_CHECKING

from .moves import Move
from .store import STAGED

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["compiled_since"]

_COMPILED = "__pycache__"


def compiled_since(root: str, moves: Sequence[Move]) -> list[Move]:
    """Return a move for each compiled file of a module that was put in and that is there now."""
    sources: dict[tuple[str, str], set[str]] = defaultdict(set)
    known = {move.name for move in moves if move.way == "in" and not move.loose}
    for move in moves:
        if move.way == "in" and move.path.endswith(".py"):
            directory, _, name = move.path.rpartition("/")
            sources[move.base, directory].add(name[:-3])
    found = []
    number = len(moves)
    for (base, directory), stems in sources.items():
        inside = f"{directory}/{_COMPILED}" if directory else _COMPILED
        try:
            names = sorted(os.listdir(os.path.join(root, base, inside)))
        except (FileNotFoundError, NotADirectoryError):
            continue
        for name in names:
            path = f"{inside}/{name}"
            is_ours = name.endswith(".pyc") and name.partition(".")[0] in stems
            if is_ours and (f"{base}/{path}" if base else path) not in known:
                found.append(Move("in", base, path, f"{number}{STAGED}", loose=True))
                number += 1
    return found
