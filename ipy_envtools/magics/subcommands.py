"""The table of what ``%pkg`` can do: one line, one module.

It feeds dispatch, ``--help`` and completion; a module is imported when its word is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    import argparse

    from .lines import LineParser
    from .session import Session

__all__ = ["SUBCOMMANDS", "Subcommand", "SubcommandModule"]


class SubcommandModule(Protocol):
    """What a subcommand's module holds; its docstring is its help."""

    __doc__: str | None

    def add_arguments(self, parser: LineParser) -> None:
        """Say what the line may hold."""

    def run(self, arguments: argparse.Namespace, session: Session) -> Any:
        """Do it; what is returned is the magic's value."""


class Subcommand(NamedTuple):
    """One word behind ``%pkg``."""

    name: str
    usage: str
    summary: str
    completes: str
    """What stands behind the word: ``packages``, ``modules``, ``transactions``, ``paths`` (which
    IPython completes itself) or nothing."""

    def module(self) -> SubcommandModule:
        """Import the module that carries it out."""
        return importlib.import_module(f".{self.name}", __package__)


SUBCOMMANDS: dict[str, Subcommand] = {
    subcommand.name: subcommand
    for subcommand in (
        Subcommand("show", "NAME", "look closer at one package", "packages"),
        Subcommand("which", "MODULE", "which package an import gets, and its file", "modules"),
        Subcommand("check", "[NAME…]", "everything that is wrong, the worst first", "packages"),
        Subcommand("install", "SPEC…", "plan, ask if it replaces anything, install", "paths"),
        Subcommand("upgrade", "NAME…|--all", "plan, then ask, then upgrade", "packages"),
        Subcommand("sync", "FILE", "make this environment what a file says", "paths"),
        Subcommand("uninstall", "NAME…", "plan, then ask, then uninstall", "packages"),
        Subcommand("repair", "[NAME…]", "take away what installations left behind", "packages"),
        Subcommand("undo", "[ID]", "take back the newest change, or the one named", "transactions"),
        Subcommand("history", "", "list the changes that were made; --size, --empty", ""),
    )
}
