"""Which entries of a site directory are distributions: one directory read, no file opened."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal, NamedTuple

from .entry_names import EntryName, Kind, parse_entry_name

if TYPE_CHECKING:
    from .site_directories import SiteDirectory

__all__ = ["DirectoryListing", "Entry", "Oddity", "list_directory"]

_ENTRY_SUFFIXES: tuple[str, ...] = (".dist-info", ".egg-info", ".egg-link", ".egg")
_STARTUP_SUFFIXES = (".pth", ".start")


class Entry(NamedTuple):
    """One entry that describes an installed distribution; never resolved to learn its name."""

    site: SiteDirectory
    directory: str
    """Path of the site directory."""
    filename: str
    path: str
    kind: Kind
    name: EntryName
    linked: bool


class Oddity(NamedTuple):
    """One entry that is no distribution but looks like the remains or the image of one."""

    path: str
    filename: str
    kind: Literal["leftover", "wrong-type", "unreadable"]
    reason: str = ""


class DirectoryListing(NamedTuple):
    """What one reading of a site directory found."""

    site: SiteDirectory
    entries: tuple[Entry, ...]
    oddities: tuple[Oddity, ...] = ()
    startup_files: tuple[str, ...] = ()
    """Paths of ``.pth`` and ``.start`` files, which :mod:`site` may run (PEP 829)."""


def list_directory(site: SiteDirectory) -> DirectoryListing:
    """Read one site directory; a directory that cannot be read becomes an oddity."""
    if site.only:
        return _eggs_only(site)
    directory = str(site.path)
    entries: list[Entry] = []
    oddities: list[Oddity] = []
    startup: list[str] = []
    try:
        with os.scandir(directory) as found:
            for item in found:
                filename = item.name
                if filename.startswith("~"):
                    oddities.append(Oddity(item.path, filename, "leftover"))
                elif filename.lower().endswith(_ENTRY_SUFFIXES):
                    seen = _entry(site, directory, item)
                    if isinstance(seen, Entry):
                        entries.append(seen)
                    elif seen is not None:
                        oddities.append(seen)
                elif filename.endswith(_STARTUP_SUFFIXES):
                    startup.append(item.path)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        oddities.append(Oddity(directory, os.path.basename(directory), "unreadable", reason))
    entries.sort(key=_by_filename)
    oddities.sort(key=_by_filename)
    return DirectoryListing(site, tuple(entries), tuple(oddities), tuple(sorted(startup)))


def _eggs_only(site: SiteDirectory) -> DirectoryListing:
    """Return the ``.egg`` entries that are on the search path although their directory is not."""
    directory = str(site.path)
    entries = []
    for filename in sorted(site.only):
        path = os.path.join(directory, filename)
        if os.path.isfile(path) or os.path.isdir(f"{path}/EGG-INFO"):
            name = parse_entry_name(filename.removesuffix(".egg"), "egg")
            linked = os.path.islink(path)
            entries.append(Entry(site, directory, filename, path, "egg", name, linked))
    return DirectoryListing(site, tuple(entries))


def _entry(site: SiteDirectory, directory: str, item: os.DirEntry[str]) -> Entry | Oddity | None:
    filename = item.name
    stem, _, suffix = filename.rpartition(".")
    suffix = suffix.lower()  # as importlib.metadata and pip read it
    if not stem:
        return None
    linked = is_file = False
    is_directory = item.is_dir(follow_symlinks=False)
    if not is_directory:
        linked = item.is_symlink()
        try:
            is_directory = linked and item.is_dir()
            is_file = not is_directory and item.is_file()
        except OSError:  # a loop of links
            is_directory = is_file = False
    kind: Kind
    if suffix == "dist-info":
        # A link that leads nowhere is listed too: it was an installed distribution.
        if not is_directory and not (linked and not is_file):
            return Oddity(item.path, filename, "wrong-type", "a directory")
        kind = "dist-info"
    elif suffix == "egg-info":
        if not is_directory and not is_file and not linked:
            return Oddity(item.path, filename, "wrong-type", "a directory or a file")
        kind = "egg-info" if is_directory else "egg-info-file"
    elif suffix == "egg-link":
        if not is_file and not linked:
            return Oddity(item.path, filename, "wrong-type", "a file")
        kind = "egg-link"
    else:
        if not is_directory and not is_file:
            return Oddity(item.path, filename, "wrong-type", "a directory or a file")
        if is_directory and not os.path.isdir(f"{item.path}/EGG-INFO"):
            return None
        kind = "egg"
    name = parse_entry_name(stem, kind)
    return Entry(site, directory, filename, item.path, kind, name, linked)


def _by_filename(item: Entry | Oddity) -> str:
    return item.filename
