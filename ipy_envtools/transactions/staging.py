"""What an engine has put into a stage, held against the plan before anything of it moves.

The stage has the layout of an environment. Every file in it must be in a package's RECORD, every
package must be one that was planned, and only what was asked for is marked as REQUESTED.
"""

from __future__ import annotations

import csv
import io
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..engines import stage_schemes
from ..environment import printable, scan
from ..environment.versions import same_version
from ..errors import PlanBlocked, PlanOutdated, TransactionFailed
from .moves import FileState, state_of
from .store import STAGED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..engines import Pin
    from ..environment import InstalledDistribution
    from ..plans.install_plan import InstallPlan

__all__ = ["STAGE", "StagedDirectory", "mark_requested", "read_stage", "staged_versions"]

STAGE = f"stage{STAGED}"
"""The stage's name in the transaction's directory."""


class StagedFile(NamedTuple):
    """One file of a stage."""

    name: str
    distribution: str
    """Canonical name of the package that it is of."""
    state: FileState


@dataclass(frozen=True, slots=True)
class StagedDirectory:
    """The files right in one directory of a stage, and where they belong."""

    kept: str
    """Relative to the transaction's directory, with ``/``."""
    scheme: str
    """The environment's directory that it is in: absolute, in the environment's spelling."""
    path: str
    """Relative to ``scheme``, with ``/``; empty for ``scheme`` itself."""
    mode: int
    """Should it have to be made."""
    files: tuple[StagedFile, ...]


def staged_versions(plan: InstallPlan, directory: str) -> dict[str, InstalledDistribution]:
    """Return what was staged, by canonical name.

    Raises:
        TransactionFailed: it is not what was planned; nothing was changed.
        PlanOutdated: what it was planned from has changed; nothing was changed.
    """
    stage = Path(directory, STAGE)
    sites = [path for path in _sites(stage, plan) if path.is_dir()]
    found: dict[str, InstalledDistribution] = {}
    for copy in scan(paths=sites) if sites else ():
        if copy.canonical_name in found:
            raise _deviation(plan, f"it prepared {copy.canonical_name} twice")
        found[copy.canonical_name] = copy
    pins = {action.name: action.pin for action in plan.actions if action.pin is not None}
    for name, pin in pins.items():
        if name not in found:
            raise _deviation(plan, f"{name} is missing from what it prepared")
        copy = found[name]
        fits = pin.version is None or same_version(copy.version, pin.version)
        if pin.direct is not None and not (fits and _needs_the_same(copy, pin)):
            raise PlanOutdated(
                f"{name} was changed where it comes from since the plan was made, so nothing was "
                "installed; make the plan again."
            )
        if not fits:
            raise _deviation(plan, f"it prepared {name} {copy.version}, not {pin.version}")
    for name in found.keys() - pins.keys():
        raise _deviation(plan, f"it prepared {name} as well, which was not planned")
    return found


def _needs_the_same(copy: InstalledDistribution, pin: Pin) -> bool:
    return pin.requires is None or set(copy.requires) == set(pin.requires)


def mark_requested(plan: InstallPlan, copies: Mapping[str, InstalledDistribution]) -> None:
    """Leave REQUESTED (PEP 376) only with what was asked for, and let RECORD say where files are.

    A file in a stage may be a hard link into an engine's cache: none is written to.
    """
    asked = {action.name for action in plan.actions if action.requested}
    for name, copy in copies.items():
        marker = copy.info_path / "REQUESTED"
        record = copy.info_path / "RECORD"
        if not record.is_file():
            raise _deviation(plan, f"{name} has no RECORD, so nobody would know its files")
        row = f"{copy.info_path.name}/REQUESTED"
        rows = _rows(record)
        wanted = [each for each in rows if each[:1] != [row]]
        if name in asked:
            wanted.append([row, "", ""])
            if not marker.exists():
                marker.touch()
        else:
            marker.unlink(missing_ok=True)
        _respell(wanted, copy.site_directory, plan)
        if sorted(wanted) != sorted(rows):
            _replace(record, wanted)


def read_stage(
    plan: InstallPlan, directory: str, copies: Mapping[str, InstalledDistribution]
) -> list[StagedDirectory]:
    """Return every file that is to be put into the environment, sorted by its place.

    Raises:
        PlanBlocked: two packages bring different files for the same place, and force was not said.
        TransactionFailed: there is something in the stage that no package says is its own.
    """
    stage = os.path.join(directory, STAGE)
    own = _targets(plan)
    switches = {
        os.fspath(path): own[key]
        for key, path in stage_schemes(Path(stage), plan.environment).items()
        if key in own
    }
    recorded = _recorded(plan, stage, copies.values())
    found: list[StagedDirectory] = []
    # Debian's pip has data below local/, and headers beside that.
    root = own["data"] if plan.request.user else os.fspath(plan.environment.prefix)
    pending = [(stage, STAGE, switches.get(stage, root), "")]
    while pending:
        path, kept, scheme, below = pending.pop()
        with os.scandir(path) as entries:
            inside = list(entries)
        files = []
        for entry in inside:
            name = entry.name
            if entry.is_dir(follow_symlinks=False):
                goal = switches.get(entry.path)
                place = (
                    (scheme, f"{below}/{name}" if below else name) if goal is None else (goal, "")
                )
                pending.append((entry.path, f"{kept}/{name}", *place))
                continue
            owner = recorded.get(entry.path) or recorded.get(_source_of(entry, path))
            if owner is not None:
                _require_ordinary(entry, plan)
                files.append(StagedFile(name, owner, state_of(entry.stat(follow_symlinks=False))))
            elif path != stage:  # an engine's own lock is there
                raise _deviation(plan, f"no package's RECORD names {printable(f'{below}/{name}')}")
        if files:
            mode = os.stat(path).st_mode & 0o7777
            found.append(StagedDirectory(kept, scheme, below, mode, tuple(sorted(files))))
    return sorted(found, key=lambda each: (each.scheme, each.path))


def _require_ordinary(entry: os.DirEntry[str], plan: InstallPlan) -> None:
    if entry.is_symlink():
        # Neither engine makes one from a wheel, but uv can link to its cache.
        raise _deviation(
            plan, f"{printable(entry.name)} is a link (uv: set UV_LINK_MODE to copy or hardlink)"
        )
    if not entry.is_file():
        raise _deviation(plan, f"{printable(entry.name)} is no ordinary file")


def _source_of(entry: os.DirEntry[str], path: str) -> str:
    """The module that a file is compiled from, where an engine compiles; empty for others."""
    if os.path.basename(path) != "__pycache__" or not entry.name.endswith(".pyc"):
        return ""
    return os.path.join(os.path.dirname(path), f"{entry.name.partition('.')[0]}.py")


def _recorded(
    plan: InstallPlan, stage: str, copies: Iterable[InstalledDistribution]
) -> dict[str, str]:
    """The package of every file that a RECORD names; not all of them need be there.

    Wheels are about whose RECORD names a file that they do not have: uv and pip install them.
    """
    found: dict[str, str] = {}
    hashes: dict[str, str] = {}
    inside = os.path.join(stage, "")
    for copy in copies:
        site = os.fspath(copy.site_directory)
        spellings = _spellings(copy.site_directory, plan)
        for name, *more in _rows(copy.info_path / "RECORD"):
            path = os.path.normpath(os.path.join(site, _staged_spelling(name, spellings)))
            if not path.startswith(inside):
                named = f"{copy.canonical_name} says that {printable(name)} is its own"
                raise _deviation(plan, f"{named}, which is outside of the environment")
            digest = more[0] if more else ""
            owner = found.setdefault(path, copy.canonical_name)
            if owner != copy.canonical_name and hashes[path] != digest and not plan.force:
                shown = printable(os.path.relpath(path, stage))
                raise PlanBlocked(
                    f"{owner} and {copy.canonical_name} both bring {shown}, each another one, and "
                    "only one can be there; nothing was changed. --force installs both all the "
                    "same."
                )
            found[path], hashes[path] = copy.canonical_name, digest
    return found


def _staged_spelling(row: str, spellings: Iterable[tuple[str, str]]) -> str:
    """How a row reads in the stage, where the environment has another layout."""
    for there, here in spellings:
        if row.startswith(there):
            return here + row[len(there) :]
    return row


def _respell(rows: list[list[str]], site: Path, plan: InstallPlan) -> None:
    """Let rows that lead out of the site directory lead to where their files will be."""
    for there, here in _spellings(site, plan):
        for row in rows:
            if row and row[0].startswith(here):
                row[0] = there + row[0][len(here) :]


def _spellings(site: Path, plan: InstallPlan) -> list[tuple[str, str]]:
    """For scripts and data, the ways there from the site directory: then, and in the stage."""
    stage = next(parent for parent in site.parents if parent.name == STAGE)
    schemes = stage_schemes(stage, plan.environment)
    own = _targets(plan)
    key = "purelib" if site == schemes["purelib"] else "platlib"
    found = []
    for other in ("scripts", "data"):
        here = os.path.relpath(schemes[other], site).replace(os.sep, "/") + "/"
        there = os.path.relpath(own[other], own[key]).replace(os.sep, "/") + "/"
        if here != there:
            found.append((there, here))
    return found


def _targets(plan: InstallPlan) -> dict[str, str]:
    environment = plan.environment
    schemes = environment.user_schemes if plan.request.user else environment.schemes
    return {key: os.fspath(schemes[key]) for key in ("purelib", "platlib", "scripts", "data")}


def _sites(stage: Path, plan: InstallPlan) -> list[Path]:
    schemes = stage_schemes(stage, plan.environment)
    return list(dict.fromkeys((schemes["purelib"], schemes["platlib"])))


def _rows(record: Path) -> list[list[str]]:
    text = record.read_text(encoding="utf-8", errors="surrogateescape")
    return [row for row in csv.reader(io.StringIO(text, newline="")) if row and row[0]]


def _replace(record: Path, rows: list[list[str]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    temporary = record.with_name(f"RECORD{STAGED}")
    temporary.write_text(text.getvalue(), encoding="utf-8", errors="surrogateescape", newline="")
    os.replace(temporary, record)


def _deviation(plan: InstallPlan, what: str) -> TransactionFailed:
    return TransactionFailed(
        f"{plan.engine} did not do what was planned: {what}. Nothing was changed."
    )
