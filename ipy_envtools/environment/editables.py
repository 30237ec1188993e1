"""Where an editable installation leads: its ``.pth`` files and import finders, never executed.

Finders are written by setuptools (``MAPPING``) and by the ``editables`` library that hatchling and
others use (``map_module``); PEP 660 leaves the mechanism to each of them.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from packaging.utils import canonicalize_name

from .import_names import module_of
from .path_files import read_path_file
from .regular_files import read_regular_file

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterable, Iterator

__all__ = ["EditableLinks", "importable_in", "links_of_editable"]

_LIMIT = 1 << 20  # bytes
_PROJECT_FILES = frozenset({"pyproject.toml", "setup.py", "setup.cfg"})


class EditableLinks(NamedTuple):
    """What an editable installation adds to what can be imported."""

    directories: tuple[str, ...]
    """That its ``.pth`` files add to ``sys.path``, whether they exist or not."""
    modules: dict[str, str]
    """Import names to the paths that its finder maps them to; a path may lack its suffix."""

    def dead(self, suffixes: Iterable[str]) -> tuple[str, ...]:
        """The paths that are not there; empty unless all are missing."""
        paths = [*self.directories, *self.modules.values()]
        endings = ("", *suffixes)
        gone = [path for path in paths if not any(os.path.exists(path + end) for end in endings)]
        return tuple(gone) if len(gone) == len(paths) else ()


def links_of_editable(site_directory: str, recorded: Iterable[str]) -> EditableLinks:
    """Read the ``.pth`` files and finders among the ``recorded`` paths of an editable."""
    directories: list[str] = []
    modules: dict[str, str] = {}
    for name in recorded:
        if "/" in name or "\\" in name:
            continue
        path = os.path.join(site_directory, name)
        try:
            if name.endswith(".pth"):
                directories += read_path_file(path).directories
            elif name.endswith(".py"):
                modules.update(_mapped(read_regular_file(path, _LIMIT)))
        except OSError:
            continue  # a missing one is another problem
    return EditableLinks(tuple(dict.fromkeys(directories)), modules)


def importable_in(
    directory: str, canonical_name: str, suffixes: tuple[str, ...]
) -> tuple[str, ...]:
    """Return the import names in a source directory that belong to a project.

    Those that match its name; where none does and the directory holds nothing but sources
    (``src``), every package in it.
    """
    try:
        found = sorted(os.listdir(directory))
    except OSError:
        return ()
    packages = [
        name
        for name in found
        if name.isidentifier() and os.path.isfile(os.path.join(directory, name, "__init__.py"))
    ]
    modules = [module[0] for name in found if (module := module_of(name, suffixes)) is not None]
    matching = [name for name in (*packages, *modules) if canonicalize_name(name) == canonical_name]
    if not matching and _PROJECT_FILES.isdisjoint(found):
        matching = packages or modules
    return tuple(dict.fromkeys(matching))


def _mapped(source: bytes) -> Iterator[tuple[str, str]]:
    import ast

    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for statement in tree.body:
        value: ast.expr | None = None
        if isinstance(statement, ast.Assign):
            target, value = statement.targets[0], statement.value
        elif isinstance(statement, ast.AnnAssign):
            target, value = statement.target, statement.value
        elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            call = statement.value
            if isinstance(call.func, ast.Attribute) and call.func.attr == "map_module":
                yield from _pairs(call.args[:1], call.args[1:2])
            continue
        if isinstance(value, ast.Dict) and isinstance(target, ast.Name) and target.id == "MAPPING":
            yield from _pairs(value.keys, value.values)


def _pairs(
    keys: Iterable[ast.expr | None], values: Iterable[ast.expr]
) -> Iterator[tuple[str, str]]:
    import ast

    for key, value in zip(keys, values, strict=False):
        if isinstance(key, ast.Constant) and isinstance(value, ast.Constant):
            name, path = key.value, value.value
            if isinstance(name, str) and isinstance(path, str) and "\0" not in path:
                yield name, path
