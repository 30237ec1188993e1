"""What a request means in one environment: which names, which of them are there already."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from ..environment.requirements import MarkerEnvironment
from ..formats.direct_place import direct_place

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from ..engines import Pin
    from ..environment import InstalledDistribution, InstalledPackages
    from ..formats import InstallRequest, WantedRequirement

__all__ = ["AskedFor"]


class AskedFor:
    """The requirements that hold here, with the names that only building or installing told.

    Args:
        request: as it was read.
        pins: what the engine made of it.
        packages: as they are now.
    """

    def __init__(
        self, request: InstallRequest, pins: Sequence[Pin], packages: InstalledPackages
    ) -> None:
        self._request = request
        self._pins = pins
        self._packages = packages

    @cached_property
    def names(self) -> Mapping[str, frozenset[str]]:
        """Canonical names, in the order in which they were asked for, with their extras."""
        markers = MarkerEnvironment(self._packages.environment.markers)
        found: dict[str, frozenset[str]] = {}
        for wanted in self._request.requirements:
            name = wanted.name or self._learnt(wanted)
            if name is not None and _holds(wanted, markers):
                found[name] = found.get(name, frozenset()) | wanted.extras
        return found

    @cached_property
    def nameless(self) -> bool:
        """Whether something was asked for by URL or path and is there, nobody knows as what."""
        return any(
            wanted.name is None and self._learnt(wanted) is None
            for wanted in self._request.requirements
        )

    def left_out(self) -> Iterator[str]:
        """What was typed and does not hold here, a sentence each; files are full of such lines."""
        for wanted in self._request.requirements:
            if wanted.name and wanted.name not in self.names and not wanted.origin:
                yield f"{wanted.name} is left out, because {wanted.marker} does not hold here."

    def includes(self, pin: Pin) -> bool:
        """Whether it was asked for, and does not only come along."""
        return pin.name in self.names

    def satisfied(self, coming: Collection[str]) -> tuple[str, ...]:
        """What was asked for and nothing has to be done about, such as ``Flask 3.1.0``."""
        copies = [
            self._packages[name]
            for name in self.names
            if name not in coming and name in self._packages
        ]
        return tuple(f"{copy.name} {copy.version}" for copy in copies)

    def needed_by(self, pin: Pin) -> tuple[str, ...]:
        """Who needs a package that an engine names nobody for: installed ones that stay."""
        if pin.name in self.names:
            return ()
        coming = {pin.name for pin in self._pins}
        needing = (copy.canonical_name for copy in self._packages.required_by(pin.name))
        return tuple(name for name in needing if name not in coming)

    def _learnt(self, wanted: WantedRequirement) -> str | None:
        """The name of a path or URL: of the pin that came of it, or of what came from there."""
        for pin in self._pins:
            if pin.direct == wanted.text:
                return pin.name
        place = direct_place(wanted.text)
        for copy in self._packages:
            if _came_from(copy, place):
                return copy.canonical_name
        return None


def _holds(wanted: WantedRequirement, markers: MarkerEnvironment) -> bool:
    """Whether its marker does; one that cannot be evaluated is the engine's to refuse."""
    try:
        return markers.holds(wanted.marker)
    except ValueError:
        return True


def _came_from(copy: InstalledDistribution, place: str) -> bool:
    origin = copy.direct_url
    return origin is not None and bool(place) and direct_place(origin.url) == place
