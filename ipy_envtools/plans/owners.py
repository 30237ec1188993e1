"""Which other packages also own a file: what another RECORD names is never taken."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..environment import InstalledDistribution, InstalledPackages

__all__ = ["OtherOwners"]


class OtherOwners:
    """The files that the RECORDs of all packages but the leaving ones name.

    Only RECORDs that can name a file of a leaving package are read: those that share a first
    path component with one, or that reach outside their site directory.
    """

    def __init__(
        self, leaving: Iterable[InstalledDistribution], packages: InstalledPackages
    ) -> None:
        self._real: dict[str, str] = {}
        self._owners: dict[str, list[InstalledDistribution]] = {}
        leaving = tuple(leaving)
        tops: set[str] = set()
        records = set()
        for distribution in leaving:
            summary = distribution.info.record_summary
            tops |= summary.top_components if summary else set()
            records.add(_record_identity(distribution))
        for other in packages:
            if other in leaving:
                continue
            summary = other.info.record_summary
            if summary is None or not (summary.reaches_out or summary.top_components & tops):
                continue
            if _record_identity(other) in records:
                continue  # an alias: the same RECORD is no second claim
            for path in other.file_paths:
                self._owners.setdefault(self._key(path), []).append(other)

    def of(self, path: str) -> tuple[InstalledDistribution, ...]:
        """The packages that stay and name this file; ``path`` is absolute."""
        return tuple(self._owners.get(self._key(path), ()))

    def of_source(self, compiled: str) -> tuple[InstalledDistribution, ...]:
        """The packages that stay and name the file that a ``.pyc`` was compiled from."""
        directory, name = os.path.split(compiled)
        if not name.endswith(".pyc") or os.path.basename(directory) != "__pycache__":
            return ()
        return self.of(os.path.join(os.path.dirname(directory), name.partition(".")[0] + ".py"))

    def _key(self, path: str) -> str:
        parent, name = os.path.split(path)
        return os.path.normcase(os.path.join(self._parent(parent), name))

    def _parent(self, directory: str) -> str:
        real = self._real.get(directory)
        if real is None:
            real = self._real[directory] = os.path.realpath(directory)
        return real


def _record_identity(distribution: InstalledDistribution) -> tuple[int, int] | str:
    try:
        status = os.stat(os.path.join(distribution.info_path, "RECORD"))
    except OSError:
        return str(distribution.info_path)
    return status.st_dev, status.st_ino
