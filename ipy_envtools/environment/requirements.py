"""Requires-Dist texts, split cheaply and understood by ``packaging``.

An environment of 350 packages has some ten thousand of them, most behind an extra that nobody
asked for. Splitting at the specifier and the marker is one pattern; the specifier and the marker
are parsed and evaluated by ``packaging``, each different text once.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, NamedTuple

from packaging.markers import InvalidMarker, Marker, UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["ParsedRequirement", "extras_that_apply", "is_satisfied_by", "parse_requirement"]

_USUAL = re.compile(
    r"([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[([\w\s,.-]*)\]\s*)?"
    r"(?:\(([^;@()]*)\)|([<>=!~][^;@()]*))?\s*(?:;\s*(.+))?"
)
_ONLY_EXTRA = re.compile(r"extra\s*==\s*(?:\"([^\"']+)\"|'([^\"']+)')")
_EXTRA = re.compile(r"\bextra\b")


class ParsedRequirement(NamedTuple):
    """One Requires-Dist."""

    text: str
    name: str
    """Canonical."""
    extras: frozenset[str]
    """Canonical."""
    specifier: str
    marker: str
    """Empty where there is none."""
    url: bool


@functools.lru_cache(maxsize=1 << 15)
def parse_requirement(text: str) -> ParsedRequirement | None:
    """Split one Requires-Dist; None where it is not valid (PEP 508)."""
    match = _USUAL.fullmatch(text)
    if match is not None:
        name, extras, in_parentheses, bare, marker = match.groups()
        return ParsedRequirement(
            text,
            canonicalize_name(name),
            _canonical_extras(extras.split(",")) if extras else frozenset(),
            (in_parentheses or bare or "").strip(),
            (marker or "").strip(),
            url=False,
        )
    try:
        requirement = Requirement(text)
    except InvalidRequirement:
        return None
    return ParsedRequirement(
        text,
        canonicalize_name(requirement.name),
        _canonical_extras(requirement.extras),
        str(requirement.specifier),
        str(requirement.marker or ""),
        url=requirement.url is not None,
    )


def extras_that_apply(
    requirement: ParsedRequirement, extras: Iterable[str], markers: Mapping[str, str]
) -> frozenset[str] | None:
    """Say for which of the provided ``extras`` (canonical) the requirement holds.

    None: it holds without any extra. An invalid marker holds never.
    """
    marker = requirement.marker
    if not marker:
        return None
    only = _ONLY_EXTRA.fullmatch(marker)
    if only:
        return frozenset([canonicalize_name(only[1] or only[2])])
    environment = tuple(sorted(markers.items()))
    if _holds(marker, "", environment):
        return None
    if not _EXTRA.search(marker):
        return frozenset()
    return frozenset(extra for extra in extras if _holds(marker, extra, environment))


def is_satisfied_by(requirement: ParsedRequirement, version: str) -> bool | None:
    """Whether an installed ``version`` fulfils it; None where that cannot be said.

    A URL requirement accepts any version, and an installed pre-release satisfies.
    """
    if requirement.url or not requirement.specifier:
        return True
    return _contains(requirement.specifier, version)


@functools.lru_cache(maxsize=1 << 15)
def _contains(specifier: str, version: str) -> bool | None:
    specifiers = _specifiers(specifier)
    if specifiers is None:
        return None
    try:
        return specifiers.contains(Version(version), prereleases=True)
    except InvalidVersion:
        return None


@functools.lru_cache(maxsize=1 << 15)
def _specifiers(text: str) -> SpecifierSet | None:
    try:
        return SpecifierSet(text)
    except InvalidSpecifier:
        return None


@functools.lru_cache(maxsize=1 << 15)
def _holds(marker: str, extra: str, environment: tuple[tuple[str, str], ...]) -> bool:
    try:
        return Marker(marker).evaluate({**dict(environment), "extra": extra})
    except (InvalidMarker, UndefinedComparison, UndefinedEnvironmentName):
        return False


def _canonical_extras(extras: Iterable[str]) -> frozenset[str]:
    return frozenset(canonicalize_name(extra.strip()) for extra in extras if extra.strip())
