"""Requires-Dist texts, split cheaply and understood by ``packaging``.

An environment of 350 packages has some three thousand of them, most behind an extra that nobody
asked for: of those only the form is looked at. Splitting at the specifier and the marker is one
pattern; both are parsed and evaluated by ``packaging``, each different text once.
"""

from __future__ import annotations

import functools
import operator
import re
from typing import TYPE_CHECKING, NamedTuple

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from .versions import parse_version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Comparison = Callable[[tuple[int, ...], tuple[int, ...]], bool]

__all__ = [
    "MarkerEnvironment",
    "ParsedRequirement",
    "allows",
    "canonical_name",
    "has_valid_specifier",
    "is_satisfied_by",
    "parse_requirement",
    "required_name",
]

_LONGEST = 1 << 14  # characters; a longer one is a mistake or an attack
_MOST_VERDICTS = 1 << 15
_NO_EXTRAS: frozenset[str] = frozenset()

canonical_name = functools.lru_cache(maxsize=1 << 14)(canonicalize_name)
"""What ``packaging`` says, each name once: the same few are required everywhere."""

_CLAUSE = r"(?:[<>=!~]=|===|[<>])\s*[A-Za-z0-9.*+!_-]+"
_CLAUSES = rf"{_CLAUSE}(?:\s*,\s*{_CLAUSE})*"
_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
_WITHOUT_MARKER = (
    rf"({_NAME})\s*(?:\[([\w\s,.-]*)\]\s*)?(?:\(\s*({_CLAUSES})?\s*\)|({_CLAUSES}))?\s*"
)
_USUAL = re.compile(rf"{_WITHOUT_MARKER}(?:;\s*(.+))?")
_is_usual_without_marker = re.compile(_WITHOUT_MARKER).fullmatch
_name_at_the_beginning = re.compile(_NAME).match
_ONE_EXTRA = r"extra\s*==\s*[\"']([^\"']+)[\"']"
_ONLY_EXTRA = re.compile(_ONE_EXTRA)
_BEFORE_EXTRA = re.compile(rf"(.+?)\s+and\s+{_ONE_EXTRA}")
_AFTER_EXTRA = re.compile(rf"{_ONE_EXTRA}\s+and\s+(.+)")
_BLANKS_AND_PARENTHESES = re.compile(r"[\s()]+")
_GROUP = re.compile(r"\([^()]*\)")

_PLAIN = r"[0-9]{1,9}(?:\.[0-9]{1,9}){0,9}"
_PLAIN_VERSION = re.compile(_PLAIN)
_PLAIN_CLAUSE = re.compile(rf" *(?:([<>]=?|[=!]=) *({_PLAIN})|([=!]=) *({_PLAIN})\.\*) *")
_TRAILING_ZEROS = re.compile(r"(?:\.0+)+$")
_COMPARISONS: dict[str, Comparison] = {
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    ">": operator.gt,
}


class _PlainClause(NamedTuple):
    compare: Comparison
    bound: tuple[int, ...]
    length: int
    """How many numbers are compared, for ``==1.2.*``; 0 for all."""


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

    @property
    def without_marker(self) -> str:
        """What is required where it is, as one writes it in a command: ``flask[async]>=2,<4``."""
        if not self.url:
            return _BLANKS_AND_PARENTHESES.sub("", self.text.partition(";")[0])
        requirement = Requirement(self.text)
        requirement.marker = None
        return str(requirement)


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
            canonical_name(name),
            _canonical_extras(extras.split(",")) if extras else _NO_EXTRAS,
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
        canonical_name(requirement.name),
        _canonical_extras(requirement.extras),
        str(requirement.specifier),
        str(requirement.marker or ""),
        url=requirement.url is not None,
    )


def required_name(text: str) -> str:
    """Return the canonical name in a valid Requires-Dist, without parsing the rest."""
    name = _name_at_the_beginning(text)
    return canonical_name(name[0] if name else "")


class MarkerEnvironment:
    """Markers evaluated for one interpreter, each different text once."""

    def __init__(self, markers: Mapping[str, str]) -> None:
        self._verdicts, self._only_extras = _verdicts_for(tuple(sorted(markers.items())))
        self._markers = markers

    def extras_that_apply(
        self, requirement: ParsedRequirement, extras: Iterable[str]
    ) -> frozenset[str] | None:
        """Say for which of the provided ``extras`` the requirement holds, by canonical name.

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
        names = map(canonical_name, extras)
        return frozenset(extra for extra in names if self._holds(marker, extra))

    def only_extra(self, text: str) -> str | None:
        """Say to which one extra (canonical) a Requires-Dist belongs, without parsing it.

        Empty: it never holds here. None: it holds without an extra, or has to be parsed to know.

        Raises:
            ValueError: its marker is not valid.
        """
        if "extra" not in text or "  " in text or len(text) > _LONGEST:
            return None
        before, _, marker = text.partition(";")
        if not _is_usual_without_marker(before):
            return None  # a URL, for one, may hold a semicolon
        try:
            extra = self._only_extras[marker]
        except KeyError:
            extra, rest = _split_extra(marker.strip())
            if extra is not None and rest and not self._holds(rest, ""):
                extra = ""
            if len(self._only_extras) < _MOST_VERDICTS:
                self._only_extras[marker] = extra
        return extra

    def holds(self, marker: str) -> bool:
        """Whether a marker does, without any extra; an empty one always.

        Raises:
            ValueError: it is not valid.
        """
        return not marker or self._holds(marker, "")

    def _holds(self, marker: str, extra: str) -> bool:
        verdict = self._verdicts.get((marker, extra))
        if verdict is None:
            try:
                verdict = _marker(marker).evaluate({**self._markers, "extra": extra})
            except (LookupError, RecursionError) as error:
                raise ValueError(str(error)) from None
            if len(self._verdicts) < _MOST_VERDICTS:
                self._verdicts[marker, extra] = verdict
        return verdict


@functools.lru_cache(maxsize=1 << 10)
def _marker(text: str) -> Marker:
    """Parsed once, because some are evaluated for every extra of a package."""
    return Marker(text)


@functools.lru_cache(maxsize=8)
def _verdicts_for(
    _markers: tuple[tuple[str, str], ...],
) -> tuple[dict[tuple[str, str], bool], dict[str, str | None]]:
    """Verdicts by marker and extra; and extras by marker, as ``only_extra`` says them."""
    return {}, {}


def _split_extra(marker: str) -> tuple[str | None, str]:
    """Split ``rest and extra == "name"``, either way round, into the extra and the rest.

    Most markers are of this kind, with few different rests: so few have to be parsed.
    No extra where the marker is of any other kind.
    """
    only = _ONLY_EXTRA.fullmatch(marker)
    if only:
        return canonical_name(only[1]), ""
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
    return canonical_name(name), rest


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
    clauses = _plain_clauses(specifier)
    if clauses is not None and _PLAIN_VERSION.fullmatch(version):
        return _all_hold(clauses, _release(version))
    specifiers, parsed = _specifiers(specifier), parse_version(version)
    if specifiers is None or parsed is None:
        return None
    try:
        return specifiers.contains(parsed, prereleases=True)
    except ValueError:
        return None


def has_valid_specifier(requirement: ParsedRequirement) -> bool:
    """Whether the specifier of a requirement can be understood."""
    specifier = requirement.specifier
    return (
        not specifier or _plain_clauses(specifier) is not None or _specifiers(specifier) is not None
    )


@functools.lru_cache(maxsize=1 << 15)
def _plain_clauses(specifier: str) -> tuple[_PlainClause, ...] | None:
    """Comparisons with versions that are nothing but numbers; None where there is anything else.

    Among such versions no rule of PEP 440 about pre-releases, post-releases, epochs or local
    versions applies. As good as all are of this kind, and ``packaging`` takes six times as long.
    """
    if len(specifier) > _LONGEST:
        return None
    clauses = []
    for clause in specifier.split(","):
        plain = _PLAIN_CLAUSE.fullmatch(clause)
        if plain is None:
            return None
        sign, bound, equality, beginning = plain.groups()
        if bound:
            clauses.append(_PlainClause(_COMPARISONS[sign], _release(bound), 0))
        else:
            parts = tuple(map(int, beginning.split(".")))
            clauses.append(_PlainClause(_COMPARISONS[equality], parts, len(parts)))
    return tuple(clauses)


def _all_hold(clauses: Iterable[_PlainClause], release: tuple[int, ...]) -> bool:
    for compare, bound, length in clauses:
        compared = (*release, *(0,) * length)[:length] if length else release
        if not compare(compared, bound):
            return False
    return True


def _release(version: str) -> tuple[int, ...]:
    """Return the numbers of a plain version, equal for those that are the same: 1.0 is 1."""
    return tuple(map(int, _TRAILING_ZEROS.sub("", version).split(".")))


@functools.lru_cache(maxsize=1 << 15)
def _specifiers(text: str) -> SpecifierSet | None:
    try:
        return SpecifierSet(text) if len(text) < _LONGEST else None
    except ValueError:
        return None


def _canonical_extras(extras: Iterable[str]) -> frozenset[str]:
    return frozenset(canonical_name(extra.strip()) for extra in extras if extra.strip())
