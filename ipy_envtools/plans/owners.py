"""Which other packages also own a file: what another RECORD names is never taken."""

from __future__ import annotations

import os
from collections import defaultdict
from typing import TYPE_CHECKING

from ..environment.record import parse_record
from .compiled import CACHE, compiled_module
from .real_directories import normal_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..environment import InstalledDistribution, InstalledPackages
    from ..environment.record import Record
    from .real_directories import RealDirectories

__all__ = ["OtherOwners"]

_BOM = b"\xef\xbb\xbf"


class OtherOwners:
    """The files that the packages which stay own: what their RECORDs name, and their metadata.

    All RECORDs are searched, but only those rows are understood that can name a file of a
    leaving package: rows that share its first path component, that lead out of their site
    directory, or that are unusual in any way.

    Args:
        leaving: the packages that leave, with their RECORDs.
        packages: all packages.
        real: what directories are.
    """

    def __init__(
        self,
        leaving: Mapping[InstalledDistribution, Record | None],
        packages: InstalledPackages,
        real: RealDirectories,
    ) -> None:
        self._real = real
        self._owners: dict[str, list[InstalledDistribution]] = defaultdict(list)
        self._metadata: dict[str, InstalledDistribution] = {}
        self._above: dict[str, InstalledDistribution | None] = {}
        self._unlisted: set[str] = set()
        self._used: set[str] | None = None
        places = _places(leaving, real)
        beginnings: dict[str, tuple[bytes, ...] | None] = {}
        for other in packages:
            if other in leaving:
                continue
            site = str(other.site_directory)
            self._metadata[f"{real(site)}{os.sep}{other.entry_name}"] = other
            if site not in beginnings:
                beginnings[site] = _beginnings(site, places, real)
            content = other.info.record_bytes()
            if content is None:
                self._unlisted.update(f"{real(site)}{os.sep}{top}" for top in other.info.top_level)
                continue
            for path in _rows_that_matter(content, beginnings[site], folds=real.folds):
                self._owners[real.of_file(normal_path(site, path))].append(other)

    def of(self, path: str) -> tuple[InstalledDistribution, ...]:
        """The packages that stay and own the file at an absolute, normalised path."""
        parent, name = os.path.split(path)
        return self.in_directory(self._real(parent), name)

    def in_directory(self, directory: str, name: str) -> tuple[InstalledDistribution, ...]:
        """The same for a file in a directory that is already resolved."""
        path = f"{directory}{os.sep}{name}"
        owners = self._owners.get(path)
        if owners:
            return tuple(owners)
        owner = self._metadata.get(path) or self._whose_metadata(directory)
        return (owner,) if owner else ()

    def of_source(self, directory: str, name: str) -> tuple[InstalledDistribution, ...]:
        """The packages that stay and own what a ``.pyc`` in a ``__pycache__`` is compiled from."""
        source, _, cache = directory.rpartition(os.sep)
        if cache != CACHE or not self._owners:
            return ()
        module = compiled_module(name)
        return self.in_directory(source, f"{module}.py") if module else ()

    def leave_alone(self, directory: str) -> bool:
        """Whether no package that stays has anything in a resolved directory, at any depth.

        Of a package that keeps no list of its files, every module it names counts as all its own.
        """
        if self._used is None:
            self._used = set()
            for path in self._owners:
                while (path := os.path.dirname(path)) not in self._used:
                    self._used.add(path)
        if directory in self._used:
            return False
        while self._unlisted and directory not in self._unlisted:
            directory, below = os.path.dirname(directory), directory
            if directory == below:
                return True
        return not self._unlisted

    def _whose_metadata(self, directory: str) -> InstalledDistribution | None:
        """The package whose entry is this directory, or one above it."""
        if directory in self._above:
            return self._above[directory]
        pending = []
        while directory not in self._above:
            pending.append(directory)
            owner = self._metadata.get(directory)
            parent = os.path.dirname(directory)
            if owner or parent == directory:
                self._above[directory] = owner
                break
            directory = parent
        owner = self._above[directory]
        for below in pending:
            self._above[below] = owner
        return owner


def _places(
    leaving: Mapping[InstalledDistribution, Record | None], real: RealDirectories
) -> set[str]:
    """Where the recorded files of the leaving packages lie.

    A file below the site directory stands for all below the same first component.
    """
    places = set()
    for distribution, record in leaving.items():
        site = str(distribution.site_directory)
        for row in record.rows if record else ():
            first, slash, _ = row.path.partition("/")
            if slash and first not in ("", ".", "..") and os.sep == "/" and "/." not in row.path:
                path = f"{site}/{first}"
            else:
                path = normal_path(site, row.path)
            places.add(path)
    return {real.of_file(path) for path in places} | {real(path) for path in places}


def _beginnings(
    site_directory: str, places: set[str], real: RealDirectories
) -> tuple[bytes, ...] | None:
    """First components of rows below a site directory that can name one of ``places``.

    None for any, where the site directory lies in one of them. A link leads anywhere.
    """
    top = f"{real(site_directory)}{os.sep}"
    if any(top.startswith(f"{place}{os.sep}") for place in places):
        return None
    found = {path[len(top) :].partition(os.sep)[0] for path in places if path.startswith(top)}
    try:
        with os.scandir(site_directory) as entries:
            found.update(entry.name for entry in entries if entry.is_symlink())
    except OSError:
        pass  # it cannot be searched either
    return tuple(os.fsencode(name) for name in sorted(found))


def _rows_that_matter(
    content: bytes, beginnings: tuple[bytes, ...] | None, *, folds: bool
) -> Iterator[str]:
    content = b"\n" + content.removeprefix(_BOM)
    if beginnings is None or _is_unusual(content, folds=folds):
        lines = [content]
    else:
        searched = content.lower() if folds else content
        lines = [
            content[start:end]
            for beginning in (b"../", b"/", *beginnings)
            for start, end in _lines(searched, beginning.lower() if folds else beginning)
        ]
    for row in parse_record(b"\n".join(lines)).rows:
        if row.path:
            yield row.path


def _is_unusual(content: bytes, *, folds: bool) -> bool:
    """Whether a row may hold line ends (quoted), or may lead elsewhere than it begins."""
    return (
        b'"' in content
        or b"\n./" in content
        or b"/./" in content
        or b"//" in content
        or _climbs_later(content)
        or (folds and not content.isascii())
        or os.sep != "/"
    )


def _climbs_later(content: bytes) -> bool:
    """Whether ``..`` stands anywhere but at the beginning of a row."""
    at = content.find(b"/../")
    while at >= 0:
        if content[at - 3 : at] not in (b"\n..", b"/.."):
            return True
        at = content.find(b"/../", at + 1)
    return False


def _lines(content: bytes, beginning: bytes) -> Iterator[tuple[int, int]]:
    """Where the lines are whose first path component is ``beginning``."""
    wanted = b"\n" + beginning
    at = content.find(wanted)
    while at >= 0:
        end = content.find(b"\n", at + 1)
        end = len(content) if end < 0 else end
        after = content[at + len(wanted) : at + len(wanted) + 1]
        if beginning.endswith(b"/") or after in (b"/", b",", b"", b"\n", b"\r"):
            yield at + 1, end
        at = content.find(wanted, end) if end < len(content) else -1
