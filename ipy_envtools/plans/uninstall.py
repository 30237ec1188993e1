"""From names to a plan: what an uninstall takes, what it leaves, what breaks by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from ..environment import InstalledDistribution, scan
from ..environment.requirements import is_satisfied_by
from ..kernel import kernel_closure, loaded_modules
from .owners import OtherOwners
from .protection import blocked_reason
from .uninstall_plan import Dependent, UninstallPlan
from .verdicts import judge_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..environment import InstalledPackages

__all__ = ["plan_uninstall"]


def plan_uninstall(
    names: str | InstalledDistribution | Iterable[str | InstalledDistribution],
    packages: InstalledPackages | None = None,
    orphans: bool = False,
    dependents: bool = False,
    force: bool = False,
) -> UninstallPlan:
    """Say what uninstalling these packages would do. Changes nothing on disk.

    Args:
        names: project names in any spelling, or copies. A name means the active copy and the
            other entries of that project in the same directory; a copy means just that copy.
        packages: where to look; this process's environment if None.
        orphans: take along what only these packages needed and nobody asked for.
        dependents: take along what would no longer have what it needs.
        force: override the protections that the plan names.

    Raises:
        UnknownPackage: a KeyError that holds close matches; nothing by this name is installed.
    """
    if packages is None:
        packages = scan()
    if isinstance(names, (str, InstalledDistribution)):
        names = [names]
    asked = tuple(dict.fromkeys(_copies(names, packages)))
    leaving = asked
    if dependents:
        leaving = (*leaving, *_dependents_of_dependents(leaving, packages))
    if orphans:
        leaving = (*leaving, *_orphans(leaving, packages))
    others = OtherOwners(leaving, packages)
    files = judge_files(leaving, packages.environment, others)
    environment = packages.environment
    in_user_site = bool(leaving) and leaving[0].site.role == "user"
    return UninstallPlan(
        environment=environment,
        root=(environment.user_base or environment.prefix) if in_user_site else environment.prefix,
        names=tuple(dict.fromkeys(copy.canonical_name for copy in asked)),
        distributions=leaving,
        files=files,
        dependents=tuple(_dependents(leaving, packages)),
        orphans=_orphans(leaving, packages),
        loaded_modules=loaded_modules([copy for copy in leaving if copy.active], packages),
        blocked=blocked_reason(leaving, files, packages, force=force),
    )


def _copies(
    names: Iterable[str | InstalledDistribution], packages: InstalledPackages
) -> Iterator[InstalledDistribution]:
    for name in names:
        if isinstance(name, InstalledDistribution):
            yield name
            continue
        active = packages[name]
        yield active
        for copy in packages.copies(name):
            if copy.site_directory == active.site_directory:
                yield copy


def _dependents(
    leaving: tuple[InstalledDistribution, ...], packages: InstalledPackages
) -> Iterator[Dependent]:
    """What stays and has a requirement that no copy which stays fulfils."""
    for name in sorted({copy.canonical_name for copy in leaving}):
        left = [copy for copy in packages.copies(name) if copy not in leaving]
        for dependency in packages.graph.needed_by(name):
            if dependency.source in leaving:
                continue
            if left and is_satisfied_by(dependency.requirement, left[0].version):
                continue
            yield Dependent(
                dependency.source,
                dependency.requirement.text.partition(";")[0].strip(),
                None if dependency.asked else dependency.extra,
            )


def _dependents_of_dependents(
    leaving: tuple[InstalledDistribution, ...], packages: InstalledPackages
) -> tuple[InstalledDistribution, ...]:
    """What breaks, and what breaks by taking that away; extras nobody asked for are let go."""
    more: tuple[InstalledDistribution, ...] = ()
    while True:
        found = tuple(
            dict.fromkeys(
                dependent.distribution
                for dependent in _dependents((*leaving, *more), packages)
                if dependent.extra is None
            )
        )
        if not found:
            return more
        more = (*more, *found)


def _orphans(
    leaving: tuple[InstalledDistribution, ...], packages: InstalledPackages
) -> tuple[InstalledDistribution, ...]:
    gone = {
        copy.canonical_name
        for copy in leaving
        if all(other in leaving for other in packages.copies(copy.canonical_name))
    }
    site_directories = {copy.site_directory for copy in leaving}
    left_over = packages.graph.left_over(gone, keep=set(kernel_closure(packages)))
    found = (packages[canonicalize_name(name)] for name in sorted(left_over))
    return tuple(copy for copy in found if copy.site_directory in site_directories)
