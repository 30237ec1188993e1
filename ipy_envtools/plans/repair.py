"""What mends an environment: takes away what an installation left behind, and nothing else.

A repair begins with what is reported as wrong. Of these it takes the kinds whose remedy is to
remove remains; whatever else is wrong needs somebody to install or to choose.
"""

from __future__ import annotations

import os
import stat
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from ..environment import printable
from .directories import Listings
from .protection import no_list_of_files, not_ours, read_only
from .schemes import SchemeDirectories
from .uninstall_plan import FileState, PlannedFile, UninstallPlan, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..environment import (
        Environment,
        InstalledDistribution,
        InstalledPackages,
        Problem,
        SiteDirectory,
    )

__all__ = ["REPAIRABLE", "RepairPlan", "plan_repair"]

REPAIRABLE = ("leftover", "ghost", "duplicate", "compiled-orphaned")
"""Kinds of problems that are mended by taking something away."""

_REASONS = {
    "leftover": "an interrupted pip left it behind",
    "ghost": "an entry with nothing in it",
    "duplicate": "metadata of an installation that is not there any more",
    "compiled-orphaned": "its source is gone",
}

_NOUNS = {"compiled-orphaned": "stale cache"}


@dataclass(frozen=True, slots=True)
class RepairPlan:
    """What repairing would do. Making one changes nothing on disk."""

    problems: tuple[Problem, ...]
    """Those that are mended by it, in the order in which they are reported."""
    left: tuple[tuple[Problem, str], ...]
    """Those of the same kinds that are not, and why."""
    removal: UninstallPlan
    """What goes, to be carried out; it names no distribution, because no package goes."""

    def __repr__(self) -> str:
        blocked = ", blocked" if self.blocked else ""
        left = f", leave {len(self.left)}" if self.left else ""
        return f"<RepairPlan: mend {len(self.problems)}{left}{blocked}>"

    @property
    def environment(self) -> Environment:
        """Where it is."""
        return self.removal.environment

    @property
    def files(self) -> tuple[PlannedFile, ...]:
        """Each file, and each directory without files, with what becomes of it."""
        return self.removal.files

    @property
    def size(self) -> int:
        """Bytes on disk that go."""
        return self.removal.size

    @property
    def blocked(self) -> str | None:
        """Why the plan may not be carried out; None where it may."""
        return self.removal.blocked


def plan_repair(
    packages: InstalledPackages, names: Iterable[str] = (), *, force: bool = False
) -> RepairPlan:
    """Say what repairing would take away. Changes nothing on disk; looks at every problem.

    Args:
        packages: what was scanned, with its problems.
        names: only what is wrong with these packages; none given takes all, and what is no
            package's as well.
        force: override that another tool manages the environment (EXTERNALLY-MANAGED).
    """
    environment = packages.environment
    wanted = set(map(canonicalize_name, names))
    found = [
        problem
        for problem in packages.problems
        if problem.kind in REPAIRABLE and (not wanted or problem.name in wanted)
    ]
    places = {_spelled(site.path): site for site in environment.site_directories}
    mended: list[Problem] = []
    left: list[tuple[Problem, str]] = []
    files: dict[str, PlannedFile] = {}
    in_user_site = False
    for problem in found:
        reason, site = _why_not(problem, packages, places)
        remains: list[PlannedFile] = []
        if site is not None and not reason:
            remains = list(_remains(problem, site, packages))
            reason = _why_in_vain(problem, remains)
        if site is not None and not reason and mended and in_user_site != (site.role == "user"):
            reason = "user site is changed by itself: run it again afterwards"
        if site is None or reason:
            left.append((problem, reason))
            continue
        in_user_site = site.role == "user"
        mended.append(problem)
        for file in remains:
            files.setdefault(_spelled(file.path), file)
    planned = tuple(files[path] for path in sorted(files))
    root = (environment.user_base or environment.prefix) if in_user_site else environment.prefix
    removal = UninstallPlan(
        environment=environment,
        root=root,
        names=tuple(sorted(wanted)),
        distributions=(),
        files=planned,
        dependents=(),
        orphans=(),
        loaded_modules=(),
        blocked=_locked(environment, force=force)
        or read_only((file.path for file in planned if file.goes), root, environment),
        mends=_counted(mended),
    )
    return RepairPlan(tuple(mended), tuple(left), removal)


def _locked(environment: Environment, *, force: bool) -> str | None:
    if environment.externally_managed is None or environment.locked_reason is None:
        return environment.locked_reason
    return None if force else f"{environment.locked_reason} To do it anyway: %pkg repair --force"


def _counted(problems: Iterable[Problem]) -> str:
    """``2 leftovers, 1 ghost``, in the order of :data:`REPAIRABLE`."""
    numbers = Counter[str](problem.kind for problem in problems)
    counts = [(numbers[kind], _NOUNS.get(kind, kind)) for kind in REPAIRABLE if numbers[kind]]
    return ", ".join(f"{number} {noun}{'s' if number > 1 else ''}" for number, noun in counts)


def _why_not(
    problem: Problem, packages: InstalledPackages, places: dict[str, SiteDirectory]
) -> tuple[str, SiteDirectory | None]:
    """Why a problem is not mended here, or else the site directory that it is in."""
    path = problem.paths[0]
    # Compiled files lie at any depth, an entry or a leftover directly in its directory.
    above = path.parents if problem.kind == "compiled-orphaned" else path.parents[:1]
    site = next((places[at] for at in map(_spelled, above) if at in places), None)
    if site is None or site.role not in ("environment", "user"):
        return "it is not in a directory of this environment", None
    copy = next((c for c in packages.copies(problem.name) if c.info_path == path), None)
    if problem.kind in ("leftover", "compiled-orphaned"):
        return "", site
    if copy is None:
        return "it is not there any more", None
    if reason := not_ours(copy, packages.environment):
        return reason, None
    if problem.kind == "ghost" and not _is_empty_directory(path):
        return "it cannot be read, so nobody knows whether it is empty", None
    if problem.kind == "duplicate":
        return _why_not_only_metadata(copy, packages), site
    links = _links_to(copy, packages)
    if any(link.site.role != site.role for link in links):
        return _is_linked(links), None
    return "", site


def _why_not_only_metadata(copy: InstalledDistribution, packages: InstalledPackages) -> str:
    """Why a second copy is more than metadata of what is not there any more; empty if it is not.

    What it has to itself would be nobody's without it. Compiled files do not count: those
    without a source are a problem of their own.
    """
    if copy.kind not in ("dist-info", "egg-info", "egg-info-file"):
        return "it is more than metadata: uninstall it by its version"
    if reason := no_list_of_files(copy):
        return reason
    if links := _links_to(copy, packages):
        return _is_linked(links)
    info = os.path.join(copy.info_path, "")
    for path in copy.file_paths:
        inside = path.startswith(info) or path.endswith(".pyc")
        if not inside and os.path.lexists(path) and not _others(path, copy, packages):
            own = printable(os.path.relpath(path, copy.site_directory))
            return (
                f"{own} is there and is its alone: install the version again that you want, or "
                "uninstall this one by its version"
            )
    return ""


def _why_in_vain(problem: Problem, remains: list[PlannedFile]) -> str:
    """Why taking away what may go does not mend a problem; empty where it does.

    An entry is one until its directory has gone; of anything else each file counts.
    """
    staying = [file for file in remains if not file.goes]
    is_entry = problem.kind in ("ghost", "duplicate")
    if staying and (is_entry or len(staying) == len(remains)):
        return staying[0].reason.removesuffix(" it") + " files in it"
    return "" if remains else "it is not there any more"


def _links_to(
    copy: InstalledDistribution, packages: InstalledPackages
) -> list[InstalledDistribution]:
    """Entries that would be links to nothing without this one."""
    if copy.linked:
        return []
    return [link for link in packages if packages.alias_target(link) == copy]


def _is_linked(links: list[InstalledDistribution]) -> str:
    names = " and ".join(sorted(printable(link.entry_name) for link in links))
    return f"{names} {'is a link' if len(links) == 1 else 'are links'} to it"


def _remains(
    problem: Problem, site: SiteDirectory, packages: InstalledPackages
) -> Iterator[PlannedFile]:
    environment = packages.environment
    user = site.role == "user"
    schemes = SchemeDirectories(
        site.path, environment.user_schemes if user else environment.schemes
    )
    top = _spelled(problem.paths[0])
    own = next((c for c in packages.copies(problem.name) if _spelled(c.info_path) == top), None)
    links = _links_to(own, packages) if own is not None else []
    for path in [*_paths_of(problem), *(_spelled(link.info_path) for link in links)]:
        try:
            status = os.lstat(path)
        except OSError:
            continue
        verdict: Verdict = "remove"
        reason = _REASONS[problem.kind]
        if owners := _others(path, own, packages):
            verdict, reason = "keep-shared", _owned(owners)
        yield PlannedFile(
            path=Path(path),
            verdict=verdict,
            reason=reason,
            size=0 if stat.S_ISDIR(status.st_mode) else status.st_size,
            scheme=schemes.site_scheme,
            distribution=problem.name,
            state=FileState(status.st_mode, status.st_ino, status.st_size, status.st_mtime_ns),
        )


def _paths_of(problem: Problem) -> list[str]:
    """Everything that a problem is about: the files that it names, or all below its directory."""
    if problem.kind == "compiled-orphaned":
        return list(map(_spelled, problem.paths))
    top = _spelled(problem.paths[0])
    is_directory = os.path.isdir(top) and not os.path.islink(top)
    return (Listings().files_below(top) if is_directory else []) or [top]


def _others(
    path: str, own: InstalledDistribution | None, packages: InstalledPackages
) -> list[InstalledDistribution]:
    return [owner for owner in packages.owners.of(path) if owner != own]


def _owned(owners: list[InstalledDistribution]) -> str:
    names = " and ".join(sorted({printable(owner.name) for owner in owners}))
    return f"{names} {'owns' if len(owners) == 1 else 'own'} it"


def _is_empty_directory(path: Path) -> bool:
    try:
        return path.is_dir() and not os.listdir(path)
    except OSError:
        return False


def _spelled(path: Path) -> str:
    return os.path.normpath(path)
