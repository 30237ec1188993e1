"""Which entries of a site directory are distributions: one directory read, no file opened."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from .entry_names import EntryName, Kind, parse_entry_name

if TYPE_CHECKING:
    from .site_directories import SiteDirectory

__all__ = ["DirectoryListing", "Entry", "Oddity", "list_directory"]

_SUFFIXES: tuple[str, ...] = (".dist-info", ".egg-info", ".egg-link", ".egg")
_STARTUP_SUFFIXES = (".pth", ".start")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry that describes an installed distribution; never resolved to learn its name."""

    site: SiteDirectory
    filename: str
    path: str
    kind: Kind
    name: EntryName
    linked: bool


@dataclass(frozen=True, slots=True)
class Oddity:
    """One entry that is no distribution but looks like the remains or the image of one."""

    path: str
    filename: str
    kind: Literal["leftover", "not-a-directory", "unreadable"]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DirectoryListing:
    """What one reading of a site directory found."""

    site: SiteDirectory
    entries: tuple[Entry, ...]
    oddities: tuple[Oddity, ...]
    startup_files: tuple[str, ...]
    """Paths of ``.pth`` and ``.start`` files, which run in every start of Python (PEP 829)."""


def list_directory(site: SiteDirectory) -> DirectoryListing:
    """Read one site directory; a directory that cannot be read becomes an oddity."""
    directory = str(site.path)
    entries: list[Entry] = []
    oddities: list[Oddity] = []
    startup: list[str] = []
    try:
        with os.scandir(directory) as found:
            for item in found:
                filename = item.name
                if filename.endswith(_SUFFIXES):
                    if filename.startswith("~"):
                        oddities.append(Oddity(item.path, filename, "leftover"))
                        continue
                    entry = _entry(site, item)
                    if isinstance(entry, Entry):
                        entries.append(entry)
                    elif entry is not None:
                        oddities.append(entry)
                elif filename.startswith("~"):
                    oddities.append(Oddity(item.path, filename, "leftover"))
                elif filename.endswith(_STARTUP_SUFFIXES):
                    startup.append(item.path)
    except OSError as error:
        oddities.append(
            Oddity(directory, os.path.basename(directory), "unreadable", error.strerror or "")
        )
    entries.sort(key=lambda entry: entry.filename)
    oddities.sort(key=lambda oddity: oddity.filename)
    return DirectoryListing(site, tuple(entries), tuple(oddities), tuple(sorted(startup)))


def _entry(site: SiteDirectory, item: os.DirEntry[str]) -> Entry | Oddity | None:
    filename = item.name
    stem, _, suffix = filename.rpartition(".")
    linked = item.is_symlink()
    try:
        is_directory = item.is_dir()
        is_file = not is_directory and item.is_file()
    except OSError:  # a loop of links
        is_directory = is_file = False
    kind: Kind
    if not stem:
        return None
    if suffix == "dist-info":
        if not is_directory and not (linked and not is_file):
            return Oddity(item.path, filename, "not-a-directory")
        kind = "dist-info"
    elif suffix == "egg-info":
        if not is_directory and not is_file:
            return Oddity(item.path, filename, "not-a-directory")
        kind = "egg-info" if is_directory else "egg-info-file"
    elif suffix == "egg-link":
        if not is_file:
            return None
        kind = "egg-link"
    else:
        if not (is_file or (is_directory and os.path.isdir(os.path.join(item.path, "EGG-INFO")))):
            return None
        kind = "egg"
    name = parse_entry_name(stem, egg=suffix in ("egg-info", "egg"))
    return Entry(site, filename, item.path, kind, name, linked)
