"""One change of an environment, as it is remembered."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from .kept import kept_by, moved_later, put_in_by
from .store import kept_size
from .undoing import take_back, way_back_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ..progress import OnProgress
    from .journal import Change, Journal
    from .store import Store

__all__ = ["State", "Transaction"]

State = Literal["applied", "undone", "rolled-back", "interrupted"]
"""``rolled-back``: it failed, or was interrupted and then taken back; ``interrupted``: neither
finished nor taken back, so that files may be on both sides."""


class Transaction:
    """A change that was made, and the way back.

    It shows what the journal said when it was read; only its own :meth:`undo` changes it.
    """

    __slots__ = ("_journal", "_store")

    def __init__(self, store: Store, journal: Journal) -> None:
        self._store = store
        self._journal = journal

    def __repr__(self) -> str:
        return f"<Transaction {self.id}: {self.summary}, {self.state}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Transaction) and (self.root, self.id) == (other.root, other.id)

    def __hash__(self) -> int:
        return hash((self._store.root, self.id))

    @property
    def id(self) -> str:
        """Sorts by time; unique in its store."""
        return self._journal.id

    @property
    def state(self) -> State:
        """Where it stands."""
        phase = self._journal.phase
        return "interrupted" if phase == "applying" or phase == "undoing" else phase

    @property
    def started(self) -> datetime:
        """When it began, in the local time zone."""
        return self._journal.started.astimezone()

    @property
    def summary(self) -> str:
        """What it did, one printable line."""
        return self._journal.summary

    @property
    def changes(self) -> tuple[Change, ...]:
        """What it did, package by package."""
        return self._journal.changes

    @property
    def seconds(self) -> float | None:
        """How long applying took; None where it was not finished."""
        return self._journal.seconds

    @property
    def files(self) -> int:
        """How many files it took out."""
        return self._journal.files

    @property
    def size(self) -> int:
        """Bytes that it keeps in the store for its undo; 0 once it is taken back."""
        return kept_size(self._journal)

    @property
    def root(self) -> Path:
        """Root of the scheme that it changed; the store is in it."""
        return Path(self._store.root)

    @property
    def given_up(self) -> tuple[str, ...]:
        """Summaries of the earlier changes that were deleted for it; they can't be undone now."""
        return tuple(self._journal.given_up)

    @property
    def returning(self) -> tuple[Path, ...]:
        """The files, links and whole directories that an undo would bring back now.

        Raises:
            EnvToolsError: it is no longer kept, or its journal cannot be read.
        """
        return way_back_of(self._store, self.id)[0]

    @property
    def kept(self) -> Mapping[Path, Path]:
        """Where in the store each of :attr:`returning` lies now; only to be read.

        Raises:
            EnvToolsError: it is no longer kept, or its journal cannot be read.
        """
        return kept_by(self._store, self.id)

    @property
    def put_in(self) -> tuple[Path, ...]:
        """The files and whole directories that it put into the environment.

        A text file that it only changed is one of them, and of :attr:`returning` too.

        Raises:
            EnvToolsError: it is no longer kept, or its journal cannot be read.
        """
        return put_in_by(self._store, self.id)

    @property
    def conflicts(self) -> tuple[Path, ...]:
        """What stands in the way of an undo now; empty where it is possible, or done already.

        Raises:
            EnvToolsError: it is no longer kept, or its journal cannot be read.
        """
        return way_back_of(self._store, self.id)[1]

    @property
    def moved_later(self) -> Mapping[Path, str]:
        """Which of :attr:`conflicts` a later change moved, and its ID: that is to be undone first.

        Raises:
            EnvToolsError: it is no longer kept, or its journal cannot be read.
        """
        return moved_later(self._store, self.id, self.conflicts)

    def undo(self, on_progress: OnProgress | None = None, *, force: bool = False) -> Transaction:
        """Take the change back and return this transaction in its new state.

        Names, bytes, modes, times and links are restored, offline; the history gets no new
        entry. An interrupted transaction is brought back to where it began. A file that was
        edited in the store is in the way too, unless it lies in a directory that was taken out
        whole: those are not looked into.

        Args:
            on_progress: called in this thread, at most about ten times a second.
            force: of an interrupted transaction, move what stands in the way aside first, into
                the store. That is a transaction of its own, the newest in the history, whose
                ``kept`` says where everything is.

        Raises:
            UndoConflict: something stands in the way; ``paths`` names it, nothing was touched.
            TransactionFailed: something went wrong; ``paths`` names what is not in its place.
            EnvToolsError: it is taken back already, or no longer kept; or another program is
                changing the environment.
        """
        self._journal = take_back(self._store, self.id, on_progress, force=force)
        return self
