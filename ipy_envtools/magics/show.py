"""Look closer at one package: what it is, needs and is needed by, where it lies, what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from ..views import PackageDetails
    from .lines import LineParser
    from .session import Session


def add_arguments(parser: LineParser) -> None:
    """``NAME``."""
    parser.add_argument("name", metavar="NAME", help="a package, in any spelling")


def run(arguments: argparse.Namespace, session: Session) -> PackageDetails:
    """Return the details, which IPython shows."""
    from ..views import PackageDetails
    from .names import known_names

    listing = session.list_packages()
    known_names([arguments.name], listing.packages)
    return PackageDetails(listing, [arguments.name.partition("==")[0]])
