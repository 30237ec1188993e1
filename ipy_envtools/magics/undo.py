"""Take back a change: the newest that was applied, or the one with the ID of %pkg history.

Files come back as they were, with their times and modes, without network. Nothing is touched
where something else now stands in a file's place.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from IPython.core.error import UsageError

if TYPE_CHECKING:
    import argparse

    from ..transactions import Transaction
    from .lines import LineParser
    from .session import Session


def add_arguments(parser: LineParser) -> None:
    """``[ID] [-y]``."""
    parser.add_argument("id", metavar="ID", nargs="?", help="of %%pkg history; else the newest")
    parser.add_argument("--dry-run", action="store_true", help="show what would be taken back")
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask")


def run(arguments: argparse.Namespace, session: Session) -> Transaction:
    """Return the transaction in its new state."""
    from ..transactions import history
    from .carry_out import CarryOut
    from .display import show_outcome

    transaction = _choose(history(), arguments.id)
    if arguments.dry_run:
        return transaction
    if session.must_ask(yes=arguments.yes):
        session.ask(_question(transaction))
    transaction = CarryOut(session).undo(transaction)
    show_outcome(transaction, session)
    return transaction


def _question(transaction: Transaction) -> str:
    from ..views.transaction import changed_packages

    changed = changed_packages(transaction.changes)
    if all(change.kind == "remove" for change in transaction.changes):
        return f"Bring back {changed}?"
    return f"Take back the change of {changed}?"


def _choose(transactions: list[Transaction], identity: str | None) -> Transaction:
    if identity is None:
        for transaction in transactions:
            if transaction.state in ("applied", "interrupted"):
                return transaction
        raise UsageError("There is nothing to undo in this environment.")
    found = [known for known in transactions if known.id.startswith(identity)]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"{identity} is the beginning of {len(found)} IDs; give more of it.")
    close = difflib.get_close_matches(identity, [known.id for known in transactions], n=1)
    guess = f" Did you mean {close[0]}?" if close else " %pkg history lists them."
    raise UsageError(f"There is no change with the ID {identity}.{guess}")
