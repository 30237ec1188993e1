"""The environment as an installation would leave it: who gets which version, and who breaks."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from ..environment.requirements import MarkerEnvironment, is_satisfied_by, parse_requirement
from ..environment.versions import same_version
from .install_plan import BrokenBy

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from ..engines import Pin
    from ..environment import Dependency, InstalledDistribution, InstalledPackages
    from ..environment.requirements import ParsedRequirement
    from .install_target import InstallTarget

__all__ = ["Lack", "ResultingState"]


class Lack(NamedTuple):
    """What a package that comes needs and would not have."""

    name: str
    requirement: str
    """The Requires-Dist text, without its marker."""
    needs: str
    """Canonical name of the package that it is about."""
    version: str | None
    """The one that would be there; None where none would."""


class ResultingState:
    """What imports get when some copies have gone and some versions have come.

    Args:
        packages: as it is now.
        leaving: the copies that go.
        coming: what comes, all of it to ``target``.
    """

    def __init__(
        self,
        packages: InstalledPackages,
        leaving: Collection[InstalledDistribution],
        coming: Iterable[Pin],
        target: InstallTarget,
    ) -> None:
        self._packages = packages
        self._target = target
        self._coming = {pin.name: pin for pin in coming}
        self._markers = MarkerEnvironment(packages.environment.markers)
        gone = set(leaving)
        self._staying = {
            name: tuple(copy for copy in packages.copies(name) if copy not in gone)
            for name in dict.fromkeys((*(copy.canonical_name for copy in leaving), *self._coming))
        }

    # --- who gets what

    @cached_property
    def hiding(self) -> Mapping[str, InstalledDistribution]:
        """By the name of what comes, the copy elsewhere that imports go on getting instead."""
        sites = self._packages.environment.site_directories
        places = {site.path: place for place, site in enumerate(sites)}
        return {
            name: copy
            for name in self._coming
            if (copy := self._first_staying(name)) is not None
            and places[copy.site_directory] < self._target.position
        }

    @cached_property
    def hidden(self) -> Mapping[str, InstalledDistribution]:
        """By the name of what comes, the copy elsewhere that stays and that imports get now."""
        return {
            name: copy
            for name in self._coming
            if name not in self.hiding
            and (copy := self._first_staying(name)) is not None
            and copy.active
        }

    @cached_property
    def replaced(self) -> tuple[InstalledDistribution, ...]:
        """Copies that imports get now and no longer would, gone or hidden, sorted by name."""
        return tuple(
            copy
            for name in sorted(self._staying)
            for copy in self._packages.copies(name)
            if copy.active and not self._remains(copy)
        )

    def has(self, name: str) -> bool:
        """Whether any version of a package would be there."""
        if name in self._staying:
            return name in self._coming or bool(self._staying[name])
        return name in self._packages

    def version(self, name: str) -> str | None:
        """The version that imports would get; None where there is none or only building tells."""
        if name not in self._staying:
            return self._packages[name].version if name in self._packages else None
        if name in self._coming and name not in self.hiding:
            return self._coming[name].version
        copy = self._first_staying(name)
        return copy.version if copy is not None else None

    def requires(self, name: str) -> tuple[str, ...] | None:
        """The Requires-Dist texts of what would be there; None where nobody knows them."""
        pin = self._coming.get(name)
        if pin is None or name in self.hiding:
            copy = self._first_staying(name)
            return copy.requires if copy is not None else ()
        if pin.requires is not None:
            return pin.requires
        # The same version needs the same, unless it was built from somewhere else.
        for copy in self._packages.copies(name):
            from_index = pin.direct is None and copy.direct_url is None
            if from_index and pin.version and same_version(copy.version, pin.version):
                return copy.requires
        return None

    # --- who breaks

    def conflicts(self) -> tuple[BrokenBy, ...]:
        """What is fulfilled now and would not be, sorted by the package that has it.

        What only an extra needs that nobody is known to have asked for comes last, and not
        where the same package needs it anyway.
        """
        found = [
            BrokenBy(
                dependency.source,
                dependency.requirement.without_marker,
                dependency.requirement.name,
                self.version(dependency.requirement.name),
                None if dependency.asked else dependency.extra,
            )
            for dependency in self._unfulfilled(now=True)
        ]
        return tuple(
            sorted(
                dict.fromkeys(found),
                key=lambda b: (b.extra is not None, b.distribution.canonical_name, b.name),
            )
        )

    def still_broken(self) -> tuple[Dependency, ...]:
        """Requirements on what changes that are not fulfilled now and would not be either."""
        return tuple(dep for dep in self._unfulfilled(now=False) if dep.asked)

    def lacks(self, extras: Mapping[str, frozenset[str]]) -> Iterator[Lack]:
        """What the packages that come need and would not have, as far as it is known.

        Args:
            extras: those that were asked for, by name.
        """
        for name, reached in self._with_extras(self._coming, extras).items():
            if name not in self._coming or name in self.hiding:
                continue
            for requirement in self._needs(name, reached):
                if requirement.name != name and not self._fulfils(requirement):
                    version = self.version(requirement.name)
                    yield Lack(name, requirement.without_marker, requirement.name, version)

    # --- who is needed

    def needed(
        self, names: Iterable[str], extras: Mapping[str, frozenset[str]]
    ) -> tuple[set[str], set[str]]:
        """Follow what packages need in the environment as it would be.

        Returns:
            All names that are reached, and those of them whose own needs nobody knows.
        """
        reached = set(self._with_extras(names, extras))
        return reached, {name for name in reached if self.requires(name) is None}

    def _with_extras(
        self, names: Iterable[str], extras: Mapping[str, frozenset[str]]
    ) -> dict[str, set[str]]:
        """The closure of ``names``, each with the extras that are wanted of it."""
        reached: dict[str, set[str]] = {}
        waiting: list[tuple[str, frozenset[str]]] = [
            (name, extras.get(name, frozenset())) for name in names
        ]
        while waiting:
            name, wanted = waiting.pop()
            if not self.has(name) or (name in reached and wanted <= reached[name]):
                continue
            reached.setdefault(name, set()).update(wanted)
            waiting += [(need.name, need.extras) for need in self._needs(name, reached[name])]
        return reached

    def _needs(self, name: str, extras: Collection[str]) -> Sequence[ParsedRequirement]:
        found = []
        for text in self.requires(name) or ():
            requirement = parse_requirement(text)
            if requirement is None:
                continue
            try:
                belongs_to = self._markers.extras_that_apply(requirement, extras)
            except ValueError:  # an invalid marker, which is a problem of its own
                continue
            if belongs_to is None or not belongs_to.isdisjoint(extras):
                found.append(requirement)
        return found

    def _unfulfilled(self, *, now: bool) -> Iterator[Dependency]:
        """Requirements of what stays that would not be fulfilled, and are (not) ``now``."""
        for name in sorted(filter(self._packages.__contains__, self._staying)):
            by_source: dict[InstalledDistribution, list[Dependency]] = defaultdict(list)
            for dependency in self._packages.graph.needed_by(name):
                requirement = dependency.requirement
                if (
                    self._stays(dependency.source)
                    and not self._fulfils(requirement)
                    and self._is_fulfilled(requirement) is now
                ):
                    by_source[dependency.source].append(dependency)
            for dependencies in by_source.values():
                yield from [dep for dep in dependencies if dep.asked] or dependencies

    def _is_fulfilled(self, requirement: ParsedRequirement) -> bool:
        if requirement.name not in self._packages:
            return False
        return bool(is_satisfied_by(requirement, self._packages[requirement.name].version))

    def _fulfils(self, requirement: ParsedRequirement) -> bool:
        if not self.has(requirement.name):
            return False
        version = self.version(requirement.name)
        return version is None or is_satisfied_by(requirement, version) is not False

    def _stays(self, copy: InstalledDistribution) -> bool:
        return copy.canonical_name not in self._staying or self._remains(copy)

    def _remains(self, copy: InstalledDistribution) -> bool:
        """Whether imports go on getting a copy of a package that something happens to."""
        name = copy.canonical_name
        if name in self._coming and name not in self.hiding:
            return False
        return copy == self._first_staying(name)

    def _first_staying(self, name: str) -> InstalledDistribution | None:
        staying = self._staying.get(name, self._packages.copies(name))
        return next((copy for copy in staying if copy.active), staying[0] if staying else None)
