"""What an interrupted pip left behind, told from what is only called like it.

pip removes a directory of a site directory by renaming it first, the beginning of its name
replaced by ``~`` and characters that no project begins with (``AdjacentTempDirectory``): ``flask``
becomes ``~lask``, and ``~-ask`` where that is taken already. It never renames a file or a link so,
and only directories that hold nothing but files of the package that goes.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Literal, NamedTuple

from .compiled_files import CACHE, compiled_module
from .entry_names import parse_entry_name
from .record import RECORD_LIMIT, has_too_many_rows, recorded_paths
from .regular_files import read_regular_file
from .versions import parse_version

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .packages import InstalledPackages
    from .scanner import DirectoryListing

__all__ = ["Leftover", "leftovers_in"]

_LEADING = frozenset("-~.=%0123456789")
_MOST_REPLACED = 2  # a third character only where 135 leftovers of one name are there already
_SHAPE = re.compile(r"~[-~.=%0-9]*\w[\w.+!-]*")
_ENTRY = (".dist-info", ".egg-info")
_METADATA_FILES = re.compile(
    r"METADATA|PKG-INFO|RECORD(\.jws|\.p7s)?|WHEEL|INSTALLER|REQUESTED|direct_url\.json"
    r"|metadata\.json|pbr\.json|(not-)?zip-safe"
    r"|(entry_points|top_level|namespace_packages|requires|dependency_links|installed-files|SOURCES"
    r")\.txt|(LICEN[CS]E|COPYING|NOTICE|AUTHORS)[^/]*|(licenses|license_files|sboms)/.*",
    re.DOTALL,
)


class Leftover(NamedTuple):
    """A directory, file or link whose name begins with ``~``."""

    path: str
    filename: str
    size: int
    """Bytes."""
    certain: bool
    """Whether nothing but pip can have left it; else it may be anybody's."""


def leftovers_in(listing: DirectoryListing, packages: InstalledPackages) -> tuple[Leftover, ...]:
    """Return what is, or may be, pip's; without what cannot be."""
    found = [oddity for oddity in listing.oddities if oddity.kind == "leftover"]
    if not found:
        return ()
    directory = str(listing.site.path)
    recorded = _recorded(directory, [oddity.filename for oddity in found], packages)
    result = []
    for oddity in found:
        files = _files_of(oddity.path)
        if files is None:
            # A file or a link is never pip's; where it poses as metadata it is worth a look.
            if oddity.filename.endswith(_ENTRY):
                result.append(Leftover(oddity.path, oddity.filename, 0, certain=False))
            continue
        certainty = _certainty(oddity.filename, files, recorded)
        if certainty is not None:
            size = sum(files.values())
            result.append(Leftover(oddity.path, oddity.filename, size, certainty == "certain"))
    return tuple(result)


def _certainty(
    name: str, files: Mapping[str, int], recorded: Mapping[str, frozenset[str]]
) -> Literal["certain", "possible"] | None:
    for original, paths in recorded.items():
        if _may_be_renamed(original, name):
            own = original.endswith(_ENTRY)
            if all(_belongs(file, paths, is_entry=own) for file in files):
                return "certain"
    if name.endswith(_ENTRY):
        stem = name.rpartition(".")[0]
        version = parse_entry_name(stem, "dist-info").version
        is_called_so = _SHAPE.fullmatch(name) and version and parse_version(version)
        # Nothing else is called so, and nothing is in it that somebody may have put there.
        if is_called_so and all(map(_METADATA_FILES.fullmatch, files)):
            return "certain"
        return "possible"
    return "possible" if _SHAPE.fullmatch(name) else None


def _may_be_renamed(original: str, name: str) -> bool:
    """Whether pip calls ``original`` so while it removes it."""
    original, name = os.path.normcase(original), os.path.normcase(name)
    if not original:  # the first component of an absolute path
        return False
    if len(name) > len(original):  # when every shorter name is taken
        return name.endswith(original) and _may_replace(name[1 : -len(original)])
    return len(name) == len(original) and any(
        name[end:] == original[end:] and _may_replace(name[1:end])
        for end in range(1, min(len(name), _MOST_REPLACED + 2))
    )


def _may_replace(beginning: str) -> bool:
    return len(beginning) <= _MOST_REPLACED and _LEADING.issuperset(beginning)


def _belongs(file: str, recorded: frozenset[str], *, is_entry: bool) -> bool:
    if file in recorded or (is_entry and _METADATA_FILES.fullmatch(file)):
        return True
    directory, _, filename = file.rpartition("/")
    module = compiled_module(filename)
    if module is None or directory.rpartition("/")[2] != CACHE:
        return False
    return f"{directory[: -len(CACHE)]}{module}.py" in recorded


def _recorded(
    directory: str, names: Iterable[str], packages: InstalledPackages
) -> dict[str, frozenset[str]]:
    """What RECORDs, those in leftovers too, name below the directories that may be renamed so."""
    names = tuple(names)
    found: dict[str, set[str]] = {}

    def add(content: bytes) -> None:
        for path in recorded_paths(content):
            top, slash, below = path.partition("/")
            if slash and (top in found or any(_may_be_renamed(top, name) for name in names)):
                found.setdefault(top, set()).add(below)

    for distribution in packages:
        if str(distribution.site_directory) == directory and distribution.kind == "dist-info":
            content = distribution.info.record_bytes()
            if content is not None:
                add(content)
    for name in names:
        if name.endswith(".dist-info"):
            try:
                content = read_regular_file(os.path.join(directory, name, "RECORD"), RECORD_LIMIT)
            except OSError:
                continue
            if not has_too_many_rows(content):
                add(content)
    return {top: frozenset(paths) for top, paths in found.items()}


def _files_of(path: str) -> dict[str, int] | None:
    """Every path below a directory that is no directory, with ``/``, and its bytes; else None."""
    if os.path.islink(path) or not os.path.isdir(path):
        return None
    found: dict[str, int] = {}
    for directory, directories, files in os.walk(path):
        # A link to a directory is no file of a package, and is not followed.
        linked = [name for name in directories if os.path.islink(os.path.join(directory, name))]
        for name in (*files, *linked):
            file = os.path.join(directory, name)
            try:
                size = os.lstat(file).st_size
            except OSError:
                size = 0
            found[os.path.relpath(file, path).replace(os.sep, "/")] = size
    return found
