"""Ctrl-C, or the kernel's interrupt, while a line makes a change."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from .recovery import interrupted
from .session import Declined

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..transactions import Transaction

__all__ = ["stoppable"]


@contextlib.contextmanager
def stoppable() -> Iterator[None]:
    """Answer an interrupt with what was done until then, if anything.

    Raises:
        Declined: instead of KeyboardInterrupt, when what had been moved is back in its place, or
            when all was done already.
    """
    from ..transactions import history

    before = {transaction: transaction.state for transaction in history()}
    try:
        yield
    except KeyboardInterrupt:
        if interrupted() is not None:
            raise
        since = [each for each in history() if before.get(each) != each.state]
        raise Declined(_what_was_done(since)) from None


def _what_was_done(since: list[Transaction]) -> str:
    """Say it of the transactions, newest first, that are in another state than before."""
    for done in since:
        if done.state == "applied":
            return (
                f"{done.summary}: that was done when the interrupt came. %pkg undo takes it back."
            )
        if done.state == "undone":
            return f"{done.summary}: that was taken back when the interrupt came."
    return "Stopped, and everything is as it was before."
