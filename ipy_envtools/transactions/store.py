"""The store: what was taken out of an environment, beside the environment, on its file system."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import stat
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from ..errors import EnvToolsError
from .journal import Journal, read_outline
from .relocation import is_directory
from .times import STORE_NAME, same_time

if TYPE_CHECKING:
    from ..environment import Environment

__all__ = [
    "KEEP_BYTES",
    "KEEP_COUNT",
    "KEEP_DAYS",
    "STAGED",
    "Store",
    "kept_size",
    "sync_directory",
]

KEEP_BYTES = 4 * 1024**3
"""How much may be kept for undoing; the newest transaction always is."""
KEEP_COUNT = 200
"""How many transactions the history may hold."""
KEEP_DAYS = 90
"""How long one can be undone."""

STAGED = ".new"
"""Ends the name of what is to be put into the environment, as long as it is in the store."""

_ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{4}")
_GOING = ".going"
"""Ends the name of a transaction's directory that is being deleted."""


class Store:
    """The directory ``.ipy-envtools`` in a root; it exists only while it holds something.

    In it are ``lock``, and one directory for each transaction with its ``journal`` and what
    was taken out, under numbers.

    Args:
        root: the directory that it lies in.
        environment: the one that it is about, which may have other roots too.
    """

    def __init__(self, root: str | os.PathLike[str], environment: Environment) -> None:
        self.root = os.path.abspath(os.fspath(root))
        self.path = os.path.join(self.root, STORE_NAME)
        self._environment = environment

    @property
    def others(self) -> list[Store]:
        """The stores in the other roots of the environment."""
        found = (Store(root, self._environment) for root in self._environment.roots)
        return [store for store in found if store.root != self.root]

    def owns(self, directory: str) -> bool:
        """Whether a directory is below the root, or below one that packages are installed into.

        Links are followed: a scripts directory may well be one that leads elsewhere.
        """
        real = os.path.realpath(directory)
        if is_below(real, os.path.realpath(self.root)):
            return True
        environment = self._environment
        schemes = (*environment.schemes.values(), *environment.user_schemes.values())
        sites = (site.path for site in environment.site_directories)
        return any(is_below(real, os.path.realpath(path)) for path in (*schemes, *sites))

    @property
    def lock(self) -> str:
        """Path of the lock file."""
        return os.path.join(self.path, "lock")

    @property
    def exists(self) -> bool:
        """Whether there is one.

        Raises:
            EnvToolsError: something else stands in its place.
        """
        try:
            mode = os.lstat(self.path).st_mode
        except (FileNotFoundError, NotADirectoryError):
            return False
        if not stat.S_ISDIR(mode):
            raise EnvToolsError(
                f"{self.path} should be a directory and is none; remove it to change packages."
            )
        return True

    def make(self) -> bool:
        """Make the store; False where another process was faster."""
        try:
            with same_time(self.root):
                os.mkdir(self.path)
        except FileExistsError:
            return False
        # Others wait for this file, and so never see the root with the time of the mkdir.
        os.close(os.open(self.lock, os.O_RDWR | os.O_CREAT, 0o666))
        return True

    def directory(self, identity: str) -> str:
        """Where a transaction keeps what it took out."""
        return os.path.join(self.path, identity)

    def journal(self, identity: str) -> str:
        """Path of a transaction's journal."""
        return os.path.join(self.path, identity, "journal")

    def identities(self) -> list[str]:
        """Every transaction that has a directory here, oldest first; none is reached by a link."""
        if not is_directory(self.path):
            return []
        try:
            with os.scandir(self.path) as entries:
                return sorted(
                    entry.name
                    for entry in entries
                    if _ID.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False)
                )
        except (FileNotFoundError, NotADirectoryError):
            return []

    def outlines(self) -> list[Journal]:
        """Every journal without its moves, oldest first; one that never began is left out.

        Raises:
            JournalUnreadable: one of them cannot be read.
        """
        found = (read_outline(self.journal(identity)) for identity in self.identities())
        return [journal for journal in found if journal is not None]

    def new_transaction(self, journals: list[Journal]) -> tuple[str, datetime]:
        """Make the directory of a transaction that begins now.

        Returns its identity and time, which is later than that of any other, so that the
        newest is the newest even after the clock was put back.
        """
        started = datetime.now(timezone.utc)
        if journals and started <= journals[-1].started:
            started = journals[-1].started + timedelta(seconds=1)
        while True:
            identity = f"{started:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
            if journals and identity <= journals[-1].id:
                started += timedelta(seconds=1)
                continue
            try:
                os.mkdir(self.directory(identity))
            except FileExistsError:
                continue
            return identity, started

    def clear_away(self, journals: list[Journal]) -> None:
        """Finish deletions that were interrupted, and drop all but these, which have begun."""
        begun = {journal.id for journal in journals}
        for name in os.listdir(self.path):
            path = os.path.join(self.path, name)
            if name.endswith(_GOING) and is_directory(path):
                with contextlib.suppress(OSError):
                    _delete(path)
        for name in self.identities():
            if name not in begun:
                with contextlib.suppress(OSError):
                    self.drop_unbegun(name)
        for journal in journals:
            if journal.phase not in ("applying", "undoing"):
                self.drop_staged(journal.id)

    def drop_unbegun(self, identity: str) -> None:
        """Nothing has moved, so at most a journal that was cut off, and staged copies, are here."""
        directory = self.directory(identity)
        names = os.listdir(directory)
        if not all(name == "journal" or name.endswith(STAGED) for name in names):
            return
        with contextlib.suppress(OSError):
            self.drop_staged(identity)
            if "journal" in names:
                os.unlink(os.path.join(directory, "journal"))
            os.rmdir(directory)

    def drop_staged(self, identity: str) -> None:
        """Delete what was to be put in and is not, or is no longer: an engine can make it again."""
        directory = self.directory(identity)
        with contextlib.suppress(OSError):
            for name in os.listdir(directory):
                path = os.path.join(directory, name)
                if name.endswith(STAGED) and is_directory(path):
                    _delete(path)
                elif name.endswith(STAGED):
                    os.unlink(path)

    def prune(self, journals: list[Journal]) -> list[Journal]:
        """Delete the oldest transactions that are past the bounds, but never the newest.

        Returns those that cannot be undone any more. What cannot be deleted stays, and is tried
        again next time.
        """
        now = datetime.now(timezone.utc)
        kept_bytes = sum(kept_size(journal) for journal in journals)
        count = len(journals)
        gone = []
        for journal in journals[:-1]:
            if (
                count <= KEEP_COUNT
                and kept_bytes <= KEEP_BYTES
                and now - journal.started <= timedelta(days=KEEP_DAYS)
            ):
                break
            with contextlib.suppress(OSError):
                self._set_aside(journal)
                kept_bytes -= kept_size(journal)
                count -= 1
                gone.append(journal)
        for journal in gone:
            with contextlib.suppress(OSError):
                _delete(self.directory(journal.id) + _GOING)
        return gone

    def delete(self, journal: Journal) -> None:
        """Delete a finished transaction and what it keeps: the only real deletion there is."""
        self._set_aside(journal)
        _delete(self.directory(journal.id) + _GOING)

    def _set_aside(self, journal: Journal) -> None:
        """From here on it is not in the history; deleting it can be tried again."""
        os.rename(self.directory(journal.id), self.directory(journal.id) + _GOING)

    def discard_if_empty(self) -> None:
        """Remove the store where only its lock is left; the lock must be held."""
        with contextlib.suppress(OSError):
            if {"lock"}.issuperset(os.listdir(self.path)):
                with same_time(self.root):
                    os.unlink(self.lock)
                    os.rmdir(self.path)


def kept_size(journal: Journal) -> int:
    """Bytes that a transaction keeps in the store."""
    return 0 if journal.phase in ("undone", "rolled-back") else journal.size


def is_below(path: str, top: str) -> bool:
    """Whether a path is ``top`` or lies in it; no link is followed."""
    return path == top or path.startswith(top.rstrip(os.sep) + os.sep)


def sync_directory(path: str) -> None:
    """Have the names in a directory on the disk; Windows has no such thing."""
    if os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _delete(path: str) -> None:
    try:
        shutil.rmtree(path)
    except PermissionError:
        # A read-only directory was kept as it was; its entries cannot be removed before this.
        for top, directories, _ in os.walk(path):
            for name in [".", *directories]:
                inner = os.path.join(top, name)
                if not os.path.islink(inner):
                    os.chmod(inner, stat.S_IRWXU)
        shutil.rmtree(path)
