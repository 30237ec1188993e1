"""Requires-Dist texts, split cheaply and understood by ``packaging``.

An environment of 350 packages has some ten thousand of them, most behind an extra that nobody
asked for. Splitting at the specifier and the marker is one pattern; the specifier and the marker
are parsed and evaluated by ``packaging``, each different text once.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, NamedTuple

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from .versions import parse_version

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "MarkerEnvironment",
    "ParsedRequirement",
    "allows",
    "has_valid_specifier",
    "is_satisfied_by",
    "parse_requirement",
]

_LONGEST = 1 << 14  # characters; a longer one is a mistake or an attack

_CLAUSE = r"(?:[<>=!~]=|===|[<>])\s*[A-Za-z0-9.*+!_-]+"
_CLAUSES = rf"{_CLAUSE}(?:\s*,\s*{_CLAUSE})*"
_USUAL = re.compile(
    r"([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[([\w\s,.-]*)\]\s*)?"
    rf"(?:\(\s*({_CLAUSES})?\s*\)|({_CLAUSES}))?\s*(?:;\s*(.+))?"
)
_ONE_EXTRA = r"extra\s*==\s*[\"']([^\"']+)[\"']"
_ONLY_EXTRA = re.compile(_ONE_EXTRA)
_BEFORE_EXTRA = re.compile(rf"(.+?)\s+and\s+{_ONE_EXTRA}")
_AFTER_EXTRA = re.compile(rf"{_ONE_EXTRA}\s+and\s+(.+)")
_GROUP = re.compile(r"\([^()]*\)")


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
    if len(text) > _LONGEST:
        return None
    # Runs of blanks would make the pattern slow, and mean no more than one.
    match = _USUAL.fullmatch(" ".join(text.split()) if "  " in text else text)
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
    except (ValueError, RecursionError):
        return None
    return ParsedRequirement(
        text,
        canonicalize_name(requirement.name),
        _canonical_extras(requirement.extras),
        str(requirement.specifier),
        str(requirement.marker or ""),
        url=requirement.url is not None,
    )


class MarkerEnvironment:
    """Markers evaluated for one interpreter, each different text once."""

    def __init__(self, markers: Mapping[str, str]) -> None:
        self._verdicts = _verdicts_for(tuple(sorted(markers.items())))
        self._markers = markers

    def extras_that_apply(
        self, requirement: ParsedRequirement, extras: Iterable[str]
    ) -> frozenset[str] | None:
        """Say for which of the provided ``extras`` (canonical) the requirement holds.

        None: it holds without any extra.

        Raises:
            ValueError: its marker is not valid.
        """
        marker = requirement.marker
        if not marker:
            return None
        if "extra" in marker:
            extra, rest = _split_extra(marker)
            if extra is not None:
                return frozenset([extra] if not rest or self._holds(rest, "") else [])
        if self._holds(marker, ""):
            return None
        if "extra" not in marker:
            return frozenset()
        return frozenset(extra for extra in extras if self._holds(marker, extra))

    def only_extra(self, text: str) -> str | None:
        """Say to which one extra (canonical) a Requires-Dist belongs, without parsing it.

        Empty: it never holds here. None: it holds without an extra, or has to be parsed to know.

        Raises:
            ValueError: its marker is not valid.
        """
        match = _USUAL.fullmatch(text) if "extra" in text and len(text) <= _LONGEST else None
        marker = match[5] if match else None
        extra, rest = _split_extra(marker.strip()) if marker else (None, "")
        return "" if extra is not None and rest and not self._holds(rest, "") else extra

    def _holds(self, marker: str, extra: str) -> bool:
        verdict = self._verdicts.get((marker, extra))
        if verdict is None:
            try:
                verdict = Marker(marker).evaluate({**self._markers, "extra": extra})
            except (LookupError, RecursionError) as error:
                raise ValueError(str(error)) from None
            if len(self._verdicts) < 1 << 15:
                self._verdicts[marker, extra] = verdict
        return verdict


@functools.lru_cache(maxsize=8)
def _verdicts_for(_markers: tuple[tuple[str, str], ...]) -> dict[tuple[str, str], bool]:
    return {}


@functools.lru_cache(maxsize=1 << 15)
def _split_extra(marker: str) -> tuple[str | None, str]:
    """Split ``rest and extra == "name"``, either way round, into the extra and the rest.

    Most markers are of this kind, with few different rests: so few have to be parsed.
    No extra where the marker is of any other kind.
    """
    only = _ONLY_EXTRA.fullmatch(marker)
    if only:
        return canonicalize_name(only[1]), ""
    before, after = _BEFORE_EXTRA.fullmatch(marker), _AFTER_EXTRA.fullmatch(marker)
    if before:
        rest, name = before.groups()
    elif after:
        name, rest = after.groups()
    else:
        return None, marker
    # "and" binds closer than "or", so an "or" in the rest has to be in parentheses of its own.
    is_one_term = _GROUP.fullmatch(rest) or (" or " not in rest and "(" not in rest)
    if not is_one_term or "extra" in rest:
        return None, marker
    return canonicalize_name(name), rest


def is_satisfied_by(requirement: ParsedRequirement, version: str) -> bool | None:
    """Whether an installed ``version`` fulfils it; None where that cannot be said.

    A URL requirement accepts any version, and an installed pre-release satisfies.
    """
    if requirement.url or not requirement.specifier:
        return True
    return allows(requirement.specifier, version)


@functools.lru_cache(maxsize=1 << 15)
def allows(specifier: str, version: str) -> bool | None:
    """Whether a specifier admits a version, pre-releases included; None where one is invalid."""
    specifiers, parsed = _specifiers(specifier), parse_version(version)
    if specifiers is None or parsed is None:
        return None
    try:
        return specifiers.contains(parsed, prereleases=True)
    except ValueError:
        return None


def has_valid_specifier(requirement: ParsedRequirement) -> bool:
    """Whether the specifier of a requirement can be understood."""
    return not requirement.specifier or _specifiers(requirement.specifier) is not None


@functools.lru_cache(maxsize=1 << 15)
def _specifiers(text: str) -> SpecifierSet | None:
    try:
        return SpecifierSet(text) if len(text) < _LONGEST else None
    except ValueError:
        return None


def _canonical_extras(extras: Iterable[str]) -> frozenset[str]:
    return frozenset(canonicalize_name(extra.strip()) for extra in extras if extra.strip())
