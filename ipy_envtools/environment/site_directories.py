"""Which directories hold an interpreter's packages: each directory once, whatever it is called."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from .regular_files import read_regular_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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
    """Group the existing directories among ``paths`` by identity, in search order."""
    spellings: dict[DirectoryIdentity, list[str]] = {}
    for path in paths:
        path = os.path.abspath(path)
        identity = directory_identity(path)
        if identity is not None:
            known = spellings.setdefault(identity, [])
            if path not in known:
                known.append(path)
    return spellings


def site_directories(interpreter: Interpreter) -> tuple[SiteDirectory, ...]:
    """Return the directories of ``sys.path`` in search order, each once, with their roles.

    The working directory is left out unless PYTHONPATH or a ``.pth`` file names it too, and so
    are the directories of the standard library, unless packages are installed there.
    """
    spellings = search_directories(entry for entry in interpreter.sys_path if entry)
    own = _identities(_libraries(interpreter.schemes))
    user = _identities(_libraries(interpreter.user_schemes))
    system = _identities(interpreter.system_directories)
    pythonpath = _identities(interpreter.pythonpath)
    library = _identities(
        [interpreter.schemes[key] for key in ("stdlib", "platstdlib") if key in interpreter.schemes]
    )
    library |= {
        identity
        for path in list(interpreter.sys_path)
        if os.path.basename(path) == "lib-dynload"
        and (identity := directory_identity(path)) is not None
    }
    here = directory_identity(interpreter.working_directory or "")
    in_venv = interpreter.prefix != interpreter.base_prefix
    added_by: dict[DirectoryIdentity, Path] | None = None

    result = []
    for identity, paths in spellings.items():
        role: Role
        pth = None
        if identity in own:
            role = "environment"
        elif identity in user:
            role = "user"
        elif in_venv and _is_below(paths[0], interpreter.base_prefix, interpreter.prefix):
            if identity in library and not _holds_distributions(paths[0]):
                continue
            role = "parent"
        elif in_venv and identity in system:
            role = "parent"
        elif identity in system:
            role = "system"
        elif identity in pythonpath:
            role = "pythonpath"
        else:
            if added_by is None:
                added_by = _added_by_pth_files(group[0] for group in spellings.values())
            pth = added_by.get(identity)
            if pth is not None:
                role = "pth"
            elif identity == here or (identity in library and not _holds_distributions(paths[0])):
                continue
            else:
                role = "path"
        result.append(
            SiteDirectory(
                path=Path(paths[0]),
                role=role,
                aliases=tuple(map(Path, paths[1:])),
                writable=os.access(paths[0], os.W_OK | os.X_OK),
                added_by=pth,
            )
        )
    return tuple(result)


def _libraries(schemes: object) -> list[str]:
    assert hasattr(schemes, "get")
    return [path for key in ("purelib", "platlib") if (path := schemes.get(key))]


def _identities(paths: Iterable[str]) -> set[DirectoryIdentity]:
    return {identity for path in paths if (identity := directory_identity(path)) is not None}


def _is_below(path: str, base: str, but_not: str) -> bool:
    """Whether ``path`` belongs to the base interpreter; an environment may lie inside it."""
    real = os.path.realpath(path) + os.sep
    below_base = real.startswith(os.path.join(os.path.realpath(base), ""))
    return below_base and not real.startswith(os.path.join(os.path.realpath(but_not), ""))


def _holds_distributions(path: str) -> bool:
    try:
        return any(name.endswith((".dist-info", ".egg-info")) for name in os.listdir(path))
    except OSError:
        return False


def _added_by_pth_files(directories: Iterable[str]) -> dict[DirectoryIdentity, Path]:
    found: dict[DirectoryIdentity, Path] = {}
    for directory in directories:
        for pth in _pth_files(directory):
            for line in _directory_lines(pth):
                identity = directory_identity(os.path.join(directory, line))
                if identity is not None:
                    found.setdefault(identity, Path(pth))
    return found


def _pth_files(directory: str) -> list[str]:
    try:
        names = os.listdir(directory)
    except OSError:
        return []
    return [os.path.join(directory, name) for name in sorted(names) if name.endswith(".pth")]


def _directory_lines(pth: str) -> Iterator[str]:
    """Lines that :mod:`site` adds to ``sys.path``: neither comments nor code."""
    try:
        content = read_regular_file(pth, 1 << 20)
    except OSError:
        return
    for line in content.decode(errors="surrogateescape").splitlines():
        line = line.rstrip()
        if line and not line.startswith(("#", "import ", "import\t")) and "\0" not in line:
            yield line
