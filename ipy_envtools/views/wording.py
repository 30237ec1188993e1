"""Sizes, counts, lists and places, as people write them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..environment.printable import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..environment import Environment, InstalledDistribution, SiteDirectory

__all__ = [
    "copy_name",
    "counted",
    "elapsed_text",
    "listed",
    "middle_cut",
    "place_of_environment",
    "place_of_path",
    "seconds_text",
    "site_name",
    "size_text",
    "titled",
]

_UNITS = ("kB", "MB", "GB", "TB", "PB")


def size_text(size: int | None) -> str:
    """Bytes in decimal units, two significant digits below ten: ``420 kB``, ``1.7 GB``."""
    if size is None:
        return "–"
    if size < 1000:
        return f"{size} B"
    amount = float(size)
    for unit in _UNITS:
        amount /= 1000
        if amount < 9.95:
            return f"{amount:.1f} {unit}"
        if amount < 999.5 or unit == _UNITS[-1]:
            break
    return f"{amount:.0f} {unit}"


def seconds_text(seconds: float) -> str:
    """A duration: ``0.04 s``, ``12 s``, ``2 min 5 s``."""
    if seconds < 9.995:
        return f"{max(seconds, 0.01):.2f} s"
    if seconds < 59.5:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"


def elapsed_text(seconds: float) -> str:
    """A duration that goes on, without digits that only flicker: ``4 s``, ``2 min 5 s``."""
    return f"{seconds:.0f} s" if seconds < 9.995 else seconds_text(seconds)


def counted(number: int, noun: str, plural: str = "") -> str:
    """``1 file``, ``2,104 files``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def listed(names: Sequence[str], most: int = 6) -> str:
    """Names with commas; beyond ``most`` the number of the others."""
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[: most - 1])} and {len(names) - most + 1:,} more"


def titled(distributions: Sequence[InstalledDistribution]) -> str:
    """The first by name and version, the others by number; a copy that is not active by place."""
    first = distributions[0]
    name = f"{first.name} {first.version}"
    if not first.active:
        name = f"{name} in {site_name(first.site)}"
    others = len(distributions) - 1
    return f"{name} and {counted(others, 'other')}" if others else name


def copy_name(copy: InstalledDistribution, copies: Sequence[InstalledDistribution]) -> str:
    """Name and version; where there are several copies, as much more as tells them apart."""
    name = f"{copy.name} {copy.version}".strip()
    others = [c for c in copies if c.canonical_name == copy.canonical_name and c != copy]
    if not others:
        return name
    place = site_name(copy.site)
    if any((c.version, site_name(c.site)) == (copy.version, place) for c in others):
        return printable(f"{name} ({place_of_path(copy.info_path)})")
    return printable(f"{name} in {place}")


def place_of_path(path: Path, environment: Environment | None = None) -> str:
    """A path as short as it is still clear: below the prefix, below home, or whole."""
    if environment is not None and environment.kind != "paths":
        try:
            return path.relative_to(environment.prefix).as_posix()
        except ValueError:
            pass
    try:
        relative = path.relative_to(Path.home()).as_posix()
    except (ValueError, RuntimeError):
        return str(path)
    return "~" if relative == "." else f"~/{relative}"


def place_of_environment(environment: Environment) -> str:
    """Where an environment is."""
    if environment.kind != "paths":
        return place_of_path(environment.prefix)
    directories = environment.site_directories
    if len(directories) == 1:
        return place_of_path(directories[0].path)
    return counted(len(directories), "directory", "directories")


def site_name(site: SiteDirectory) -> str:
    """What people call a site directory, by its role."""
    names = {
        "environment": "this environment",
        "parent": "the parent environment",
        "user": "user site",
        "pythonpath": "PYTHONPATH",
        "system": "the system's packages",
    }
    if site.role == "pth" and site.added_by is not None:
        return f"{site.added_by.name}'s directory"
    return names.get(site.role) or place_of_path(site.path)


def middle_cut(text: str, width: int) -> str:
    """Shorten to ``width`` characters by leaving out the middle, where paths differ least."""
    if len(text) <= width:
        return text
    if width < 2:
        return "…"[:width]
    head = (width - 1) // 3
    return f"{text[:head]}…{text[len(text) - (width - 1 - head) :]}"
