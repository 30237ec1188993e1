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
    directory = store.directory(journal.id)
    known: set[str] = set()
    for move in journal.moves:
        inside = os.path.dirname(move.kept)
        if inside and inside not in known:
            known.add(inside)
            path = directory
            for part in inside.split("/"):
                path = os.path.join(path, part)
                if os.path.lexists(path) and not is_directory(path):
                    raise _leads_out(store, journal, path)


def _leads_out(store: Store, journal: Journal, path: str) -> JournalUnreadable:
    directory = printable(store.directory(journal.id))
    return JournalUnreadable(
        f"{printable(path)} leads out of {printable(store.root)} and is no directory that packages "
        f"are installed into, so {journal.id} ({journal.summary}) is not taken back and nothing "
        f"was touched. If no change of yours put it there, move {directory} elsewhere."
    )
