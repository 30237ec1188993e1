"""What several copies of one project tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..problems import Problem
from .wording import cut, is_managed_elsewhere, named, shown, shown_path, way_out

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..distribution import InstalledDistribution
    from ..environment import Environment
    from ..packages import InstalledPackages

__all__ = ["problems_of_copies"]


def problems_of_copies(packages: InstalledPackages) -> Iterator[Problem]:
    """Second entries in one directory, copies that are hidden, and links to other entries."""
    for distribution in packages:
        target = packages.alias_target(distribution)
        if target is not None:
            yield _alias(distribution, target, packages.environment)
        elif not distribution.active:
            active = packages[distribution.canonical_name]
            if not _describes_the_same(distribution, active):
                yield _second_copy(distribution, active, packages)


def _describes_the_same(copy: InstalledDistribution, active: InstalledDistribution) -> bool:
    """Debian puts a dist-info and an egg-info of one installation side by side."""
    return (
        is_managed_elsewhere(copy)
        and copy.site_directory == active.site_directory
        and copy.version == active.version
    )


def _alias(
    distribution: InstalledDistribution, target: InstalledDistribution, environment: Environment
) -> Problem:
    return Problem(
        "alias",
        distribution.canonical_name,
        f"{shown(distribution)} is {shown(target)} by another name: its entry is a link to "
        f"{cut(target.entry_name)}; "
        f"{way_out(distribution, environment, 'remove the link if no tool of yours made it')}",
        (distribution.info_path, target.info_path),
    )


def _second_copy(
    distribution: InstalledDistribution,
    active: InstalledDistribution,
    packages: InstalledPackages,
) -> Problem:
    environment = packages.environment
    name = named(distribution)
    version, imported = cut(distribution.version, 20), cut(active.version, 20)
    where = (distribution.info_path, active.info_path)
    if active.site_directory == distribution.site_directory:
        return Problem(
            "duplicate",
            distribution.canonical_name,
            f"{name} is twice in {shown_path(active.site_directory, 80)}: imports get {imported}, "
            f"and {cut(distribution.entry_name)} says {version}, a remainder of another "
            f"installation; {way_out(distribution, environment, '%pkg repair removes it')}",
            where,
        )
    return Problem(
        "shadowed",
        distribution.canonical_name,
        f"{name} {version} in {shown_path(distribution.site_directory, 80)} is hidden by "
        f"{imported} in {shown_path(active.site_directory, 80)}, which imports get; "
        f"{way_out(distribution, environment, _take_away(distribution, packages))}",
        where,
    )


def _take_away(hidden: InstalledDistribution, packages: InstalledPackages) -> str:
    """Say how exactly this copy goes: by name alone, the active one would."""
    copies = packages.copies(hidden.canonical_name)
    first = next(copy for copy in copies if copy.version == hidden.version)
    if first == hidden:
        return f"%pkg uninstall {named(hidden)}=={cut(hidden.version, 20)} takes it away"
    return "take it away with the tool that installed it"
