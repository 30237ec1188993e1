"""What was changed in an environment, and how much of it is still kept."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from ..environment import Environment, find_environment
from ..errors import EnvToolsError
from .journal import Journal, JournalUnreadable, read_outline
from .locks import locked
from .store import Store, kept_size
from .transaction import Transaction
from .unfinished import is_live, is_unfinished

if TYPE_CHECKING:
    import os
    from collections.abc import Container, Iterator

__all__ = ["empty", "history", "unfinished", "unreadable"]


def history(environment: Environment | str | os.PathLike[str] | None = None) -> list[Transaction]:
    """Return the transactions of an environment, newest first, whichever process made them.

    One that is being applied at this moment is not in it yet, and one that had nothing to do never
    is. A journal that cannot be read is left out; :func:`unreadable` and :func:`apply` say so.

    Args:
        environment: an Environment, the path of a python, or None for this process's own.

    Raises:
        EnvironmentUnreadable: the python could not be asked.
    """
    found = [
        Transaction(store, journal)
        for store in _stores(environment)
        for journal in _settled(store)
        if journal.changes or journal.files or is_unfinished(journal)
    ]
    return sorted(found, key=lambda each: (each.started, each.id), reverse=True)


def unfinished(
    environment: Environment | str | os.PathLike[str] | None = None,
) -> Transaction | None:
    """Return the transaction that was interrupted; until it is undone nothing else may change.

    Raises:
        EnvironmentUnreadable: the python could not be asked.
    """
    return next((each for each in history(environment) if each.state == "interrupted"), None)


def unreadable(
    environment: Environment | str | os.PathLike[str] | None = None,
) -> list[JournalUnreadable]:
    """Return, as errors that say what to do, the journals that are not in the history.

    As long as there is one, nothing can be changed.

    Raises:
        EnvironmentUnreadable: the python could not be asked.
    """
    found = []
    for store in _stores(environment):
        with contextlib.suppress(OSError):
            for identity in store.identities():
                try:
                    read_outline(store.journal(identity))
                except JournalUnreadable as error:
                    found.append(error)
    return found


def empty(
    environment: Environment | str | os.PathLike[str] | None = None,
    transactions: Container[Transaction] | None = None,
) -> int:
    """Delete what is kept for undoing, for good, and return how many bytes that were.

    Args:
        environment: an Environment, the path of a python, or None for this process's own.
        transactions: which; None for all. An interrupted one always stays.

    Raises:
        EnvToolsError: another program is changing the environment, or a journal is unreadable.
    """
    freed = 0
    for store in _stores(environment):
        if not store.exists:
            continue
        with contextlib.suppress(FileNotFoundError), contextlib.ExitStack() as held:
            held.enter_context(locked(store))
            held.callback(store.discard_if_empty)
            try:
                journals = store.outlines()
                store.clear_away(journals)
                for journal in journals:
                    chosen = transactions is None or Transaction(store, journal) in transactions
                    if chosen and not is_unfinished(journal):
                        store.delete(journal)
                        freed += kept_size(journal)
            except FileNotFoundError:
                raise
            except OSError as error:
                raise EnvToolsError(f"{store.path} could not be emptied: {error}") from error
    return freed


def _stores(environment: Environment | str | os.PathLike[str] | None) -> list[Store]:
    if not isinstance(environment, Environment):
        environment = find_environment(environment)
    return [Store(root, environment) for root in environment.roots]


def _settled(store: Store) -> Iterator[Journal]:
    """Every journal that can be read, but not what somebody is still writing."""
    try:
        identities = store.identities()
    except OSError:
        return  # a store that this user may not read
    for identity in identities:
        with contextlib.suppress(JournalUnreadable, OSError):
            journal = read_outline(store.journal(identity))
            if journal and is_unfinished(journal) and is_live(store, journal):
                journal = read_outline(store.journal(identity))  # it may have ended just now
                if journal and journal.phase == "applying":
                    continue
                if journal and journal.phase == "undoing":
                    journal.phase = "applied"
            if journal:
                yield journal
