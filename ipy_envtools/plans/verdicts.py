"""What becomes of each file of the packages that leave."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import TYPE_CHECKING

from ..environment import printable
from .console_scripts import unrecorded_scripts
from .schemes import schemes_of
from .uninstall_plan import FileState, PlannedFile, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..environment import Environment, InstalledDistribution
    from .owners import OtherOwners
    from .schemes import Place

__all__ = ["judge_files"]

_ALWAYS_HASHED = 1 << 22  # bytes
_INTERPRETER = re.compile(
    r"(?:python|pypy)[\d.tdw]*(?:\.exe)?|(?:de)?activate(?:\.\w+|_this\.py)?|Activate\.ps1"
    r"|pydoc\.bat|libpython.*",
)
_ROOT_PROTECTED = frozenset({"pyvenv.cfg", "conda-meta", ".ipy-envtools", ".lock"})
_COMPILED_TAG = re.compile(r"[^.]+(?:\.opt-[A-Za-z0-9]+)?")


def judge_files(
    distributions: Iterable[InstalledDistribution],
    environment: Environment,
    others: OtherOwners,
) -> tuple[PlannedFile, ...]:
    """Give a verdict on every file of ``distributions``, each file once, sorted by path.

    Reads and hashes the files; changes nothing.
    """
    distributions = tuple(distributions)
    found: dict[str, PlannedFile] = {}
    for distribution in distributions:
        judge = _Judge(distribution, environment, others)
        for file in judge.all():
            known = found.get(str(file.path))
            if known is None or (file.goes and not known.goes):
                found[str(file.path)] = file
    for file in _unrecorded(found, others, frozenset(_ends(distributions, environment))):
        found.setdefault(str(file.path), file)
    return tuple(found[path] for path in sorted(found))


def _ends(
    distributions: Iterable[InstalledDistribution], environment: Environment
) -> Iterator[str]:
    """Directories that several packages have files in: what lies there is not one package's."""
    for distribution in distributions:
        yield from schemes_of(distribution, environment).ends()


class _Judge:
    """The rules for the files of one distribution."""

    def __init__(
        self,
        distribution: InstalledDistribution,
        environment: Environment,
        others: OtherOwners,
    ) -> None:
        self._distribution = distribution
        self._name = distribution.canonical_name
        self._schemes = schemes_of(distribution, environment)
        self._others = others
        self._recorded_at = _changed(os.path.join(distribution.info_path, "RECORD"))
        self._listed: dict[str, list[str]] = {}

    def all(self) -> Iterator[PlannedFile]:
        base = str(self._distribution.site_directory)
        record = self._distribution.record
        sources: list[PlannedFile] = []
        recorded = set()
        for row in record.rows if record else ():
            path = os.path.join(base, row.path)
            recorded.add(os.path.normpath(path))
            file = self._recorded(path, row.path, row.hash, row.size)
            if file.goes and row.path.endswith(".py"):
                sources.append(file)
            yield file
        for source in sources:
            yield from self._compiled(source)
        yield from self._own_entry()
        for script in unrecorded_scripts(self._distribution, self._schemes):
            if str(script) not in recorded and not self._others.of(str(script)):
                yield self._file(
                    str(script), "remove", "its text starts this package's module", "scripts"
                )

    def _recorded(self, path: str, row: str, digest: str, size: int | None) -> PlannedFile:
        if not row.strip("/. ") or row.endswith("/"):
            return self._file(path, "refuse-directory", "the row names a directory")
        place = self._schemes.place(path)
        if place is None:
            reason = "it lies outside the environment, or behind a link"
            if self._distribution.linked:
                reason = "it lies behind a link; only the link goes"
            return self._file(os.path.normpath(path), "refuse-outside", reason)
        status = _lstat(place.path)
        if status is None:
            return self._file(place.path, "missing", "it is not there", place.scheme)
        if stat.S_ISDIR(status.st_mode):
            return self._file(
                place.path, "refuse-directory", "it is a directory", place.scheme, status
            )
        protected = self._protected(place, status, digest, size)
        if protected:
            return self._file(place.path, "refuse-protected", protected, place.scheme, status)
        owners = self._others.of(place.path) or self._others.of_source(place.path)
        if owners:
            names = " and ".join(sorted({printable(owner.name) for owner in owners}))
            verb = "owns" if len({owner.canonical_name for owner in owners}) == 1 else "own"
            return self._file(
                place.path, "keep-shared", f"{names} also {verb} it", place.scheme, status
            )
        if _is_compiled(place.path):
            return self._file(
                place.path, "compiled", "compiled from a file that goes", place.scheme, status
            )
        if self._differs(place.path, status, digest, size):
            return self._file(
                place.path, "modified", "changed since it was installed", place.scheme, status
            )
        return self._file(place.path, "remove", "", place.scheme, status)

    def _protected(
        self, place: Place, status: os.stat_result, digest: str, size: int | None
    ) -> str:
        """Why a file may not be taken although RECORD names it; empty where it may."""
        if not stat.S_ISREG(status.st_mode) and not stat.S_ISLNK(status.st_mode):
            return "it is neither a file nor a link"
        name = os.path.basename(place.path)
        if place.scheme == "scripts" and _INTERPRETER.fullmatch(name):
            return "the environment itself needs it"
        if place.scheme != "data":
            return ""
        first, _, rest = place.inside.partition(os.sep)
        if first in _ROOT_PROTECTED or self._schemes.is_standard_library(place):
            return "the environment itself needs it"
        if not rest and (
            _INTERPRETER.fullmatch(name)
            or not digest
            or self._differs(place.path, status, digest, size, sure=True)
        ):
            return "it lies in the environment's root and is not what RECORD describes"
        return ""

    def _differs(
        self,
        path: str,
        status: os.stat_result,
        digest: str,
        size: int | None,
        *,
        sure: bool = False,
    ) -> bool:
        """Whether a file is not what RECORD describes.

        A large file that nothing has touched since RECORD was written, last of all by every
        installer, is not read again unless it has to be ``sure``.
        """
        if stat.S_ISLNK(status.st_mode) or not digest:
            return False
        if size is not None and size != status.st_size:
            return True
        untouched = status.st_ctime_ns <= self._recorded_at
        if status.st_size > _ALWAYS_HASHED and untouched and not sure:
            return False
        algorithm, _, expected = digest.partition("=")
        if algorithm not in hashlib.algorithms_guaranteed or algorithm.startswith("shake"):
            return False
        try:
            found = hashlib.new(algorithm)
            with open(path, "rb") as file:
                while chunk := file.read(1 << 20):
                    found.update(chunk)
        except OSError:
            return False
        return urlsafe_b64encode(found.digest()).rstrip(b"=").decode() != expected.rstrip("=")

    def _compiled(self, source: PlannedFile) -> Iterator[PlannedFile]:
        """``__pycache__/<stem>.*.pyc`` for every tag and optimisation level, and nothing else."""
        directory = os.path.join(source.path.parent, "__pycache__")
        names = self._listed.get(directory)
        if names is None:
            names = self._listed[directory] = _names(directory)
        stem = source.path.name[: -len(".py")] + "."
        for name in names:
            if (
                name.startswith(stem)
                and name.endswith(".pyc")
                and _COMPILED_TAG.fullmatch(name[len(stem) : -len(".pyc")])
            ):
                path = os.path.join(directory, name)
                if self._schemes.place(path) is not None and not self._others.of(path):
                    yield self._file(
                        path, "compiled", "compiled from a file that goes", source.scheme
                    )

    def _own_entry(self) -> Iterator[PlannedFile]:
        """The entry goes whole, or a ghost would stay: a link as a link."""
        path = str(self._distribution.info_path)
        if self._distribution.linked:
            yield self._file(path, "remove", "a link; what it leads to stays", "purelib")
            return
        for directory, directories, names in os.walk(path):
            links = [n for n in directories if os.path.islink(os.path.join(directory, n))]
            for name in (*names, *links):
                inside = os.path.join(directory, name)
                owners = self._others.of(inside)
                if not owners:
                    yield self._file(
                        inside, "remove", "not recorded, but part of its metadata", "purelib"
                    )

    def _file(
        self,
        path: str,
        verdict: Verdict,
        reason: str,
        scheme: str = "",
        status: os.stat_result | None = None,
    ) -> PlannedFile:
        if status is None:
            status = _lstat(path)
        size = status.st_size if status is not None and verdict != "refuse-directory" else 0
        state = None
        if status is not None:
            state = FileState(status.st_mode, status.st_ino, status.st_size, status.st_mtime_ns)
        return PlannedFile(Path(path), verdict, reason, size, scheme, self._name, state)


def _unrecorded(
    found: dict[str, PlannedFile], others: OtherOwners, shared: frozenset[str]
) -> Iterator[PlannedFile]:
    """Files beside those that go, or below them, which no RECORD names."""
    directories = {os.path.dirname(path): file for path, file in found.items() if file.goes}
    inhabited = _with_parents(found)
    for directory, neighbour in directories.items():
        if directory in shared or os.path.basename(directory) == "__pycache__":
            continue
        for path in _files_below(directory, inhabited):
            if path in found or others.of(path) or others.of_source(path):
                continue
            status = _lstat(path)
            if status is None:
                continue
            yield PlannedFile(
                Path(path),
                "keep-unrecorded",
                "no RECORD names it",
                status.st_size,
                neighbour.scheme,
                neighbour.distribution,
                FileState(status.st_mode, status.st_ino, status.st_size, status.st_mtime_ns),
            )


def _with_parents(paths: Iterable[str]) -> set[str]:
    parents: set[str] = set()
    for path in paths:
        while (path := os.path.dirname(path)) not in parents:
            parents.add(path)
    return parents


def _files_below(directory: str, inhabited: set[str]) -> Iterator[str]:
    """Files in ``directory`` and in those below it that hold no planned file themselves."""
    try:
        with os.scandir(directory) as entries:
            items = list(entries)
    except OSError:
        return
    for item in items:
        if not item.is_dir(follow_symlinks=False):
            yield item.path
        elif item.path not in inhabited or item.name == "__pycache__":
            yield from _files_below(item.path, inhabited)


def _is_compiled(path: str) -> bool:
    return path.endswith(".pyc") and os.path.basename(os.path.dirname(path)) == "__pycache__"


def _names(directory: str) -> list[str]:
    try:
        return sorted(os.listdir(directory))
    except OSError:
        return []


def _lstat(path: str) -> os.stat_result | None:
    try:
        return os.lstat(path)
    except (OSError, ValueError):
        return None


def _changed(path: str) -> int:
    try:
        return os.stat(path).st_ctime_ns
    except OSError:
        return 0
