"""What development installations tell: those that lead nowhere."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ..problems import Problem
from .wording import named, shown, shown_path, the_first_of, way_out

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..packages import InstalledPackages

__all__ = ["problems_of_editables"]


def problems_of_editables(packages: InstalledPackages) -> Iterator[Problem]:
    """Editable installations and ``.egg-link`` entries whose source is gone."""
    for distribution in packages:
        if not distribution.editable:
            continue
        name = distribution.canonical_name
        where = distribution.info_path
        either = way_out(
            distribution,
            packages.environment,
            "install it again from where its source is now, or "
            f"%pkg uninstall {named(distribution)}",
        )
        if distribution.kind == "egg-link":
            if distribution.info.directory is None:
                target = distribution.info.target
                yield Problem(
                    "egg-link-dead",
                    name,
                    f"{shown(distribution)} is a development link to "
                    f"{shown_path(target) if target else 'nowhere'}, where no such project is; "
                    f"{either}",
                    (where, Path(target)) if target else (where,),
                )
            continue
        source = distribution.source
        if source is not None and not os.path.isdir(source):
            yield Problem(
                "editable-dangling",
                name,
                f"{shown(distribution)} is an editable installation of {shown_path(source)}, "
                f"which is not there any more; {either}",
                (where, source),
            )
            continue
        gone = distribution.editable_links.dead(packages.environment.suffixes)
        if gone:
            yield Problem(
                "editable-dangling",
                name,
                f"{shown(distribution)} is an editable installation, and what it imports from is "
                f"not there any more{the_first_of(len(gone), gone[0])}; {either}",
                (where, *map(Path, gone)),
            )
