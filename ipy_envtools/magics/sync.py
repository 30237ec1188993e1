"""Make this environment what a file says: installs, changes and removes, after asking.

  %pkg sync requirements.txt
  %pkg sync pylock.toml

What the file neither names nor needs goes; what this kernel runs on stays, and so do pip, uv and
what you work on (editable). %pkg undo takes all of it back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from ..plans import InstallPlan
    from ..transactions import Transaction
    from .lines import LineParser
    from .session import Session


def add_arguments(parser: LineParser) -> None:
    """``FILE`` and what every verb that changes something takes."""
    from .install import add_change_arguments

    parser.add_argument("file", metavar="FILE", help="a requirements file or a pylock.toml")
    add_change_arguments(parser)


def run(arguments: argparse.Namespace, session: Session) -> InstallPlan | Transaction:
    """Return the plan where it was only shown, the transaction where it was carried out."""
    from .installing import as_usage_error, install, read_line

    with as_usage_error("%pkg sync"):
        request = read_line(["-r", arguments.file])
    return install(request, arguments, session, exact=True)
