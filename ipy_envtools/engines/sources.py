"""What comes of a source tree, which is only known once it is built."""

from __future__ import annotations

import filecmp
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..environment import scan
from ..environment.requirements import parse_requirement
from ..environment.versions import same_version
from .stages import stage_schemes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..environment import Environment, InstalledDistribution, InstalledPackages
    from .engine import Pin

__all__ = ["as_built", "built_in", "is_as_installed", "is_same_tree", "needing"]

_BY_INSTALLER = frozenset(
    {"INSTALLER", "RECORD", "REQUESTED", "direct_url.json", "uv_build.json", "uv_cache.json"}
)
_BUILD_FILES = ("pyproject.toml", "setup.py", "setup.cfg")


def built_in(stage: Path, environment: Environment) -> Mapping[str, InstalledDistribution]:
    """What an engine has put into a stage, by canonical name."""
    schemes = stage_schemes(stage, environment)
    sites = {path for key in ("purelib", "platlib") if (path := schemes[key]).is_dir()}
    return {copy.canonical_name: copy for copy in scan(paths=sorted(sites))} if sites else {}


def as_built(pin: Pin, copy: InstalledDistribution | None) -> Pin:
    """Add what building it has told; ``copy`` is where it was built to."""
    if copy is None:
        return pin
    return replace(pin, version=copy.version, requires=copy.requires)


def needing(pin: Pin, pins: Iterable[Pin]) -> tuple[str, ...]:
    """Return the names of those that are known, by what was built of them, to need ``pin``."""
    return tuple(
        other.name
        for other in pins
        for requirement in map(parse_requirement, other.requires or ())
        if requirement is not None and requirement.name == pin.name
    )


def is_as_installed(
    pin: Pin, built: InstalledDistribution | None, installed: InstalledPackages
) -> bool:
    """Whether what was built has the very files of what is installed from the same directory."""
    there = installed.copies(pin.name)
    if built is None or len(there) != 1 or not _is_from(pin, there[0]):
        return False
    new, old = _own_files(built), _own_files(there[0])
    try:
        return new.keys() == old.keys() and all(
            filecmp.cmp(path, old[name], shallow=False) for name, path in new.items()
        )
    except OSError:
        return False


def is_same_tree(pin: Pin, installed: InstalledPackages) -> bool:
    """Whether an editable installation is there of the same directory, which says the same.

    Its modules are in that directory anyway; the files that say how it is built must be older
    than the installation.
    """
    there = installed.copies(pin.name)
    if len(there) != 1 or not pin.editable or not _is_from(pin, there[0]):
        return False
    copy = there[0]
    if not same_version(copy.version, pin.version or "") or set(copy.requires) != {
        *(pin.requires or ())
    }:
        return False
    tree = copy.direct_url.file_path if copy.direct_url else None
    files = [Path(tree, name) for name in _BUILD_FILES] if tree else []
    try:
        newest = max(path.stat().st_mtime_ns for path in files if path.exists())
        return newest < (copy.info_path / "RECORD").stat().st_mtime_ns
    except (OSError, ValueError):
        return False


def _is_from(pin: Pin, copy: InstalledDistribution) -> bool:
    origin = copy.direct_url
    same = origin is not None and origin.url.rstrip("/") == (pin.url or "").rstrip("/")
    return same and copy.editable == pin.editable


def _own_files(copy: InstalledDistribution) -> dict[str, str]:
    """What RECORD names and the installer has not added, by its path there."""
    record = copy.record
    if record is None:
        return {}
    info = copy.info_path.name
    return {
        row.path: path
        for row, path in zip(record.rows, copy.paths_of(record), strict=True)
        if not row.path.endswith(".pyc")
        and (os.path.dirname(row.path) != info or os.path.basename(row.path) not in _BY_INSTALLER)
    }
