"""What is in directories, each read once for the making of one plan."""

from __future__ import annotations

import os

__all__ = ["Listings"]


class Listings:
    """The entries of directories, and which of them are directories themselves."""

    def __init__(self) -> None:
        self._known: dict[str, dict[str, bool]] = {}

    def __call__(self, directory: str) -> dict[str, bool]:
        """Return each name with whether it is a directory (a link is none); empty if unreadable."""
        listed = self._known.get(directory)
        if listed is None:
            try:
                with os.scandir(directory) as entries:
                    listed = {entry.name: entry.is_dir(follow_symlinks=False) for entry in entries}
            except (OSError, ValueError):
                listed = {}
            self._known[directory] = listed
        return listed

    def files_below(self, directory: str) -> list[str]:
        """Return the paths of everything below that is no directory."""
        found: list[str] = []
        pending = [directory]
        while pending:
            above = pending.pop()
            for name, is_directory in self(above).items():
                (pending if is_directory else found).append(os.path.join(above, name))
        return found
