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

    Spellings that the file system takes for one file are one. An entry that is a link to
    another one is no second owner.
    """

    def __init__(self, packages: InstalledPackages) -> None:
        self._first: dict[str, InstalledDistribution] = {}
        self._several: dict[str, list[InstalledDistribution]] = {}
        self._fold = None
        for listing in packages.listings:
            names = [entry.filename for entry in listing.entries]
            self._fold = self._fold or name_folding(str(listing.site.path), names)
        for distribution in packages:
            if packages.alias_target(distribution) is None:
                self._add(distribution)

    def of(self, path: str | os.PathLike[str]) -> tuple[InstalledDistribution, ...]:
        """The distributions whose RECORD names this absolute path, in the order of the scan."""
        key = os.path.normpath(path)
        key = self._fold(key) if self._fold else key
        first = self._first.get(key)
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
        paths = distribution.file_paths
        if self._fold:
            paths = tuple(map(self._fold, paths))
        owners = list(map(self._first.setdefault, paths, repeat(distribution)))
        if owners.count(distribution) == len(paths):  # as good as always, and quickly found out
            return
        for path, owner in dict(zip(paths, owners, strict=True)).items():
            if owner is not distribution:
                self._several.setdefault(path, [owner]).append(distribution)
