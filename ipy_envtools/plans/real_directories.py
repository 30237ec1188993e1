"""What directories and files are called when every link is followed, each looked up once."""

from __future__ import annotations

import os
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["RealDirectories", "folds_case", "normal_path"]


class RealDirectories:
    """The resolved form of paths, kept for the making of one plan.

    A package has thousands of files in hundreds of directories that share their upper parts, so
    each component is looked at once instead of once a file.

    Args:
        folds: whether the file system takes names that differ in case for the same.
    """

    def __init__(self, *, folds: bool = False) -> None:
        self.folds = folds
        self._known: dict[str, str] = {}
        self._listed: dict[str, dict[str, int]] = {}

    def __call__(self, directory: str) -> str:
        """Return an absolute, normalised ``directory`` with all links followed.

        What does not exist is taken as it is spelled.
        """
        known = self._known
        real = known.get(directory)
        if real is not None:
            return real
        pending = []
        path = directory
        while path not in known:
            parent = os.path.dirname(path)
            if parent == path:
                known[path] = path
                break
            pending.append(path)
            path = parent
        for path in reversed(pending):
            above, name = os.path.split(path)
            above = known[above]
            spelled = os.path.join(above, self.as_on_disk(above, name))
            # Windows has more ways to lead elsewhere than links.
            leads_elsewhere = os.name == "nt" or os.path.islink(spelled)
            known[path] = os.path.realpath(spelled) if leads_elsewhere else spelled
        return known[directory]

    def of_file(self, path: str) -> str:
        """Return where a file lies: its directory resolved, its own name kept."""
        parent, name = os.path.split(path)
        real = self(parent)
        return os.path.join(real, self.as_on_disk(real, name))

    def links_above(self, path: str) -> Iterator[str]:
        """Yield where the links lie that are followed on the way to a file."""
        path = os.path.dirname(path)
        while (real := self(path)) != path:
            link = self.of_file(path)
            if link != real:
                yield link
            path = os.path.dirname(path)

    def as_on_disk(self, directory: str, name: str) -> str:
        """Return the name that the file called ``name`` really has in a resolved directory.

        Most file systems know one spelling only. Those that fold case or normalise Unicode
        (APFS, NTFS) find it by several, which would then count as several files.
        """
        if not self.folds and name.isascii():
            return name
        listed = self._listed.get(directory)
        if listed is None:
            listed = self._listed[directory] = _inodes(directory)
        if name in listed:
            return name
        try:
            inode = os.lstat(os.path.join(directory, name)).st_ino
        except (OSError, ValueError):
            return name
        same = [other for other, number in listed.items() if number == inode]
        alike = [other for other in same if _folded(other) == _folded(name)]
        return (alike or same or [name])[0]


def normal_path(directory: str, path: str) -> str:
    """Return ``path`` as seen from an absolute ``directory``, ``..`` resolved as text."""
    found = os.path.normpath(os.path.join(directory, path))
    # POSIX leaves it open what two slashes at the beginning mean; everywhere they mean one.
    return found[1:] if found.startswith("//") else found


def folds_case(directory: str) -> bool:
    """Ask the file system whether it takes two names that differ in case for the same."""
    while directory != os.path.dirname(directory):
        parent, name = os.path.split(directory)
        if name.swapcase() != name:
            try:
                return os.path.samefile(directory, os.path.join(parent, name.swapcase()))
            except OSError:
                return False
        directory = parent
    return False


def _inodes(directory: str) -> dict[str, int]:
    try:
        with os.scandir(directory) as entries:
            return {entry.name: entry.inode() for entry in entries}
    except OSError:
        return {}


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
