"""Where an import in this process would come from, found out without importing anything.

The finders of ``sys.meta_path`` are asked as an import asks them, one part of a dotted name after
the other. A parent package that is not loaded stays so: its search path is what its spec says,
not what its ``__init__`` may add to it.
"""

from __future__ import annotations

import difflib
import os
import sys
from dataclasses import dataclass, field
from importlib.machinery import PathFinder
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec

    from ..environment import Environment, InstalledDistribution, InstalledPackages

__all__ = ["ModuleOrigin", "find_module", "similar_modules"]


@dataclass(frozen=True)
class ModuleOrigin:
    """Where a module comes from."""

    name: str
    environment: Environment = field(repr=False)
    provider: InstalledDistribution | None
    """The installed copy that an import gets it from; None for what no package brings."""
    providers: tuple[InstalledDistribution, ...]
    """Every installed copy that brings a module of this name; :attr:`provider` first."""
    file: Path | None
    """What an import finds now; None where that is no file."""
    directories: tuple[Path, ...]
    """The portions of a namespace package, which has no file."""
    loaded: bool
    """Whether this process has imported it."""
    loaded_file: Path | None
    """The file that it was loaded from."""
    shadowed_by: Path | None
    """What in the working directory takes the place of the installed one."""
    shadows: Path | None
    """The file that an import would load without that."""
    part_of_python: bool
    """Whether it is built in, frozen, or in the standard library."""
    forbidden: bool = False
    """Whether ``sys.modules`` holds None for it, so that an import raises whatever is on disk."""

    @property
    def is_known(self) -> bool:
        """Whether an import would find it, or has found it, or something claims to bring it."""
        return bool(
            self.file
            or self.directories
            or self.loaded
            or self.providers
            or self.part_of_python
            or self.forbidden
        )


def find_module(name: str, packages: InstalledPackages) -> ModuleOrigin:
    """Look for a module by its dotted name; whatever is wrong with a finder means not found.

    Args:
        name: such as ``cv2`` or ``google.protobuf``.
        packages: this process's own environment.
    """
    spec = _find_spec(name, sys.path)
    file = _file_of(spec)
    shadows = None
    if file is not None and _is_in_working_directory(file, name):
        elsewhere = _file_of(_find_spec(name, _without_working_directory(), afresh=True))
        if elsewhere is not None and os.path.realpath(elsewhere) != os.path.realpath(file):
            shadows = elsewhere
    provider, providers = _providers(name, shadows or file, packages)
    return ModuleOrigin(
        name,
        packages.environment,
        provider,
        providers,
        file,
        directories=_portions(spec) if file is None else (),
        loaded=sys.modules.get(name) is not None,
        loaded_file=_loaded_file(sys.modules.get(name)),
        shadowed_by=file if shadows is not None else None,
        shadows=shadows,
        part_of_python=_is_part_of_python(name, spec, packages.environment),
        forbidden=name in sys.modules and sys.modules[name] is None,
    )


def similar_modules(name: str, packages: InstalledPackages) -> tuple[str, ...]:
    """Return names that can be imported and that may have been meant, the closest first.

    A package's project name leads to what it is imported as.
    """
    parent, _, last = name.rpartition(".")
    if parent:
        spec = _find_spec(parent, sys.path)
        inside = [module.name for module in iter_modules(_search_path(parent, spec) or ())]
        close = difflib.get_close_matches(last, inside, n=3, cutoff=0.6)
        return tuple(f"{parent}.{found}" for found in close)
    if name in packages:
        return packages[name].import_names
    known = {top for copy in packages for top in copy.import_names} | set(sys.stdlib_module_names)
    close = difflib.get_close_matches(name, sorted(known), n=3, cutoff=0.7)
    if not close:
        projects = {copy.canonical_name: copy for copy in packages}
        for project in difflib.get_close_matches(name.lower(), list(projects), n=1, cutoff=0.7):
            close += projects[project].import_names
    return tuple(close)


# --- asking the finders


def _find_spec(name: str, search_path: Sequence[str], *, afresh: bool = False) -> ModuleSpec | None:
    """Return the spec that an import would use, with this search path for the first part.

    An import looks for a submodule where its parent says, if that is loaded; ``afresh`` looks as
    if nothing were.
    """
    found: ModuleSpec | None = None
    parts = name.split(".")
    for length in range(1, len(parts) + 1):
        part = ".".join(parts[:length])
        parent = ".".join(parts[: length - 1])
        path = _search_path("" if afresh else parent, found) if parent else None
        if length > 1 and path is None:
            return None
        found = _ask_finders(part, path, search_path)
        if found is None:
            return None
    return found


def _ask_finders(
    name: str, path: Sequence[str] | None, search_path: Sequence[str]
) -> ModuleSpec | None:
    for finder in list(sys.meta_path):
        if type(finder).__module__ == "_distutils_hack":
            # setuptools answers for distutils by importing its own; no other finder imports
            if name == "distutils":
                return _find_spec("setuptools._distutils", search_path)
            continue
        try:
            if finder is PathFinder:
                spec = PathFinder.find_spec(name, search_path if path is None else path)
            else:
                spec = finder.find_spec(name, path, None)
        except Exception:  # other people's finders: one that fails finds nothing
            continue
        if spec is not None:
            return spec
    return None


def _search_path(parent: str, spec: ModuleSpec | None) -> list[str] | None:
    """Where the modules of a package are looked for; None where it is no package."""
    own = spec.submodule_search_locations if spec is not None else None
    try:  # a module may put anything there, and a lazy one may import something
        path = getattr(sys.modules[parent], "__path__", own) if parent in sys.modules else own
        return None if path is None else [entry for entry in path if isinstance(entry, str)]
    except Exception:
        return None


def _file_of(spec: ModuleSpec | None) -> Path | None:
    origin = spec.origin if spec is not None and spec.has_location else None
    return Path(os.path.abspath(origin)) if origin else None


def _portions(spec: ModuleSpec | None) -> tuple[Path, ...]:
    path = spec.submodule_search_locations if spec is not None else None
    return tuple(Path(os.path.abspath(entry)) for entry in path or () if entry)


def _loaded_file(module: object) -> Path | None:
    try:
        file = getattr(module, "__file__", None)
    except Exception:  # a lazy module may import whatever it likes here
        return None
    return Path(os.path.abspath(file)) if isinstance(file, str) and file else None


# --- whose it is


def _providers(
    name: str, file: Path | None, packages: InstalledPackages
) -> tuple[InstalledDistribution | None, tuple[InstalledDistribution, ...]]:
    found = packages.providers(name)
    if file is None:
        found = tuple(
            copy
            for copy in found
            if any(known == name or known.startswith(f"{name}.") for known in copy.import_names)
        )
        return next(iter(found), None), found
    owners = {*packages.owners.of(file), *packages.owners.of(os.path.realpath(file))}
    owners |= {copy for copy in found if _may_hold(copy, file)}
    everyone = {*found, *owners}
    ordered = tuple(sorted(everyone, key=lambda c: (c not in owners, not c.active, c.name)))
    return (ordered[0] if owners else None), ordered


def _may_hold(copy: InstalledDistribution, file: Path) -> bool:
    """Whether a copy whose RECORD says nothing of its modules is where the file lies."""
    if copy.editable:
        links = copy.editable_links
        paths = [*links.directories, *links.modules.values()] or [str(copy.location)]
        return any(_is_below(file, Path(path)) for path in paths)
    return not copy.file_paths and _is_below(file, copy.location)


def _is_part_of_python(name: str, spec: ModuleSpec | None, environment: Environment) -> bool:
    if name.partition(".")[0] not in sys.stdlib_module_names:
        return False
    file = _file_of(spec)
    if file is None:
        return spec is not None or name in sys.modules
    library = environment.schemes.get("stdlib")
    return (
        library is not None
        and _is_below(file, library)
        and not any(_is_below(file, site.path) for site in environment.site_directories)
    )


def _is_below(file: Path, path: Path) -> bool:
    """Whether a file is this one or lies in this directory, whatever they are called."""
    real, directory = os.path.realpath(file), os.path.realpath(path)
    return real == directory or real.startswith((os.path.join(directory, ""), f"{directory}."))


# --- the working directory


def _without_working_directory() -> list[str]:
    here = os.path.realpath(os.curdir)
    return [
        entry
        for entry in sys.path
        if isinstance(entry, str) and entry and os.path.realpath(entry) != here
    ]


def _is_in_working_directory(file: Path, name: str) -> bool:
    """Whether the first part of the module's name was found right in the working directory."""
    depth = name.count(".") + (1 if file.stem.partition(".")[0] == "__init__" else 0)
    top = file.parents[depth] if depth < len(file.parents) else file.parent
    return os.path.realpath(top) == os.path.realpath(os.curdir)
