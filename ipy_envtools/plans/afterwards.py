"""Which copies imports will get when some have left and others have come back."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ..environment.copies import live_copy
from ..environment.dependencies import DependencyGraph
from ..environment.requirements import is_satisfied_by
from .undo_plan import Lacking, SecondCopy
from .uninstall_plan import Dependent

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from ..environment import Dependency, InstalledDistribution, InstalledPackages

__all__ = ["Afterwards"]


class Afterwards:
    """An environment as it will be.

    Args:
        packages: as it is now.
        leaving: copies that will have gone.
        coming: copies that will be there again; see :func:`~.coming_back.coming_back`.
        remains: those of ``coming`` that are only metadata, left behind by an upgrade: imports
            do not get anything from them.
        kept: the place of each thing that comes back, and where it is kept until then.
    """

    def __init__(
        self,
        packages: InstalledPackages,
        leaving: Collection[InstalledDistribution],
        coming: Sequence[InstalledDistribution],
        remains: Collection[InstalledDistribution] = (),
        kept: Mapping[Path, Path] | None = None,
    ) -> None:
        self._packages = packages
        self._order = {
            site.path: place for place, site in enumerate(packages.environment.site_directories)
        }
        self._coming = coming
        self._remains = remains
        self._kept = kept or {}
        self._staying = {
            copy.canonical_name: [
                other for other in packages.copies(copy.canonical_name) if other not in leaving
            ]
            for copy in (*leaving, *coming)
        }
        self._active = {name: self._choose(name) for name in self._staying}

    @property
    def replaced(self) -> tuple[InstalledDistribution, ...]:
        """Copies that imports get now and no longer would, gone or hidden."""
        now = (
            copy
            for name in self._staying
            for copy in self._packages.copies(name)
            if copy.active and copy != self._active[name]
        )
        return tuple(now)

    def dependents(self) -> Iterator[Dependent]:
        """What has all it needs now and would not, without what is replaced itself."""
        replaced = self.replaced
        for copy in replaced:
            for dependency in self._packages.graph.needed_by(copy.canonical_name):
                requirement = dependency.requirement
                if (
                    dependency.asked
                    and dependency.source not in replaced
                    and is_satisfied_by(requirement, copy.version)
                    and not self._fulfils(dependency)
                ):
                    yield Dependent(dependency.source, dependency.requirement.without_marker)

    def lacking(self) -> Iterator[Lacking]:
        """What the copies that come back need and would not have; only those imports get."""
        getting = [copy for copy in self._coming if self._active[copy.canonical_name] == copy]
        if not getting:
            return
        now = {copy.canonical_name: copy for copy in self._packages if copy.active}
        active = {**now, **self._active}
        graph = DependencyGraph(
            [copy for copy in active.values() if copy is not None],
            self._packages.environment.markers,
        )
        for copy in getting:
            for dependency in graph.needs(copy.canonical_name):
                wanted = dependency.requirement
                found = active.get(wanted.name)
                if wanted.name == copy.canonical_name:
                    continue
                if found is None:
                    yield Lacking(
                        copy.name, copy.version, dependency.requirement.without_marker, None
                    )
                elif is_satisfied_by(wanted, found.version) is False:
                    installed = f"{found.name} {found.version}"
                    yield Lacking(
                        copy.name, copy.version, dependency.requirement.without_marker, installed
                    )

    def second_copies(self) -> Iterator[SecondCopy]:
        """What comes back although another copy of the same project stays."""
        for copy in self._coming:
            for other in self._staying[copy.canonical_name]:
                if other.site_directory == copy.site_directory:
                    yield SecondCopy(copy.name, copy.version, other, "duplicate")
                elif other == self._first_staying(copy.canonical_name):
                    first = self._comes_first(copy, other)
                    relation: Literal["shadows", "shadowed"] = "shadows" if first else "shadowed"
                    yield SecondCopy(copy.name, copy.version, other, relation)

    def _choose(self, name: str) -> InstalledDistribution | None:
        best = self._first_staying(name)
        for copy in self._coming:
            if copy.canonical_name != name or (best is not None and copy in self._remains):
                continue
            if best is None or self._comes_first(copy, best):
                best = copy
        return best

    def _first_staying(self, name: str) -> InstalledDistribution | None:
        staying = self._staying[name]
        return next((copy for copy in staying if copy.active), staying[0] if staying else None)

    def _comes_first(self, copy: InstalledDistribution, other: InstalledDistribution) -> bool:
        if self._place(copy) != self._place(other):
            return self._place(copy) < self._place(other)
        return live_copy([copy, other], self._content_of) == copy

    def _content_of(self, path: str) -> str:
        """Where the content of a path lies now that will be there afterwards."""
        place = Path(os.path.normpath(path))
        for above in (place, *place.parents) if self._kept else ():
            if above in self._kept:
                return os.path.join(self._kept[above], place.relative_to(above))
        return path

    def _place(self, copy: InstalledDistribution) -> int:
        return self._order[copy.site_directory]

    def _fulfils(self, dependency: Dependency) -> bool:
        found, wanted = self._active[dependency.requirement.name], dependency.requirement
        return found is not None and is_satisfied_by(wanted, found.version) is not False
