"""What is done when carrying out a plan stops in the middle, and how that is told."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import TransactionFailed
from .times import give_back_times, looks

if TYPE_CHECKING:
    from .journal import Journal
    from .moves import Failure, Mover
    from .store import Store

__all__ = ["failed", "roll_back"]


def roll_back(store: Store, journal: Journal, mover: Mover) -> list[Failure]:
    """Bring everything back, and return what could not be."""
    while True:
        try:
            failures = mover.roll_back()
            with contextlib.suppress(OSError):
                if failures:
                    journal.give_up()
                    return failures
                names = [name for name, _ in journal.seen]
                give_back_times(store.root, dict.fromkeys(names), journal.seen, list, resuming=True)
                # A line that cannot be written is no loss: the next start finds nothing to do.
                if journal.length:
                    journal.enter("rolled-back", looks(store.root, names))
                    store.drop_staged(journal.id)
                else:
                    store.drop_unbegun(journal.id)
        except KeyboardInterrupt:
            continue  # leaving now would leave the environment in pieces
        else:
            return failures


def failed(
    what: str, error: BaseException, failures: list[Failure], journal: Journal
) -> TransactionFailed:
    """The error that says what stopped, and where everything is now."""
    reason = str(error) or type(error).__name__
    if not failures:
        said = f"{what}: stopped, and everything is as before. {reason}"
        if journal.length and journal.phase in ("applying", "undoing"):
            said += f"\nThat could not be written down: %pkg undo {journal.id} does it later."
        return TransactionFailed(said)
    listed = "; ".join(f"{one.path} is now {one.now} ({one.error.strerror})" for one in failures)
    return TransactionFailed(
        f"{what}: stopped ({reason}), and not everything could be moved back: {listed}",
        [Path(path) for one in failures for path in (one.path, one.now)],
    )
