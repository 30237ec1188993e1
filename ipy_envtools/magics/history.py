"""List the changes that were made to this environment, newest first, other kernels' included.

What a change took away is kept for its undo, in .ipy-envtools beside the packages. --size says
how much that is; --empty deletes it for good, which makes undoing those changes impossible. What a
change keeps that was interrupted stays: it belongs back into the environment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .terminal import echo

if TYPE_CHECKING:
    import argparse

    from ..views import TransactionHistory
    from .lines import LineParser
    from .session import Session


def add_arguments(parser: LineParser) -> None:
    """``[--size] [--empty [-y]]``."""
    parser.add_argument("--size", action="store_true", help="also what is kept in all")
    parser.add_argument("--empty", action="store_true", help="delete what is kept for undoing")
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask before emptying")


def run(arguments: argparse.Namespace, session: Session) -> TransactionHistory | None:
    """Return the history, which IPython shows; nothing where it was emptied."""
    from ..transactions import history, unreadable
    from ..views import TransactionHistory

    for error in unreadable():
        echo(error)
    found = TransactionHistory(history(), with_total=arguments.size)
    if not arguments.empty:
        return found
    _empty(found, session, yes=arguments.yes)
    return None


def _empty(found: TransactionHistory, session: Session, *, yes: bool) -> None:
    from ..transactions import empty
    from ..views.wording import counted, size_text

    going = [each for each in found if each.state != "interrupted"]
    for staying in (each for each in found if each.state == "interrupted"):
        echo(
            f"{staying.id} was interrupted and stays: it keeps files that belong back into "
            f"{staying.root}. %pkg undo puts them back."
        )
    if not going:
        if found:
            return
        echo("Nothing is kept here that could be deleted.")
        return
    undoable = counted(sum(each.state == "applied" for each in going), "change")
    if session.must_ask(yes=yes):
        session.ask(
            f"Delete {size_text(found.size)} for good, and the history? "
            f"{undoable} can no longer be undone then."
        )
    echo(f"Deleted {size_text(empty(transactions=going))}. {undoable} can no longer be undone.")
