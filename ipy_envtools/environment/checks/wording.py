"""How problems name a package, a path and a number of things."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ..credentials import mask_credentials
from ..printable import printable

if TYPE_CHECKING:
    from ..distribution import InstalledDistribution

__all__ = ["counted", "is_managed_elsewhere", "shown", "shown_path", "the_first_of", "way_out"]

_MANAGED_ELSEWHERE = frozenset({"parent", "system"})


def shown(distribution: InstalledDistribution) -> str:
    """Name and version."""
    return printable(f"{distribution.canonical_name} {distribution.version}".strip())


def shown_path(path: str | os.PathLike[str]) -> str:
    """A path, printable; it may have been made of a URL, so credentials are masked."""
    return printable(mask_credentials(os.fspath(path)))


def is_managed_elsewhere(distribution: InstalledDistribution) -> bool:
    """Whether this environment only reads what another one, or the operating system, manages."""
    return distribution.site.role in _MANAGED_ELSEWHERE


def way_out(distribution: InstalledDistribution, what: str = "install it again") -> str:
    """What to do, or where, if it cannot be done from this environment."""
    if is_managed_elsewhere(distribution):
        return f"change that with what manages {shown_path(distribution.site_directory)}"
    return what


def counted(number: int, one: str, many: str) -> str:
    """``1 file`` or ``1,200 files``."""
    return f"1 {one}" if number == 1 else f"{number:,} {many}"


def the_first_of(number: int, first: str) -> str:
    """Name one of several things, or the only one; cut where it is very long."""
    first = printable(mask_credentials(first))
    first = first if len(first) <= 100 else f"{first[:100]}…"
    return f" ({first})" if number == 1 else f" (the first is {first})"
