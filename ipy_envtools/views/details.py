"""Everything about one package, as ``%pkg show`` and the unfolded row say it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from ..environment.copies import SearchOrder, alias_target, why_active
from ..environment.file_urls import file_url_path
from ..environment.requirements import is_satisfied_by
from .listing import PackageListing
from .phrase import Fact, Phrase, Span, Tone, join, link, say
from .problems import message
from .wording import counted, listed, place_of_path, site_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from ..environment import Dependency, InstalledDistribution, InstalledPackages
    from ..environment.copies import Reason

__all__ = ["PackageDetails", "facts"]

_MOST = 12
"""Names in one line, before the rest is only counted."""


class PackageDetails:
    """What ``%pkg show NAME…`` returns: the packages by these names, each with all its copies.

    Raises:
        KeyError: a name that is not installed (an :class:`~ipy_envtools.errors.UnknownPackage`).
    """

    def __init__(
        self,
        packages: InstalledPackages | PackageListing,
        names: str | Sequence[str],
        *,
        loaded: Mapping[str, tuple[str, ...]] | None = None,
    ) -> None:
        if isinstance(names, str):
            names = [names]
        self.listing = PackageListing(packages, loaded=loaded)
        self.names = tuple(dict.fromkeys(packages[name].canonical_name for name in names))

    def __iter__(self) -> Iterator[InstalledDistribution]:
        return iter(self.distributions)

    def __len__(self) -> int:
        return len(self.distributions)

    def __repr__(self) -> str:
        return f"<details of {listed([f'{d.name} {d.version}' for d in self])}>"

    @cached_property
    def distributions(self) -> tuple[InstalledDistribution, ...]:
        """The copies that are described: of each name the active one, which names the others."""
        return tuple(self.listing.packages[name] for name in self.names)

    def title(self, distribution: InstalledDistribution) -> Phrase:
        """Name, version and state."""
        self.listing.measure()
        row = self.listing.row(distribution)
        title = say(Span(f"{row.name} {row.version}".strip(), "strong"))
        extra = [row.size_text] if row.size is not None else []
        extra += [f"installed by {row.installer}"] if row.installer else []
        extra += [badge.text for badge in row.badges]
        return say(title, Span("".join(f" · {text}" for text in extra), "muted"))

    def facts(self, distribution: InstalledDistribution) -> tuple[Fact, ...]:
        """What there is to say about it."""
        return facts(distribution, self.listing)


def facts(distribution: InstalledDistribution, listing: PackageListing) -> tuple[Fact, ...]:
    """Describe one copy; reads its METADATA and its RECORD."""
    found = [
        Fact("What it is", _description(distribution)),
        Fact("Needs", _needs(distribution, listing.packages)),
        Fact("Needed by", _needed_by(distribution, listing.packages)),
        Fact("Import as", _import_names(distribution)),
        Fact("Where", _place(distribution, listing.packages)),
        Fact("Came from", _origin(distribution)),
        Fact("Copies", _copies(distribution, listing.packages)),
    ]
    for problem in listing.problems_of(distribution):
        tone: Tone = "error" if problem.severity == "error" else "warning"
        found.append(Fact(tone.title(), say(Span(message(problem, listing.environment), tone))))
    return tuple(fact for fact in found if fact.value)


def _description(distribution: InstalledDistribution) -> Phrase:
    parts: list[Phrase] = []
    if distribution.license:
        parts.append(say(Span(_cut(distribution.license, 60), "muted")))
    if distribution.home_page:
        parts.append(say(link(distribution.home_page)))
    if not distribution.summary:
        return join(parts)
    return say(_cut(distribution.summary, 400), " " if parts else "", join(parts))


def _needs(distribution: InstalledDistribution, packages: InstalledPackages) -> Phrase:
    if not distribution.active:
        return ()
    needs = packages.graph.needs(distribution.canonical_name)
    phrases = [_need(need, packages) for need in needs]
    # what is wrong must not be among what is only counted
    phrases.sort(key=lambda phrase: phrase[-1].tone != "error")
    if len(phrases) > 2 * _MOST:
        rest = len(phrases) - 2 * _MOST
        phrases = [*phrases[: 2 * _MOST], say(Span(f"{rest} more ✓", "muted"))]
    return join(phrases)


def _need(need: Dependency, packages: InstalledPackages) -> Phrase:
    requirement = need.requirement
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    specifier = requirement.specifier.replace(" ", "").replace(",", " ")
    for written, shown in ((">=", "≥"), ("<=", "≤"), ("!=", "≠"), ("===", "="), ("==", "=")):
        specifier = specifier.replace(written, shown)
    text = f"{_spelling(requirement.name, packages)}{extras} {specifier}".strip()
    if requirement.name not in packages:
        return say(f"{text} ", Span("✗ not installed", "error"))
    version = packages[requirement.name].version
    if is_satisfied_by(requirement, version) is False:
        return say(f"{text} ", Span(f"✗ {version} is installed", "error"))
    return say(f"{text} ", Span("✓", "good"))


def _spelling(name: str, packages: InstalledPackages) -> str:
    return packages[name].name if name in packages else name


def _needed_by(distribution: InstalledDistribution, packages: InstalledPackages) -> Phrase:
    if not distribution.active:
        return ()
    names = [f"{d.name} {d.version}" for d in packages.required_by(distribution.canonical_name)]
    if names:
        return say(listed(names, _MOST))
    return say(Span("nothing", "muted"))


def _import_names(distribution: InstalledDistribution) -> Phrase:
    names = distribution.import_names
    shown = join([say(Span(name, "code")) for name in names[:_MOST]], ", ")
    if len(names) > _MOST:
        return say(shown, Span(f" and {len(names) - _MOST:,} more", "muted"))
    return shown


def _place(distribution: InstalledDistribution, packages: InstalledPackages) -> Phrase:
    environment = packages.environment
    site = distribution.site
    here = place_of_path(site.path, environment)
    parts = [say(Span(here, "code"))]
    if site.role not in ("environment", "path"):
        parts.append(say(Span(site_name(site), "muted")))
    parts += [
        say(Span(f"also spelled {_alias(place_of_path(alias, environment), here)}", "muted"))
        for alias in site.aliases[:3]
    ]
    if distribution.linked:
        parts.append(say(Span("its entry is a symbolic link", "muted")))
    files = distribution.files
    if files is not None:
        parts.append(say(Span(counted(len(files), "file"), "muted")))
    return join(parts)


def _alias(alias: str, here: str) -> str:
    """Leave out the end that two spellings have in common: ``lib64/…``."""
    other, own = alias.split("/"), here.split("/")
    common = 0
    while common < min(len(other), len(own)) - 1 and other[-1 - common] == own[-1 - common]:
        common += 1
    return "/".join([*other[: len(other) - common], "…"]) if common else alias


def _origin(distribution: InstalledDistribution) -> Phrase:
    origin = distribution.direct_url
    if distribution.kind == "egg-link":
        return say(Span(place_of_path(distribution.location), "code"), " (editable)")
    if origin is None:
        return ()
    if origin.url.startswith("file:"):
        shown = say(Span(_file_place(origin.url), "code"))
    elif origin.vcs:
        shown = say(Span(f"{origin.vcs}+{origin.url}", "code"))
    else:
        shown = say(link(origin.url))
    if origin.commit:
        shown = say(shown, Span(f" at {origin.commit[:12]}", "muted"))
    return say(shown, " (editable)") if origin.editable else shown


def _file_place(url: str) -> str:
    from pathlib import Path

    path = file_url_path(url)
    return url if path is None else place_of_path(Path(path))


def _copies(distribution: InstalledDistribution, packages: InstalledPackages) -> Phrase:
    copies = packages.copies(distribution.canonical_name)
    if len(copies) == 1:
        return ()
    return join([_copy(copy, copies, packages) for copy in copies])


_REASONS: dict[Reason, str] = {
    "metadata": "another one has no METADATA",
    "search-order": "imports look there first",
    "record": "its RECORD fits the files that are there best",
    "other-record": "the files of the other one are not there",
    "linked": "it is no link",
    "version": "nothing on disk tells them apart and it is the newest",
    "nothing": "nothing tells them apart",
}


def _why_active(
    copy: InstalledDistribution,
    copies: Sequence[InstalledDistribution],
    packages: InstalledPackages,
) -> str:
    others = [c for c in copies if c != copy and alias_target(c, copies) is None]
    environment = packages.environment
    order = SearchOrder(environment.search_path, complete=environment.kind != "paths")
    reasons = [_REASONS[reason] for reason in why_active(copy, others, order)]
    return ": " + " and ".join(reasons) if reasons else ""


def _copy(
    copy: InstalledDistribution,
    copies: Sequence[InstalledDistribution],
    packages: InstalledPackages,
) -> Phrase:
    place = _relative_place(copy.site_directory, packages)
    alias_of = alias_target(copy, copies)
    if alias_of is not None:
        role = f"a link to {alias_of.version}"
    else:
        role = "never imported"
        if copy.active:
            role = f"the one that import gets{_why_active(copy, copies, packages)}"
    return say(f"{copy.version} in ", Span(place, "code"), f", {role}")


def _relative_place(path: Path, packages: InstalledPackages) -> str:
    return place_of_path(path, packages.environment)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
