"""Files that no RECORD names in the directories of the packages that leave: they stay."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from .compiled import CACHE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from .directories import Listings
    from .owners import OtherOwners
    from .real_directories import RealDirectories
    from .uninstall_plan import PlannedFile

__all__ = ["unrecorded_files"]


def unrecorded_files(
    found: Mapping[str, PlannedFile],
    ends: frozenset[str],
    others: OtherOwners,
    real: RealDirectories,
    listings: Listings,
) -> Iterator[tuple[str, PlannedFile]]:
    """Yield each such path with a file of the package whose directory it lies in.

    Args:
        found: the files that have a verdict.
        ends: directories that all packages share: what lies there is not one package's.
        others: the packages that stay.
        real: what directories are.
        listings: what is in them.
    """
    homes: dict[str, PlannedFile] = {}
    planned: set[str] = set()
    for path, file in found.items():
        directory = path.rpartition(os.sep)[0]
        planned.add(directory)
        if file.goes and directory not in homes:
            homes[directory] = file
    inhabited = _with_parents(planned)
    for directory, neighbour in homes.items():
        if directory.endswith(f"{os.sep}{CACHE}") or not _is_own(directory, neighbour, ends):
            continue
        for path in _strangers(directory, inhabited, others, real, listings):
            if path in found:
                continue
            parent, _, name = path.rpartition(os.sep)
            parent = real(parent)
            if not others.in_directory(parent, name) and not others.of_source(parent, name):
                yield path, neighbour


def _is_own(directory: str, file: PlannedFile, ends: frozenset[str]) -> bool:
    """Whether a directory is the package's own, and not one that anything may be put into.

    ``share/man/man1`` belongs to everybody, ``share/jupyter/labextensions/NAME`` to one package.
    """
    if directory in ends:
        return False
    if file.scheme in ("purelib", "platlib"):
        return True
    while directory not in ends and directory != os.path.dirname(directory):
        directory, name = os.path.split(directory)
        if canonicalize_name(name) == file.distribution:
            return True
    return False


def _strangers(
    directory: str,
    inhabited: set[str],
    others: OtherOwners,
    real: RealDirectories,
    listings: Listings,
) -> Iterator[str]:
    """Files in ``directory``, and in those below it that hold no planned file themselves."""
    alone: bool | None = None
    for name, is_directory in listings(directory).items():
        path = f"{directory}{os.sep}{name}"
        if not is_directory:
            yield path
        elif name == CACHE:
            yield from listings.files_below(path)
        elif path not in inhabited:
            if alone is None:
                alone = others.leave_alone(real(directory))
            if alone:  # else it may be a neighbour's part of a namespace package
                yield from listings.files_below(path)


def _with_parents(directories: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for directory in directories:
        while directory not in found:
            found.add(directory)
            directory = os.path.dirname(directory)
    return found
