"""Files that an environment itself needs: no package may take them along, whatever it recorded."""

from __future__ import annotations

import os
import re
import stat
from typing import TYPE_CHECKING

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
_ROOT = frozenset({"pyvenv.cfg", "conda-meta", ".ipy-envtools", ".lock"})
_SHARED_LISTS = frozenset({"easy-install.pth", "setuptools.pth"})
"""Every egg has a line in them, so they are no one package's."""

_NEEDED = "the environment itself needs it"


class NeededFiles:
    """The interpreter and its standard library, activation scripts, and what else must stay."""

    def __init__(
        self, environment: Environment, schemes: SchemeDirectories, real: RealDirectories
    ) -> None:
        self._schemes = schemes
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
            shared = not home.inside and name.lower() in _SHARED_LISTS
            return "other packages have lines in it" if shared else ""
        first = home.inside.partition(os.sep)[0] or name
        if first.lower() in _ROOT or self._schemes.is_standard_library(home):
            return _NEEDED
        if not home.inside and (
            _INTERPRETER.fullmatch(name.lower())
            or not stat.S_ISREG(status.st_mode)
            or "=" not in digest
            or differs(os.path.join(home.path, name), status, digest, size)
        ):
            return "it lies in the environment's root and is not what RECORD describes"
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
