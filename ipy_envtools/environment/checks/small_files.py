"""What the small files beside METADATA tell: those that are there and cannot be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..problems import Problem
from .wording import cut, listed, shown, way_out

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..packages import InstalledPackages

__all__ = ["problems_of_small_files"]

_SMALL_FILES = ("WHEEL", "INSTALLER", "top_level.txt", "requires.txt", "installed-files.txt")


def problems_of_small_files(packages: InstalledPackages) -> Iterator[Problem]:
    """Files without which the package works, but something about it is not known."""
    for distribution in packages:
        if packages.alias_target(distribution) is not None:
            continue
        info = distribution.info
        _ = info.metadata, info.wheel_tags, info.installer, info.record_summary
        if distribution.kind != "dist-info":
            _ = info.requires, info.top_level
        if info.errors.get(info.metadata_filename, "no such file") != "no such file":
            continue  # said already, and what is unreadable may be the whole entry
        found = [name for name in _SMALL_FILES if name in info.errors]
        if found:
            yield Problem(
                "unreadable",
                distribution.canonical_name,
                f"{listed(found)} of {shown(distribution)} cannot be read "
                f"({cut(info.errors[found[0]])}), so not everything about it is known; "
                f"{way_out(distribution, packages.environment)}",
                (distribution.info_path,),
            )
