"""This extension may replace itself: what it still has to run must be in memory before."""

from __future__ import annotations

import contextlib
import importlib
import os
import pkgutil
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["load_what_moves"]

_OWN = __name__.partition(".")[0]
_RUN_BY = (_OWN, "packaging", "filelock", "rich")
"""We, and what only we run on here: modules of these are imported when they are first needed."""


def load_what_moves(paths: Iterable[str]) -> None:
    """Import every module of ours, and of what we run on, where one of ``paths`` is part of it.

    The rest of the transaction, what is shown of it and its undo in this process then come from
    one release. A module that cannot be imported here would not be later either.

    Args:
        paths: files and whole directories that are about to move.
    """
    homes = {name: home for name in _RUN_BY if (home := _home(name)) is not None}
    parents = {path: os.path.dirname(path) for path in paths}
    real = {parent: os.path.realpath(parent) for parent in {*parents.values()}}
    places = [
        os.path.join(real[parent], os.path.basename(path)) for path, parent in parents.items()
    ]
    if any(_meet(home, place) for home in homes.values() for place in places):
        for name in homes:
            _load(name)


def _home(name: str) -> str | None:
    file = getattr(sys.modules.get(name), "__file__", None)
    return os.path.realpath(os.path.dirname(file)) if file else None


def _meet(one: str, other: str) -> bool:
    shorter, longer = sorted((one, other), key=len)
    return longer == shorter or longer.startswith(shorter.rstrip(os.sep) + os.sep)


def _load(name: str) -> None:
    for module in pkgutil.walk_packages(sys.modules[name].__path__, f"{name}.", lambda _: None):
        if module.name.rpartition(".")[2] != "__main__":
            with contextlib.suppress(Exception):
                importlib.import_module(module.name)
