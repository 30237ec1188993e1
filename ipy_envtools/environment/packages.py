"""The one index of what is installed."""

from __future__ import annotations

import difflib
import os
from functools import cached_property
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from ..errors import UnknownPackage
from .copies import active_copy
from .dependencies import DependencyGraph
from .distribution import InstalledDistribution
from .environment import Environment, environment_of_directories, find_environment
from .import_names import is_importable_as
from .scanner import list_directory

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .problems import Problem
    from .scanner import DirectoryListing

__all__ = ["InstalledPackages", "scan"]


def scan(
    environment: Environment | str | os.PathLike[str] | None = None,
    *,
    paths: Iterable[str | os.PathLike[str]] | None = None,
) -> InstalledPackages:
    """Find out what is installed, reading directories only; the rest is read when asked for.

    Args:
        environment: an :class:`Environment`, the path of a python, or None for this process's own.
        paths: instead of an environment, exactly these directories.

    Raises:
        EnvironmentUnreadable: the python could not be asked for its directories.
        TypeError: both were given.
    """
    if paths is not None:
        if environment is not None:
            raise TypeError("scan() takes an environment or paths, not both")
        return InstalledPackages(environment_of_directories(paths))
    return InstalledPackages(find_environment(environment))


class InstalledPackages:
    """All copies of all packages of one environment, sorted by canonical name."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self.listings: tuple[DirectoryListing, ...] = tuple(
            map(list_directory, environment.site_directories)
        )
        """What each site directory holds, in search order."""
        self._copies: dict[str, tuple[InstalledDistribution, ...]] = {}
        found = [
            InstalledDistribution(entry, environment.suffixes)
            for listing in self.listings
            for entry in listing.entries
        ]
        for distribution in _without_images_of_links(found):
            name = distribution.canonical_name
            self._copies[name] = (*self._copies.get(name, ()), distribution)
        self._active: dict[str, InstalledDistribution] = {}
        for name, copies in self._copies.items():
            chosen = active_copy(copies)
            self._active[name] = chosen
            if len(copies) > 1:
                for copy in copies:
                    copy.active = copy is chosen
        self._all = tuple(copy for name in sorted(self._copies) for copy in self._copies[name])

    def __iter__(self) -> Iterator[InstalledDistribution]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def __contains__(self, name: object) -> bool:
        if isinstance(name, InstalledDistribution):
            return name in self._all
        return isinstance(name, str) and canonicalize_name(name) in self._copies

    def __getitem__(self, name: str) -> InstalledDistribution:
        """Return the active copy of a project, in any spelling of its name.

        Raises:
            UnknownPackage: a KeyError that holds close matches.
        """
        canonical = canonicalize_name(name)
        if canonical not in self._active:
            raise UnknownPackage(
                name, difflib.get_close_matches(canonical, self._active, n=3, cutoff=0.6)
            )
        return self._active[canonical]

    def __repr__(self) -> str:
        return f"<{len(self)} packages of {self.environment.python or 'given directories'}>"

    def copies(self, name: str) -> tuple[InstalledDistribution, ...]:
        """Every copy of a project in search order; empty where it is not installed."""
        return self._copies.get(canonicalize_name(name), ())

    @cached_property
    def graph(self) -> DependencyGraph:
        """Who needs whom among the active copies."""
        return DependencyGraph(self._active.values(), self.environment.markers)

    def required_by(self, name: str) -> tuple[InstalledDistribution, ...]:
        """The active copies that need a project, sorted by name, used extras counted."""
        sources = {
            dependency.source.canonical_name: dependency.source
            for dependency in self.graph.needed_by(canonicalize_name(name))
        }
        return tuple(sources[source] for source in sorted(sources))

    def orphans(self) -> tuple[InstalledDistribution, ...]:
        """What came along with something else and nothing needs any more.

        Only what its installer recorded as not asked for: where nobody recorded it, there is
        no saying.
        """
        return tuple(self._active[name] for name in sorted(self.graph.unneeded()))

    def providers(self, module: str) -> tuple[InstalledDistribution, ...]:
        """The copies that importing ``module`` can come from, active ones first."""
        top = module.partition(".")[0]
        found = [
            distribution
            for distribution in self._all
            if distribution.may_provide(top)
            and any(is_importable_as(module, name) for name in distribution.import_names)
        ]
        return tuple(sorted(found, key=lambda distribution: not distribution.active))

    @cached_property
    def quick_problems(self) -> tuple[Problem, ...]:
        """What is wrong as far as entries and metadata tell, without looking at other files."""
        from .problems import quick_problems

        return quick_problems(self)

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """Everything that is wrong; the first access reads every RECORD and looks at the files."""
        from .problems import thorough_problems

        return (*self.quick_problems, *thorough_problems(self))


def _without_images_of_links(
    found: list[InstalledDistribution],
) -> Iterator[InstalledDistribution]:
    """An ``.egg-link`` and the ``.egg-info`` that it leads to are one installed distribution."""
    targets = {
        os.path.realpath(dist.info.directory)
        for dist in found
        if dist.kind == "egg-link" and dist.info.directory
    }
    for dist in found:
        is_image = targets and dist.kind == "egg-info"
        if not (is_image and os.path.realpath(dist.info_path) in targets):
            yield dist
