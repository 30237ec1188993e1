"""The compiled files of a module: every tag and optimisation level, and nothing else (PEP 3147)."""

from __future__ import annotations

import os
from collections import defaultdict
from typing import TYPE_CHECKING

from ..environment.compiled_files import CACHE, compiled_module

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .directories import Listings

__all__ = ["CACHE", "CompiledFiles", "compiled_module"]


class CompiledFiles:
    """Where the compiled files of sources are, each ``__pycache__`` read once."""

    def __init__(self, listings: Listings) -> None:
        self._listings = listings
        self._by_module: dict[str, dict[str, list[str]]] = {}

    def of(self, source: str) -> tuple[str, Sequence[str]]:
        """Return where the compiled files of the ``.py`` at ``source`` are, and their names."""
        directory, _, name = source.rpartition(os.sep)
        cache = f"{directory}{os.sep}{CACHE}"
        found = self._by_module.get(cache)
        if found is None:
            found = self._by_module[cache] = self._modules(directory, cache)
        return cache, found.get(name[: -len(".py")], ())

    def _modules(self, directory: str, cache: str) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        if self._listings(directory).get(CACHE):  # a link is no directory
            for name, is_directory in self._listings(cache).items():
                module = None if is_directory else compiled_module(name)
                if module is not None:
                    found[module].append(name)
        return found
