"""Where an editable installation leads: its ``.pth`` files and import finders, never executed.

Finders are written by setuptools (``MAPPING``) and by the ``editables`` library that hatchling and
others use (``map_module``); PEP 660 leaves the mechanism to each of them.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

from packaging.utils import canonicalize_name

from .import_names import module_of
from .path_files import read_path_file
from .regular_files import read_regular_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["EditableLinks", "importable_in", "links_of_editable"]

_LIMIT = 1 << 20  # bytes
_PROJECT_FILES = frozenset({"pyproject.toml", "setup.py", "setup.cfg"})

# A finder is anybody's file, and the compiler of Python 3.10 crashes the process on a deep one.
# So it is not parsed: what is looked for is written by repr(), as these strings.
_ESCAPE = r"\\(?:[\\'\"nrt]|x[0-9a-f]{2}|u[0-9a-f]{4}|U00(?:0[0-9a-f]|10)[0-9a-f]{4})"
_STRING = (
    rf"(?:'(?:[^'\\\n]|{_ESCAPE}){{0,4096}}'"
    rf'|"(?:[^"\\\n]|{_ESCAPE}){{0,4096}}")'
)
_MAPPING = re.compile(r"^MAPPING[ \t]*(?::[^=\n]{0,200})?=[ \t]*\{", re.MULTILINE)
_PAIR = re.compile(rf"\s*({_STRING})\s*:\s*({_STRING})\s*,?")
_MAP_MODULE = re.compile(
    rf"^\w{{1,64}}\.map_module\(\s*({_STRING})\s*,\s*({_STRING})\s*,?\s*\)", re.MULTILINE
)


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
    directory: str, canonical_name: str, suffixes: tuple[str, ...], *, on_path: bool
) -> tuple[str, ...]:
    """Return the import names in a source directory that belong to a project.

    Those that match its name; where none does, every package of a directory that the project puts
    on ``sys.path`` and that holds nothing but sources (``src``).
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
    if not matching and on_path and _PROJECT_FILES.isdisjoint(found):
        matching = packages or modules
    return tuple(dict.fromkeys(matching))


def _mapped(source: bytes) -> Iterator[tuple[str, str]]:
    text = source.decode(errors="surrogateescape")
    pairs = [match.groups() for match in _MAP_MODULE.finditer(text)]
    for mapping in _MAPPING.finditer(text):
        pair = _PAIR.match(text, mapping.end())
        while pair is not None:
            pairs.append(pair.groups())
            pair = _PAIR.match(text, pair.end())
    for name, path in pairs:
        path = _unescaped(path)
        if "\0" not in path:
            yield _unescaped(name), path


def _unescaped(literal: str) -> str:
    """What a string is that ``repr`` wrote so; characters that it left alone stay themselves."""
    return literal[1:-1].encode("latin-1", "backslashreplace").decode("unicode_escape")
