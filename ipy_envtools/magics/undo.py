"""Take back a change: the newest that was applied, or the one with the ID of %pkg history.

Shows first what comes back and what breaks by it, and asks. Files come back as they were, with
their times and modes, without network. Nothing is touched where something else now stands in a
file's place; then the plan lists what does. Of a change that was interrupted, what was moved goes
back to its place.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from IPython.core.error import UsageError

if TYPE_CHECKING:
    import argparse

    from ..plans import UndoPlan
    from ..transactions import Transaction
    from .lines import LineParser
    from .session import Session


def add_arguments(parser: LineParser) -> None:
    """``[ID] [-y]``."""
    parser.add_argument("id", metavar="ID", nargs="?", help="of %%pkg history; else the newest")
    parser.add_argument("--dry-run", action="store_true", help="show what would be taken back")
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask")


def run(arguments: argparse.Namespace, session: Session) -> UndoPlan | Transaction:
    """Return the plan where it was only shown, the transaction in its new state where not.

    Raises:
        UndoConflict: it is not possible; the plan that is shown lists what is in the way.
    """
    from ..errors import UndoConflict
    from ..transactions import history
    from ..views.undo import doing, question
    from .carry_out import CarryOut
    from .display import show, show_outcome
    from .progress import progress_shown

    transaction = _choose(history(), arguments.id)
    carry_out = CarryOut(session)
    plan = carry_out.plan_undo(transaction)
    if arguments.dry_run:
        return plan
    if plan.blocked:
        show(plan, session)
        raise UndoConflict(
            f"{plan.blocked} Nothing was touched.", [conflict.path for conflict in plan.conflicts]
        )
    if session.must_ask(yes=arguments.yes):
        if session.front_end.can_ask:
            show(plan, session)
        session.ask(question(plan))
    with progress_shown(doing(plan), session) as on_progress:
        transaction = carry_out.undo(transaction, on_progress)
    show_outcome(transaction, session)
    return transaction


def _choose(transactions: list[Transaction], identity: str | None) -> Transaction:
    if identity is None:
        # what was interrupted is not always the newest: it may have been the undo of an older one
        for state in ("interrupted", "applied"):
            for transaction in transactions:
                if transaction.state == state:
                    return transaction
        raise UsageError("There is nothing to undo in this environment.")
    found = [known for known in transactions if known.id.startswith(identity)]
    if len(found) == 1:
        if found[0].state not in ("applied", "interrupted"):
            raise UsageError(f"{found[0].id} is {found[0].state} already: {found[0].summary}.")
        return found[0]
    if found:
        raise UsageError(f"{identity} is the beginning of {len(found)} IDs; give more of it.")
    close = difflib.get_close_matches(identity, [known.id for known in transactions], n=1)
    guess = f" Did you mean {close[0]}?" if close else " %pkg history lists them."
    raise UsageError(f"There is no change with the ID {identity}.{guess}")
