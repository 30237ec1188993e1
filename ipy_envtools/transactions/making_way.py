"""Moving aside what stands in the way of putting an interrupted change back.

That is a transaction of its own: journaled, in the history, and nothing is deleted. It begins
while the other one is unfinished, so of the two the newer one has to be taken back first.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from .carrying_out import carry_out
from .journal import Journal
from .moves import Move, parents
from .relocation import count_files, is_directory
from .survey import Survey
from .times import looks

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .store import Store

__all__ = ["make_way"]


def make_way(store: Store, interrupted: Journal, in_the_way: Mapping[str, Move]) -> None:
    """Move everything that is in the way into the store, as a transaction of its own.

    Args:
        store: the one of both transactions; its lock is held.
        interrupted: what is to be put back.
        in_the_way: each path, and the move that it blocks.

    Raises:
        TransactionFailed: something went wrong.
    """
    begun = time.perf_counter()
    moves = tuple(_aside(store.root, in_the_way))
    size = sum(_size(path) for path in in_the_way)
    files = sum(move.files for move in moves)
    found = Survey(moves, {}, looks(store.root, parents(moves)), size, files)
    identity, started = store.new_transaction(store.outlines())
    journal = Journal(
        path=store.journal(identity),
        id=identity,
        started=started,
        summary=f"Moved aside what was in the way of putting {interrupted.id} back",
        changes=(),
        size=size,
        files=files,
        moves=list(moves),
    )
    carry_out(store, journal, found, begun, None)


def _aside(root: str, in_the_way: Mapping[str, Move]) -> Iterator[Move]:
    for number, (path, blocked) in enumerate(in_the_way.items()):
        base = os.path.join(root, blocked.base) if blocked.base else root
        inside = path != base
        directory = is_directory(path)
        yield Move(
            "out",
            blocked.base if inside else "",
            os.path.relpath(path, base if inside else root).replace(os.sep, "/"),
            str(number),
            directory,
            files=count_files(path) if directory else 1,
        )


def _size(path: str) -> int:
    if not is_directory(path):
        return os.lstat(path).st_size
    found = 0
    for top, _, names in os.walk(path):
        found += sum(os.lstat(os.path.join(top, name)).st_size for name in names)
    return found
