"""The files behind one entry, each read when it is first asked for and kept while it is unchanged.

What is kept is keyed by the identity, size and times of every file that is read, so that an edit
in place is noticed as well as a reinstallation. Clocks are coarse: an entry that was changed less
than ``SETTLED`` before it was looked at is not trusted the next time.
"""

from __future__ import annotations

import os
import time
import zipfile
from functools import cached_property
from typing import TYPE_CHECKING

from .direct_url import DirectURL, InvalidDirectURL, read_direct_url
from .metadata import EMPTY_METADATA, Metadata, parse_metadata, read_metadata
from .printable import printable
from .record import Record, RecordSummary, parse_record, read_record, summarize
from .regular_files import read_regular_file
from .requires_txt import parse_requires_txt

if TYPE_CHECKING:
    from .entry_names import Kind
    from .scanner import Entry

__all__ = ["InfoFiles", "info_files"]

SETTLED = 2_000_000_000  # nanoseconds
_SMALL = 1 << 16

_Stamp = tuple[int, int, int, int, int]
_Signature = tuple[str, _Stamp | None, tuple[_Stamp | None, ...]]


class InfoFiles:
    """What the files of one entry say. Nothing here raises: ``errors`` says what is unreadable."""

    def __init__(self, path: str, kind: Kind) -> None:
        self.path = path
        self.kind = kind
        self.errors: dict[str, str] = {}
        """File name to why it could not be read."""

    @cached_property
    def directory(self) -> str | None:
        """The directory that holds the metadata files; None where there is none."""
        if self.kind in ("dist-info", "egg-info"):
            return self.path
        if self.kind == "egg":
            inner = os.path.join(self.path, "EGG-INFO")
            return inner if os.path.isdir(inner) else None
        if self.kind == "egg-link" and self.target:
            return _egg_info_in(self.target, os.path.basename(self.path)[: -len(".egg-link")])
        return None

    @cached_property
    def target(self) -> str | None:
        """The directory that an ``.egg-link`` points to."""
        if self.kind != "egg-link":
            return None
        content = self._read(self.path)
        line = (content or b"").split(b"\n", 1)[0].strip().decode(errors="surrogateescape")
        if not line or "\0" in line:
            return None
        return os.path.normpath(os.path.join(os.path.dirname(self.path), line))

    @cached_property
    def metadata(self) -> Metadata:
        """The headers; empty where they cannot be read (then ``errors`` says why)."""
        filename = "METADATA" if self.kind == "dist-info" else "PKG-INFO"
        try:
            if self.kind == "egg-info-file":
                return read_metadata(self.path)
            if self.kind == "egg" and self.directory is None:
                with zipfile.ZipFile(self.path) as egg, egg.open("EGG-INFO/PKG-INFO") as file:
                    return parse_metadata(file.read(1 << 20))
            if self.directory is None:
                self.errors[filename] = "no such file"
                return EMPTY_METADATA
            return read_metadata(os.path.join(self.directory, filename))
        except OSError as error:
            self.errors[filename] = _reason(error)
        except (zipfile.BadZipFile, KeyError, RuntimeError, NotImplementedError, EOFError) as error:
            self.errors[filename] = printable(str(error))
        return EMPTY_METADATA

    @cached_property
    def requires(self) -> tuple[str, ...]:
        """Requires-Dist, or what ``requires.txt`` says in its place."""
        if self.metadata.requires or self.kind == "dist-info" or self.directory is None:
            return self.metadata.requires
        content = self._read(os.path.join(self.directory, "requires.txt"))
        lines = parse_requires_txt((content or b"").decode(errors="replace"))
        return tuple(map(printable, lines))

    @cached_property
    def installer(self) -> str | None:
        """The first word of INSTALLER."""
        words = (self._read_own("INSTALLER") or b"").decode(errors="replace").split()
        return printable(words[0]) if words else None

    @cached_property
    def has_requested(self) -> bool:
        """Whether the marker file REQUESTED is there."""
        return self.directory is not None and os.path.lexists(
            os.path.join(self.directory, "REQUESTED")
        )

    @cached_property
    def direct_url(self) -> DirectURL | None:
        """direct_url.json; None where there is none, or (see ``errors``) no valid one."""
        if self.directory is None:
            return None
        try:
            return read_direct_url(os.path.join(self.directory, "direct_url.json"))
        except FileNotFoundError:
            return None
        except OSError as error:
            self.errors["direct_url.json"] = _reason(error)
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
        if self.directory is None:
            return None
        if self.kind == "dist-info":
            try:
                return read_record(os.path.join(self.directory, "RECORD"))
            except OSError as error:
                self.errors["RECORD"] = _reason(error)
                return None
        return self._installed_files()

    @cached_property
    def wheel_tags(self) -> tuple[str, ...]:
        """The Tag lines of WHEEL."""
        lines = (self._read_own("WHEEL") or b"").decode(errors="replace").splitlines()
        return tuple(printable(line[4:].strip()) for line in lines if line[:4].lower() == "tag:")

    @cached_property
    def top_level(self) -> tuple[str, ...]:
        """The lines of top_level.txt."""
        lines = (self._read_own("top_level.txt") or b"").decode(errors="replace").splitlines()
        return tuple(printable(line.strip()) for line in lines if line.strip())

    def _installed_files(self) -> bytes | None:
        """Paths of ``installed-files.txt`` are relative to the ``.egg-info`` directory."""
        content = self._read_own("installed-files.txt")
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

    def _read_own(self, filename: str) -> bytes | None:
        if self.directory is None:
            return None
        return self._read(os.path.join(self.directory, filename))

    def _read(self, path: str) -> bytes | None:
        try:
            return read_regular_file(path, _SMALL if not path.endswith(".txt") else 1 << 22)
        except FileNotFoundError:
            return None
        except OSError as error:
            self.errors[os.path.basename(path)] = _reason(error)
            return None


_SIGNED = {
    "dist-info": ("METADATA", "RECORD", "INSTALLER", "direct_url.json"),
    "egg-info": ("PKG-INFO", "requires.txt", "installed-files.txt", "top_level.txt"),
}
_kept: dict[str, tuple[_Signature, InfoFiles]] = {}


def info_files(entry: Entry) -> InfoFiles:
    """Return what is known of an entry's files: from before, where nothing changed since."""
    names = _SIGNED.get(entry.kind)
    if names is None:  # few, and their files lie elsewhere
        return InfoFiles(entry.path, entry.kind)
    now = time.time_ns()
    own = _stamp(entry.path)
    stamps = tuple([_stamp(f"{entry.path}/{name}") for name in names])
    signature = (entry.kind, own, stamps)
    kept = _kept.get(entry.path)
    if kept is not None and kept[0] == signature:
        return kept[1]
    files = InfoFiles(entry.path, entry.kind)
    newest = max((max(s[3], s[4]) for s in (own, *stamps) if s is not None), default=now)
    if now - newest > SETTLED:
        _kept[entry.path] = signature, files
    else:
        _kept.pop(entry.path, None)
    return files


def _stamp(path: str) -> _Stamp | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return (
        status.st_dev,
        status.st_ino,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
    )


def _egg_info_in(directory: str, name: str) -> str | None:
    """The ``.egg-info`` directory that an ``.egg-link`` called ``name`` stands for."""
    wanted = f"{name.replace('-', '_').lower()}.egg-info"
    try:
        found = [item for item in os.listdir(directory) if item.endswith(".egg-info")]
    except OSError:
        return None
    for item in found:
        if item.replace("-", "_").lower() == wanted:
            return os.path.join(directory, item)
    return os.path.join(directory, found[0]) if len(found) == 1 else None


def _reason(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "no such file"
    return printable((error.strerror or str(error)).lower())
