"""READ: the running session: what it has imported, and what it cannot live without."""

from __future__ import annotations

from .closure import kernel_closure
from .loaded import loaded_modules, loaded_packages

__all__ = ["kernel_closure", "loaded_modules", "loaded_packages"]
