"""Which distributions own a file: one index over all RECORDs."""

from __future__ import annotations

import os
from itertools import repeat
from typing import TYPE_CHECKING

from .file_names import name_folding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .distribution import InstalledDistribution
    from .packages import InstalledPackages

__all__ = ["FileOwners"]


class FileOwners:
    """The files that RECORDs name, and whose they are.

    Spellings that the file system takes for one file are one, and so are ways to it through a
    link in or beside a site directory. An entry that is a link to another one is no second owner.
    """

    def __init__(self, packages: InstalledPackages) -> None:
        self._first: dict[str, InstalledDistribution] = {}
        self._several: dict[str, list[InstalledDistribution]] = {}
        self._fold = None
        self._real: dict[str, str] = {}
        self._links: dict[str, tuple[str, ...]] = {}
        sites = packages.environment.site_directories
        directories = [str(packages.environment.prefix), *(str(site.path) for site in sites)]
        # The innermost first: what lies in one of them is called as in that one.
        self._directories = sorted(
            (
                (os.path.join(os.path.realpath(path), ""), os.path.join(path, ""))
                for path in directories
            ),
            key=lambda pair: -len(pair[0]),
        )
        for listing in packages.listings:
            names = [entry.filename for entry in listing.entries]
            self._fold = self._fold or name_folding(str(listing.site.path), names)
        for distribution in packages:
            if packages.alias_target(distribution) is None:
                self._add(distribution)

    def of(self, path: str | os.PathLike[str]) -> tuple[InstalledDistribution, ...]:
        """The distributions whose RECORD names this absolute path, in the order of the scan."""
        key = os.path.normpath(path)
        first = self._first.get(self._fold(key) if self._fold else key)
        if first is None:
            key = self._spelled(key)
            first = self._first.get(self._fold(key) if self._fold else key)
        key = self._fold(key) if self._fold else key
        return () if first is None else tuple(self._several.get(key, (first,)))

    @property
    def shared(self) -> Mapping[str, tuple[InstalledDistribution, ...]]:
        """The absolute paths that several projects record, with their owners.

        Two copies of one project are no conflict: they are reported as copies.
        """
        return {
            path: tuple(owners)
            for path, owners in self._several.items()
            if len({owner.canonical_name for owner in owners}) > 1
        }

    def _add(self, distribution: InstalledDistribution) -> None:
        paths = self._paths(distribution)
        if self._fold:
            paths = tuple(map(self._fold, paths))
        owners = list(map(self._first.setdefault, paths, repeat(distribution)))
        if owners.count(distribution) == len(paths):  # as good as always, and quickly found out
            return
        for path, owner in dict(zip(paths, owners, strict=True)).items():
            if owner is not distribution:
                self._several.setdefault(path, [owner]).append(distribution)

    def _paths(self, distribution: InstalledDistribution) -> tuple[str, ...]:
        """What its RECORD may name, each called as everybody calls it who names it."""
        site = str(distribution.site_directory)
        paths = distribution.claimed_paths
        inside = os.path.join(site, "")
        if site not in self._links:
            self._links[site] = _links_in(site)
        links = self._links[site]
        is_inside = list(map(str.startswith, paths, repeat(inside)))
        if links:
            behind = map(str.startswith, paths, repeat(links))
            is_inside = [own and not link for own, link in zip(is_inside, behind, strict=True)]
        if all(is_inside):
            return paths
        elsewhere = {
            path: self._spelled(path) for path, own in zip(paths, is_inside, strict=True) if not own
        }
        return tuple([elsewhere.get(path, path) for path in paths])

    def _spelled(self, path: str) -> str:
        """A path with the links above it followed, in the environment's own spelling."""
        parent, name = os.path.split(path)
        real = self._real.get(parent)
        if real is None:
            real = self._real[parent] = os.path.realpath(parent)
        path = os.path.join(real, name)
        for directory, spelled in self._directories:
            if path.startswith(directory):
                return spelled + path[len(directory) :]
        return path


def _links_in(directory: str) -> tuple[str, ...]:
    try:
        with os.scandir(directory) as entries:
            links = [entry.name for entry in entries if entry.is_symlink()]
    except OSError:
        return ()
    return tuple(os.path.join(directory, name, "") for name in links)
