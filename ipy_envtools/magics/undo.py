"""Take back a change: the newest that was applied, or the one with the ID of %pkg history.

Shows first what comes back and what breaks by it, and asks. Files come back as they were, with
their times and modes, without network. Nothing is touched where something else now stands in a
file's place; then the plan lists what does. Of a change that was interrupted, what was moved goes
back to its place; where something is in the way of that, --force moves it into the store first, as
a change of its own in %pkg history.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from IPython.core.error import UsageError

from .terminal import echo

if TYPE_CHECKING:
    import argparse

    from ..plans import UndoPlan
    from ..transactions import Transaction
    from .lines import LineParser
    from .session import Session


_SHORTEST = len("20260131")
"""How much of an ID is enough, where it is the only one."""


def add_arguments(parser: LineParser) -> None:
    """``[ID] [--dry-run] [-y] [--force]``."""
    parser.add_argument("id", metavar="ID", nargs="?", help="of %%pkg history; else the newest")
    parser.add_argument("--dry-run", action="store_true", help="show what would be taken back")
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask")
    parser.add_argument(
        "--force",
        action="store_true",
        help="of an interrupted change, move aside what is in the way",
    )


def run(arguments: argparse.Namespace, session: Session) -> UndoPlan | Transaction:
    """Return the plan where it was only shown, the transaction in its new state where not.

    Raises:
        UndoConflict: it is not possible; the plan that is shown lists what is in the way.
    """
    from ..environment import printable
    from ..errors import UndoConflict
    from ..transactions import history
    from ..views.undo import doing, question
    from .carry_out import CarryOut
    from .display import show, show_outcome
    from .progress import progress_shown
    from .stopping import stoppable

    known = history()
    transaction = _choose(known, arguments.id)
    carry_out = CarryOut(session)
    plan = carry_out.plan_undo(transaction)
    if arguments.dry_run:
        return plan
    force = arguments.force and plan.interrupted
    if plan.blocked and not force:
        show(plan, session)
        raise UndoConflict(
            f"{plan.blocked} Nothing was touched.{_remedy(plan)}",
            [conflict.path for conflict in plan.conflicts],
        )
    if session.must_ask(yes=arguments.yes):
        if session.front_end.can_ask:
            show(plan, session)
        session.ask(question(plan))
    with stoppable():
        with progress_shown(doing(plan), session) as on_progress:
            if force:
                transaction.undo(on_progress, force=True)
            else:
                transaction = carry_out.undo(transaction, on_progress, plan)
        show_outcome(transaction, session)
    for aside in (each for each in history() if each not in known):
        for place, kept in aside.kept.items():
            echo(printable(f"Moved aside: {place} is now {kept}"))
    return transaction


def _remedy(plan: UndoPlan) -> str:
    if not plan.interrupted:
        return ""
    return f" Move it away and try again, or: %pkg undo {plan.transaction} --force"


def _choose(transactions: list[Transaction], identity: str | None) -> Transaction:
    if identity is None:
        # what was interrupted is not always the newest: it may have been the undo of an older one
        for state in ("interrupted", "applied"):
            for transaction in transactions:
                if transaction.state == state:
                    return transaction
        raise _nothing("There is nothing to undo in this environment.")
    if len(identity) < _SHORTEST:
        raise UsageError(
            "An ID begins with the day, as 20260131; %pkg history lists them. Without one, the "
            "newest change is undone."
        )
    found = [known for known in transactions if known.id.startswith(identity)]
    if len(found) == 1:
        if found[0].state not in ("applied", "interrupted"):
            raise UsageError(f"{found[0].id} is {found[0].state} already: {found[0].summary}.")
        return found[0]
    if found:
        raise UsageError(f"{identity} is the beginning of {len(found)} IDs; give more of it.")
    close = difflib.get_close_matches(identity, [known.id for known in transactions], n=1)
    guess = f" Did you mean {close[0]}?" if close else " %pkg history lists them."
    from ..environment import printable
    from ..environment.credentials import mask_credentials

    shown = printable(mask_credentials(identity))
    raise _nothing(f"There is no change with the ID {shown}.{guess}")


def _nothing(text: str) -> Exception:
    """What is not in the history may be in a journal that this release cannot read."""
    from ..transactions import unreadable

    for error in unreadable():
        return error
    return UsageError(text)
