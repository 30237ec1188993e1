"""From names to a plan: what an uninstall takes, what it leaves, what breaks by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..environment import InstalledDistribution, scan
from ..environment.entry_stamps import entry_stamps
from ..kernel import loaded_modules
from .consequences import all_dependents, dependents_of, left_over_by
from .easy_install import easy_install_edits
from .protection import blocked_reason
from .selection import select_copies, with_their_entries
from .uninstall_plan import UninstallPlan
from .verdicts import judge_files

if TYPE_CHECKING:
    from collections.abc import Iterable

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
        names: project names in any spelling, ``name==version``, or copies. A name means the
            active copy and the other entries of that project in the same place; a copy means
            just that copy, and entries that are links to it.
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
    environment = packages.environment
    entries = entry_stamps(site.path for site in environment.site_directories)
    asked = select_copies(names, packages)
    leaving = asked
    if dependents:
        leaving = (*leaving, *all_dependents(leaving, packages))
    if orphans:
        left_over = with_their_entries(left_over_by(leaving, packages), packages)
        leaving = tuple(dict.fromkeys((*leaving, *left_over)))
    files = judge_files(leaving, packages)
    edits = easy_install_edits(leaving, packages)
    in_user_site = bool(leaving) and leaving[0].site.role == "user"
    return UninstallPlan(
        environment=environment,
        root=(environment.user_base or environment.prefix) if in_user_site else environment.prefix,
        names=tuple(dict.fromkeys(copy.canonical_name for copy in asked)),
        distributions=leaving,
        files=files,
        dependents=dependents_of(leaving, packages),
        orphans=left_over_by(leaving, packages),
        loaded_modules=loaded_modules([copy for copy in leaving if copy.active], packages),
        blocked=blocked_reason(leaving, files, edits, packages, force=force),
        edits=edits,
        entries=entries,
    )
