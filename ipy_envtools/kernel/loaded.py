"""Which modules of which installed packages this process has imported.

A module belongs to the package that owns the file it was loaded from, whatever it is called:
``sklearn`` to scikit-learn, ``distutils`` to setuptools, which brings its own.
"""

from __future__ import annotations

import os
import sys
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..environment import InstalledDistribution, InstalledPackages, SiteDirectory

__all__ = ["loaded_modules", "loaded_packages"]


def loaded_packages(packages: InstalledPackages) -> dict[str, tuple[str, ...]]:
    """Return the imported modules of each active package, by canonical name; sorted.

    Empty for an environment that this process does not run in.
    """
    if not packages.environment.is_running:
        return {}
    loaded = _Loaded(packages)
    return {
        distribution.canonical_name: modules
        for distribution in packages
        if distribution.active and (modules := loaded.of(distribution))
    }


def loaded_modules(
    distributions: Iterable[InstalledDistribution], packages: InstalledPackages
) -> tuple[str, ...]:
    """Return the imported modules of these copies, sorted."""
    distributions = tuple(distributions)
    if not packages.environment.is_running or not distributions:
        return ()
    loaded = _Loaded(packages)
    return tuple(sorted({name for dist in distributions for name in loaded.of(dist)}))


class _Loaded:
    """The modules of this process, by the file that each was loaded from."""

    def __init__(self, packages: InstalledPackages) -> None:
        self._packages = packages
        self._suffixes = packages.environment.suffixes
        self._files = _files()
        self._inside: dict[str, dict[str, list[tuple[str, str]]]] = {}
        """Site directory, first component in it, modules with their paths in it."""
        self._elsewhere: list[tuple[str, str]] = []
        self._sort_by_site_directory(packages.environment.site_directories)
        self._sharing: Counter[tuple[str, str]] | None = None

    def of(self, distribution: InstalledDistribution) -> tuple[str, ...]:
        """The imported modules of one copy, sorted."""
        if distribution.editable:
            return tuple(sorted(self._of_source_tree(distribution)))
        inside = self._inside.get(str(distribution.site_directory))
        if not inside:
            return ()
        if distribution.kind == "egg":
            return tuple(sorted(name for name, _ in inside.get(distribution.entry_name, ())))
        modules: list[str] = []
        recorded: set[str] | None = None
        for component in inside.keys() & self._components(distribution):
            if not self._is_shared(distribution, component):
                modules.extend(name for name, _ in inside[component])
                continue
            if recorded is None:
                recorded = set(distribution.file_paths)
            base = str(distribution.site_directory)
            modules.extend(
                name
                for name, path in inside[component]
                if not recorded or os.path.join(base, path) in recorded
            )
        return tuple(sorted(modules))

    def _sort_by_site_directory(self, site_directories: Iterable[SiteDirectory]) -> None:
        spellings = {
            f"{spelled}{os.sep}": str(site.path)
            for site in site_directories
            for spelled in (*site.aliases, os.path.realpath(site.path), site.path)
        }
        longest_first = sorted(spellings, key=len, reverse=True)
        for name, file in self._files:
            for spelled in longest_first:
                if file.startswith(spelled):
                    path = file[len(spelled) :]
                    component = path.partition(os.sep)[0]
                    by_component = self._inside.setdefault(spellings[spelled], defaultdict(list))
                    by_component[component].append((name, path))
                    break
            else:
                self._elsewhere.append((name, file))

    def _components(self, distribution: InstalledDistribution) -> set[str] | frozenset[str]:
        """The first components of its files' paths; from its module names where unknown."""
        summary = distribution.info.record_summary
        if summary is not None:
            return summary.top_components
        tops = {name.partition(".")[0] for name in distribution.import_names}
        return tops | {f"{top}{suffix}" for top in tops for suffix in self._suffixes}

    def _is_shared(self, distribution: InstalledDistribution, component: str) -> bool:
        """Whether another package has files below the same first component."""
        if self._sharing is None:
            self._sharing = Counter(
                (str(other.site_directory), name)
                for other in self._packages
                if other.active
                for name in self._components(other)
            )
        return self._sharing[str(distribution.site_directory), component] > 1

    def _of_source_tree(self, distribution: InstalledDistribution) -> Iterator[str]:
        """Modules of an editable installation: by where they come from, and by its names."""
        roots = tuple(_import_roots(distribution))
        tops = {name.partition(".")[0] for name in distribution.import_names}
        for name, file in self._elsewhere:
            known = not tops or name.partition(".")[0] in tops
            if known and (file.startswith(roots) if roots else bool(tops)):
                yield name


def _import_roots(distribution: InstalledDistribution) -> Iterator[str]:
    """How the paths of an editable installation's modules begin."""
    links = distribution.editable_links
    paths = (*links.directories, *links.modules.values())
    if not paths and distribution.source:
        paths = (str(distribution.source),)
    for path in paths:
        for spelled in dict.fromkeys((path, os.path.realpath(path))):
            yield f"{spelled}{os.sep}"
            yield f"{spelled}."  # a finder may map a name to a module's path without its suffix
            if os.path.isfile(spelled):
                yield spelled


def _files() -> list[tuple[str, str]]:
    found = []
    for name, module in list(sys.modules.items()):
        try:
            file = getattr(module, "__file__", None)
        except Exception:  # a lazy module may import whatever it likes here
            continue
        if isinstance(name, str) and isinstance(file, str) and os.path.isabs(file):
            found.append((name, os.path.normpath(file)))
    return found
