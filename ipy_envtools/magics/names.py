"""Package names as people type them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IPython.core.error import UsageError

from ..errors import UnknownPackage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..environment import InstalledPackages

__all__ = ["known_names"]


def known_names(names: Sequence[str], packages: InstalledPackages) -> None:
    """Refuse the first name that is not installed, with the nearest one that is.

    Raises:
        UsageError: in one line.
    """
    from ..plans.selection import select_copies

    for name in names:
        try:
            select_copies([name], packages)
        except UnknownPackage as error:
            from ..environment.credentials import mask_credentials

            message = mask_credentials(error.message)
            raise UsageError(f"{message[0].upper()}{message[1:]}") from None
