"""Which modules of which installed packages this process has imported."""

from __future__ import annotations

import os
import sys
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..environment import InstalledDistribution, InstalledPackages

__all__ = ["loaded_modules", "loaded_packages"]


def loaded_packages(packages: InstalledPackages) -> dict[str, tuple[str, ...]]:
    """Return the imported modules of each active package, by canonical name; sorted.

    Empty for an environment that this process does not run in.
    """
    if not packages.environment.is_running:
        return {}
    files = _files_by_top_level()
    active = [distribution for distribution in packages if distribution.active]
    return {
        distribution.canonical_name: modules
        for distribution in active
        if (modules := _loaded(distribution, files, packages.environment.suffixes))
    }


def loaded_modules(
    distributions: Iterable[InstalledDistribution], packages: InstalledPackages
) -> tuple[str, ...]:
    """Return the imported modules of these copies, sorted."""
    if not packages.environment.is_running:
        return ()
    files = _files_by_top_level()
    suffixes = packages.environment.suffixes
    return tuple(
        sorted({name for dist in distributions for name in _loaded(dist, files, suffixes)})
    )


def _files_by_top_level() -> dict[str, dict[str, str]]:
    """Top-level name to its modules and the files that they were loaded from."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for name, module in list(sys.modules.items()):
        try:
            file = getattr(module, "__file__", None)
        except Exception:  # a lazy module may import whatever it likes here
            continue
        if isinstance(name, str) and isinstance(file, str):
            found[name.partition(".")[0]][name] = file
    return found


def _loaded(
    distribution: InstalledDistribution,
    files: dict[str, dict[str, str]],
    suffixes: tuple[str, ...],
) -> tuple[str, ...]:
    tops = _top_level_names(distribution, suffixes) & files.keys()
    if not tops:
        return ()
    if distribution.editable:
        return tuple(sorted(name for top in tops for name in files[top]))
    bases = tuple(
        os.path.join(path, "") for path in (distribution.location, *distribution.site.aliases)
    )
    recorded: set[str] | None = None
    loaded = []
    for top in tops:
        is_namespace = top not in files[top]
        for name, file in files[top].items():
            if not file.startswith(bases):
                continue
            if is_namespace:  # several packages may share this directory
                if recorded is None:
                    recorded = set(distribution.file_paths)
                if os.path.normpath(file) not in recorded:
                    continue
            loaded.append(name)
    return tuple(sorted(loaded))


def _top_level_names(distribution: InstalledDistribution, suffixes: tuple[str, ...]) -> set[str]:
    summary = distribution.info.record_summary
    if summary is None or distribution.editable:
        return {name.partition(".")[0] for name in distribution.import_names}
    names = set()
    for component in summary.top_components:
        if "." not in component:
            names.add(component)
            continue
        for suffix in suffixes:
            if component.endswith(suffix):
                names.add(component[: -len(suffix)])
                break
    return names
