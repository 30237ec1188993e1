"""An environment: an interpreter, its directories, and whether it may be changed."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from ..errors import EnvironmentUnreadable
from .credentials import mask_credentials
from .interpreter import ask_interpreter, running_interpreter
from .printable import printable
from .regular_files import read_regular_file
from .site_directories import (
    SiteDirectory,
    directory_identity,
    search_directories,
    site_directories,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .interpreter import Interpreter

__all__ = ["Environment", "EnvironmentKind", "environment_of_directories", "find_environment"]

EnvironmentKind = Literal["venv", "conda", "system", "paths"]
"""``venv``: a virtual environment (``pyvenv.cfg``), whichever tool made it; ``conda``: its prefix
has ``conda-meta``; ``paths``: only directories, no interpreter; ``system``: any other."""


@dataclass(frozen=True)
class Environment:
    """Where packages are installed for one interpreter, and what may be done there."""

    python: Path | None
    """The executable, not resolved; None for ``kind == "paths"``."""
    version: str
    """Of Python, such as ``3.11.7``; empty where there is no interpreter."""
    prefix: Path
    kind: EnvironmentKind
    site_directories: tuple[SiteDirectory, ...]
    """In search order, each directory once."""
    locked_reason: str | None
    """Why nothing in it may be changed and what to do instead; None where it may."""
    externally_managed: str | None = None
    """The message of its EXTERNALLY-MANAGED file (PEP 668), where it has one that applies."""
    is_running: bool = False
    """Whether this process runs in it."""
    schemes: Mapping[str, Path] = field(default_factory=dict, repr=False)
    """Installation paths by the keys of :func:`sysconfig.get_paths`."""
    user_base: Path | None = field(default=None, repr=False)
    user_schemes: Mapping[str, Path] = field(default_factory=dict, repr=False)
    markers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The environment of PEP 508 markers."""
    platform: str = field(default="", repr=False)
    """As :func:`sysconfig.get_platform` says it; empty where there is no interpreter."""
    abi_flags: str = field(default="", repr=False)
    """``t`` where Python is free-threaded, ``d`` where it is a debug build, both, or neither."""
    suffixes: tuple[str, ...] = field(default=(".py",), repr=False)
    """Of importable files, longest first."""
    search_path: tuple[str, ...] = field(default=(), repr=False)
    """``sys.path`` as it was found, without what is no text."""
    missing: tuple[Path, ...] = field(default=(), repr=False)
    """What was given as a directory and is none, where ``kind`` is ``paths``."""

    @property
    def roots(self) -> tuple[Path, ...]:
        """Roots of the schemes that own files: the prefix; the user base where it is used."""
        if self.kind == "paths":
            return ()
        used = self.user_base and any(site.role == "user" for site in self.site_directories)
        return (self.prefix, self.user_base) if used and self.user_base else (self.prefix,)


def find_environment(
    environment: Environment | str | os.PathLike[str] | None = None,
) -> Environment:
    """Return the environment of a python: a path, or None for this process's own.

    An :class:`Environment` is looked at again, because directories come and go.

    Raises:
        EnvironmentUnreadable: the python could not be asked.
    """
    if isinstance(environment, Environment):
        if environment.kind == "paths":
            sites = environment.site_directories
            given = [path for site in sites for path in (site.path, *site.aliases)]
            return _of_directories([*given, *environment.missing])
        environment = None if environment.is_running else environment.python
    if environment is None:
        return _environment(running_interpreter())
    return _environment(ask_interpreter(environment))


def environment_of_directories(
    paths: Iterable[str | os.PathLike[str]] | str | os.PathLike[str],
) -> Environment:
    """Return exactly these directories, each once, as an environment without interpreter.

    Raises:
        EnvironmentUnreadable: paths were given, and not one of them is a directory.
    """
    if isinstance(paths, (str, os.PathLike)):
        paths = [paths]
    environment = _of_directories([Path(path) for path in paths])
    if environment.missing and not environment.site_directories:
        first = printable(mask_credentials(str(environment.missing[0])))
        raise EnvironmentUnreadable(f"there is no directory at {first}, so nothing can be listed")
    return environment


def _of_directories(paths: Sequence[Path]) -> Environment:
    spellings = search_directories(map(str, paths))
    directories = tuple(
        SiteDirectory(Path(group[0]), "path", tuple(map(Path, group[1:])))
        for group in spellings.values()
    )
    running = running_interpreter()
    return Environment(
        python=None,
        version="",
        prefix=directories[0].path if directories else Path(),
        kind="paths",
        site_directories=directories,
        locked_reason=(
            "These directories were given without an interpreter, so what else lives in them is "
            "not known; scan the environment that they belong to."
        ),
        markers=running.markers,
        suffixes=running.suffixes,
        search_path=tuple(str(site.path) for site in directories),
        missing=tuple(path for path in paths if not search_directories([str(path)])),
    )


def _environment(interpreter: Interpreter) -> Environment:
    prefix = Path(interpreter.prefix)
    if os.path.isfile(prefix / "pyvenv.cfg"):
        kind: EnvironmentKind = "venv"
    elif os.path.isdir(prefix / "conda-meta"):
        kind = "conda"
    else:
        kind = "system"
    directories = site_directories(interpreter)
    managed = _externally_managed(interpreter) if kind != "venv" else None
    return Environment(
        python=interpreter.executable,
        version=interpreter.version,
        prefix=prefix,
        kind=kind,
        site_directories=directories,
        locked_reason=_locked_reason(interpreter, directories, managed),
        externally_managed=managed,
        is_running=interpreter.is_running or _runs_here(interpreter),
        schemes=_paths(interpreter.schemes),
        user_base=Path(interpreter.user_base) if interpreter.user_base else None,
        user_schemes=_paths(interpreter.user_schemes),
        markers=interpreter.markers,
        platform=interpreter.platform,
        abi_flags=interpreter.abi_flags,
        suffixes=interpreter.suffixes,
        search_path=interpreter.sys_path,
    )


def _paths(schemes: Mapping[str, str]) -> Mapping[str, Path]:
    return MappingProxyType({key: Path(path) for key, path in schemes.items()})


def _runs_here(interpreter: Interpreter) -> bool:
    running = running_interpreter()
    same_prefix = directory_identity(running.prefix) == directory_identity(interpreter.prefix)
    return same_prefix and running.version == interpreter.version


def _locked_reason(
    interpreter: Interpreter, directories: tuple[SiteDirectory, ...], managed: str | None
) -> str | None:
    if managed is not None:
        prefix = printable(interpreter.prefix)
        return f"{prefix} is managed by another tool (EXTERNALLY-MANAGED). {managed}"
    purelib = interpreter.schemes.get("purelib", interpreter.prefix)
    mine = [site for site in directories if site.role in ("environment", "user")]
    if mine and not any(site.writable for site in mine):
        return (
            f"{printable(purelib)} is read-only for you; make a virtual environment to change "
            "packages."
        )
    return None


def _externally_managed(interpreter: Interpreter) -> str | None:
    """The message of PEP 668's marker file, on one line; an empty file has a standard one."""
    path = os.path.join(interpreter.schemes.get("stdlib", ""), "EXTERNALLY-MANAGED")
    if not os.path.lexists(path):
        return None
    import configparser

    message = ""
    try:
        parser = configparser.ConfigParser(interpolation=None)
        parser.read_string(read_regular_file(path, 1 << 16).decode(errors="replace"))
        message = parser.get("externally-managed", "Error", fallback="")
    except (OSError, configparser.Error):
        pass
    return (
        printable(mask_credentials(" ".join(message.split())))
        or "Make a virtual environment instead."
    )
