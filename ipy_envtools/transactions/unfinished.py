"""Transactions that were neither finished nor taken back, and whether somebody is still at them."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from ..errors import EnvToolsError
from .locks import is_locked, lock_reaches_other_hosts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .journal import Journal
    from .store import Store

__all__ = ["finished_journals", "is_live", "is_unfinished", "require_dead"]

_SILENCE_SECONDS = 15 * 60
"""After this time without a line nobody on another machine is at work; a change takes seconds."""


def is_unfinished(journal: Journal) -> bool:
    """Whether files may be on both sides."""
    return journal.phase in ("applying", "undoing")


def is_live(store: Store, journal: Journal) -> bool:
    """Whether an unfinished transaction is being worked at. Asked without holding the lock."""
    if is_locked(store.lock):
        return True
    return _may_be_at_work(store, journal)


def require_dead(store: Store, journal: Journal) -> None:
    """Refuse to touch an unfinished transaction that somebody may be at; the lock must be held.

    Raises:
        EnvToolsError: somebody is, or may be.
    """
    if _may_be_at_work(store, journal):
        raise EnvToolsError(
            f"A change in {store.root} was begun by {journal.owner} and is not finished. If that "
            f"process is no longer at it, end it, or try again after {_SILENCE_SECONDS // 60} "
            "minutes where it runs on another machine."
        )


def finished_journals(store: Store, but: str | None = None) -> list[Journal]:
    """Return the journals in ``store``, where no change of its environment is unfinished.

    Args:
        store: which.
        but: an unfinished transaction in it that is to be taken back. It was there before those
            that are newer, so they have to be taken back first, and older ones wait for it.

    Raises:
        EnvToolsError: one is, here or in another root of the environment.
    """
    journals = store.outlines()
    taken_back = next((each for each in journals if each.id == but), None)
    if taken_back is not None and is_unfinished(taken_back):
        _require_finished(store, (each for each in journals if each.id > taken_back.id))
        return journals
    for each, found in ((store, journals), *((other, other.outlines()) for other in store.others)):
        _require_finished(each, found)
    return journals


def _require_finished(store: Store, journals: Iterable[Journal]) -> None:
    for journal in journals:
        if is_unfinished(journal):
            raise EnvToolsError(
                f"An earlier change in {store.root} was interrupted ({journal.summary}, "
                f"{journal.id}); take it back first: %pkg undo {journal.id}"
            )


def _may_be_at_work(store: Store, journal: Journal) -> bool:
    """Whether the lock says nothing about the process that wrote the last line.

    The lock decides, except in two cases: its file was removed while a process held it, and a
    file system that is shared with other machines but keeps its locks on each of them.
    """
    owner = journal.owner
    if owner is None:
        return False
    if not owner.is_elsewhere:
        return owner.is_seen_alive
    silent = time.time() - os.stat(journal.path).st_mtime > _SILENCE_SECONDS
    return not silent and not lock_reaches_other_hosts(store.path)
