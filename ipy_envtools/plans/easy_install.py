"""``easy-install.pth``: one file with a line for every egg and every development link.

Source: "The Internal Structure of Python Eggs" of setuptools.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ..environment.regular_files import read_regular_file
from .schemes import schemes_of
from .uninstall_plan import Edit, FileState

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from ..environment import InstalledDistribution, InstalledPackages

__all__ = ["easy_install_edits"]

_NAME = "easy-install.pth"
_LIMIT = 1 << 22  # bytes


def easy_install_edits(
    distributions: Iterable[InstalledDistribution], packages: InstalledPackages
) -> tuple[Edit, ...]:
    """Return ``easy-install.pth`` without the lines of these eggs and development links.

    A line that a package which stays shares (two projects in one source tree) stays.
    """
    leaving = {copy for copy in distributions if copy.kind in ("egg", "egg-link")}
    edits = []
    for site_directory in sorted({copy.site_directory for copy in leaving}):
        here = [copy for copy in packages if copy.site_directory == site_directory]
        going = [copy for copy in here if copy in leaving]
        staying = {_location(copy) for copy in here if copy not in leaving}
        lines_of = {_location(copy) for copy in going} - staying
        scheme = schemes_of(going[0], packages.environment).site_scheme
        edit = _edit(site_directory / _NAME, lines_of, scheme)
        if edit is not None:
            edits.append(edit)
    return tuple(edits)


def _location(copy: InstalledDistribution) -> str:
    return os.path.realpath(copy.location)


def _edit(path: Path, locations: set[str], scheme: str) -> Edit | None:
    try:
        status = os.lstat(path)
        content = read_regular_file(str(path), _LIMIT)
    except OSError:
        return None
    kept, removed = [], []
    for line in content.splitlines(keepends=True):
        text = line.strip().decode(errors="surrogateescape")
        if _leads_to(path.parent, text, locations):
            removed.append(text)
        else:
            kept.append(line)
    if not removed:
        return None
    state = FileState(status.st_mode, status.st_ino, status.st_size, status.st_mtime_ns)
    return Edit(path, tuple(removed), b"".join(kept), scheme, state)


def _leads_to(directory: Path, line: str, locations: set[str]) -> bool:
    if not line or line.startswith(("#", "import ", "import\t")) or "\0" in line:
        return False
    return os.path.realpath(os.path.join(directory, line)) in locations
