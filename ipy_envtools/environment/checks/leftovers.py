"""What an interrupted pip left behind, and what is only called as if it had."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..leftovers import leftovers_in
from ..problems import Problem
from .wording import cut, shown_path, way_out_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..packages import InstalledPackages

__all__ = ["problems_of_leftovers"]


def problems_of_leftovers(packages: InstalledPackages) -> Iterator[Problem]:
    """Directories that pip renamed and did not come to remove, with their sizes."""
    for listing in packages.listings:
        for leftover in leftovers_in(listing, packages):
            what = (
                f"{cut(leftover.filename)} in {shown_path(listing.site.path)} "
                f"({leftover.size:,} bytes)"
            )
            where = (Path(leftover.path),)
            if leftover.certain:
                yield Problem(
                    "leftover",
                    "",
                    f"{what} is what an interrupted pip left behind and nothing uses it; "
                    f"{way_out_in(packages.environment, '%pkg repair removes it')}",
                    where,
                )
            else:
                yield Problem(
                    "leftover-unclear",
                    "",
                    f"{what} is called as pip calls what it is about to remove, but it fits no "
                    "package, so it may be somebody's; look into it, and remove it if it is not "
                    "yours",
                    where,
                )
