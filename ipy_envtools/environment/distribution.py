"""One installed distribution: known by its entry's name, read deeper only when asked."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from .import_names import import_names_of
from .info_files import InfoFiles, info_files
from .printable import printable
from .record import claimed_paths, recorded_paths
from .versions import normal_version

if TYPE_CHECKING:
    from pathlib import PurePosixPath

    from .direct_url import DirectURL
    from .editables import EditableLinks
    from .entry_names import Kind
    from .record import Record
    from .scanner import Entry
    from .site_directories import SiteDirectory

__all__ = ["InstalledDistribution"]


class InstalledDistribution:
    """One copy of one project. Its identity is (site directory, the entry's own name).

    Three levels: what the entry's name says costs nothing; ``name``, ``summary``, ``requires``
    and the like read the headers of METADATA; ``files``, ``size`` and ``import_names`` read
    RECORD. Nothing here raises for what is wrong on disk: that becomes a :class:`Problem`.
    """

    active: bool = True
    """Whether an import statement gets this copy, not another one of the same project."""

    def __init__(self, entry: Entry, suffixes: tuple[str, ...] = (".py",)) -> None:
        self._entry = entry
        self._suffixes = suffixes

    def __repr__(self) -> str:
        return printable(f"<{self.canonical_name} {self.version} in {self.site_directory}>")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, InstalledDistribution) and self._entry.path == other._entry.path

    def __hash__(self) -> int:
        return hash(self._entry.path)

    # --- what the entry's name says

    @property
    def canonical_name(self) -> str:
        """The normalised project name, from the entry's name."""
        return self._entry.name.canonical_name

    @property
    def version(self) -> str:
        """From the entry's name, in normal form where it is valid; else METADATA's; or empty."""
        if self._entry.name.version:
            return self._entry.name.version
        version = self.info.metadata.version or ""
        return normal_version(version) or version

    @property
    def kind(self) -> Kind:
        """``dist-info``, ``egg-info``, ``egg-info-file``, ``egg-link`` or ``egg``."""
        return self._entry.kind

    @property
    def linked(self) -> bool:
        """Whether the entry is a symbolic link. It is followed to be read, never to be changed."""
        return self._entry.linked

    @cached_property
    def info_path(self) -> Path:
        """The entry itself, not resolved."""
        return Path(self._entry.path)

    @property
    def site_directory(self) -> Path:
        """The directory that the entry lies in."""
        return self._entry.site.path

    @property
    def site(self) -> SiteDirectory:
        """The same with its role and aliases."""
        return self._entry.site

    @property
    def entry_name(self) -> str:
        """The entry's own file name; may hold anything that a file name may."""
        return self._entry.filename

    @property
    def entry_version(self) -> str | None:
        """The version in the entry's name; None where it has none."""
        return self._entry.name.version

    # --- what METADATA and its neighbours say

    @cached_property
    def info(self) -> InfoFiles:
        """The files behind the entry."""
        return info_files(self._entry)

    @cached_property
    def name(self) -> str:
        """The project name as METADATA spells it, else as the entry does."""
        for name in self.info.metadata.names:
            if name == self.canonical_name or canonicalize_name(name) == self.canonical_name:
                return name
        return printable(self._entry.name.project)

    @property
    def summary(self) -> str | None:
        """One line of description."""
        return self.info.metadata.summary

    @property
    def license(self) -> str | None:
        """License-Expression, else the first line of License."""
        return self.info.metadata.license

    @property
    def home_page(self) -> str | None:
        """Home-page, else the best-known Project-URL. May be any text: no link until checked."""
        return self.info.metadata.home_page

    @property
    def requires(self) -> tuple[str, ...]:
        """Requires-Dist texts as written, markers included, credentials masked."""
        return self.info.requires

    @property
    def requires_python(self) -> str | None:
        """Requires-Python, as written."""
        return self.info.metadata.requires_python

    @property
    def extras(self) -> tuple[str, ...]:
        """Provides-Extra, as written."""
        return self.info.metadata.extras

    @property
    def installer(self) -> str | None:
        """What INSTALLER names, such as ``pip`` or ``uv``; None where nothing does."""
        return self.info.installer

    @property
    def requested(self) -> bool | None:
        """Whether the user asked for it; None where nobody knows.

        Only pip (20.2 and newer) writes REQUESTED for just what was asked for (PEP 376); uv
        writes it for everything, so there it means nothing.
        """
        if self.installer == "uv":
            return None
        if self.info.has_requested:
            return True
        return False if self.installer == "pip" else None

    @property
    def direct_url(self) -> DirectURL | None:
        """Where it came from if not from an index (PEP 610), credentials masked."""
        return self.info.direct_url

    @property
    def editable(self) -> bool:
        """Whether it is imported from its source tree."""
        return self.kind == "egg-link" or bool(self.direct_url and self.direct_url.editable)

    # --- what RECORD says

    @property
    def record(self) -> Record | None:
        """Every row of RECORD, read anew; None without one."""
        return self.info.record

    @property
    def files(self) -> tuple[PurePosixPath, ...] | None:
        """Paths as RECORD spells them, relative to ``site_directory``; None without RECORD."""
        record = self.record
        return None if record is None else record.paths

    @property
    def size(self) -> int | None:
        """Bytes that RECORD gives; None where it gives none."""
        summary = self.info.record_summary
        return None if summary is None else summary.size

    @cached_property
    def import_names(self) -> tuple[str, ...]:
        """Names to import it by: Import-Name (PEP 794), else from RECORD, else top_level.txt.

        An editable installation records no modules: its finder or its source tree tells.
        """
        given = self.info.metadata.import_names
        if given is not None:
            return given
        if self.editable:
            return self.info.top_level or self._names_in_source()
        record = self.record
        names = import_names_of([row.path for row in record.rows] if record else (), self._suffixes)
        return names or self.info.top_level

    def _names_in_source(self) -> tuple[str, ...]:
        from .editables import importable_in

        links = self.editable_links
        if links.modules:
            return tuple(sorted(links.modules))
        directories = links.directories or ((str(self.source),) if self.source else ())
        names = {
            name
            for directory in directories
            for name in importable_in(
                directory, self.canonical_name, self._suffixes, on_path=bool(links.directories)
            )
        }
        return tuple(sorted(names))

    def may_provide(self, top: str) -> bool:
        """Whether RECORD has anything under this first component; cheap, and True if unknown."""
        if self.info.metadata.import_names is not None:
            return any(name.partition(".")[0] == top for name in self.import_names)
        summary = self.info.record_summary
        if summary is None or self.editable:
            return True
        components = summary.top_components
        return top in components or any(f"{top}{end}" in components for end in self._suffixes)

    @cached_property
    def location(self) -> Path:
        """The directory that its modules are imported from; the egg itself, for an egg."""
        if self.kind == "egg":
            return self.info_path
        if self.editable:
            links = self.editable_links
            if links.directories:
                return Path(links.directories[0])
            if links.modules:
                return Path(next(iter(links.modules.values()))).parent
            return self.source or self.site_directory
        return self.site_directory

    @cached_property
    def source(self) -> Path | None:
        """The source tree of an editable installation, whether it exists or not."""
        if self.kind == "egg-link":
            return Path(self.info.target) if self.info.target else None
        if not (self.direct_url and self.direct_url.editable):
            return None
        path = self.direct_url.file_path
        return Path(path) if path else None

    @cached_property
    def editable_links(self) -> EditableLinks:
        """Where an editable installation leads; nowhere for any other one."""
        from .editables import EditableLinks, links_of_editable

        if self.kind == "egg-link":
            return EditableLinks((self.info.target,) if self.info.target else (), {})
        record = self.record if self.editable else None
        paths = [row.path for row in record.rows] if record else ()
        return links_of_editable(str(self.site_directory), paths)

    @property
    def file_paths(self) -> tuple[str, ...]:
        """RECORD's paths, absolute, ``..`` resolved as text; empty without RECORD."""
        content = self.info.record_bytes()
        return () if content is None else self._absolute(recorded_paths(content))

    @property
    def claimed_paths(self) -> tuple[str, ...]:
        """The same, and what other readers of RECORD find in it where they may differ."""
        content = self.info.record_bytes()
        return () if content is None else self._absolute(claimed_paths(content))

    def paths_of(self, record: Record) -> tuple[str, ...]:
        """The absolute path of each row, ``..`` resolved as text."""
        return self._absolute([row.path for row in record.rows])

    def _absolute(self, paths: list[str]) -> tuple[str, ...]:
        base = str(self.site_directory)
        root = os.path.join(base, "")
        if os.sep != "/":
            return tuple([os.path.normpath(os.path.join(base, path)) for path in paths])
        together = "/" + "\n/".join(paths) + "\n"
        if not any(detour in together for detour in ("/.", "//", "/\n")):
            return tuple([root + path for path in paths])  # as of seven packages in ten
        return tuple(
            [
                # Most are plain here too, and normpath() takes twenty times as long as this.
                os.path.normpath(os.path.join(base, path))
                if "/." in (rooted := "/" + path) or "//" in rooted or rooted[-1] == "/"
                else root + path
                for path in paths
            ]
        )
