"""``%pkgs``: what is installed in this kernel's own environment."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError

from .lines import LineParser, split_line
from .recovery import say_if_interrupted

if TYPE_CHECKING:
    import argparse

    from ..environment import InstalledPackages
    from ..views import PackageListing
    from .session import Session

__all__ = ["list_packages", "parser"]

_DESCRIPTION = """\
List what is installed in this kernel's own environment: every directory once, every copy
separately. In a notebook the list can be filtered, sorted and clicked.

  %pkgs                  everything
  %pkgs flask 'sphinx*'  names, parts of names or globs
  %pkgs --sort size      the largest first
  packages = %pkgs       the packages as a Python object

Another Python's packages are only looked at: what changes an environment runs in it.

  %pkgs --python ../other/.venv/bin/python
  %pkgs --kernel science
"""


def parser() -> LineParser:
    """Return the parser of the line."""
    from ..views import SORT_KEYS

    parser = LineParser("%pkgs", "[PATTERN…]", _DESCRIPTION)
    parser.add_argument(
        "patterns", metavar="PATTERN", nargs="*", help="a name, a part of it, or a glob"
    )
    parser.add_argument(
        "--sort", metavar="KEY", choices=SORT_KEYS, default="name", help=", ".join(SORT_KEYS)
    )
    parser.add_argument("--problems", action="store_true", help="only what has a problem")
    parser.add_argument("--python", metavar="EXE", help="another Python, by its path")
    parser.add_argument("--kernel", metavar="NAME", help="another Jupyter kernel, by its name")
    parser.add_argument("--plain", action="store_true", help="a table without widgets")
    return parser


def list_packages(line: str, session: Session) -> InstalledPackages | PackageListing:
    """Return the packages, or a choice of them in some order; IPython shows either as a list."""
    if not line.strip():
        if not session.front_end.widgets:
            say_if_interrupted(session)
        return session.scan()
    arguments = parser().parse_line(split_line(line))
    choices = {
        "patterns": arguments.patterns,
        "sort": arguments.sort,
        "problems_only": arguments.problems,
        "plain": arguments.plain,
    }
    if arguments.python is None and arguments.kernel is None:
        if arguments.plain or not session.front_end.widgets:
            say_if_interrupted(session)
        return session.list_packages(**choices)
    if arguments.python is not None and arguments.kernel is not None:
        raise UsageError("%pkgs takes --python or --kernel, not both.")
    return _another(arguments, choices) or session.list_packages(**choices)


def _another(arguments: argparse.Namespace, choices: dict[str, Any]) -> PackageListing | None:
    """List another Python's packages; None where it is this process's own after all."""
    from ..environment import scan
    from ..views import PackageListing

    if arguments.kernel is not None:
        from .kernelspecs import python_of_kernel

        packages = scan(python_of_kernel(arguments.kernel))
    else:
        packages = scan(_program(arguments.python))
    if packages.environment.is_running:
        return None
    return PackageListing(packages, kernel_name=arguments.kernel or "", **choices)


def _program(python: str) -> str:
    """A word without a slash is looked for on PATH, as a shell does."""
    import shutil

    return (shutil.which(python) or python) if os.path.basename(python) == python else python
