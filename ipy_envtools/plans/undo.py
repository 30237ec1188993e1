"""What taking a change back would do, as data: what comes back, what goes, what breaks by it.

This room knows nothing of journals, so a plan is made from what a transaction says of itself.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ..environment import printable
from ..environment.requirements import is_satisfied_by
from ..kernel import loaded_modules
from .consequences import dependents_of
from .uninstall_plan import Dependent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from ..environment import Environment, InstalledDistribution, InstalledPackages

__all__ = ["Conflict", "Returning", "UndoPlan", "plan_undo"]


class _Change(Protocol):
    """What was done to one package."""

    @property
    def kind(self) -> str:
        """``remove``, ``install``, ``upgrade``, ``downgrade`` or ``reinstall``."""

    @property
    def name(self) -> str:
        """The canonical name."""

    @property
    def version(self) -> str:
        """The version that came, or the one that went."""

    @property
    def previous_version(self) -> str | None:
        """The version that was there before."""


@dataclass(frozen=True, slots=True)
class Returning:
    """A package that comes back."""

    canonical_name: str
    version: str


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
    loaded_modules: tuple[str, ...]
    """Modules that this process has imported and that an import would get from elsewhere."""
    blocked: str | None
    """Why the plan may not be carried out; None where it may."""

    @property
    def harmless(self) -> bool:
        """Whether it may be carried out and nothing breaks or goes stale by it."""
        return not (self.blocked or self.dependents or self.loaded_modules or self.goes)


def plan_undo(
    transaction: str,
    packages: InstalledPackages,
    *,
    summary: str,
    changes: Sequence[_Change],
    comes_back: Iterable[Path],
    conflicts: Iterable[Path],
    files: int,
    size: int,
    interrupted: bool = False,
) -> UndoPlan:
    """Say what taking a transaction back would do. Changes nothing on disk.

    Args:
        transaction: its ID.
        packages: the environment as it is now.
        summary: what it did.
        changes: the same, package by package.
        comes_back: what it keeps, by where that belongs.
        conflicts: what stands in the way.
        files: how many files it keeps.
        size: their bytes.
        interrupted: whether it was neither finished nor taken back.
    """
    paths = tuple(comes_back)
    in_the_way = tuple(Conflict(path, _reason(path, packages)) for path in conflicts)
    # of what was interrupted nobody knows how far it came, only where it goes back to
    returning = tuple(_returning(changes))
    goes = () if interrupted else tuple(_going(changes, packages))
    replaced = tuple(_replaced(returning, paths, packages))
    blocked = None
    if in_the_way:
        first = in_the_way[0]
        more = f", and {len(in_the_way) - 1} more" if len(in_the_way) > 1 else ""
        blocked = f"It cannot be undone: {printable(str(first.path))} ({first.reason}){more}."
    return UndoPlan(
        environment=packages.environment,
        transaction=transaction,
        summary=summary,
        interrupted=interrupted,
        returning=returning,
        goes=goes,
        comes_back=paths,
        files=files,
        size=size,
        conflicts=in_the_way,
        dependents=tuple(_broken(returning, goes, replaced, packages)),
        loaded_modules=loaded_modules([c for c in (*goes, *replaced) if c.active], packages),
        blocked=blocked,
    )


def _returning(changes: Iterable[_Change]) -> Iterator[Returning]:
    for change in changes:
        version = change.version if change.kind == "remove" else change.previous_version
        if version is not None:
            yield Returning(change.name, version)


def _going(
    changes: Iterable[_Change], packages: InstalledPackages
) -> Iterator[InstalledDistribution]:
    for change in changes:
        if change.kind not in ("remove", "reinstall"):
            for copy in packages.copies(change.name):
                if copy.version == change.version and copy.site.role in ("environment", "user"):
                    yield copy


def _replaced(
    returning: Iterable[Returning], paths: Sequence[Path], packages: InstalledPackages
) -> Iterator[InstalledDistribution]:
    """Copies that imports get now and no longer would: one that comes back is found first."""
    order = {site.path: place for place, site in enumerate(packages.environment.site_directories)}
    places = [order[path.parent] for path in paths if path.parent in order]
    first = min(places, default=None)
    for each in returning:
        for copy in packages.copies(each.canonical_name):
            place = order.get(copy.site_directory)
            if copy.active and first is not None and place is not None and first <= place:
                yield copy


def _broken(
    returning: Iterable[Returning],
    goes: Sequence[InstalledDistribution],
    replaced: Iterable[InstalledDistribution],
    packages: InstalledPackages,
) -> Iterator[Dependent]:
    versions = {each.canonical_name: each.version for each in returning}
    yield from dependents_of([c for c in goes if c.canonical_name not in versions], packages)
    for copy in dict.fromkeys((*replaced, *goes)):
        version = versions.get(copy.canonical_name)
        if version is None:
            continue
        for dependency in packages.graph.needed_by(copy.canonical_name):
            requirement = dependency.requirement
            if (
                dependency.asked
                and dependency.source not in goes
                and is_satisfied_by(requirement, copy.version)
                and not is_satisfied_by(requirement, version)
            ):
                yield Dependent(dependency.source, requirement.text.partition(";")[0].strip())


def _reason(path: Path, packages: InstalledPackages) -> str:
    if not os.path.lexists(path):
        return "it is no longer kept"
    owners = packages.owners.of(path)
    if owners:
        names = " and ".join(f"{owner.name} {owner.version}" for owner in owners)
        return printable(f"it belongs to {names} now")
    return "something else is there now"
