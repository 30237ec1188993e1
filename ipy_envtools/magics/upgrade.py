"""Upgrade packages to the newest that fits: shows what changes, and asks.

  %pkg upgrade flask "pandas<3"
  %pkg upgrade --all

With --all that is every package of this environment, but for what this kernel runs on, what you
work on (editable) and what came from a URL or a directory: name those if you want them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from IPython.core.error import UsageError

if TYPE_CHECKING:
    import argparse

    from ..environment import InstalledPackages
    from ..plans import InstallPlan
    from ..transactions import Transaction
    from .lines import LineParser
    from .session import Session


def add_arguments(parser: LineParser) -> None:
    """``NAME…|--all``, where to look, and what every verb that changes something takes."""
    from .install import add_change_arguments, add_source_arguments

    parser.add_argument("names", metavar="NAME", nargs="*", help="a package, or what fits it")
    parser.add_argument("--all", action="store_true", help="every package")
    add_source_arguments(parser)
    add_change_arguments(parser)


def parse_line(line: str, parser: LineParser) -> argparse.Namespace:
    """Take our own options out; where to look for packages belongs to the request."""
    from .installing import as_usage_error, own_options, read_line, without_options

    words, arguments = own_options(line, parser, "--all")
    with as_usage_error(parser.prog):
        named = without_options(words)
        if not named and not arguments.all:
            raise UsageError(f"{parser.prog} needs NAME… or --all; see {parser.prog} --help.")
        if named and arguments.all:
            raise UsageError(f"{parser.prog} takes names or --all, not both.")
        # For --all it is read again with all names, but a mistake is said before the scan.
        request = read_line([*([] if named else ["a-name"]), *words])
    arguments.request = request if named else None
    arguments.options = words
    return arguments


def run(arguments: argparse.Namespace, session: Session) -> InstallPlan | Transaction:
    """Return the plan where it was only shown, the transaction where it was carried out."""
    from ..environment import scan
    from .installing import install, read_line
    from .names import known_names

    packages = scan()
    request = arguments.request
    if request is None:
        names = _upgradable(packages)
        if not names:
            raise UsageError("There is nothing in this environment that %pkg upgrade would take.")
        request = read_line([*names, *arguments.options])
    known_names([wanted.name for wanted in request.requirements if wanted.name], packages)
    return install(request, arguments, session, upgrade=True)


def _upgradable(packages: InstalledPackages) -> list[str]:
    from ..kernel import kernel_closure

    stays = kernel_closure(packages)
    return sorted(
        copy.canonical_name
        for copy in packages
        if copy.active
        and not copy.editable
        and copy.direct_url is None
        and copy.site.role == "environment"
        and copy.canonical_name not in stays
    )
