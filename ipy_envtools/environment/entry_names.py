"""What the name of an entry of a site directory says: project and version.

Sources: the "Recording installed projects" specification for ``.dist-info``, setuptools'
"The Internal Structure of Python Eggs" for the rest.
"""

from __future__ import annotations

import functools
import re
from typing import Literal, NamedTuple

from packaging.utils import canonicalize_name

from .printable import printable
from .versions import normal_version

__all__ = ["EntryName", "Kind", "is_valid_name", "parse_entry_name"]

Kind = Literal["dist-info", "egg-info", "egg-info-file", "egg-link", "egg"]

_EGG_TAGS = re.compile(r"-py[0-9][0-9.]*(?:-.+)?$", re.DOTALL)
_VALID_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")


class EntryName(NamedTuple):
    """The reading of one entry's name."""

    project: str
    """As the entry spells it."""
    canonical_name: str
    version: str | None
    """Normal form where it is valid (PEP 440), else as the entry spells it, made printable: it is
    shown everywhere, and identifies nothing. None where the entry has none."""


@functools.lru_cache(maxsize=1 << 14)
def parse_entry_name(stem: str, kind: Kind) -> EntryName:
    """Read the name of an entry without its suffix.

    An ``.egg-link`` is called by its project alone. Elsewhere, ``-`` in a project or version is
    escaped as ``_``; old tools did not escape, so the project ends at the first ``-`` behind which
    a valid version stands, else at the first ``-``. A name without a project is one as a whole, or
    all of that kind would be copies of one another.
    """
    if kind in ("egg", "egg-info", "egg-info-file"):
        stem = _EGG_TAGS.sub("", stem)
    project, dash, version = stem.partition("-")
    if not dash or not project or kind == "egg-link":
        return EntryName(stem, canonicalize_name(stem), None)
    first = project, version
    while True:
        normal = normal_version(version) or normal_version(version.replace("_", "-"))
        if normal is not None:
            return EntryName(project, canonicalize_name(project), normal)
        head, dash, version = version.partition("-")
        if not dash:
            return EntryName(first[0], canonicalize_name(first[0]), printable(first[1]))
        project = f"{project}-{head}"


def is_valid_name(name: str) -> bool:
    """Whether ``name`` is a valid project name ("Names and normalization" specification)."""
    return _VALID_NAME.fullmatch(name) is not None
