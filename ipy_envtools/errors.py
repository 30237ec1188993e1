"""The errors of this package, each a sentence for the person at the keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = [
    "EnvToolsError",
    "EnvironmentUnreadable",
    "PlanBlocked",
    "PlanOutdated",
    "TransactionFailed",
    "UndoConflict",
    "UnknownPackage",
]


class EnvToolsError(Exception):
    """Base of every error that this package raises itself."""


class EnvironmentUnreadable(EnvToolsError):
    """A Python interpreter could not be asked for its paths."""


class PlanBlocked(EnvToolsError):
    """The plan may not be carried out; the text says why and what to do instead."""


class PlanOutdated(EnvToolsError):
    """The disk no longer looks as it did when the plan was made; make the plan again."""


class TransactionFailed(EnvToolsError):
    """A change stopped in the middle.

    What had been moved was moved back; ``paths`` names what could not be, if anything.
    """

    def __init__(self, message: str, paths: Iterable[Path] = ()) -> None:
        super().__init__(message)
        self.paths = tuple(paths)


class UndoConflict(EnvToolsError):
    """An undo is not possible, and nothing was touched; ``paths`` names what stands in the way."""

    def __init__(self, message: str, paths: Iterable[Path] = ()) -> None:
        super().__init__(message)
        self.paths = tuple(paths)


class UnknownPackage(EnvToolsError, KeyError):
    """No installed package has this name; ``matches`` holds close ones, the closest first."""

    def __init__(self, name: str, matches: Iterable[str] = ()) -> None:
        self.name = name
        self.matches = tuple(matches)
        closest = next(iter(self.matches), "")
        shown = closest if closest.isprintable() else repr(closest)
        guess = f"; did you mean {shown}?" if closest else ""
        self.message = f"no package called {name!r} is installed{guess}"
        super().__init__(self.message)

    def __str__(self) -> str:  # KeyError would show the repr
        return self.message
