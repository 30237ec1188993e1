"""From what was typed to copies: names in any spelling, and versions that select one of several."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

from ..environment import InstalledDistribution
from ..errors import UnknownPackage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..environment import InstalledPackages

__all__ = ["select_copies", "with_their_entries"]


def select_copies(
    names: Iterable[str | InstalledDistribution], packages: InstalledPackages
) -> tuple[InstalledDistribution, ...]:
    """Return the copies that are meant, each once, in the order of ``names``.

    A name means the active copy and what else describes the same place: two entries of one
    project in one directory own the same files. ``name==version`` means the copy of that
    version; where several directories hold one, the first of them.

    Raises:
        UnknownPackage: nothing by this name, or of this version, is installed.
    """
    found: list[InstalledDistribution] = []
    for name in names:
        if isinstance(name, InstalledDistribution):
            found.append(name)
        elif "==" in name and name not in packages:
            found.append(_of_version(name, packages))
        else:
            found.extend(_entries_of(packages[name], packages))
    found.extend(_aliases(found, packages))
    return tuple(dict.fromkeys(found))


def with_their_entries(
    copies: Iterable[InstalledDistribution], packages: InstalledPackages
) -> tuple[InstalledDistribution, ...]:
    """Return ``copies``, each once, with everything else that describes the same files.

    It is what :func:`select_copies` finds where the packages are named.
    """
    found = [entry for copy in copies for entry in _entries_of(copy, packages)]
    found.extend(_aliases(found, packages))
    return tuple(dict.fromkeys(found))


def _entries_of(
    copy: InstalledDistribution, packages: InstalledPackages
) -> Iterator[InstalledDistribution]:
    """The copy, and the other entries of its project in the same place."""
    yield copy
    for other in packages.copies(copy.canonical_name):
        if other.site_directory == copy.site_directory and other.location == copy.location:
            yield other


def _of_version(text: str, packages: InstalledPackages) -> InstalledDistribution:
    name, _, wanted = text.partition("==")
    name, wanted = name.strip(), wanted.lstrip("=").strip()
    active = packages[name]
    copies = sorted(packages.copies(name), key=lambda copy: copy is not active)
    for copy in copies:
        if _is_version(copy.version, wanted):
            return copy
    raise UnknownPackage(text, [f"{copy.name}=={copy.version}" for copy in copies])


def _is_version(version: str, wanted: str) -> bool:
    try:
        return Version(version) == Version(wanted)
    except InvalidVersion:
        return version == wanted


def _aliases(
    copies: Iterable[InstalledDistribution], packages: InstalledPackages
) -> Iterator[InstalledDistribution]:
    """Linked entries that lead to one of ``copies``: without it they would be links to nothing."""
    linked = [copy for copy in packages if copy.linked]
    if linked:
        targets = {os.path.realpath(copy.info_path) for copy in copies if not copy.linked}
        yield from (copy for copy in linked if os.path.realpath(copy.info_path) in targets)
