"""Versions as packages write them: compared as versions where they are valid, else as text."""

from __future__ import annotations

import functools
import re

from packaging.version import Version

__all__ = ["normal_version", "parse_version", "same_version"]

_LONGEST = 512  # characters; nothing that is meant as a version comes near it
_NORMAL = re.compile(
    r"(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*))*(?:(?:a|b|rc)(?:0|[1-9][0-9]*))?"
    r"(?:\.post(?:0|[1-9][0-9]*))?(?:\.dev(?:0|[1-9][0-9]*))?"
)


@functools.lru_cache(maxsize=1 << 14)
def parse_version(text: str) -> Version | None:
    """Return the version; None where ``text`` is not a valid one (PEP 440)."""
    if len(text) > _LONGEST:
        return None
    try:
        return Version(text)
    except ValueError:  # InvalidVersion, or a number of more digits than int() takes
        return None


def normal_version(text: str) -> str | None:
    """Return a valid version in its normal form, None for anything else."""
    if len(text) <= _LONGEST and _NORMAL.fullmatch(text):
        return text
    version = parse_version(text)
    return None if version is None else str(version)


def same_version(one: str, other: str) -> bool:
    """Whether both say the same version, such as ``1.0`` and ``1.0.0``."""
    if one == other:
        return True
    version = parse_version(one)
    return version is not None and version == parse_version(other)
