"""Compiled files in ``__pycache__`` directories, and those whose source is gone (PEP 3147)."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

__all__ = ["CACHE", "compiled_module", "without_source"]

CACHE = "__pycache__"

# <module>.<tag>[.opt-<level>].pyc; pytest puts its version, with dots, behind the tag.
_NAME = re.compile(r"(.+?)\.[^.]+(?:-pytest-\d[\w.+]*)?(?:\.opt-[A-Za-z0-9]+)?\.pyc", re.DOTALL)


def compiled_module(name: str) -> str | None:
    """Return the stem of the source that a file in a ``__pycache__`` is compiled from."""
    match = _NAME.fullmatch(name)
    return match[1] if match else None


def without_source(site_directory: str, elsewhere: Container[str]) -> Iterator[tuple[str, str]]:
    """Each compiled file whose source is gone, and where that source was; links not followed.

    Only those in ``__pycache__``, which Python never imports without their source. A ``.pyc``
    beside other modules is imported, so it cannot be told from a module that never had a source.

    Args:
        site_directory: where to look, all the way down.
        elsewhere: directories below it that are looked at by themselves.
    """
    pending = [site_directory]
    while pending:
        directory = pending.pop()
        files, directories = _entries(directory)
        for name in directories:
            path = f"{directory}{os.sep}{name}"
            if name == CACHE:
                yield from _without_source(directory, path, files)
            elif path not in elsewhere and not (directory == site_directory and name[0] == "~"):
                pending.append(path)


def _without_source(directory: str, cache: str, files: list[str]) -> Iterator[tuple[str, str]]:
    # Python is not the only language that is compiled into it: x.hy is a source of x, too.
    sources: set[str] = set()
    for name in files:
        if not name.endswith(".pyc"):
            parts = name.split(".")
            sources.update(".".join(parts[:end]) for end in range(1, min(len(parts), 8) + 1))
    for name in _entries(cache)[0]:
        module = compiled_module(name)
        if module is not None and module not in sources:
            yield f"{cache}{os.sep}{name}", f"{directory}{os.sep}{module}.py"


def _entries(directory: str) -> tuple[list[str], list[str]]:
    """Names of what is no directory, and of directories; a link is none."""
    files: list[str] = []
    directories: list[str] = []
    try:
        with os.scandir(directory) as found:
            for entry in found:
                is_directory = entry.is_dir(follow_symlinks=False)
                (directories if is_directory else files).append(entry.name)
    except (OSError, ValueError):
        pass  # one that cannot be read keeps what it holds to itself
    return sorted(files), sorted(directories, reverse=True)
