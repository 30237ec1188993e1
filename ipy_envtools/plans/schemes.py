"""Which of an environment's directories a recorded file lies in, links resolved."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .real_directories import RealDirectories, normal_path

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ..environment import Environment, InstalledDistribution

__all__ = ["Home", "SchemeDirectories", "schemes_of"]

_OWN = ("purelib", "platlib", "scripts", "data")
_OWN_LINKS = ("lib64",)  # made by venv, in the environment's root


@dataclass(frozen=True, slots=True)
class Home:
    """A directory of an environment that recorded files lie in."""

    path: str
    """Absolute, in the environment's own spelling."""
    real: str
    """The same with all links followed."""
    scheme: str
    inside: str
    """The path relative to the scheme's directory."""


class SchemeDirectories:
    """The directories that one distribution may have files in.

    Paths are compared by components after resolving the parent: as strings, ``/x/venv`` would
    contain ``/x/venv2``. The last component is never resolved, a link is a file of its own.
    """

    def __init__(
        self,
        site_directory: Path,
        schemes: Mapping[str, Path],
        real: RealDirectories | None = None,
    ) -> None:
        self._real = real or RealDirectories()
        self._site_directory = str(site_directory)
        found: dict[str, tuple[str, str]] = {}
        for key in _OWN:
            if key in schemes:
                found.setdefault(self._real(str(schemes[key])), (key, str(schemes[key])))
        own = self._real(self._site_directory)
        self.site_scheme = found.get(own, ("purelib", ""))[0]
        """The scheme that the site directory is."""
        found[own] = (self.site_scheme, self._site_directory)
        self._directories = sorted(
            ((real, *spelled) for real, spelled in found.items()), key=lambda item: -len(item[0])
        )
        self._bases = frozenset(found)
        self._stdlib = self._real(str(schemes["stdlib"])) if "stdlib" in schemes else None
        self._homes: dict[str, Home | None] = {
            spelled: Home(spelled, base, scheme, "") for base, scheme, spelled in self._directories
        }

    def place(self, row: str) -> tuple[Home | None, str]:
        """Return where a path leads that RECORD spells relative to the site directory.

        Returns:
            The directory and the file's name in it. None for the directory where it is outside
            of the environment, or behind a link; then the path as text.
        """
        path = f"{self._site_directory}{os.sep}{row}"
        if row[0] in "./" or "/." in row or "//" in row or os.sep != "/":
            path = normal_path(self._site_directory, row)
            if ".." in row and self._climbs_from_link(row):
                return None, path
        parent, _, name = path.rpartition(os.sep)
        home = self.home(parent or os.sep)
        if home is None or not name:
            return None, path
        return home, self._real.as_on_disk(home.real, name)

    def home(self, directory: str) -> Home | None:
        """Return what an absolute, normalised directory is in the environment."""
        homes = self._homes
        if directory in homes:
            return homes[directory]
        pending = []
        path = directory
        while path not in homes:
            pending.append(path)
            parent = os.path.dirname(path)
            if parent == path:
                break
            path = parent
        above = homes.get(path)
        for path in reversed(pending):
            above = homes[path] = self._home_below(above, path)
        return above

    def _home_below(self, above: Home | None, directory: str) -> Home | None:
        real = self._real(directory)
        if above is not None and real not in self._bases:
            name = self._real.as_on_disk(above.real, os.path.basename(directory))
            if real == f"{above.real}{os.sep}{name}":
                inside = f"{above.inside}{os.sep}{name}" if above.inside else name
                return Home(f"{above.path}{os.sep}{name}", real, above.scheme, inside)
        for base, scheme, spelled in self._directories:
            if real == base or real.startswith(os.path.join(base, "")):
                inside = real[len(base) :].lstrip(os.sep)
                below = self._below(base, directory)
                if below != inside and not self._is_own_link(base, scheme, below):
                    return None
                return Home(os.path.join(spelled, inside).rstrip(os.sep), real, scheme, inside)
        return None

    def _below(self, base: str, directory: str) -> str:
        """What ``directory`` is called, counted from its first ancestor that is ``base``."""
        ancestors = [directory]
        while (parent := os.path.dirname(ancestors[-1])) != ancestors[-1]:
            ancestors.append(parent)
        for ancestor in reversed(ancestors):
            if self._real(ancestor) == base:
                return directory[len(ancestor) :].lstrip(os.sep)
        return directory  # reached through a link from elsewhere

    def _is_own_link(self, base: str, scheme: str, below: str) -> bool:
        """Whether the only link on the way is one that every environment may have in its root."""
        first, _, rest = below.partition(os.sep)
        if scheme != "data" or first not in _OWN_LINKS:
            return False
        target = self._real(os.path.join(base, first))
        spelled = os.path.join(target, rest) if rest else target
        return os.path.dirname(target) == base and self._real(spelled) == spelled

    def _climbs_from_link(self, row: str) -> bool:
        """Whether ``..`` comes after a link, where text and file system disagree."""
        start = os.path.abspath(os.sep) if os.path.isabs(row) else self._site_directory
        parts: list[str] = []
        for part in row.replace(os.sep, "/").split("/"):
            if part == "..":
                if parts and os.path.islink(os.path.join(start, *parts)):
                    return True
                if parts:
                    parts.pop()
            elif part not in ("", "."):
                parts.append(part)
        return False

    def directory(self, scheme: str) -> str | None:
        """The directory of a scheme, as spelled; None where it has none of its own."""
        return next((spelled for _, key, spelled in self._directories if key == scheme), None)

    def is_standard_library(self, home: Home) -> bool:
        """Whether a directory lies among the interpreter's own modules."""
        if self._stdlib is None or home.scheme != "data":
            return False
        return f"{home.real}{os.sep}".startswith(f"{self._stdlib}{os.sep}")

    def ends(self) -> frozenset[str]:
        """The directories themselves, as spelled: never removed, however empty."""
        return frozenset(spelled for _, _, spelled in self._directories)


def schemes_of(
    distribution: InstalledDistribution,
    environment: Environment,
    real: RealDirectories | None = None,
) -> SchemeDirectories:
    """Return the scheme that owns a distribution: the environment's, or user site's."""
    user = distribution.site.role == "user"
    return SchemeDirectories(
        distribution.site_directory, environment.user_schemes if user else environment.schemes, real
    )
