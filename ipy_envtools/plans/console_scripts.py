"""Console scripts that no RECORD names: they go only if their own text says whose they are."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from ..environment.regular_files import read_regular_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..environment import InstalledDistribution
    from ..environment.record import Record
    from .directories import Listings
    from .schemes import SchemeDirectories

__all__ = ["unrecorded_scripts"]

_SECTION = re.compile(
    r"^\s*\[\s*(?:console|gui)_scripts\s*\]([^\[]*)", re.IGNORECASE | re.MULTILINE
)
_ENTRY_POINT = re.compile(r"^[ \t]*([^=#;\s][^=\n]*?)[ \t]*=[ \t]*([\w.]+)", re.MULTILINE)
_LIMIT = 1 << 16  # bytes; launchers of Windows are larger, and zip files
_ENDS = ("", ".exe", "-script.py", "-script.pyw")
_PROJECT = r"['\"]([A-Za-z0-9._-]+?)(?:[=<>!~;\[ ][^'\"]*)?['\"]"
_BY_SETUPTOOLS = re.compile(
    rf"^# EASY-INSTALL-(?:(?:ENTRY|DEV)-)?SCRIPT: *{_PROJECT}|\bload_entry_point\(\s*{_PROJECT}",
    re.MULTILINE,
)


def unrecorded_scripts(
    distribution: InstalledDistribution,
    record: Record | None,
    schemes: SchemeDirectories,
    listings: Listings,
) -> Iterator[str]:
    """Yield paths of scripts that start the distribution, as far as their text shows it.

    A script of that name which starts something else belongs to another package. Where
    setuptools ran (an egg, a development link) the text names the project itself.
    """
    directory = schemes.directory("scripts")
    if directory is None:
        return
    listed = listings(directory)
    own = _top_level_names(distribution, record)
    for name, module in _entry_points(distribution):
        if own and module.partition(".")[0] not in own:
            continue
        for end in _ENDS:
            if listed.get(name + end) is False:
                path = os.path.join(directory, name + end)
                if _imports(_text(path), module) or _names(_text(path), distribution):
                    yield path
    if distribution.kind in ("egg", "egg-link"):
        for name, is_directory in listed.items():
            path = os.path.join(directory, name)
            if not is_directory and _names(_text(path), distribution):
                yield path


def _entry_points(distribution: InstalledDistribution) -> Iterator[tuple[str, str]]:
    """Names and modules of its console and GUI scripts (entry points specification)."""
    info = distribution.info.directory
    if info is None:
        return
    try:
        content = read_regular_file(os.path.join(info, "entry_points.txt"), 1 << 20)
    except OSError:
        return
    for section in _SECTION.findall(content.decode(errors="surrogateescape")):
        for name, module in _ENTRY_POINT.findall(section):
            if os.path.basename(name) == name:
                yield name, module


def _top_level_names(distribution: InstalledDistribution, record: Record | None) -> set[str]:
    if record is None or distribution.editable:
        return {name.partition(".")[0] for name in distribution.import_names}
    return {row.path.partition("/")[0].partition(".")[0] for row in record.rows}


def _text(path: str) -> str:
    """What a script says, or the program that a Windows launcher carries; empty if neither."""
    try:
        if os.path.islink(path):
            return ""
        if path.endswith(".exe"):
            import zipfile

            with zipfile.ZipFile(path) as archive:
                return archive.read("__main__.py").decode(errors="replace")
        text = read_regular_file(path, _LIMIT).decode(errors="replace")
    except Exception:  # zipfile and zlib raise a dozen types for broken archives
        return ""
    return text if text.startswith("#!") else ""


def _imports(text: str, module: str) -> bool:
    statement = rf"^\s*(?:from|import)\s+{re.escape(module)}(?![\w.])"
    return re.search(statement, text, re.MULTILINE) is not None


def _names(text: str, distribution: InstalledDistribution) -> bool:
    names = {name for found in _BY_SETUPTOOLS.findall(text) for name in found if name}
    return any(canonicalize_name(name) == distribution.canonical_name for name in names)
