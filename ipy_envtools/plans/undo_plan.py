"""What taking a change back would do, as data: what comes back, what goes, what breaks by it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from ..environment import Environment, InstalledDistribution
    from .uninstall_plan import Dependent

__all__ = ["Conflict", "Lacking", "Returning", "SecondCopy", "UndoPlan"]


@dataclass(frozen=True, slots=True)
class Returning:
    """A package that comes back."""

    canonical_name: str
    version: str
    name: str = ""
    """The project name, as METADATA spells it where that can be read."""
    replaces: str | None = None
    """The version that goes for it; None where it comes back beside nothing."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", self.name or self.canonical_name)


@dataclass(frozen=True, slots=True)
class Lacking:
    """What a package that comes back needs, and what would not be there."""

    name: str
    """The project name of what comes back."""
    version: str
    requirement: str
    """The Requires-Dist text that nothing would fulfil, without its marker."""
    installed: str | None
    """What would be there in its place, ``click 7.0``; None where nothing would."""


@dataclass(frozen=True, slots=True)
class SecondCopy:
    """A copy that comes back although another one of the same project is there."""

    name: str
    """The project name of what comes back."""
    version: str
    other: InstalledDistribution
    relation: Literal["duplicate", "shadows", "shadowed"]
    """``duplicate``: both lie in the same directory, as after an interrupted upgrade;
    ``shadows``: imports find what comes back instead of the other; ``shadowed``: they go on
    finding the other."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """One path that keeps a change from being taken back."""

    path: Path
    reason: str
    """Why, one printable line."""


@dataclass(frozen=True, slots=True)
class UndoPlan:
    """What taking one transaction back would do. Making one changes nothing on disk."""

    environment: Environment
    transaction: str
    """The ID of the transaction."""
    summary: str
    """What the transaction did, one printable line."""
    interrupted: bool
    """Whether the change never came to its end: then this completes the way back."""
    changed: tuple[str, ...]
    """What the transaction was about, package by package: ``flask 3.1.0``."""
    returning: tuple[Returning, ...]
    """Packages that are there again afterwards, in the version that is named."""
    goes: tuple[InstalledDistribution, ...]
    """Copies that are not there any more afterwards."""
    comes_back: tuple[Path, ...]
    """The files, links and whole directories that come back."""
    files: int
    """How many files that are in all."""
    size: int
    """Bytes of those files."""
    conflicts: tuple[Conflict, ...]
    """Why it is not possible; empty where it is."""
    dependents: tuple[Dependent, ...]
    """What has all it needs now and would not afterwards."""
    lacking: tuple[Lacking, ...]
    """What packages that come back would not have although they need it."""
    second_copies: tuple[SecondCopy, ...]
    """Projects that there would be two copies of."""
    loaded_modules: tuple[str, ...]
    """Modules that this process has imported and that an import would get from elsewhere."""
    blocked: str | None
    """Why the plan may not be carried out; None where it may."""

    def __repr__(self) -> str:
        blocked = ", blocked" if self.blocked else ""
        return f"<UndoPlan {self.transaction}: {self.summary}{blocked}>"

    @property
    def harmless(self) -> bool:
        """Whether it may be carried out and nothing breaks or goes stale by it."""
        return not (
            self.blocked
            or self.dependents
            or self.lacking
            or self.second_copies
            or self.loaded_modules
            or self.goes
        )

    def says_more_than(self, shown: UndoPlan) -> bool:
        """Whether somebody who agreed to ``shown`` does not know all that this one would do."""
        return any(
            not set(now) <= set(then)
            for now, then in (
                (self.returning, shown.returning),
                (self.goes, shown.goes),
                (self.dependents, shown.dependents),
                (self.lacking, shown.lacking),
                (self.second_copies, shown.second_copies),
                # Showing it may have loaded more of what was loaded already.
                (_top_level(self.loaded_modules), _top_level(shown.loaded_modules)),
            )
        )


def _top_level(modules: Iterable[str]) -> list[str]:
    return [module.partition(".")[0] for module in modules]
