"""Package names as people type them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IPython.core.error import UsageError

from ..errors import UnknownPackage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..environment import InstalledPackages
    from ..views import PackageListing

__all__ = ["known_names"]


def known_names(names: Sequence[str], packages: InstalledPackages | PackageListing) -> None:
    """Refuse the first name that is not installed, with the nearest one that is.

    Raises:
        UsageError: in one line.
    """
    for name in names:
        try:
            packages[name.partition("==")[0]]
        except UnknownPackage as error:
            raise UsageError(f"{error.message[0].upper()}{error.message[1:]}") from None
