"""What a transaction says when it is done, and the history of all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..transactions import KEEP_BYTES, KEEP_COUNT, KEEP_DAYS
from ..transactions.times import STORE_NAME
from .phrase import Phrase, Span, Tone, join, say
from .wording import counted, place_of_path, seconds_text, size_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from ..transactions import Change, Transaction

__all__ = ["HISTORY_COLUMNS", "TransactionHistory", "can_undo", "outcome", "outcome_tone"]

HISTORY_COLUMNS = ("When", "What", "State", "Size", "Id")

_VERBS = ("Uninstalled", "Installed", "Upgraded", "Downgraded", "Reinstalled", "Removed")
"""With which a summary begins that goes on with what was changed."""


class TransactionHistory:
    """What ``%pkg history`` returns: transactions, newest first.

    Args:
        transactions: what to show.
        with_total: whether to say how much is kept in all.
    """

    def __init__(self, transactions: Sequence[Transaction], *, with_total: bool = False) -> None:
        self.transactions = tuple(transactions)
        self.with_total = with_total

    def __iter__(self) -> Iterator[Transaction]:
        return iter(self.transactions)

    def __len__(self) -> int:
        return len(self.transactions)

    def __getitem__(self, index: int) -> Transaction:
        return self.transactions[index]

    def __repr__(self) -> str:
        return f"<{counted(len(self), 'transaction')}>"

    @property
    def size(self) -> int:
        """Bytes that are kept for undoing."""
        return sum(transaction.size for transaction in self)

    @property
    def total(self) -> Phrase:
        """What is kept in all and where, and for how long; empty where nobody asked."""
        if not self.with_total or not self.transactions:
            return ()
        roots = dict.fromkeys(transaction.root for transaction in self)
        places = [Span(place_of_path(root / STORE_NAME), "code") for root in roots]
        return say(
            f"{size_text(self.size)} kept for undoing in ",
            join([say(place) for place in places], " and "),
            f"; at most {size_text(KEEP_BYTES)}, {KEEP_COUNT} changes and {KEEP_DAYS} days. ",
            Span("%pkg history --empty", "code"),
            " deletes it.",
        )

    @property
    def rows(self) -> tuple[tuple[Phrase, ...], ...]:
        """A cell for each of :data:`HISTORY_COLUMNS`."""
        return tuple(
            (
                say(when(transaction.started)),
                say(transaction.summary),
                say(Span(transaction.state, outcome_tone(transaction))),
                say(size_text(transaction.size or None)),
                say(Span(transaction.id, "code")),
            )
            for transaction in self
        )


def outcome(transaction: Transaction) -> str:
    """One sentence: what was done, and how long it took."""
    if transaction.state == "undone":
        return _undone(transaction)
    if transaction.state == "rolled-back":
        return f"Rolled back; {_subject(transaction)} is as it was before."
    if transaction.state == "interrupted":
        return (
            f"Interrupted while changing {_subject(transaction)}. Nothing else changes this "
            "environment until it is put back as it was."
        )
    seconds = transaction.seconds
    took = f" in {seconds_text(seconds)}" if seconds is not None else ""
    given_up = len(transaction.given_up)
    told = (
        f" To stay within the bounds of what is kept, {counted(given_up, 'earlier change')} can "
        "no longer be undone."
        if given_up
        else ""
    )
    return f"{transaction.summary}{took}.{told}"


def outcome_tone(transaction: Transaction) -> Tone:
    """What the state means."""
    tones: dict[str, Tone] = {"applied": "good", "interrupted": "error"}
    return tones.get(transaction.state, "plain")


def can_undo(transaction: Transaction) -> bool:
    """Whether there is something to take back."""
    return transaction.state in ("applied", "interrupted")


def when(started: datetime) -> str:
    """Local time to the minute, as it is typed."""
    return started.astimezone().strftime("%Y-%m-%d %H:%M")


def _undone(transaction: Transaction) -> str:
    kinds = {change.kind for change in transaction.changes}
    if kinds <= {"remove"}:
        return f"Brought back {_subject(transaction)}."
    if kinds == {"install"}:
        return f"Took out {_subject(transaction)} again."
    if kinds <= {"upgrade", "downgrade"} and len(transaction.changes) == 1:
        change = transaction.changes[0]
        return f"Put {change.name} {change.version} back to {change.previous_version}."
    return f"Undone: {transaction.summary}."


def _subject(transaction: Transaction) -> str:
    """``Flask 3.1.0 and 3 others``: what the summary says was changed, without the verb."""
    verb, _, subject = transaction.summary.partition(" ")
    if transaction.changes and verb in _VERBS:
        return subject
    return _named(transaction.changes)


def _named(changes: Sequence[Change]) -> str:
    if not changes:
        return "what was left behind"
    first = changes[0]
    version = first.version or first.previous_version or ""
    others = len(changes) - 1
    name = f"{first.name} {version}".strip()
    return f"{name} and {counted(others, 'other')}" if others else name
