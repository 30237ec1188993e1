"""Files that act in every start of Python, and the distributions that they belong to."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .path_files import PathFileLines, read_path_file
from .printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .distribution import InstalledDistribution
    from .packages import InstalledPackages
    from .site_directories import SiteDirectory

__all__ = ["StartupFile", "startup_files_of"]

_READ_BY_SITE = frozenset({"environment", "parent", "user", "system"})


@dataclass(frozen=True)
class StartupFile:
    """One ``.pth`` or ``.start`` file of a directory in which :mod:`site` looks for them."""

    path: Path
    site: SiteDirectory
    directories: tuple[Path, ...]
    """What it adds to ``sys.path``, whether it exists or not."""
    code: tuple[str, ...]
    """The lines that Python executes, printable."""
    owners: tuple[InstalledDistribution, ...]
    """Whose RECORD names it, or whose ``.egg-link`` or ``.egg`` it stands for."""
    error: str = ""
    """Why it could not be read, if so."""
    made_with_environment: bool = False
    """Whether the tool that makes virtual environments puts it there."""


def startup_files_of(packages: InstalledPackages) -> Iterator[StartupFile]:
    """Every start-up file, in the order in which Python comes to it."""
    only_directories = packages.environment.kind == "paths"
    for listing in packages.listings:
        if listing.site.role not in _READ_BY_SITE and not only_directories:
            continue
        for path in listing.startup_files:
            error = ""
            try:
                lines = read_path_file(path)
            except OSError as problem:
                lines = PathFileLines((), ())
                error = printable((problem.strerror or str(problem)).lower())
            yield StartupFile(
                path=Path(path),
                site=listing.site,
                directories=tuple(map(Path, lines.directories)),
                code=tuple(map(printable, lines.code)),
                owners=tuple(_owners(path, lines, packages)),
                error=error,
                made_with_environment=(
                    os.path.basename(path) == "_virtualenv.pth"
                    and lines.code == ("import _virtualenv",)
                ),
            )


def _owners(
    path: str, lines: PathFileLines, packages: InstalledPackages
) -> Iterator[InstalledDistribution]:
    directory, filename = os.path.split(path)
    for distribution in packages:
        if distribution.kind in ("egg", "egg-link"):
            if str(distribution.location) in lines.directories:
                yield distribution
            continue
        summary = distribution.info.record_summary
        if summary is None:
            continue
        here = str(distribution.site_directory) == directory
        if (here and filename in summary.top_components) or (
            summary.reaches_out and path in distribution.file_paths
        ):
            yield distribution
