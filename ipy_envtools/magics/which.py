"""Say which installed package an import gets a module from, and from which file.

Also whether the module is loaded already and from where, and whether a file in the working
directory takes its place. Nothing is imported to find out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from IPython.core.error import UsageError

if TYPE_CHECKING:
    import argparse

    from ..environment import InstalledPackages
    from ..kernel.modules import ModuleOrigin
    from .lines import LineParser
    from .session import Session


def add_arguments(parser: LineParser) -> None:
    """``MODULE``."""
    parser.add_argument("module", metavar="MODULE", help="as it stands behind import")


def run(arguments: argparse.Namespace, session: Session) -> ModuleOrigin:
    """Return where the module comes from, which IPython shows."""
    from ..kernel.modules import find_module

    packages = session.scan()
    name = arguments.module
    if all(part.isidentifier() for part in name.split(".")):
        module = find_module(name, packages)
        if module.is_known:
            return module
    raise UsageError(_unknown(name, packages))


def _unknown(name: str, packages: InstalledPackages) -> str:
    from ..environment import printable
    from ..environment.credentials import mask_credentials
    from ..kernel.modules import similar_modules

    similar = [printable(found) for found in similar_modules(name, packages)[:3]]
    if name in packages:
        copy = packages[name]
        told = f"{printable(copy.name)} {printable(copy.version)} is installed"
        if similar:
            return f"{told}; it is imported as {', '.join(similar)}."
        return f"{told}, but brings nothing to import."
    guess = f" Did you mean {' or '.join(similar)}?" if similar else ""
    shown = mask_credentials(repr(name))
    return f"No module called {shown} can be imported, and none is loaded.{guess}"
