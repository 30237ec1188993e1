"""The search path of this process, brought up to what the next start of Python would make it.

Packages that come while the kernel runs may lie where it does not look yet: an editable
installation adds its source tree by a ``.pth`` file, and user site may not have existed before.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from ..environment.path_files import read_path_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..environment import InstalledDistribution, InstalledPackages

__all__ = ["extend_search_path", "startup_code"]


def extend_search_path(names: Iterable[str], packages: InstalledPackages) -> None:
    """Append to ``sys.path`` where these packages are imported from, if a start would do so too.

    No code of a ``.pth`` file is run: see :func:`startup_code`.

    Args:
        names: canonical.
        packages: this process's own environment, scanned since they came.
    """
    if not packages.environment.is_running:
        return
    known = {_real(entry) for entry in sys.path if isinstance(entry, str) and entry}
    for copy in _copies(names, packages):
        wanted = [str(copy.site_directory)] if copy.site.role in ("environment", "user") else []
        for path in _path_files(copy):
            wanted += _lines(path)[0]
        for directory in wanted:
            if _real(directory) not in known and os.path.isdir(directory):
                known.add(_real(directory))
                sys.path.append(directory)


def startup_code(
    names: Iterable[str], packages: InstalledPackages
) -> dict[str, frozenset[tuple[str, ...]]]:
    """Return the lines that Python would execute at its start because of these packages.

    Returns:
        By canonical name, the lines of each file; no name without any.
    """
    code = {
        copy.canonical_name: frozenset(_lines(path)[1] for path in _path_files(copy))
        for copy in _copies(names, packages)
    }
    return {name: lines for name, lines in code.items() if any(lines)}


def _copies(names: Iterable[str], packages: InstalledPackages) -> Iterator[InstalledDistribution]:
    for name in names:
        if name in packages:
            yield packages[name]


def _path_files(copy: InstalledDistribution) -> list[str]:
    """The ``.pth`` files of a copy, where :mod:`site` looks for them."""
    summary = copy.info.record_summary
    if summary is None or copy.site.role not in ("environment", "user"):
        return []
    found = sorted(name for name in summary.top_components if name.endswith(".pth"))
    return [os.path.join(copy.site_directory, name) for name in found]


def _lines(path: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    try:
        return read_path_file(path)
    except OSError:  # then the next start cannot read it either
        return (), ()


def _real(path: str) -> str:
    return os.path.normcase(os.path.realpath(path))
