"""WRITE: the only code that changes an environment; every change is whole, and can be undone."""

from __future__ import annotations

from .applying import apply
from .history import empty, history, unfinished, unreadable
from .journal import Change, JournalUnreadable
from .store import KEEP_BYTES, KEEP_COUNT, KEEP_DAYS
from .transaction import State, Transaction

__all__ = [
    "KEEP_BYTES",
    "KEEP_COUNT",
    "KEEP_DAYS",
    "Change",
    "JournalUnreadable",
    "State",
    "Transaction",
    "apply",
    "empty",
    "history",
    "unfinished",
    "unreadable",
]
