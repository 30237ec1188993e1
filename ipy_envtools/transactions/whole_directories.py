"""Which new directories come whole: one renaming in place of one for every file in them."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .moves import Move

__all__ = ["whole_directories"]


def whole_directories(moves: Iterable[Move], kept: Callable[[Move], str]) -> dict[str, str]:
    """Return the directories that are made for exactly what one staged directory holds.

    The disk has the last word: with anything in the stage that is not to be put in, or another
    mode than the directory is to have, its files move one by one.

    Args:
        moves: the outer directories are made before those in them.
        kept: gives the path of what is put in.

    Returns:
        The paths in the stage by :attr:`Move.name`.
    """
    made = {move.name: move for move in moves if move.way == "make" and not move.loose}
    inside: dict[str, dict[str, str]] = {name: {} for name in made}
    for move in moves:
        parent, _, name = move.name.rpartition("/")
        if move.way == "in" and parent in inside:
            inside[parent][name] = kept(move)
    whole: dict[str, str] = {}
    for name, move in reversed(made.items()):
        source = _source(inside[name], move.mode)
        if source is not None:
            whole[name] = source
        parent, _, own = name.rpartition("/")
        if parent in inside:
            inside[parent][own] = source or ""
    return whole


def _source(inside: dict[str, str], mode: int) -> str | None:
    """The staged directory that holds just this, by name and path; None where there is none."""
    source = os.path.dirname(next(iter(inside.values()), ""))
    if not source or any(path != os.path.join(source, name) for name, path in inside.items()):
        return None
    try:
        fits = stat.S_IMODE(os.lstat(source).st_mode) == mode
        return source if fits and set(os.listdir(source)) == inside.keys() else None
    except OSError:
        return None
