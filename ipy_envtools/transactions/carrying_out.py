"""Carrying out one list of moves: the intent is written, then everything moves, or nothing."""

from __future__ import annotations

import importlib
import os
import time
from typing import TYPE_CHECKING

from ..environment import printable
from ..errors import PlanOutdated
from .containment import require_contained
from .meter import Meter
from .moves import Mover, with_state
from .own_code import load_what_moves
from .relocation import count_files, files_in, give_owner_and_mode
from .rollback import failed, roll_back
from .store import sync_directory
from .times import Seen, look_at_tree, looks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from collections.abc import Set as AbstractSet

    from ..plans.uninstall_plan import Edit
    from ..progress import OnProgress
    from .journal import Journal
    from .moves import Move
    from .store import Store
    from .survey import Survey

__all__ = ["carry_out"]


def carry_out(
    store: Store,
    journal: Journal,
    found: Survey,
    begun: float,
    on_progress: OnProgress | None,
    *,
    check: Callable[[], None] | None = None,
) -> None:
    """Write the intent and move everything, or move it back; the lock is held.

    Args:
        store: the one that the transaction is in.
        journal: of the transaction, not begun yet.
        found: what has to be in the store before files move, and the directories around them.
        begun: when, by :func:`time.perf_counter`.
        on_progress: called in this thread.
        check: raises where what is there after the moves is not what should be.

    Raises:
        PlanOutdated: another program wrote where files moved; everything is as before.
        TransactionFailed: something went wrong; ``paths`` names what could not be moved back.
    """
    directory = store.directory(journal.id)
    noted = False

    def note() -> None:
        nonlocal noted
        if not noted:
            noted = True
            journal.note(_directories(store.root, journal))

    mover = Mover(
        store.root,
        directory,
        journal.moves,
        {name: seen.mode for name, seen in found.directories.items()},
        note,
        Meter(on_progress, "moving", sum(move.files for move in journal.moves)),
    )
    try:
        for name, edit in found.staged.items():
            _stage(os.path.join(directory, name), edit)
        journal.moves[:] = [with_state(move, directory) for move in journal.moves]
        require_contained(store, journal)
        load_what_moves({mover.top(move) for move in journal.moves})
        journal.begin(found.directories)
        for path in (directory, store.path):
            sync_directory(path)
        mover.forward()
        _require_no_strangers(journal.moves, mover, found.names)
        sync_directory(directory)
        if check:
            check()
        after = looks(store.root, found.directories)
        journal.seconds = time.perf_counter() - begun
        journal.enter("applied", after)
    except BaseException as error:
        journal.seconds = None
        failures = roll_back(store, journal, mover)
        if isinstance(error, PlanOutdated) and not failures:
            raise
        if failures or isinstance(error, Exception):
            raise failed(journal.summary, error, failures, journal) from error
        raise
    finally:
        importlib.invalidate_caches()


def _require_no_strangers(
    moves: Iterable[Move], mover: Mover, names: Mapping[str, AbstractSet[str]]
) -> None:
    """Whoever takes no lock may have put files into a directory before it moved.

    Args:
        moves: that have been carried out.
        mover: that did it.
        names: the files that were known in a directory, by its name in the store; where they
            are not, their number has to do.

    Raises:
        PlanOutdated: somebody has.
    """
    for move in moves:
        if not move.directory or move.way != "out":
            continue
        kept, known = mover.kept(move), names.get(move.kept)
        if count_files(kept) != move.files if known is None else files_in(kept) != known:
            raise PlanOutdated(
                f"Another program has just changed what is in {printable(mover.place(move))}, so "
                "nothing was changed; make the plan again."
            )


def _stage(path: str, edit: Edit) -> None:
    """Write a file as it will be, with the owner and the mode of the one that it replaces."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        rest = memoryview(edit.content)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    give_owner_and_mode(path, os.lstat(edit.path))


def _directories(root: str, journal: Journal) -> dict[str, Seen]:
    """Every directory that is moved and may have to be taken apart."""
    found: dict[str, Seen] = {}
    for move in journal.moves:
        place = os.path.join(root, move.name)
        if move.directory and move.way == "out" and os.path.lexists(place):
            found.update(look_at_tree(place, move.name))
    return found
