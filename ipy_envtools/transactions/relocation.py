"""Moving a file, a link or a directory from one place to another, whatever the file system.

A rename where that is possible. A directory that cannot be renamed (every one of a container
image's lower layers, a mount point, a directory that lies on another file system) is made anew
and its files are moved one by one; a file that cannot be renamed is copied, synced, compared and
only then removed. Nothing is overwritten, no link is followed, and no existing file is written
to, made longer or shorter, or given another mode: it may be a hard link into a tool's cache.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
import sys
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = [
    "Relocation",
    "count_files",
    "files_in",
    "give_owner_and_mode",
    "is_copy",
    "is_directory",
    "is_reached_without_links",
    "may_write",
]

_CHUNK = 1 << 20
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
# Linux gives EXDEV, and EBUSY for a mount point; Windows denies renaming a directory in use.
_NOT_WHOLE = {errno.EXDEV, errno.EBUSY} | (
    {errno.EACCES, errno.EPERM} if sys.platform == "win32" else set()
)

_Step = tuple[Literal["moved", "made", "removed"], str, str, "os.stat_result | None"]


class Relocation:
    """Moves things and remembers what it did, so that it can be reversed.

    Args:
        name: of the transaction; a copy that is not complete yet is named after it.
        before_taking_apart: called before the first directory that cannot be moved whole.
    """

    def __init__(self, name: str, before_taking_apart: Callable[[], None]) -> None:
        self._part = f".ipy-envtools-{name}"
        self._before_taking_apart = before_taking_apart
        self._done: list[_Step] = []

    def move(self, here: str, there: str, *, resuming: bool = False) -> None:
        """Move what is at ``here`` to ``there``.

        Args:
            here: a file, a link or a directory.
            there: must not exist; but a directory may go where a directory is.
            resuming: a file may be at both places where it is the same one, because a copy
                between file systems was interrupted before the original was removed.

        Raises:
            OSError: also FileExistsError for what is in the way.
        """
        if is_directory(here):
            self._move_directory(here, there, resuming)
        else:
            self._move_file(here, there, resuming)

    def move_whole(self, here: str, there: str) -> bool:
        """Move a directory by one renaming; False where only its files can be moved.

        Raises:
            OSError: also FileExistsError for whatever is in the way, an empty directory too.
        """
        if os.path.lexists(there):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), there)
        self._done.append(("moved", here, there, None))
        try:
            os.rename(here, there)
        except OSError as error:
            if error.errno not in _NOT_WHOLE:
                raise
            self._done.pop()
            return False
        return True

    def make(self, path: str, mode: int) -> None:
        """Make a directory with exactly this mode."""
        self._done.append(("made", path, "", None))
        os.mkdir(path, 0o700)
        os.chmod(path, mode)

    def unmake(self, path: str) -> None:
        """Remove a directory that was made, unless somebody has put something into it."""
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            status = os.lstat(path)
            if os.path.islink(path) or os.listdir(path):
                return
            self._done.append(("removed", path, "", status))
            os.rmdir(path)

    def unfinished_copy(self, path: str) -> str:
        """What a process that was killed while it copied to ``path`` has left beside it."""
        return os.path.join(os.path.dirname(path), self._part)

    def reverse(self) -> Iterator[tuple[str, str, OSError]]:
        """Undo all steps, the last one first; gives (where it belongs, where it is, error)."""
        while self._done:
            kind, path, goal, status = self._done[-1]
            try:
                if kind == "moved":
                    if not os.path.lexists(path) and os.path.lexists(goal):
                        _rename(goal, path, self._part)
                    elif os.path.lexists(goal) and is_copy(path, goal):
                        os.unlink(goal)
                elif kind == "made":
                    with contextlib.suppress(FileNotFoundError):
                        os.rmdir(path)
                elif status is not None and not os.path.lexists(path):
                    os.mkdir(path, 0o700)
                    _dress(path, status)
            except OSError as error:
                self._done.pop()
                yield path, goal or path, error
            else:
                self._done.pop()

    def _move_file(self, here: str, there: str, resuming: bool) -> None:
        if os.path.lexists(there):
            if not (resuming and is_copy(here, there)):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), there)
            os.unlink(here)
            return
        self._done.append(("moved", here, there, None))
        _rename(here, there, self._part)

    def _move_directory(self, here: str, there: str, resuming: bool) -> None:
        if os.path.lexists(there):
            if not is_directory(there):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), there)
        elif self.move_whole(here, there):
            return
        self._before_taking_apart()
        self._move_entries(here, there, resuming)

    def _move_entries(self, here: str, there: str, resuming: bool) -> None:
        status = os.lstat(here)
        made = not os.path.lexists(there)
        if made:
            self._done.append(("made", there, "", None))
            os.mkdir(there, 0o700)
        with os.scandir(here) as entries:
            names = sorted((entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries)
        for name, directory in names:
            source, goal = os.path.join(here, name), os.path.join(there, name)
            if name == self._part:
                os.unlink(source)
            elif directory:
                self._move_directory(source, goal, resuming)
            else:
                self._move_file(source, goal, resuming)
        if made:
            _dress(there, status)
        self._done.append(("removed", here, "", status))
        os.rmdir(here)


def is_directory(path: str) -> bool:
    """Whether ``path`` is a directory itself, not a link to one."""
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except OSError:
        return False


def files_in(directory: str) -> set[str]:
    """The files and links in a directory, at any depth, relative to it."""
    found = set()
    start = len(directory) + 1
    pending = [directory]
    while pending:
        with os.scandir(pending.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    pending.append(entry.path)
                else:
                    found.add(entry.path[start:])
    return found


def count_files(directory: str) -> int:
    """How many that are."""
    return len(files_in(directory))


def is_reached_without_links(top: str, inside: str) -> bool:
    """Whether every part of the way from ``top`` to ``inside`` (with ``/``) is a real directory."""
    path = top
    for part in filter(None, inside.split("/")):
        path = os.path.join(path, part)
        if not is_directory(path):
            return False
    return True


def may_write(directory: str) -> bool:
    """Whether this process may add and remove names in a directory."""
    effective = os.access in os.supports_effective_ids
    return os.access(directory, os.W_OK | os.X_OK, effective_ids=effective)


def is_copy(one: str, other: str) -> bool:
    """Whether two paths hold the same: a file's bytes, or a link's target."""
    first, second = os.lstat(one), os.lstat(other)
    if stat.S_IFMT(first.st_mode) != stat.S_IFMT(second.st_mode):
        return False
    if stat.S_ISLNK(first.st_mode):
        return os.readlink(one) == os.readlink(other)
    if not stat.S_ISREG(first.st_mode):
        return False
    if first.st_size != second.st_size:
        return False
    with open(one, "rb") as left, open(other, "rb") as right:
        while True:
            data = left.read(_CHUNK)
            if data != right.read(_CHUNK):
                return False
            if not data:
                return True


def _rename(here: str, there: str, part: str) -> None:
    try:
        os.rename(here, there)
    except OSError as error:
        if error.errno != errno.EXDEV or is_directory(here):
            raise
    else:
        return
    copy = os.path.join(os.path.dirname(there), part)
    try:
        _copy(here, copy)
        os.rename(copy, there)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(copy)
        raise
    os.unlink(here)


def _copy(here: str, copy: str) -> None:
    """Copy one file or link with everything that belongs to it, and be sure that it arrived."""
    status = os.lstat(here)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(copy)  # of an attempt that was killed
    if stat.S_ISLNK(status.st_mode):
        os.symlink(os.readlink(here), copy)
        _dress(copy, status)
        return
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EXDEV, "neither a file nor a link, and on another file system", here)
    source = os.open(here, os.O_RDONLY | _NOFOLLOW)
    try:
        goal = os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NOFOLLOW, 0o600)
        try:
            while data := os.read(source, _CHUNK):
                rest = memoryview(data)
                while rest:
                    rest = rest[os.write(goal, rest) :]
            os.fsync(goal)
        finally:
            os.close(goal)
    finally:
        os.close(source)
    shutil.copystat(here, copy, follow_symlinks=False)
    _dress(copy, status)
    if not is_copy(here, copy):
        raise OSError(errno.EIO, "the copy differs from the file", here)


def give_owner_and_mode(path: str, status: os.stat_result) -> None:
    """Give a new file, link or directory the owner and the mode of another one."""
    if hasattr(os, "chown"):
        now = os.lstat(path)
        if (now.st_uid, now.st_gid) != (status.st_uid, status.st_gid):
            with contextlib.suppress(PermissionError):
                os.chown(path, status.st_uid, status.st_gid, follow_symlinks=False)
    if not stat.S_ISLNK(status.st_mode):
        os.chmod(path, stat.S_IMODE(status.st_mode))


def _dress(path: str, status: os.stat_result) -> None:
    """The same, and the times."""
    give_owner_and_mode(path, status)
    is_link = stat.S_ISLNK(status.st_mode)
    if not is_link or os.utime in os.supports_follow_symlinks:
        times = (status.st_atime_ns, status.st_mtime_ns)
        os.utime(path, ns=times, follow_symlinks=not is_link)
