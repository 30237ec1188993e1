"""Which directories hold an interpreter's packages: each directory once, whatever it is called."""

from __future__ import annotations

import os
import stat
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from .path_files import path_files_in, read_path_file
from .regular_files import Stamp, is_settled, stamp_of

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping

    from .interpreter import Interpreter

__all__ = [
    "DirectoryIdentity",
    "Role",
    "SiteDirectory",
    "directory_identity",
    "search_directories",
    "site_directories",
]

Role = Literal["environment", "parent", "user", "system", "pythonpath", "pth", "path"]
"""Whose a site directory is.

``environment``: the interpreter's own purelib and platlib; ``parent``: of the interpreter that a
virtual environment with system site packages was made from; ``user``: user site; ``system``: the
operating system's own (Debian's ``dist-packages``); ``pythonpath``: named by PYTHONPATH;
``pth``: added by a ``.pth`` file; ``path``: put on ``sys.path`` by something else.
"""

DirectoryIdentity = tuple[int, int] | str


@dataclass(frozen=True, slots=True)
class SiteDirectory:
    """One directory that packages are imported from."""

    path: Path
    """The first spelling in search order."""
    role: Role
    aliases: tuple[Path, ...] = ()
    """Its other spellings, through links, ``.pth`` lines or PYTHONPATH."""
    writable: bool = False
    added_by: Path | None = None
    """The ``.pth`` file that names it, where role is ``pth``."""
    only: tuple[str, ...] = ()
    """Where not empty: the directory is not searched itself, only these ``.egg`` entries in it."""


def directory_identity(path: str) -> DirectoryIdentity | None:
    """Say what a directory is, however it is spelled; None where there is no such directory."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    if not stat.S_ISDIR(status.st_mode):
        return None
    if status.st_ino:
        return status.st_dev, status.st_ino
    return os.path.normcase(os.path.realpath(path))


def search_directories(paths: Iterable[str]) -> dict[DirectoryIdentity, list[str]]:
    """Group the directories among ``paths`` by identity, in search order.

    What does not exist is left out, what cannot be looked at is not: that gets reported.
    """
    spellings: dict[DirectoryIdentity, list[str]] = {}
    for path in paths:
        try:
            path = _spelled(path)
            identity = directory_identity(path)
            if identity is None and _is_hidden(path):
                identity = path
        except (OSError, ValueError):  # a NUL in it; no working directory for a relative one
            continue
        if identity is not None:
            known = spellings.setdefault(identity, [])
            if path not in known:
                known.append(path)
    return spellings


def _spelled(path: str) -> str:
    """Return a path absolute and without detours, unless that is not the same place any more."""
    normal = os.path.abspath(path)
    if ".." not in path:
        return normal
    joined = os.path.join(os.getcwd(), path)  # ".." behind a link is not where it seems to be
    return normal if directory_identity(normal) == directory_identity(joined) else joined


def _is_hidden(path: str) -> bool:
    try:
        os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return False


def site_directories(interpreter: Interpreter) -> tuple[SiteDirectory, ...]:
    """Return the directories of ``sys.path`` in search order, each once, with their roles.

    The working directory is left out unless PYTHONPATH or a ``.pth`` file names it too, and so
    are the directories of the standard library, unless packages are installed there.
    """
    entries = [entry for entry in interpreter.sys_path if entry]
    spellings = search_directories(entry for entry in entries if not entry.endswith(".egg"))
    roles = _Roles(interpreter, spellings)
    result = []
    for identity, paths in spellings.items():
        role, added_by = roles.of(identity, paths[0])
        if role is not None:
            result.append(
                SiteDirectory(
                    path=Path(paths[0]),
                    role=role,
                    aliases=tuple(map(Path, paths[1:])),
                    writable=os.access(paths[0], os.W_OK | os.X_OK),
                    added_by=added_by,
                )
            )
    return (*result, *_directories_of_eggs(entries, spellings, roles))


def _directories_of_eggs(
    entries: list[str], searched: Container[DirectoryIdentity], roles: _Roles
) -> Iterator[SiteDirectory]:
    """The directories of ``.egg`` entries of ``sys.path``, where nothing else is searched there."""
    eggs: dict[str, list[str]] = {}
    for entry in entries:
        if entry.endswith(".egg"):
            try:
                directory, filename = os.path.split(os.path.abspath(entry))
            except OSError:  # no working directory
                continue
            identity = directory_identity(directory)
            if identity is not None and identity not in searched:
                eggs.setdefault(directory, []).append(filename)
    for directory, filenames in eggs.items():
        egg = os.path.join(directory, filenames[0])
        role, added_by = roles.of_egg(egg)
        yield SiteDirectory(
            Path(directory), role, added_by=added_by, only=tuple(dict.fromkeys(filenames))
        )


class _Roles:
    """Whose each directory is: by the schemes first, then by what put it on the path."""

    def __init__(
        self, interpreter: Interpreter, spellings: Mapping[DirectoryIdentity, list[str]]
    ) -> None:
        self._interpreter = interpreter
        self._in_venv = interpreter.prefix != interpreter.base_prefix
        self._pythonpath = _identities(interpreter.pythonpath)
        schemes = interpreter.schemes
        library = [schemes[key] for key in ("stdlib", "platstdlib") if key in schemes]
        library += [e for e in interpreter.sys_path if os.path.basename(e) == "lib-dynload"]
        self._library = _identities(library)
        self._here = directory_identity(interpreter.working_directory or "")
        self._by_scheme: dict[DirectoryIdentity, Role] = {}
        system: Role = "parent" if self._in_venv else "system"
        claims: tuple[tuple[Role, Iterable[str]], ...] = (
            ("environment", _libraries(schemes)),
            ("user", _libraries(interpreter.user_schemes)),
            ("parent", interpreter.parent_directories),
            (system, interpreter.system_directories),
        )
        for role, paths in claims:
            for identity in _identities(paths):
                self._by_scheme.setdefault(identity, role)
        self._processed = [
            paths[0] for identity, paths in spellings.items() if identity in self._by_scheme
        ]

    def of(self, identity: DirectoryIdentity, path: str) -> tuple[Role | None, Path | None]:
        """Return the role and the ``.pth`` file that counts; no role for what holds no packages."""
        by_scheme = self._by_scheme.get(identity)
        if by_scheme is not None:
            return by_scheme, None
        if identity in self._pythonpath:
            return "pythonpath", None
        if identity in self._library and not _holds_distributions(path):
            return None, None
        pth = self._added_by_pth.get(identity)
        if pth is not None:
            return "pth", pth
        if identity == self._here or self._is_vendored(path):
            return None, None
        return ("parent" if self._is_below_parent(path) else "path"), None

    def of_egg(self, path: str) -> tuple[Role, Path | None]:
        """Return the same for an ``.egg``, whose file may be no directory."""
        if any(os.path.realpath(path) == os.path.realpath(e) for e in self._interpreter.pythonpath):
            return "pythonpath", None
        pth = self._named_by_pth.get(path)
        if pth is not None:
            return "pth", pth
        return ("parent" if self._is_below_parent(path) else "path"), None

    @cached_property
    def _named_by_pth(self) -> dict[str, Path]:
        """Only in these directories does :mod:`site` read ``.pth`` files."""
        return _named_by_path_files(self._processed)

    @cached_property
    def _added_by_pth(self) -> dict[DirectoryIdentity, Path]:
        added: dict[DirectoryIdentity, Path] = {}
        for path, pth in self._named_by_pth.items():
            identity = directory_identity(path)
            if identity is not None:
                added.setdefault(identity, pth)
        return added

    def _is_vendored(self, path: str) -> bool:
        """Whether a package put its own copies of others on the path, as setuptools does.

        They are files of that package: nobody installed them, and no installer removes them.
        """
        return os.path.basename(path) == "_vendor" and path.startswith(
            tuple(os.path.join(directory, "") for directory in self._processed)
        )

    def _is_below_parent(self, path: str) -> bool:
        """Whether a virtual environment's parent owns it; an environment may lie inside that."""
        if not self._in_venv:
            return False
        real = os.path.realpath(path) + os.sep
        parent, own = (
            os.path.join(os.path.realpath(prefix), "")
            for prefix in (self._interpreter.base_prefix, self._interpreter.prefix)
        )
        return real.startswith(parent) and not real.startswith(own)


def _libraries(schemes: Mapping[str, str]) -> list[str]:
    return [path for key in ("purelib", "platlib") if (path := schemes.get(key))]


def _identities(paths: Iterable[str]) -> set[DirectoryIdentity]:
    return {identity for path in paths if (identity := directory_identity(path)) is not None}


_without_distributions: dict[str, Stamp] = {}


def _holds_distributions(path: str) -> bool:
    """Whether anything is installed in a directory of the standard library: hardly ever."""
    stamp = stamp_of(path)
    if stamp is not None and _without_distributions.get(path) == stamp:
        return False
    try:
        if any(name.endswith((".dist-info", ".egg-info")) for name in os.listdir(path)):
            return True
    except OSError:
        return False
    if stamp is not None and is_settled(stamp, time.time_ns()) and len(_without_distributions) < 64:
        _without_distributions[path] = stamp
    return False


def _named_by_path_files(directories: Iterable[str]) -> dict[str, Path]:
    """Return the paths that ``.pth`` files add, each with the first file that names it."""
    named: dict[str, Path] = {}
    for directory in directories:
        for pth in path_files_in(directory):
            try:
                lines = read_path_file(pth)
            except OSError:
                continue
            for path in lines.directories:
                named.setdefault(path, Path(pth))
    return named
