"""The one index of what is installed."""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from ..errors import UnknownPackage
from .copies import SearchOrder, active_copy
from .distribution import InstalledDistribution
from .environment import Environment, environment_of_directories, find_environment
from .import_names import is_importable_as
from .info_files import forget_all_but
from .printable import printable
from .scanner import list_directory
from .site_directories import directory_identity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .dependencies import DependencyGraph
    from .file_owners import FileOwners
    from .problems import Problem
    from .scanner import DirectoryListing
    from .startup_files import StartupFile

__all__ = ["InstalledPackages", "scan"]


def scan(
    environment: Environment | str | os.PathLike[str] | None = None,
    *,
    paths: Iterable[str | os.PathLike[str]] | str | os.PathLike[str] | None = None,
) -> InstalledPackages:
    """Find out what is installed, reading directories only; the rest is read when asked for.

    Args:
        environment: an :class:`Environment`, the path of a python, or None for this process's own.
        paths: instead of an environment, exactly these directories, or this one. One that is not
            there is a problem of the kind ``unreadable``.

    Raises:
        EnvironmentUnreadable: the python could not be asked for its directories, or paths were
            given and not one of them is a directory: a slip of the pen is no empty environment.
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
        for listing in self.listings:
            forget_all_but(str(listing.site.path), listing.entries)
        by_name: dict[str, list[InstalledDistribution]] = {}
        for listing in self.listings:
            for entry in listing.entries:
                distribution = InstalledDistribution(entry, environment.suffixes)
                by_name.setdefault(distribution.canonical_name, []).append(distribution)
        self._copies = {
            name: tuple(copies) if len(copies) == 1 else _without_images(copies)
            for name, copies in sorted(by_name.items())
        }
        self._active = {name: copies[0] for name, copies in self._copies.items()}
        order = None
        for name, copies in self._copies.items():
            if len(copies) > 1:
                order = order or SearchOrder(
                    environment.search_path, complete=environment.kind != "paths"
                )
                chosen = self._active[name] = active_copy(copies, order)
                for copy in copies:
                    copy.active = copy is chosen
        self._all = tuple(copy for copies in self._copies.values() for copy in copies)

    def __iter__(self) -> Iterator[InstalledDistribution]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def __contains__(self, name: object) -> bool:
        if isinstance(name, InstalledDistribution):
            return name in self._all
        # Canonical names stay as they are: most that come here are, and are found at once.
        return isinstance(name, str) and (
            name in self._copies or canonicalize_name(name) in self._copies
        )

    def __getitem__(self, name: str) -> InstalledDistribution:
        """Return the active copy of a project, in any spelling of its name.

        Raises:
            UnknownPackage: a KeyError that holds close matches.
        """
        found = self._active.get(name)
        if found is not None:
            return found
        canonical = canonicalize_name(name)
        if canonical not in self._active:
            import difflib

            raise UnknownPackage(
                name, difflib.get_close_matches(canonical, self._active, n=3, cutoff=0.7)
            )
        return self._active[canonical]

    def __repr__(self) -> str:
        return printable(f"<{len(self)} packages of {self.environment.python or 'directories'}>")

    def copies(self, name: str) -> tuple[InstalledDistribution, ...]:
        """Every copy of a project in search order; empty where it is not installed."""
        return self._copies.get(canonicalize_name(name), ())

    def alias_target(self, distribution: InstalledDistribution) -> InstalledDistribution | None:
        """The distribution whose entry a linked entry leads to, if any."""
        if not distribution.linked:
            return None
        return self._by_real_path.get(os.path.realpath(distribution.info_path))

    @cached_property
    def _by_real_path(self) -> dict[str, InstalledDistribution]:
        return {os.path.realpath(copy.info_path): copy for copy in self._all if not copy.linked}

    @cached_property
    def graph(self) -> DependencyGraph:
        """Who needs whom among the active copies."""
        from .dependencies import dependency_graph

        return dependency_graph(tuple(self._active.values()), self.environment.markers)

    def required_by(self, name: str) -> tuple[InstalledDistribution, ...]:
        """The active copies that need a project, sorted by name, used extras counted."""
        canonical = name if name in self._copies else canonicalize_name(name)
        sources = {
            dependency.source.canonical_name: dependency.source
            for dependency in self.graph.needed_by(canonical)
        }
        return tuple(sources[source] for source in sorted(sources))

    def orphans(self) -> tuple[InstalledDistribution, ...]:
        """What came along with something else and nothing needs any more.

        Only what its installer recorded as not asked for: where nobody recorded it, there is
        no saying.
        """
        return tuple(self._active[name] for name in sorted(self.graph.unneeded()))

    def providers(self, module: str) -> tuple[InstalledDistribution, ...]:
        """The copies that importing ``module`` can come from, active ones first.

        Of several packages that share ``cv2``, ``cv2.aruco`` names those whose RECORD has it;
        where none has, those that have the package nearest to it.
        """
        top = module.partition(".")[0]
        found = [
            distribution
            for distribution in self._all
            if distribution.may_provide(top)
            and any(is_importable_as(module, name) for name in distribution.import_names)
        ]
        if "." in module and len(found) > 1:
            from .submodules import nearest_to

            found = nearest_to(module, found, self.environment.suffixes)
        return tuple(sorted(found, key=lambda distribution: not distribution.active))

    @cached_property
    def owners(self) -> FileOwners:
        """Which packages own a file; the first access reads every RECORD."""
        from .file_owners import FileOwners

        return FileOwners(self)

    @cached_property
    def startup_files(self) -> tuple[StartupFile, ...]:
        """The ``.pth`` and ``.start`` files that act in every start of Python."""
        from .startup_files import startup_files_of

        return tuple(startup_files_of(self))

    @cached_property
    def quick_problems(self) -> tuple[Problem, ...]:
        """What is wrong as far as entries and metadata tell, without looking at other files."""
        from .checks import quick_problems

        return quick_problems(self)

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """Everything that is wrong; the first access reads every RECORD and looks at the files."""
        from .checks import thorough_problems

        was_there = "owners" in self.__dict__
        found = (*self.quick_problems, *thorough_problems(self))
        if not was_there:  # it holds every path; a list of problems is kept for much longer
            self.__dict__.pop("owners", None)
        return found


def _without_images(copies: list[InstalledDistribution]) -> tuple[InstalledDistribution, ...]:
    """The ``.egg-info`` in the source tree of an editable installation is no second copy."""
    if all(copy.kind != "egg-info" for copy in copies):
        return tuple(copies)
    sources = {
        directory_identity(str(path))
        for copy in copies
        if copy.editable
        for path in (copy.source, *copy.editable_links.directories)
        if path is not None
    }
    return tuple(
        copy
        for copy in copies
        if copy.kind != "egg-info" or directory_identity(str(copy.site_directory)) not in sources
    )
