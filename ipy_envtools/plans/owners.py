"""Which other packages also own a file: what another RECORD names is never taken.

A package whose list of files is missing or cannot be read owns what it is imported by.
"""

from __future__ import annotations

import os
from collections import defaultdict
from typing import TYPE_CHECKING

from ..environment.record import claimed_paths, has_too_many_rows, is_ambiguous
from .compiled import CACHE, compiled_module
from .real_directories import normal_path
from .recorded_links import RecordedLinks

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..environment import InstalledDistribution, InstalledPackages
    from ..environment.info_files import InfoFiles
    from ..environment.record import Record
    from .real_directories import RealDirectories

__all__ = ["OtherOwners"]

_BOM = b"\xef\xbb\xbf"


class OtherOwners:
    """The files that the packages which stay own: what their RECORDs name, and their metadata.

    All RECORDs are searched, but only those rows are understood that can name a file of a
    leaving package: rows that share its first path component, that lead through a link or out of
    their site directory, or that are unusual in any way. A link that a row leads through is as
    good as named by it: without the link the file is not where the row says.

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
        self._suffixes = packages.environment.suffixes
        self._owners: dict[str, list[InstalledDistribution]] = defaultdict(list)
        self._whole: dict[str, InstalledDistribution] = {}  # and all that is below
        self._above: dict[str, InstalledDistribution | None] = {}
        self._unlisted: set[str] = set()
        self._used: set[str] | None = None
        places = _places(leaving, real)
        beginnings: dict[str, tuple[bytes, ...] | None] = {}
        links: dict[str, RecordedLinks] = {}
        names = {distribution.canonical_name for distribution in leaving}
        for other in packages:
            if other in leaving:
                continue
            site = str(other.site_directory)
            self._whole[f"{real(site)}{os.sep}{other.entry_name}"] = other
            if site not in beginnings:
                beginnings[site] = _beginnings(site, places, real)
                links[site] = RecordedLinks(site)
            content = other.info.searchable_record()
            if content is None or (has_too_many_rows(content) and is_ambiguous(content)):
                # Another copy of what leaves says nothing that the one which leaves does not.
                self._add_unlisted(other, is_owner=other.canonical_name not in names)
                continue
            for row in _rows_that_matter(
                content, other.info, beginnings[site], links[site], folds=real.folds
            ):
                path = normal_path(site, row)
                self._owners[real.of_file(path)].append(other)
                for link in real.links_above(path):
                    self._owners[link].append(other)

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
        owner = self._whole.get(path) or self._whose(directory)
        return (owner,) if owner else ()

    def of_source(self, directory: str, name: str) -> tuple[InstalledDistribution, ...]:
        """The packages that stay and own what a ``.pyc`` in a ``__pycache__`` is compiled from."""
        source, _, cache = directory.rpartition(os.sep)
        if cache != CACHE:
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

    def _add_unlisted(self, other: InstalledDistribution, *, is_owner: bool) -> None:
        """What a package without a list of files is imported by is its own, at any depth.

        But a namespace package, a directory without ``__init__``, is anybody's.
        """
        location = self._real(os.path.normpath(other.location))
        names = {*other.info.top_level, *other.import_names} or {
            other.canonical_name.replace("-", "_")
        }
        for parts in (name.split(".") for name in names):
            if not all(map(str.isidentifier, parts)):
                continue
            top = os.path.join(location, *parts)
            self._unlisted.add(top)
            own = [f"{top}{end}" for end in self._suffixes]
            if any(os.path.lexists(os.path.join(top, f"__init__{end}")) for end in self._suffixes):
                own.append(top)
            if is_owner:
                self._whole.update((self._real.of_file(path), other) for path in own)

    def _whose(self, directory: str) -> InstalledDistribution | None:
        """The package to which this directory, or one above it, belongs as a whole."""
        if directory in self._above:
            return self._above[directory]
        pending = []
        while directory not in self._above:
            pending.append(directory)
            owner = self._whole.get(directory)
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

    None for any, where the site directory lies in one of them.
    """
    top = f"{real(site_directory)}{os.sep}"
    if any(top.startswith(f"{place}{os.sep}") for place in places):
        return None
    found = {path[len(top) :].partition(os.sep)[0] for path in places if path.startswith(top)}
    return tuple(os.fsencode(name) for name in sorted(found))


def _rows_that_matter(
    content: bytes,
    info: InfoFiles,
    beginnings: tuple[bytes, ...] | None,
    links: RecordedLinks,
    *,
    folds: bool,
) -> Iterator[str]:
    content = b"\n" + content.removeprefix(_BOM)
    if beginnings is None or _is_unusual(content, folds=folds):
        lines = [content]
    else:
        searched = content.lower() if folds else content
        through_links = links.among(info.recorded_directories(content))
        lines = [
            content[start:end]
            for beginning in (b"../", b"/", *beginnings, *through_links)
            for start, end in _lines(searched, beginning.lower() if folds else beginning)
        ]
    for path in claimed_paths(b"\n".join(lines)):
        if path:
            yield path


def _is_unusual(content: bytes, *, folds: bool) -> bool:
    """Whether a row may hold line ends (quoted), or may lead elsewhere than it begins."""
    return (
        is_ambiguous(content)
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
