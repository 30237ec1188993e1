"""Files that an environment itself needs: no package may take them along, whatever it recorded."""

from __future__ import annotations

import os
import re
import stat
from typing import TYPE_CHECKING

from ..environment.file_locks import UV_LOCK
from .content import differs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..environment import Environment
    from .real_directories import RealDirectories
    from .schemes import Home, SchemeDirectories

__all__ = ["NeededFiles"]

_INTERPRETER = re.compile(
    r"(?:python|pypy|graalpy)w?[\d.tdw]*(?:\.exe)?"
    r"|(?:de)?activate(?:\.\w+|_this\.py)?|pydoc\.bat"
    r"|libpython.*|python\d*(?:_d)?\.dll|vcruntime.*\.dll",
)
_LIBPYTHON = re.compile(r"libpython\d.*")
_ROOT = frozenset({"pyvenv.cfg", "conda-meta", ".ipy-envtools", UV_LOCK})
_OF_CONDA = frozenset({"envs", "pkgs"})
"""Where conda's base keeps the other environments, and what all of them are linked from."""
_OF_A_PYTHON = re.compile(
    r"(?:local/)?(?:lib(?:32|64)?|include)/((?:python|pypy|graalpy)[\d.]+t?)/"
)
_MARKS = ("pyvenv.cfg", "conda-meta")
"""What makes a directory an environment."""
_ENTRIES = (".dist-info", ".egg-info")
_OF_SITE = {
    "easy-install.pth": "other packages have lines in it",
    "setuptools.pth": "other packages have lines in it",
    "_virtualenv.pth": "virtualenv made it for the environment",
    "_virtualenv.py": "virtualenv made it for the environment",
}
"""Files of site-packages that are no one package's, whoever records them."""

_NEEDED = "the environment itself needs it"


class NeededFiles:
    """The interpreter and its standard library, activation scripts, and what else must stay."""

    def __init__(
        self, environment: Environment, schemes: SchemeDirectories, real: RealDirectories
    ) -> None:
        self._schemes = schemes
        self._is_conda = os.path.lexists(os.path.join(environment.prefix, "conda-meta"))
        self._own_names = {
            part
            for directories in (environment.schemes, environment.user_schemes)
            for directory in directories.values()
            for part in directory.parts
        }
        self._others: dict[str, str] = {}
        self._paths = {real.of_file(path) for path in _interpreter(environment)}
        # A directory of the environment may itself be a link, which a row could name.
        for directory in _directories(environment):
            path = directory
            while path not in self._paths and path != os.path.dirname(path):
                self._paths.add(real.of_file(path))
                self._paths.add(path)
                path = os.path.dirname(path)

    def why(
        self, home: Home, name: str, status: os.stat_result, digest: str, size: int | None
    ) -> str:
        """Why a file may not be taken although RECORD names it; empty where it may.

        Args:
            home: the directory that it lies in.
            name: its name there.
            status: what :func:`os.lstat` says of it.
            digest: as RECORD has it.
            size: in bytes, as RECORD has it.
        """
        if not stat.S_ISREG(status.st_mode) and not stat.S_ISLNK(status.st_mode):
            return "it is neither a file nor a link"
        if f"{home.real}{os.sep}{name}" in self._paths:
            return _NEEDED
        if home.scheme == "scripts":
            return _NEEDED if _INTERPRETER.fullmatch(name.lower()) else ""
        if home.scheme != "data":
            return "" if home.inside else _OF_SITE.get(name.lower(), "")
        first = (home.inside.partition(os.sep)[0] or name).lower()
        if first in _ROOT or self._schemes.is_standard_library(home):
            return _NEEDED
        if _LIBPYTHON.fullmatch(name.lower()):
            return _NEEDED
        if self._is_conda and home.inside and first in _OF_CONDA:
            return "conda keeps other environments there, and what they are made of"
        reason = self._whose(home.real, home.inside)
        if reason:
            return reason
        if not home.inside and (
            _INTERPRETER.fullmatch(name.lower())
            or not stat.S_ISREG(status.st_mode)
            or "=" not in digest
            or differs(os.path.join(home.path, name), status, digest, size)
        ):
            return "it lies in the environment's root and is not what RECORD describes"
        return ""

    def _whose(self, real: str, inside: str) -> str:
        """Whether a directory below the root belongs to other packages; the reason, or empty."""
        found = _OF_A_PYTHON.match(f"{inside.replace(os.sep, '/')}/")
        if found and found.group(1) not in self._own_names:
            return f"it belongs to {found.group(1)}, another Python"
        reason = ""
        while inside and not reason:
            if real not in self._others:
                self._others[real] = _inhabitants(real)
            reason = self._others[real]
            real, inside = os.path.dirname(real), os.path.dirname(inside)
        return reason


def _inhabitants(directory: str) -> str:
    """Why nothing in a directory is this environment's; empty where that may be."""
    if any(os.path.lexists(os.path.join(directory, mark)) for mark in _MARKS):
        return "it belongs to another environment"
    try:
        names = os.listdir(directory)
    except OSError:
        return ""
    # What --target, or another prefix, has got; a package's own entry is in a site directory.
    if any(name.endswith(_ENTRIES) for name in names):
        return "other packages are installed there"
    return ""


def _interpreter(environment: Environment) -> Iterator[str]:
    """The executable and, where it is a link, every link on the way to it."""
    path = str(environment.python) if environment.python else ""
    for _ in range(40):
        if not path:
            return
        yield path
        try:
            path = os.path.normpath(os.path.join(os.path.dirname(path), os.readlink(path)))
        except OSError:
            return


def _directories(environment: Environment) -> Iterator[str]:
    for schemes in (environment.schemes, environment.user_schemes):
        yield from map(str, schemes.values())
    for site in environment.site_directories:
        yield from map(str, (site.path, *site.aliases))
