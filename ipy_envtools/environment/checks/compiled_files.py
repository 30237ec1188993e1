"""What compiled files tell: those that were left behind when their sources went."""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from ..compiled_files import CACHE, without_source
from ..problems import Problem
from .wording import counted, shown_path, the_first_of, way_out_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..packages import InstalledPackages

__all__ = ["problems_of_compiled_files"]


def problems_of_compiled_files(packages: InstalledPackages) -> Iterator[Problem]:
    """Compiled files without a source that no RECORD names, by top-level directory.

    Where RECORD names the source, it is the source that is missing, and its compiled file no
    remainder. Only in directories that this environment manages: others compile as they please.
    """
    environment = packages.environment
    places = {str(site.path) for site in environment.site_directories}
    for site in environment.site_directories:
        if environment.kind != "paths" and site.role not in ("environment", "user"):
            continue
        directory = str(site.path)
        by_top: dict[str, list[Path]] = defaultdict(list)
        for path, source in without_source(directory, places):
            if not packages.owners.of(path) and not packages.owners.of(source):
                top = path[len(os.path.join(directory, "")) :].partition(os.sep)[0]
                by_top[top].append(Path(path))
        for top, paths in sorted(by_top.items()):
            where = site.path if top == CACHE else site.path / top
            number = counted(len(paths), "compiled file", "compiled files")
            it, sources = ("it", "source is") if len(paths) == 1 else ("them", "sources are")
            yield Problem(
                "compiled-orphaned",
                "",
                f"{shown_path(where)} holds {number}{the_first_of(len(paths), paths[0].name)} "
                f"whose {sources} gone and that no package recorded; nothing can import {it}; "
                f"{way_out_in(environment, f'%pkg repair removes {it}')}",
                tuple(paths),
            )
