"""What becomes of each file of the packages that leave."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from ..environment import printable
from .compiled import CACHE, CompiledFiles
from .console_scripts import unrecorded_scripts
from .content import differs
from .directories import Listings
from .needed_files import NeededFiles
from .owners import OtherOwners
from .real_directories import RealDirectories, folds_case, normal_path
from .schemes import schemes_of
from .uninstall_plan import FileState, PlannedFile, Verdict
from .unrecorded import unrecorded_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..environment import Environment, InstalledDistribution, InstalledPackages
    from ..environment.record import Record, RecordRow
    from .schemes import Home, SchemeDirectories

__all__ = ["judge_files"]


def judge_files(
    distributions: Iterable[InstalledDistribution], packages: InstalledPackages
) -> tuple[PlannedFile, ...]:
    """Give a verdict on every file of ``distributions``, each file once, sorted by path.

    Reads and hashes the files; changes nothing.
    """
    environment = packages.environment
    folds = any(folds_case(str(site.path)) for site in environment.site_directories)
    real = RealDirectories(folds=folds)
    records = {distribution: distribution.record for distribution in distributions}
    others = OtherOwners(records, packages, real)
    listings = Listings()
    found: dict[str, PlannedFile] = {}
    ends: frozenset[str] = frozenset()
    for distribution, record in records.items():
        schemes = schemes_of(distribution, environment, real)
        judge = _Judge(distribution, environment, schemes, others, real, listings)
        judge.all(record, found)
        ends |= schemes.ends()
    for path, neighbour in list(unrecorded_files(found, ends, others, real, listings)):
        status = _lstat(path)
        if status is not None:
            found[path] = _planned(
                path,
                "keep-unrecorded",
                "no RECORD names it",
                neighbour.scheme,
                neighbour.distribution,
                status,
            )
    return tuple(found[path] for path in sorted(found))


class _Judge:
    """The rules for the files of one distribution."""

    def __init__(
        self,
        distribution: InstalledDistribution,
        environment: Environment,
        schemes: SchemeDirectories,
        others: OtherOwners,
        real: RealDirectories,
        listings: Listings,
    ) -> None:
        self._distribution = distribution
        self._name = distribution.canonical_name
        self._base = str(distribution.site_directory)
        self._schemes = schemes
        self._others = others
        self._real = real
        self._listings = listings
        self._compiled = CompiledFiles(listings)
        self._needed = NeededFiles(environment, schemes, real)

    def all(self, record: Record | None, found: dict[str, PlannedFile]) -> None:
        """Add every file to ``found``; what goes by any row, goes."""
        sources = []
        for row in record.rows if record else ():
            file, path = self._recorded(row)
            _add(found, path, file)
            if row.path.endswith(".py") and (file.goes or file.verdict == "missing"):
                sources.append((path, file.scheme))
        for path, scheme in sources:
            for compiled in self._compiled_from(path):
                if compiled not in found:
                    file = self._file(
                        compiled, "compiled", "compiled from a file that goes", scheme
                    )
                    _add(found, compiled, file)
        for path, reason in self._own_entry():
            if not self._others.of(path):
                _add(found, path, self._file(path, "remove", reason, self._schemes.site_scheme))
        for path in unrecorded_scripts(self._distribution, record, self._schemes, self._listings):
            if path not in found and not self._others.of(path):
                file = self._file(path, "remove", "its text starts this package", "scripts")
                _add(found, path, file)

    def _recorded(self, row: RecordRow) -> tuple[PlannedFile, str]:
        """The verdict on one row, and the path that it is about."""
        if _names_no_file(row.path):
            path = normal_path(self._base, row.path)
            return self._file(path, "refuse-directory", "the row names a directory"), path
        home, name = self._schemes.place(row.path)
        if home is None:
            reason = "it lies outside the environment, or behind a link"
            if self._distribution.linked:
                reason = "it lies behind a link; only the link goes"
            return self._file(name, "refuse-outside", reason), name
        path = f"{home.path}{os.sep}{name}"
        status = _lstat(path)
        verdict: Verdict
        if status is None:
            verdict, reason = "missing", "it is not there"
        elif stat.S_ISDIR(status.st_mode):
            verdict, reason = "refuse-directory", "it is a directory"
        else:
            verdict, reason = self._existing(home, name, path, row, status)
        return _planned(path, verdict, reason, home.scheme, self._name, status), path

    def _existing(
        self, home: Home, name: str, path: str, row: RecordRow, status: os.stat_result
    ) -> tuple[Verdict, str]:
        reason = self._needed.why(home, name, status, row.hash, row.size)
        if reason:
            return "refuse-protected", reason
        owners = self._others.in_directory(home.real, name)
        if name.endswith(".pyc") and home.path.endswith(f"{os.sep}{CACHE}"):
            owners = owners or self._others.of_source(home.real, name)
            if not owners:
                return "compiled", "compiled from a file that goes"
        if owners:
            names = " and ".join(sorted({printable(owner.name) for owner in owners}))
            verb = "owns" if len({owner.canonical_name for owner in owners}) == 1 else "own"
            return "keep-shared", f"{names} also {verb} it"
        if differs(path, status, row.hash, row.size):
            return "modified", "changed since it was installed"
        return "remove", ""

    def _compiled_from(self, source: str) -> Iterator[str]:
        """The compiled files of a source that goes or is missing, but not a neighbour's."""
        cache, names = self._compiled.of(source)
        for name in names:
            if not self._others.in_directory(self._real(cache), name):
                yield f"{cache}{os.sep}{name}"

    def _own_entry(self) -> Iterator[tuple[str, str]]:
        """The entry goes whole, or a ghost would stay: a link as a link."""
        path = str(self._distribution.info_path)
        kind = self._distribution.kind
        if self._distribution.linked:
            yield path, "a link; what it leads to stays"
        elif kind == "egg-link":
            yield path, "it leads to the source directory, which stays"
        elif kind == "egg" and not os.path.isdir(path):
            yield path, ""
        else:
            reason = "" if kind == "egg" else "not recorded, but part of its metadata"
            for inside in self._listings.files_below(path):
                yield inside, reason

    def _file(self, path: str, verdict: Verdict, reason: str, scheme: str = "") -> PlannedFile:
        return _planned(path, verdict, reason, scheme, self._name, _lstat(path))


def _add(found: dict[str, PlannedFile], path: str, file: PlannedFile) -> None:
    """Each file once; what one row takes, another one cannot keep."""
    known = found.get(path)
    if known is None or (file.goes and not known.goes):
        found[path] = file


def _names_no_file(row: str) -> bool:
    if not row or row.endswith(("/", os.sep)):
        return True
    return row[0] in "./" and all(part in ("", ".", "..") for part in row.split("/"))


def _planned(
    path: str,
    verdict: Verdict,
    reason: str,
    scheme: str,
    distribution: str,
    status: os.stat_result | None,
) -> PlannedFile:
    if status is None:
        return PlannedFile(Path(path), verdict, reason, 0, scheme, distribution, None)
    state = FileState(status.st_mode, status.st_ino, status.st_size, status.st_mtime_ns)
    size = 0 if stat.S_ISDIR(status.st_mode) else status.st_size
    return PlannedFile(Path(path), verdict, reason, size, scheme, distribution, state)


def _lstat(path: str) -> os.stat_result | None:
    try:
        return os.lstat(path)
    except (OSError, ValueError):
        return None
