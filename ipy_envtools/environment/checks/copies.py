"""What several copies of one project tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..problems import Problem
from .wording import cut, named, shown, shown_path, way_out

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..distribution import InstalledDistribution
    from ..packages import InstalledPackages

__all__ = ["problems_of_copies"]


def problems_of_copies(packages: InstalledPackages) -> Iterator[Problem]:
    """Second entries in one directory, copies that are hidden, and links to other entries."""
    for distribution in packages:
        target = packages.alias_target(distribution)
        if target is not None:
            yield _alias(distribution, target)
        elif not distribution.active:
            yield _second_copy(distribution, packages[distribution.canonical_name])


def _alias(distribution: InstalledDistribution, target: InstalledDistribution) -> Problem:
    return Problem(
        "alias",
        distribution.canonical_name,
        f"{shown(distribution)} is {shown(target)} by another name: its entry is a link to "
        f"{cut(target.entry_name)}; "
        f"{way_out(distribution, 'remove the link if no tool of yours made it')}",
        (distribution.info_path, target.info_path),
    )


def _second_copy(distribution: InstalledDistribution, active: InstalledDistribution) -> Problem:
    name = named(distribution)
    version, imported = cut(distribution.version, 20), cut(active.version, 20)
    where = (distribution.info_path, active.info_path)
    if active.site_directory == distribution.site_directory:
        return Problem(
            "duplicate",
            distribution.canonical_name,
            f"{name} is twice in {shown_path(active.site_directory, 80)}: imports get {imported}, "
            f"and {cut(distribution.entry_name)} says {version}, a remainder of another "
            f"installation; {way_out(distribution, '%pkg repair removes it')}",
            where,
        )
    return Problem(
        "shadowed",
        distribution.canonical_name,
        f"{name} {version} in {shown_path(distribution.site_directory, 80)} is hidden by "
        f"{imported} in {shown_path(active.site_directory, 80)}, which imports get; "
        f"%pkg uninstall {name} takes one of them away if that is not meant",
        where,
    )
