"""What the entries of site directories tell: remains, images, and names that are not valid."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ..entry_names import is_valid_name
from ..printable import printable
from ..problems import Problem
from ..versions import parse_version
from .wording import shown, shown_path, way_out

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..packages import InstalledPackages

__all__ = ["leftovers", "problems_of_directories", "problems_of_entries"]


def problems_of_directories(packages: InstalledPackages) -> Iterator[Problem]:
    """Directories that cannot be read, and what only looks like an entry."""
    for listing in packages.listings:
        for oddity in listing.oddities:
            path = shown_path(oddity.path)
            if oddity.kind == "unreadable":
                yield Problem(
                    "unreadable",
                    "",
                    f"{path} cannot be read ({oddity.reason}), so packages in it are not listed; "
                    "mend its permissions or take it off sys.path",
                    (Path(oddity.path),),
                )
            elif oddity.kind == "wrong-type":
                yield Problem(
                    "unreadable",
                    "",
                    f"{path} should be {oddity.reason} and is not, so no package can be read from "
                    "it; remove it if no tool of yours put it there",
                    (Path(oddity.path),),
                )


def leftovers(packages: InstalledPackages) -> Iterator[Problem]:
    """Directories that an interrupted pip renamed and did not come to remove, with their sizes."""
    for listing in packages.listings:
        for oddity in listing.oddities:
            if oddity.kind == "leftover":
                yield Problem(
                    "leftover",
                    "",
                    f"{printable(oddity.filename)} in {shown_path(listing.site.path)} "
                    f"({_tree_size(oddity.path):,} bytes) is what an interrupted pip left behind "
                    "and nothing uses it; %pkg repair removes it",
                    (Path(oddity.path),),
                )


def problems_of_entries(packages: InstalledPackages) -> Iterator[Problem]:
    """Names and versions that the specifications do not allow."""
    for distribution in packages:
        name = distribution.canonical_name
        if not is_valid_name(name):
            yield Problem(
                "invalid-name",
                name,
                f"the entry {printable(distribution.entry_name)} in "
                f"{shown_path(distribution.site_directory)} names no valid project "
                f"({printable(name)!r}); "
                f"{way_out(distribution, 'install the package that it belongs to again')}",
                (distribution.info_path,),
            )
        if distribution.version and parse_version(distribution.version) is None:
            upgrade = f"%pip install -U {printable(name)} may bring one that is"
            yield Problem(
                "invalid-version",
                name,
                f"{shown(distribution)} has a version that is not valid (PEP 440), so whether it "
                f"fits cannot be said; {way_out(distribution, upgrade)}",
                (distribution.info_path,),
            )


def _tree_size(path: str) -> int:
    """Bytes of a file, or of all files below a directory; links are not followed."""
    total = 0
    try:
        if os.path.islink(path) or not os.path.isdir(path):
            return os.lstat(path).st_size
    except OSError:
        return 0
    for directory, _, files in os.walk(path):
        for name in files:
            try:
                total += os.lstat(os.path.join(directory, name)).st_size
            except OSError:
                continue
    return total
