"""``%pkgs``: what is installed in this kernel's own environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .lines import LineParser, split_line

if TYPE_CHECKING:
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
    parser.add_argument("--plain", action="store_true", help="a table without widgets")
    return parser


def list_packages(line: str, session: Session) -> InstalledPackages | PackageListing:
    """Return the packages, or a choice of them in some order; IPython shows either as a list."""
    if not line.strip():
        return session.scan()
    arguments = parser().parse_line(split_line(line))
    return session.list_packages(
        patterns=arguments.patterns,
        sort=arguments.sort,
        problems_only=arguments.problems,
        plain=arguments.plain,
    )
