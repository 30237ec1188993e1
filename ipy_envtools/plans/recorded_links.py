"""Which of the directories that RECORDs lead through are links."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["RecordedLinks"]


class RecordedLinks:
    """The links below one site directory: what packages share is looked at once."""

    def __init__(self, site_directory: str) -> None:
        self._site = os.path.join(os.fsencode(site_directory), b"")
        self._known: dict[bytes, bool] = {}

    def among(self, directories: Iterable[bytes]) -> set[bytes]:
        """Return the links on the way to these directories, they themselves included.

        Args:
            directories: relative to the site directory, as is what is returned.
        """
        found = set()
        for directory in directories:
            while directory:
                is_link = self._known.get(directory)
                if is_link is None:
                    is_link = self._known[directory] = os.path.islink(self._site + directory)
                if is_link:
                    found.add(directory)
                directory = directory.rpartition(b"/")[0]
        return found
