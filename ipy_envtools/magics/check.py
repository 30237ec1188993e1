"""Look for everything that is wrong, in the whole environment or with some packages.

Reads every RECORD and looks at every file that it names. Each problem is one sentence that says
what to do. With --strict, errors and warnings (not notes) raise, so that a notebook or a script
stops there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import EnvToolsError

if TYPE_CHECKING:
    import argparse

    from ..views import ProblemReport
    from .lines import LineParser
    from .session import Session

__all__ = ["ProblemsFound", "add_arguments", "run"]


class ProblemsFound(EnvToolsError):
    """There is an error or a warning, and the line said ``--strict``."""


def add_arguments(parser: LineParser) -> None:
    """``[NAME…] [--strict]``."""
    parser.add_argument("names", metavar="NAME", nargs="*", help="a package, in any spelling")
    parser.add_argument(
        "--strict", action="store_true", help="raise if there is an error or a warning"
    )


def run(arguments: argparse.Namespace, session: Session) -> ProblemReport:
    """Return the report, which IPython shows."""
    from ..views import ProblemReport
    from .display import show
    from .names import known_names

    packages = session.scan()
    known_names(arguments.names, packages)
    report = ProblemReport(packages, arguments.names)
    if arguments.strict and not report.is_clean:
        show(report, session)
        raise ProblemsFound(f"{report.count}; without --strict they are only shown.")
    return report
