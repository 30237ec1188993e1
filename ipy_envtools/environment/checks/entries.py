"""What the entries of site directories tell: images, and names that are not valid."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..entry_names import Kind, is_valid_name, parse_entry_name
from ..problems import Problem
from ..versions import parse_version
from .wording import cut, named, shown, shown_path, way_out, way_out_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..packages import InstalledPackages

__all__ = ["problems_of_directories", "problems_of_entries"]


_UNKNOWN = "remove it if no tool of yours put it there"


def problems_of_directories(packages: InstalledPackages) -> Iterator[Problem]:
    """Directories that cannot be read, and what only looks like an entry."""
    for directory in packages.environment.missing:
        yield Problem(
            "unreadable",
            "",
            f"{shown_path(directory)} was given and is no directory, so no package is listed from "
            "it; look into how it is spelled, and scan again",
            (directory,),
        )
    for listing in packages.listings:
        for oddity in listing.oddities:
            path = shown_path(oddity.path)
            if oddity.kind == "unreadable":
                yield Problem(
                    "unreadable",
                    "",
                    f"{path} cannot be read ({cut(oddity.reason)}), so packages in it are not "
                    "listed; mend its permissions or take it off sys.path",
                    (Path(oddity.path),),
                )
            elif oddity.kind == "wrong-type":
                yield Problem(
                    "unreadable",
                    _project_of(oddity.filename),
                    f"{path} should be {oddity.reason} and is not, so no package can be read from "
                    f"it; {way_out_in(packages.environment, _UNKNOWN)}",
                    (Path(oddity.path),),
                )


def problems_of_entries(packages: InstalledPackages) -> Iterator[Problem]:
    """Names and versions that the specifications do not allow."""
    here = packages.environment
    for distribution in packages:
        name = distribution.canonical_name
        if not is_valid_name(name):
            yield Problem(
                "invalid-name",
                name,
                f"the entry {cut(distribution.entry_name)} in "
                f"{shown_path(distribution.site_directory)} names no valid project "
                f"({named(distribution)!r}); {way_out(distribution, here, _UNKNOWN)}",
                (distribution.info_path,),
            )
        if distribution.version and parse_version(distribution.version) is None:
            upgrade = f"%pkg upgrade {named(distribution)} may bring one that is"
            yield Problem(
                "invalid-version",
                name,
                f"{shown(distribution)} has a version that is not valid (PEP 440), so whether it "
                f"fits cannot be said; {way_out(distribution, here, upgrade)}",
                (distribution.info_path,),
            )


def _project_of(filename: str) -> str:
    """Canonical, as the name of the entry says it, whatever the entry is."""
    stem, _, suffix = filename.rpartition(".")
    suffix = suffix.lower()
    kind: Kind = "egg-link" if suffix == "egg-link" else "egg" if suffix == "egg" else "dist-info"
    return parse_entry_name(stem, kind).canonical_name
