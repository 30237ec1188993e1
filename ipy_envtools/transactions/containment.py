"""Whether a journal stays inside: it is a file in the environment, anybody may have put it there.

A journal's own paths are relative and never go upwards. What is left are links: on the way to a
place in the environment, and on the way to what is kept in the store.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ..environment import printable
from .journal import JournalUnreadable
from .relocation import is_directory

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .journal import Journal
    from .store import Store

__all__ = ["require_contained"]


def require_contained(store: Store, journal: Journal) -> None:
    """Refuse moves between places that are not the store's and its environment's.

    Below its base no move follows a link, and times are only given to directories that the store
    owns, so the bases are looked at.

    Raises:
        JournalUnreadable: one of them leads elsewhere.
    """
    for base in dict.fromkeys(move.base for move in journal.moves):
        path = os.path.join(store.root, base)
        if not store.owns(path):
            raise _leads_out(store, journal, path)
    for inside in _directories_above(move.kept for move in journal.moves):
        path = os.path.join(store.directory(journal.id), inside)
        if not is_directory(path) and os.path.lexists(path):
            raise _leads_out(store, journal, path)


def _directories_above(names: Iterable[str]) -> list[str]:
    """Each once, the outer before the inner."""
    found: set[str] = set()
    for name in names:
        above = name.rpartition("/")[0]
        while above and above not in found:
            found.add(above)
            above = above.rpartition("/")[0]
    return sorted(found)


def _leads_out(store: Store, journal: Journal, path: str) -> JournalUnreadable:
    directory = printable(store.directory(journal.id))
    return JournalUnreadable(
        f"{printable(path)} leads out of {printable(store.root)} and is no directory that packages "
        f"are installed into, so {journal.id} ({journal.summary}) is not taken back and nothing "
        f"was touched. If no change of yours put it there, move {directory} elsewhere."
    )
