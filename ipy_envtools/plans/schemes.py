"""Which of an environment's directories a recorded file lies in, links resolved."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ..environment import Environment, InstalledDistribution

__all__ = ["Place", "SchemeDirectories", "schemes_of"]

_OWN = ("purelib", "platlib", "scripts", "data")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a recorded path leads to."""

    path: str
    """Absolute, in the environment's own spelling."""
    scheme: str
    inside: str
    """The path relative to the scheme's directory."""


class SchemeDirectories:
    """The directories that one distribution may have files in.

    Paths are compared by components after resolving the parent: as strings, ``/x/venv`` would
    contain ``/x/venv2``. The last component is never resolved, a link is a file of its own.
    """

    def __init__(self, site_directory: Path, schemes: Mapping[str, Path]) -> None:
        found: dict[str, tuple[str, str]] = {}
        for scheme, path in (
            ("purelib", site_directory),
            *((key, schemes[key]) for key in _OWN if key in schemes),
        ):
            found.setdefault(os.path.realpath(path), (scheme, str(path)))
        self._directories = sorted(
            ((real, *spelled) for real, spelled in found.items()), key=lambda item: -len(item[0])
        )
        self._stdlib = os.path.realpath(schemes["stdlib"]) if "stdlib" in schemes else None
        self._known: dict[str, str] = {}
        self._placed: dict[str, tuple[str, str, str] | None] = {}

    def place(self, path: str) -> Place | None:
        """Return where an absolute path leads; None where that is outside, or behind a link."""
        parent, name = os.path.split(os.path.normpath(path))
        if parent not in self._placed:
            self._placed[parent] = self._place_directory(parent)
        placed = self._placed[parent]
        if placed is None:
            return None
        scheme, spelled, inside = placed
        inside = os.path.join(inside, name)
        return Place(os.path.join(spelled, inside), scheme, inside)

    def _place_directory(self, directory: str) -> tuple[str, str, str] | None:
        real = self._real(directory)
        for base, scheme, spelled in self._directories:
            if real == base or real.startswith(os.path.join(base, "")):
                inside = real[len(base) :].lstrip(os.sep)
                behind_link = self._below(base, directory) != inside
                return None if behind_link else (scheme, spelled, inside)
        return None

    def _below(self, base: str, directory: str) -> str | None:
        """What ``directory`` is called, counted from its first ancestor that is ``base``."""
        ancestors = [directory]
        while (parent := os.path.dirname(ancestors[-1])) != ancestors[-1]:
            ancestors.append(parent)
        for ancestor in reversed(ancestors):
            if self._real(ancestor) == base:
                return directory[len(ancestor) :].lstrip(os.sep)
        return None

    def directory(self, scheme: str) -> str | None:
        """The directory of a scheme, as spelled; None where it has none of its own."""
        return next((spelled for _, key, spelled in self._directories if key == scheme), None)

    def is_standard_library(self, place: Place) -> bool:
        """Whether the file lies among the interpreter's own modules."""
        if self._stdlib is None or place.scheme != "data":
            return False
        real = self._real(os.path.dirname(place.path))
        return real == self._stdlib or real.startswith(os.path.join(self._stdlib, ""))

    def ends(self) -> frozenset[str]:
        """The directories themselves, as spelled: never removed, however empty."""
        return frozenset(spelled for _, _, spelled in self._directories)

    def _real(self, directory: str) -> str:
        real = self._known.get(directory)
        if real is None:
            real = self._known[directory] = os.path.realpath(directory)
        return real


def schemes_of(distribution: InstalledDistribution, environment: Environment) -> SchemeDirectories:
    """Return the scheme that owns a distribution: the environment's, or user site's."""
    user = distribution.site.role == "user"
    return SchemeDirectories(
        distribution.site_directory, environment.user_schemes if user else environment.schemes
    )
