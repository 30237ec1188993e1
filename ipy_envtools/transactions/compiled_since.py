"""What Python has compiled from files that a transaction put in: an undo takes it along.

Compiled files that were there before are none of these: a transaction moves them out before it
puts their source in (see :mod:`.placing`), and as long as the source is still in the store,
whatever is in ``__pycache__`` was compiled from something else.
"""

from __future__ import annotations

import os
import stat
from collections import defaultdict
from typing import TYPE_CHECKING

from ..environment.compiled_files import CACHE, compiled_module
from .moves import Move
from .relocation import is_reached_without_links
from .store import STAGED

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["compiled_since"]


def compiled_since(root: str, directory: str, moves: Sequence[Move]) -> list[Move]:
    """Return a move for each compiled file of a module that was put in and that is there now.

    Args:
        root: what the moves are relative to.
        directory: the transaction's, in the store.
        moves: those of the transaction.
    """
    modules: dict[tuple[str, str], set[str]] = defaultdict(set)
    known = {move.name for move in moves if move.way == "in" and not move.loose}
    for move in moves:
        if move.way == "in" and not move.loose and move.path.endswith(".py"):
            parent, _, name = move.path.rpartition("/")
            if not os.path.lexists(os.path.join(directory, move.kept)):
                modules[move.base, parent].add(name[: -len(".py")])
    found: list[Move] = []
    for (base, parent), stems in modules.items():
        inside = f"{parent}/{CACHE}" if parent else CACHE
        if not is_reached_without_links(os.path.join(root, base), inside):
            continue
        for name in sorted(os.listdir(os.path.join(root, base, inside))):
            path = f"{inside}/{name}"
            full = f"{base}/{path}" if base else path
            if (
                compiled_module(name) in stems
                and full not in known
                and stat.S_ISREG(os.lstat(os.path.join(root, full)).st_mode)
            ):
                number = len(moves) + len(found)
                found.append(Move("in", base, path, f"{number}{STAGED}", loose=True))
    return found
