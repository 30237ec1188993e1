"""READ: the running session: what it has imported, from where, what it cannot live without."""

from __future__ import annotations

from .closure import kernel_closure
from .loaded import loaded_modules, loaded_packages
from .modules import ModuleOrigin, find_module, similar_modules
from .search_path import extend_search_path, startup_code

__all__ = [
    "ModuleOrigin",
    "extend_search_path",
    "find_module",
    "kernel_closure",
    "loaded_modules",
    "loaded_packages",
    "similar_modules",
    "startup_code",
]
