"""Taking a transaction back, and completing the way back of one that was interrupted."""

from __future__ import annotations

import contextlib
import importlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from ..environment import printable
from ..errors import TransactionFailed, UndoConflict
from .compiled_since import compiled_since
from .conflicts import conflicts
from .containment import require_contained
from .journal import read_journal
from .kept import moved_later
from .locks import locked, locked_for_uv
from .making_way import make_way
from .meter import Meter
from .moves import Mover, parents
from .own_code import load_what_moves
from .relocation import is_directory, may_write
from .rollback import failed
from .store import Store, sync_directory
from .times import Seen, give_back_times, look_at, look_at_tree, looks
from .unfinished import finished_journals, is_unfinished, require_dead

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..progress import OnProgress
    from .journal import Journal, Phase
    from .moves import Failure, Move

__all__ = ["take_back", "way_back_of"]


def take_back(
    store: Store, identity: str, on_progress: OnProgress | None, *, force: bool = False
) -> Journal:
    """Take the transaction ``identity`` back and return its journal.

    Args:
        store: the one that it is in.
        identity: which.
        on_progress: called in this thread.
        force: whether what is in the way of one that was interrupted moves aside first.

    Raises:
        UndoConflict: something is in the way; nothing was touched.
        TransactionFailed: something went wrong; ``paths`` names what is where it should not be.
        EnvToolsError: there is nothing to take back, or another program is at work.
    """
    with contextlib.ExitStack() as held:
        try:
            if not store.exists:
                raise _no_longer(store, identity)
            held.enter_context(locked_for_uv(store))
            held.enter_context(locked(store))
            journals = finished_journals(store, but=identity)
            others = [each for each in journals if each.id != identity]
            journal = read_journal(store.journal(identity))
            if journal is None:
                raise _no_longer(store, identity)
            require_contained(store, journal)
            if journal.phase in ("undone", "rolled-back"):
                raise UndoConflict(f"{journal.summary} ({identity}) is {journal.phase} already.")
            if is_unfinished(journal):
                require_dead(store, journal)
            way_back = _WayBack(store, journal, others, on_progress)
            in_the_way = way_back.conflicts()
            can_go = all(map(os.path.lexists, in_the_way))
            if force and is_unfinished(journal) and in_the_way and can_go:
                make_way(store, journal, in_the_way)
                way_back = _WayBack(store, journal, others, on_progress)
            way_back.check()
        except OSError as error:
            raise TransactionFailed(f"Nothing was changed: {error}") from error
        way_back.go()
    return journal


def way_back_of(store: Store, identity: str) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """Return what taking a transaction back brings back, and what is in the way. Changes nothing.

    Raises:
        EnvToolsError: it is no longer kept, or its journal cannot be read.
    """
    journal = read_journal(store.journal(identity))
    if journal is None:
        raise _no_longer(store, identity)
    require_contained(store, journal)
    moves = [*journal.moves, *compiled_since(store.root, store.directory(identity), journal.moves)]
    mover = Mover(
        store.root,
        store.directory(identity),
        moves,
        modes={},
        before_taking_apart=lambda: None,
        step=lambda *_: None,
    )
    resuming = is_unfinished(journal)
    blocking: Iterable[str] = ()
    if resuming or journal.phase == "applied":
        blocking = conflicts(store.root, moves, mover, resuming=resuming)
    returning = [
        mover.place(move)
        for move in journal.moves
        if move.way == "out" and os.path.lexists(mover.kept(move))
    ]
    return tuple(map(Path, returning)), tuple(map(Path, blocking))


class _WayBack:
    """One attempt; the lock is held."""

    def __init__(
        self,
        store: Store,
        journal: Journal,
        others: list[Journal],
        on_progress: OnProgress | None,
    ) -> None:
        self._store = store
        self._journal = journal
        self._others = others
        self._resuming = is_unfinished(journal)
        self._compiled = compiled_since(store.root, store.directory(journal.id), journal.moves)
        journal.moves.extend(self._compiled)
        names = dict.fromkeys([*(name for name, _ in journal.seen), *parents(journal.moves)])
        self._before = {
            name: look_at(path)
            for name, path in ((name, os.path.join(store.root, name)) for name in names)
            if store.owns(path)
        }
        self._noted = False
        modes: dict[str, int] = {}
        for name, seen in journal.seen:
            modes.setdefault(name, seen.mode)
        self._mover = Mover(
            store.root,
            store.directory(journal.id),
            journal.moves,
            modes,
            self._note,
            Meter(on_progress, "restoring", sum(move.files for move in journal.moves)),
        )

    def conflicts(self) -> dict[str, Move]:
        """Everything that is in the way, and the move that it blocks."""
        moves = self._journal.moves
        return conflicts(self._store.root, moves, self._mover, resuming=self._resuming)

    def check(self) -> None:
        """Refuse before anything is touched."""
        journal = self._journal
        found = [Path(path) for path in self.conflicts()]
        if found:
            more = f" and {len(found) - 1} more" if len(found) > 1 else ""
            done = "put back as it was" if self._resuming else "undone"
            later = moved_later(self._store, journal.id, found)
            if later:
                remedy = f" A later change moved it: first %pkg undo {max(later.values())}."
            elif self._resuming:
                remedy = (
                    f" Move it away and try again, or: %pkg undo {journal.id} --force, which "
                    "moves it into the store."
                )
            else:
                remedy = ""
            raise UndoConflict(
                f"{journal.summary} ({journal.id}) cannot be {done}, because of "
                f"{printable(str(found[0]))}{more}. Nothing was touched.{remedy}",
                found,
            )
        for name in parents(journal.moves):
            path = os.path.join(self._store.root, name)
            if is_directory(path) and not may_write(path):
                raise TransactionFailed(f"{path} may not be written to, so nothing was changed.")

    def go(self) -> None:
        """Move everything back, or nothing."""
        journal, store = self._journal, self._store
        directory = store.directory(journal.id)
        load_what_moves({self._mover.top(move) for move in journal.moves})
        try:
            journal.enter("undoing", {} if self._resuming else self._there(), more=self._compiled)
            self._mover.backward(resuming=self._resuming)
            sync_directory(directory)
            self._give_back_times()
            phase: Phase = "rolled-back" if self._resuming else "undone"
            journal.enter(phase, looks(store.root, self._before))
        except BaseException as error:
            if self._resuming:
                with contextlib.suppress(OSError):
                    journal.give_up()
                if isinstance(error, Exception):
                    raise TransactionFailed(
                        f"The way back of {journal.summary} ({journal.id}) stopped: {error}. "
                        "It is still interrupted; undo it again when that is mended."
                    ) from error
                raise
            failures = self._reverse()
            if failures or isinstance(error, Exception):
                raise failed(f"Undoing {journal.id}", error, failures, journal) from error
            raise
        finally:
            importlib.invalidate_caches()
        store.drop_staged(journal.id)

    def _there(self) -> dict[str, Seen]:
        """How the directories were that existed when this began."""
        return {name: seen for name, seen in self._before.items() if seen is not None}

    def _note(self) -> None:
        """Before directories are taken apart, keep what their times were."""
        if self._noted:
            return
        self._noted = True
        found: dict[str, Seen] = {}
        for move in self._journal.moves:
            kept = self._mover.kept(move)
            if move.directory and move.way == "out" and is_directory(kept):
                found.update(look_at_tree(kept, move.name))
        # What a killed process has left half empty must not be taken for what it was.
        known = {name for name, _ in self._journal.seen}
        found = {name: seen for name, seen in found.items() if name not in known}
        for name in found:
            self._before.setdefault(name, look_at(os.path.join(self._store.root, name)))
        self._journal.note(found)

    def _give_back_times(self) -> None:
        give_back_times(
            self._store.root,
            self._before,
            self._journal.seen,
            self._seen_by_others,
            resuming=self._resuming,
        )

    def _seen_by_others(self) -> list[tuple[str, Seen]]:
        found = (read_journal(other.path) for other in self._others)
        return [item for journal in found if journal is not None for item in journal.seen]

    def _reverse(self) -> list[Failure]:
        """Carry the transaction out again, as far as it was taken back."""
        journal, root = self._journal, self._store.root
        while True:
            try:
                failures = list(self._mover.reverse())
                with contextlib.suppress(OSError):
                    if failures:
                        journal.give_up()
                        return failures
                    before = self._there()
                    give_back_times(root, dict(before), list(before.items()), list, resuming=True)
                    journal.enter("applied", looks(root, before))
            except KeyboardInterrupt:
                continue  # leaving now would leave the environment in pieces
            else:
                return failures


def _no_longer(store: Store, identity: str) -> UndoConflict:
    return UndoConflict(f"{identity} is no longer in {store.path}.")
