"""What an uninstall does to the packages that stay: who breaks, and what is left over."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ..environment.requirements import is_satisfied_by
from ..kernel import kernel_closure
from .selection import with_their_entries
from .uninstall_plan import Dependent

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from ..environment import Dependency, InstalledDistribution, InstalledPackages

__all__ = ["all_dependents", "dependents_of", "left_over_by"]


def dependents_of(
    leaving: Collection[InstalledDistribution], packages: InstalledPackages
) -> tuple[Dependent, ...]:
    """Return what stays and has a requirement that no copy which stays fulfils, sorted by name.

    What only an extra needs that nobody is known to have asked for is listed too, with that
    extra, but not where the same package needs it anyway; it comes last.
    """
    found = dict.fromkeys(_dependents(set(leaving), packages))
    return tuple(sorted(found, key=lambda d: (d.extra is not None, d.canonical_name)))


def all_dependents(
    leaving: Collection[InstalledDistribution], packages: InstalledPackages
) -> tuple[InstalledDistribution, ...]:
    """Return what breaks, and what breaks by taking that away, the nearest first.

    Each comes with its other entries. A package of which only an extra breaks that nobody asked
    for keeps working.
    """
    gone = dict.fromkeys(leaving)
    while True:
        broken = [d.distribution for d in dependents_of(gone, packages) if d.extra is None]
        if not broken:
            return tuple(gone)[len(set(leaving)) :]
        gone.update(dict.fromkeys(with_their_entries(broken, packages)))


def left_over_by(
    leaving: Collection[InstalledDistribution], packages: InstalledPackages
) -> tuple[InstalledDistribution, ...]:
    """Return what only the leaving packages needed and nobody asked for, sorted by name."""
    going = set(leaving)
    gone = {
        copy.canonical_name
        for copy in going
        if going.issuperset(packages.copies(copy.canonical_name))
    }
    left_over = packages.graph.left_over(gone, keep=set(kernel_closure(packages)))
    roles = {copy.site.role for copy in going}
    found = (packages[name] for name in sorted(left_over))
    return tuple(copy for copy in found if copy.site.role in roles)


def _dependents(
    leaving: set[InstalledDistribution], packages: InstalledPackages
) -> Iterator[Dependent]:
    for name in sorted({copy.canonical_name for copy in leaving if copy.active}):
        left = [copy for copy in packages.copies(name) if copy not in leaving]
        broken: dict[InstalledDistribution, list[Dependency]] = defaultdict(list)
        for dependency in packages.graph.needed_by(name):
            satisfied = left and is_satisfied_by(dependency.requirement, left[0].version)
            if dependency.source not in leaving and not satisfied:
                broken[dependency.source].append(dependency)
        for source, dependencies in broken.items():
            asked = [dependency for dependency in dependencies if dependency.asked]
            for dependency in asked or dependencies:
                yield Dependent(
                    source,
                    dependency.requirement.without_marker,
                    None if dependency.asked else dependency.extra,
                )
