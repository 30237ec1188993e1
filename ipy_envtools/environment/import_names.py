"""Under which names a distribution can be imported, derived from the files that it recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["import_names_of", "is_importable_as", "module_of"]

_NOT_IMPORTED = (".dist-info/", ".egg-info/", ".data/", "__pycache__/")


def import_names_of(paths: Iterable[str], suffixes: Iterable[str]) -> tuple[str, ...]:
    """Return the shortest importable names, sorted.

    A package is one name; a module directly in a namespace package (a directory without
    ``__init__``) is named with its dots.

    Args:
        paths: as RECORD spells them, relative to the site directory.
        suffixes: of importable files, longest first.
    """
    suffixes = tuple(suffixes)
    packages: set[tuple[str, ...]] = set()
    modules: set[tuple[str, ...]] = set()
    for path in paths:
        if path.endswith(suffixes) and not any(part in path for part in _NOT_IMPORTED):
            module = module_of(path, suffixes)
            if module is None:
                continue
            if module[-1] == "__init__":
                packages.add(module[:-1])
            else:
                modules.add(module)
    packages.discard(())
    names = set()
    for module in packages | modules:
        for length in range(1, len(module)):
            if module[:length] in packages:
                break
        else:
            names.add(".".join(module))
    return tuple(sorted(names))


def module_of(path: str, suffixes: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return the parts of the module that an importable file holds; None where it is none."""
    for suffix in suffixes:
        if path.endswith(suffix):
            parts = tuple(path[: -len(suffix)].split("/"))
            return parts if all(part.isidentifier() for part in parts) else None
    return None


def is_importable_as(module: str, name: str) -> bool:
    """Whether ``module`` is what ``name`` names, lies in it, or holds it."""
    return module == name or module.startswith(f"{name}.") or name.startswith(f"{module}.")
