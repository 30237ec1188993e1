"""The copies that an undo brings back, read where they are kept until then."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ..environment import InstalledDistribution
from ..environment.entry_names import Kind, parse_entry_name
from ..environment.scanner import Entry
from ..environment.site_directories import directory_identity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from ..environment import InstalledPackages
    from ..environment.site_directories import DirectoryIdentity, SiteDirectory

__all__ = ["coming_back", "copies_at"]

_KINDS: dict[tuple[str, bool], Kind] = {
    (".dist-info", True): "dist-info",
    (".egg-info", True): "egg-info",
    (".egg-info", False): "egg-info-file",
    (".egg-link", False): "egg-link",
    (".egg", True): "egg",
    (".egg", False): "egg",
}
"""What an entry is, by its suffix and by whether it is a directory."""
_SUFFIXES = {suffix for suffix, _ in _KINDS}


def coming_back(
    kept: Mapping[Path, Path], packages: InstalledPackages
) -> tuple[InstalledDistribution, ...]:
    """Return the copies whose entries are kept, in the order of their places.

    Each knows the site directory that it belongs to, and reads its METADATA where it is kept
    now; its ``info_path`` is there too. What belongs to a directory that imports do not look
    into is left out.

    Args:
        kept: the place of each thing that comes back, and where it is kept.
        packages: the environment as it is now.
    """
    sites = _sites_by_identity(packages)
    found = []
    for place in sorted(kept):
        site = sites.get(directory_identity(str(place.parent)) or "")
        entry = _entry(place.name, kept[place], site) if site is not None else None
        if entry is not None:
            found.append(InstalledDistribution(entry, packages.environment.suffixes))
    return tuple(found)


def copies_at(
    places: Iterable[Path], packages: InstalledPackages
) -> Iterator[InstalledDistribution]:
    """Yield the copies whose entries are among ``places``, or have files that are.

    A place may be spelled through another link than the scan took.
    """
    wanted = set()
    for place in places:
        for path in (place, place.parent):  # metadata may have been put in file by file
            if path.suffix in _SUFFIXES:
                wanted.add((directory_identity(str(path.parent)), path.name))
    for copy in packages if wanted else ():
        if (directory_identity(str(copy.site_directory)), copy.entry_name) in wanted:
            yield copy


def _sites_by_identity(
    packages: InstalledPackages,
) -> dict[DirectoryIdentity, SiteDirectory]:
    found: dict[DirectoryIdentity, SiteDirectory] = {}
    for site in packages.environment.site_directories:
        identity = directory_identity(str(site.path))
        if identity is not None:
            found.setdefault(identity, site)
    return found


def _entry(filename: str, kept: Path, site: SiteDirectory) -> Entry | None:
    """The entry as a scan will find it, except that its files are where they are kept."""
    stem, suffix = os.path.splitext(filename)
    kind = _KINDS.get((suffix, os.path.isdir(kept)))
    if kind is None or stem.startswith("~"):
        return None
    name = parse_entry_name(stem, kind)
    return Entry(site, str(kept.parent), kept.name, str(kept), kind, name, kept.is_symlink())
