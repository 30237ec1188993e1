"""Mend what %pkg check shows, where that means to take remains away.

These are directories that an interrupted pip left behind, entries with nothing in them, metadata
that an upgrade did not remove, and compiled files whose source is gone. Shows a plan first and
asks; %pkg undo takes it back. What is only called like a leftover stays, and so does metadata of
what still has files of its own. Whatever else is wrong needs you to install or to choose:
%pkg check says what.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from ..plans import RepairPlan
    from ..transactions import Transaction
    from .lines import LineParser
    from .session import Session


def add_arguments(parser: LineParser) -> None:
    """``[NAME…]`` and what every verb that changes something takes."""
    parser.add_argument("names", metavar="NAME", nargs="*", help="a package, in any spelling")
    parser.add_argument("--dry-run", action="store_true", help="show the plan only")
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask")
    parser.add_argument(
        "--force", action="store_true", help="override a protection that the plan names"
    )


def run(arguments: argparse.Namespace, session: Session) -> RepairPlan | Transaction:
    """Return the plan where it was only shown, the transaction where it was carried out."""
    from ..environment import scan
    from ..errors import PlanBlocked
    from ..plans import plan_repair
    from ..views.repair import confirm_label, doing, title
    from .carry_out import CarryOut
    from .display import show, show_outcome
    from .names import known_names
    from .progress import progress_shown
    from .stopping import stoppable

    carry_out = CarryOut(session)
    carry_out.require_finished()
    packages = scan()
    known_names(arguments.names, packages)
    plan = plan_repair(packages, arguments.names, force=arguments.force)
    if arguments.dry_run or not plan.problems:
        return plan
    if plan.blocked:
        raise PlanBlocked(f"{title(plan)}. {plan.blocked}")
    if session.must_ask(yes=arguments.yes):
        if session.front_end.can_ask:
            show(plan, session)
        session.ask(f"{confirm_label(plan)}?")
    with stoppable():
        with progress_shown(doing(plan), session) as on_progress:
            transaction = carry_out.apply(plan.removal, on_progress)
        show_outcome(transaction, session)
    return transaction
