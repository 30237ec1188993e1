"""The files behind one entry, each read when it is first asked for and kept while it is unchanged.

What is kept is trusted only as long as the entry and every file that was read carry the stamps
that they had before the reading: so an edit in place is noticed as well as a reinstallation.
"""

from __future__ import annotations

import os
import threading
import time
from collections import OrderedDict
from functools import cached_property
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from .credentials import mask_credentials
from .direct_url import DirectURL, InvalidDirectURL, parse_direct_url
from .metadata import EMPTY_METADATA, END_OF_HEADERS, HEADERS_LIMIT, Metadata, parse_metadata
from .printable import printable
from .record import (
    RECORD_LIMIT,
    Record,
    RecordSummary,
    has_too_many_rows,
    parse_record,
    recorded_directories,
    summarize,
)
from .regular_files import Stamp, has_changed, is_settled, read_stamped, stamp_of
from .requires_txt import parse_requires_txt

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable

    from .entry_names import Kind
    from .scanner import Entry

__all__ = ["InfoFiles", "forget_all_but", "info_files"]

_SMALL = 1 << 16  # bytes: files of a line or two
_LISTS = 1 << 20  # bytes: requires.txt, top_level.txt
_DIRECT_URL = 1 << 20  # bytes


class InfoFiles:
    """What the files of one entry say. Nothing here raises: ``errors`` says what is unreadable."""

    def __init__(self, path: str, kind: Kind) -> None:
        self.path = path
        self.kind = kind
        self.errors: dict[str, str] = {}
        """File name to why it could not be read."""
        self._stamps: dict[str, Stamp] = {}
        self._trusted = True
        self._recorded_directories: frozenset[bytes] | None = None
        self._watch(path)

    @property
    def directory(self) -> str | None:
        """The directory that holds the metadata files; None where there is none."""
        return self.path if self.kind in ("dist-info", "egg-info") else self._directory

    @cached_property
    def _directory(self) -> str | None:
        found = None
        if self.kind == "egg":
            found = os.path.join(self.path, "EGG-INFO")
        elif self.kind == "egg-link" and self.target:
            self._watch(self.target)
            found = _egg_info_in(self.target, os.path.basename(self.path)[: -len(".egg-link")])
        if found is None or not os.path.isdir(found):
            return None
        self._watch(found)
        return found

    @cached_property
    def target(self) -> str | None:
        """The directory that an ``.egg-link`` points to."""
        if self.kind != "egg-link":
            return None
        content = self._read(self.path, _SMALL)
        line = (content or b"").split(b"\n", 1)[0].strip()
        if not line or b"\0" in line:
            return None
        return os.path.normpath(os.path.join(os.path.dirname(self.path), os.fsdecode(line)))

    @property
    def metadata_filename(self) -> str:
        """``METADATA`` or ``PKG-INFO``, as ``errors`` names it."""
        return "METADATA" if self.kind == "dist-info" else "PKG-INFO"

    @cached_property
    def metadata(self) -> Metadata:
        """The headers; empty where they cannot be read (then ``errors`` says why)."""
        filename = self.metadata_filename
        try:
            if self.kind == "egg-info-file":
                content = self._content(self.path, HEADERS_LIMIT, until=END_OF_HEADERS)
            else:
                content = self._own_content(filename, HEADERS_LIMIT, until=END_OF_HEADERS)
        except OSError as error:
            self.errors[filename] = _reason(error)
            return EMPTY_METADATA
        return parse_metadata(content)

    @property
    def requires(self) -> tuple[str, ...]:
        """Requires-Dist, or what ``requires.txt`` says in its place."""
        if self.metadata.requires or self.kind in ("dist-info", "egg-info-file"):
            return self.metadata.requires
        return self._requires_txt

    @cached_property
    def _requires_txt(self) -> tuple[str, ...]:
        content = self._read_own("requires.txt", _LISTS)
        lines = parse_requires_txt((content or b"").decode(errors="replace"))
        return tuple(printable(mask_credentials(line)) for line in lines)

    @cached_property
    def installer(self) -> str | None:
        """The first word of INSTALLER."""
        words = (self._read_own("INSTALLER", _SMALL) or b"").decode(errors="replace").split()
        return printable(words[0]) if words else None

    @cached_property
    def has_requested(self) -> bool:
        """Whether the marker file REQUESTED is there."""
        return self._has("REQUESTED")

    @cached_property
    def direct_url(self) -> DirectURL | None:
        """direct_url.json; None where there is none, or (see ``errors``) no valid one."""
        # Eggs are older than PEP 610; and most entries have none, which is cheaper found out so.
        if self.kind == "egg" or not self._has("direct_url.json"):
            return None
        content = self._read_own("direct_url.json", _DIRECT_URL)
        if content is None:
            return None
        try:
            return parse_direct_url(content)
        except InvalidDirectURL as error:
            self.errors["direct_url.json"] = str(error)
            return None

    @cached_property
    def record_summary(self) -> RecordSummary | None:
        """Sizes and first path components of RECORD; None without a RECORD."""
        content = self.record_bytes()
        return None if content is None else summarize(content)

    @property
    def record(self) -> Record | None:
        """All rows, read anew each time: they are many, and few are needed twice."""
        content = self.record_bytes()
        return None if content is None else parse_record(content)

    def record_bytes(self) -> bytes | None:
        """The content of RECORD, or of ``installed-files.txt`` brought into its form."""
        content = self.searchable_record()
        if content is not None and has_too_many_rows(content):
            self.errors[self.record_filename] = "too many rows"
            return None
        return content

    def searchable_record(self) -> bytes | None:
        """The same, also where these are more rows than may be held as objects."""
        if self.kind != "dist-info":
            return self._installed_files()
        return self._read_own("RECORD", RECORD_LIMIT)

    def recorded_directories(self, content: bytes) -> frozenset[bytes]:
        """The directories that ``content``, which is its searchable RECORD, names files in."""
        if self._recorded_directories is None or not self._trusted:
            self._recorded_directories = recorded_directories(content)
        return self._recorded_directories

    @property
    def record_filename(self) -> str:
        """``RECORD`` or ``installed-files.txt``, as ``errors`` names it."""
        return "RECORD" if self.kind == "dist-info" else "installed-files.txt"

    @cached_property
    def wheel_tags(self) -> tuple[str, ...]:
        """The Tag lines of WHEEL."""
        lines = (self._read_own("WHEEL", _LISTS) or b"").decode(errors="replace").splitlines()
        return tuple(printable(line[4:].strip()) for line in lines if line[:4].lower() == "tag:")

    @cached_property
    def top_level(self) -> tuple[str, ...]:
        """The lines of top_level.txt."""
        content = self._read_own("top_level.txt", _LISTS) or b""
        lines = content.decode(errors="replace").splitlines()
        return tuple(printable(line.strip()) for line in lines if line.strip())

    def was_read(self, filename: str) -> bool:
        """Whether one of the metadata files has been read, so that it certainly is a file."""
        return f"{self.directory}/{filename}" in self._stamps

    def is_current(self) -> bool:
        """Whether all that was read still is what is on disk."""
        if not self._trusted:
            return False
        try:
            for path, stamp in self._stamps.items():
                if has_changed(os.stat(path), stamp):
                    return False
        except (OSError, ValueError):
            return False
        return True

    def _installed_files(self) -> bytes | None:
        """Paths of ``installed-files.txt`` are relative to the ``.egg-info`` directory."""
        if self.kind != "egg-info":
            return None
        content = self._read_own("installed-files.txt", RECORD_LIMIT)
        if content is None:
            return None
        name = os.fsencode(os.path.basename(self.path))
        rows = []
        for line in content.splitlines():
            if line.strip():
                path = os.path.normpath(os.path.join(name, line.strip()))
                quoted = b'"' + path.replace(b'"', b'""') + b'"' if b'"' in path else path
                rows.append(quoted + b",,")
        return b"\n".join(rows)

    # --- reading

    def _has(self, filename: str) -> bool:
        return self.directory is not None and os.path.lexists(f"{self.directory}/{filename}")

    def _read_own(self, filename: str, limit: int) -> bytes | None:
        try:
            return self._own_content(filename, limit)
        except FileNotFoundError:
            return None
        except OSError as error:
            self.errors[filename] = _reason(error)
            return None

    def _own_content(
        self, filename: str, limit: int, *, until: re.Pattern[bytes] | None = None
    ) -> bytes:
        if self.directory is not None:
            return self._content(f"{self.directory}/{filename}", limit, until=until)
        if self.kind == "egg":
            from .zipped_egg import read_from_zipped_egg

            return read_from_zipped_egg(self.path, filename, limit)
        raise FileNotFoundError(filename)

    def _read(self, path: str, limit: int) -> bytes | None:
        try:
            return self._content(path, limit)
        except OSError as error:
            self.errors[os.path.basename(path)] = _reason(error)
            return None

    def _content(self, path: str, limit: int, *, until: re.Pattern[bytes] | None = None) -> bytes:
        try:
            content, stamp = read_stamped(path, limit, until=until)
        except OSError as error:
            # A file that appears changes the stamp of its directory, but what appears behind a
            # link does not; and nobody knows what ends other errors.
            if not isinstance(error, FileNotFoundError) or os.path.lexists(path):
                self._trusted = False
            raise
        self._keep(path, stamp)
        return content

    def _watch(self, path: str) -> None:
        stamp = stamp_of(path)
        if stamp is None:
            self._trusted = False
        else:
            self._keep(path, stamp)

    def _keep(self, path: str, stamp: Stamp) -> None:
        if self._stamps.setdefault(path, stamp) != stamp or not is_settled(stamp, time.time_ns()):
            self._trusted = False


# By site directory, so that what is gone can be forgotten; the directory used last at the end.
_kept: OrderedDict[str, dict[str, InfoFiles]] = OrderedDict()
_kept_lock = threading.Lock()
_DIRECTORIES_KEPT = 32


def info_files(entry: Entry) -> InfoFiles:
    """Return what is known of an entry's files: from before, where nothing changed since."""
    with _kept_lock:
        here = _kept.setdefault(entry.directory, {})
        while len(_kept) > _DIRECTORIES_KEPT:
            _kept.popitem(last=False)
    files = here.get(entry.filename)
    if files is None or files.kind != entry.kind or not files.is_current():
        files = here[entry.filename] = InfoFiles(entry.path, entry.kind)
    return files


def forget_all_but(directory: str, entries: Iterable[Entry]) -> None:
    """Drop what is kept of a site directory's other entries: they are not there any more."""
    with _kept_lock:
        here = _kept.get(directory)
        if here is not None:
            _kept.move_to_end(directory)
            for filename in here.keys() - {entry.filename for entry in entries}:
                del here[filename]


def _egg_info_in(directory: str, name: str) -> str | None:
    """The ``.egg-info`` directory that an ``.egg-link`` called ``name`` stands for."""
    wanted = canonicalize_name(name)
    try:
        found = sorted(item for item in os.listdir(directory) if item.endswith(".egg-info"))
    except OSError:
        return None
    for item in found:
        if canonicalize_name(item.removesuffix(".egg-info")) == wanted:
            return os.path.join(directory, item)
    return None


def _reason(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "no such file"
    return printable((error.strerror or str(error)).lower())
