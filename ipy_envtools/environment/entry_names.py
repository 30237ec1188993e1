"""What the name of an entry of a site directory says: project, version and kind.

Sources: the "Recording installed projects" specification for ``.dist-info``, setuptools'
"The Internal Structure of Python Eggs" for the rest.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

__all__ = ["EntryName", "Kind", "is_valid_name", "normal_version", "parse_entry_name"]

Kind = Literal["dist-info", "egg-info", "egg-info-file", "egg-link", "egg"]

_NORMAL = re.compile(
    r"(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*))*(?:(?:a|b|rc)(?:0|[1-9]\d*))?"
    r"(?:\.post(?:0|[1-9]\d*))?(?:\.dev(?:0|[1-9]\d*))?"
)
_EGG_TAGS = re.compile(r"-py\d[\d.]*(?:-.+)?$")
_VALID_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")


class EntryName(NamedTuple):
    """The reading of one entry's name."""

    project: str
    """As the entry spells it."""
    canonical_name: str
    version: str | None
    """Normal form where it is valid (PEP 440), else as the entry spells it; None where the
    entry has none."""


def parse_entry_name(stem: str, *, egg: bool) -> EntryName:
    """Read the name of an entry without its suffix.

    ``-`` in a project or version is escaped as ``_``; old tools did not escape, so the project
    ends at the first ``-`` behind which a valid version stands, else at the first ``-``.
    """
    if egg:
        stem = _EGG_TAGS.sub("", stem)
    project, dash, version = stem.partition("-")
    if not dash:
        return EntryName(stem, _canonical(stem), None)
    if _NORMAL.fullmatch(version):
        return EntryName(project, _canonical(project), version)
    first = project, version
    while True:
        normal = _valid_version(version) or _valid_version(version.replace("_", "-"))
        if normal is not None:
            return EntryName(project, _canonical(project), normal)
        head, dash, version = version.partition("-")
        if not dash:
            return EntryName(first[0], _canonical(first[0]), first[1])
        project = f"{project}-{head}"


def normal_version(text: str) -> str:
    """Return a valid version in its normal form, anything else unchanged."""
    return _valid_version(text) or text


def is_valid_name(name: str) -> bool:
    """Whether ``name`` is a valid project name ("Names and normalization" specification)."""
    return _VALID_NAME.fullmatch(name) is not None


def _canonical(project: str) -> str:
    return str(canonicalize_name(project))


def _valid_version(text: str) -> str | None:
    if _NORMAL.fullmatch(text):
        return text
    try:
        return str(Version(text))
    except InvalidVersion:
        return None
