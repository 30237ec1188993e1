"""Uninstall packages: shows the plan, asks, and can be taken back with %pkg undo.

The plan says what goes and what stays, what would break, what nothing would need any more, and
which of the imported modules go stale. In a notebook it asks with buttons, in a terminal with
y/n; where nobody can answer it needs -y.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from ..plans import UninstallPlan
    from ..transactions import Transaction
    from .lines import LineParser
    from .session import Session


def add_arguments(parser: LineParser) -> None:
    """``NAME…`` and what every verb that changes something takes."""
    parser.add_argument("names", metavar="NAME", nargs="+", help="a package, in any spelling")
    parser.add_argument(
        "--orphans", action="store_true", help="also what nothing would need any more"
    )
    parser.add_argument(
        "--dependents", action="store_true", help="also what would break without it"
    )
    parser.add_argument("--dry-run", action="store_true", help="show the plan only")
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask")
    parser.add_argument(
        "--force", action="store_true", help="override a protection that the plan names"
    )


def run(arguments: argparse.Namespace, session: Session) -> UninstallPlan | Transaction:
    """Return the plan where it was only shown, the transaction where it was carried out."""
    from ..environment import scan
    from ..errors import PlanBlocked
    from ..views.uninstall import doing, title
    from .carry_out import CarryOut
    from .display import show, show_outcome
    from .names import known_names
    from .progress import progress_shown
    from .stopping import stoppable

    known_names(arguments.names, scan())
    carry_out = CarryOut(session, force=arguments.force)
    plan = carry_out.plan_uninstall(
        arguments.names, orphans=arguments.orphans, dependents=arguments.dependents
    )
    if arguments.dry_run:
        return plan
    if plan.blocked:
        raise PlanBlocked(f"{title(plan)}. {plan.blocked}")
    if session.must_ask(yes=arguments.yes):
        if session.front_end.widgets:
            from ..views.live import UninstallView

            view = session.replace_live(
                "uninstall",
                lambda: UninstallView(
                    plan,
                    carry_out,
                    orphans=arguments.orphans,
                    dependents=arguments.dependents,
                ),
            )
            show(plan, session, live=view)
            return plan
        if session.front_end.can_ask:
            show(plan, session)
        session.ask(f"{_question(plan)}?")
    with stoppable():
        with progress_shown(doing(plan), session) as on_progress:
            transaction = carry_out.apply(plan, on_progress)
        show_outcome(transaction, session)
    return transaction


def _question(plan: UninstallPlan) -> str:
    from ..views.uninstall import confirm_label

    return confirm_label(plan)
