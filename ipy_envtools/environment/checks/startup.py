"""What start-up files tell: those that run in every kernel and belong to nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..problems import Problem
from .wording import cut, shown_path, the_first_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..packages import InstalledPackages
    from ..startup_files import StartupFile

__all__ = ["problems_of_startup_files"]


def problems_of_startup_files(packages: InstalledPackages) -> Iterator[Problem]:
    """Start-up files that no RECORD names, or that cannot be read."""
    for file in packages.startup_files:
        path = shown_path(file.path)
        if file.error:
            yield Problem(
                "unreadable",
                "",
                f"{path} cannot be read ({cut(file.error)}), so what it does in every start of "
                "Python is not known; remove it if no tool of yours put it there",
                (file.path,),
            )
        elif not file.owners and not file.made_with_environment and not _is_debian_s(file):
            what = (
                f"runs code{the_first_of(len(file.code), file.code[0])}"
                if file.code
                else ("adds directories to sys.path" if file.directories else "is read")
            )
            yield Problem(
                "startup-unowned",
                "",
                f"{path} {what} in every start of Python, and no installed package owns it; "
                "look into it, and remove it if you do not know what it is for",
                (file.path,),
            )


def _is_debian_s(file: StartupFile) -> bool:
    """Debian's package manager owns files here, and its packages have no RECORD to say so."""
    return file.site.path.name == "dist-packages" and file.site.role in ("parent", "system")
