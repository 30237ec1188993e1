"""The files that a plan moves, by the directories that they really lie in.

Every file has a base, the nearest of the directories that packages are installed into; those
always stay. What is above a base may be reached by links (``lib64``), what is below may not.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..errors import PlanBlocked, PlanOutdated
from ..plans.uninstall_plan import PlannedFile
from .times import STORE_NAME

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from ..plans.uninstall_plan import Edit, UninstallPlan

__all__ = ["Bases", "PlannedDirectory", "planned_tree"]


@dataclass(slots=True)
class Bases:
    """The directories that packages are installed into, which therefore always stay."""

    root: str
    names: dict[str, str] = field(default_factory=dict)
    """Resolved path to the name relative to the root."""

    def add(self, path: str) -> str:
        """Take in a directory, unless it lies outside of the root; returns it resolved."""
        real = os.path.realpath(path)
        if real not in self.names:
            name = _below(path, self.root)
            if name is None:
                name = _below(real, os.path.realpath(self.root))
            if name is not None:
                self.names[real] = name.replace(os.sep, "/")
        return real

    def split(self, path: str) -> tuple[str, str]:
        """The nearest base, relative to the root, and the way from there; with ``/``."""
        base = path
        while base not in self.names:
            base = os.path.dirname(base)
        return self.names[base], path[len(base) + 1 :].replace(os.sep, "/")


@dataclass(slots=True)
class PlannedDirectory:
    """A directory that planned files lie in, at any depth."""

    files: dict[str, PlannedFile] = field(default_factory=dict)
    edits: dict[str, Edit] = field(default_factory=dict)
    inner: dict[str, str] = field(default_factory=dict)
    """Names of directories that planned files lie in, and their resolved paths."""
    whole: bool = False
    count: int = 0
    """Planned files in it, at any depth."""


def planned_tree(plan: UninstallPlan) -> tuple[Bases, dict[str, PlannedDirectory]]:
    """Every directory between a base and a file that goes, by its resolved path."""
    environment = plan.environment
    user = environment.user_base is not None and plan.root == environment.user_base
    schemes: Mapping[str, Path] = environment.user_schemes if user else environment.schemes
    bases = Bases(os.path.abspath(plan.root))
    allowed = {key: [os.fspath(path)] for key, path in schemes.items()}
    # A distribution's own directory need not be one of the schemes': user site, or lib64.
    for own in dict.fromkeys(os.fspath(each.site_directory) for each in plan.distributions):
        for key in ("purelib", "platlib"):
            allowed.setdefault(key, []).append(own)
    real = {path: bases.add(path) for paths in allowed.values() for path in paths}
    for site in environment.site_directories:
        bases.add(os.fspath(site.path))
    bases.add(bases.root)
    tree: dict[str, PlannedDirectory] = {}
    homes: dict[tuple[str, str], str] = {}
    moving: list[PlannedFile | Edit] = [file for file in plan.files if file.goes]
    moving += plan.edits
    for file in moving:
        parent, _, name = os.fspath(file.path).rpartition(os.sep)
        home = homes.get((file.scheme, parent))
        if home is None:
            home = _home(file, parent, allowed.get(file.scheme, ()), real)
            homes[file.scheme, parent] = home
            _climb(home, tree, bases)
        if name in ("", ".", ".."):
            raise PlanBlocked(f"{file.path} names a directory, not a file.")
        if isinstance(file, PlannedFile):
            tree[home].files[name] = file
        else:
            tree[home].edits[name] = file
    return bases, tree


def _home(
    file: PlannedFile | Edit, parent: str, allowed: Iterable[str], real: Mapping[str, str]
) -> str:
    """The directory that a file lies in, with every link above its base resolved."""
    for base in allowed:
        below = _below(parent, base)
        if below == "":
            return real[base]
        if below and not {"..", ".", ""} & set(below.split(os.sep)):
            # The walk that follows finds out whether one of these parts is a link.
            return os.path.join(real[base], below)
    resolved = os.path.realpath(parent)
    for base in allowed:
        if _below(resolved, real[base]) is not None:
            return resolved
    raise PlanOutdated(f"{file.path} lies outside its directory; make the plan again.")


def _climb(path: str, tree: dict[str, PlannedDirectory], bases: Bases) -> None:
    """Enter a directory and those above it, up to the nearest base."""
    inner = ""
    while True:
        parent, _, name = path.rpartition(os.sep)
        known = path in tree
        directory = tree.setdefault(path, PlannedDirectory())
        if inner:
            directory.inner[os.path.basename(inner)] = inner
        if STORE_NAME in (name, bases.names.get(path, "").partition("/")[0]):
            raise PlanBlocked(f"{path} belongs to the store of earlier changes.")
        if known or path in bases.names:
            return
        if not parent:
            raise PlanBlocked(f"{path} lies outside of {bases.root}, where nothing is changed.")
        inner, path = path, parent


def _below(path: str, top: str) -> str | None:
    if path == top:
        return ""
    top = top.rstrip(os.sep) + os.sep
    return path[len(top) :] if path.startswith(top) else None
