"""Who needs whom: the graph of the active copies, extras and markers applied."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from .requirements import (
    MarkerEnvironment,
    ParsedRequirement,
    has_valid_specifier,
    is_satisfied_by,
    parse_requirement,
    required_name,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .distribution import InstalledDistribution

__all__ = ["Dependency", "DependencyGraph", "dependency_graph"]


class Dependency(NamedTuple):
    """One requirement of one active copy that holds here."""

    source: InstalledDistribution
    requirement: ParsedRequirement
    extra: str | None
    """The extra of ``source`` that it belongs to; None where it holds without one."""
    asked: bool
    """False for an extra that only seems to be used because all that it needs is there."""


_GRAPHS_KEPT = 4
_kept: list[tuple[tuple[object, ...], DependencyGraph]] = []


def dependency_graph(
    distributions: tuple[InstalledDistribution, ...], markers: Mapping[str, str]
) -> DependencyGraph:
    """Return the graph of these active copies: the one from before, where no file changed since.

    The files behind an entry are the same object as before only if nothing in them changed.
    """
    key = (
        tuple(sorted(markers.items())),
        distributions,
        tuple([id(distribution.info) for distribution in distributions]),
    )
    for known, graph in tuple(_kept):
        if known == key:
            return graph
    graph = DependencyGraph(distributions, markers)
    _kept.insert(0, (key, graph))
    del _kept[_GRAPHS_KEPT:]
    return graph


class DependencyGraph:
    """The requirements that hold in one environment.

    Nobody records which extras were asked for. One counts as used when another package's
    requirement names it, or when everything that it needs is installed and fits.
    """

    def __init__(
        self, distributions: Iterable[InstalledDistribution], markers: Mapping[str, str]
    ) -> None:
        self._installed = {dist.canonical_name: dist for dist in distributions}
        self._markers = MarkerEnvironment(markers)
        # By name and extra the texts, a line each: dictionaries of nothing but texts are left alone
        # by the garbage collector, which looks at every list.
        self._extras: dict[str, dict[str, str]] = {}
        self._from: dict[str, list[Dependency]] = defaultdict(list)
        self._to: dict[str, list[Dependency]] = defaultdict(list)
        self.invalid: list[tuple[InstalledDistribution, str]] = []
        """Requires-Dist texts that are not valid."""
        for distribution in self._installed.values():
            self._read(distribution)
        self._follow_extras()

    def needs(self, name: str) -> tuple[Dependency, ...]:
        """What the package needs, in the order of its metadata, used extras included."""
        return tuple(self._from.get(name, ()))

    def needed_by(self, name: str) -> tuple[Dependency, ...]:
        """Every dependency on the package, whether the installed version fits or not."""
        return tuple(self._to.get(name, ()))

    def all(self) -> Iterable[Dependency]:
        """Every dependency, by source."""
        for dependencies in self._from.values():
            yield from dependencies

    def closure(self, names: Iterable[str]) -> set[str]:
        """The installed packages among ``names`` and all that they need."""
        reached: set[str] = set()
        self._reach(names, reached)
        return reached

    def _reach(self, names: Iterable[str], reached: set[str]) -> None:
        """Add the closure of ``names`` to what was reached, and with it its own, before."""
        waiting = [name for name in names if name in self._installed]
        while waiting:
            name = waiting.pop()
            if name not in reached:
                reached.add(name)
                waiting.extend(
                    dependency.requirement.name
                    for dependency in self._from.get(name, ())
                    if dependency.requirement.name in self._installed
                )

    def left_over(self, removed: set[str], keep: set[str]) -> set[str]:
        """What only the ``removed`` packages needed: nobody asked for it, nobody needs it then."""
        candidates = {
            name
            for name in self.closure(removed) - removed - keep
            if self._installed[name].requested is not True
        }
        while True:
            needed = {
                name
                for name in candidates
                if any(
                    source not in removed and source not in candidates
                    for source in (d.source.canonical_name for d in self._to[name])
                )
            }
            if not needed:
                return candidates
            candidates -= needed

    def unneeded(self, keep: Iterable[str] = ()) -> set[str]:
        """What came along with something (``requested`` is False) and nothing needs any more."""
        needed = self.closure(keep)
        # Who asked for a package is said in files of their own, which need not be read of what is
        # needed anyway: so those that nothing needs come first, and all that they reach is known.
        alone = [name for name in self._installed if not self._to.get(name)]
        for name in (*alone, *self._installed):
            if name not in needed and self._installed[name].requested is not False:
                self._reach([name], needed)
        return self._installed.keys() - needed

    # --- building

    def _read(self, distribution: InstalledDistribution) -> None:
        by_extra: dict[str, list[str]] = {}
        for text in distribution.requires:
            try:
                # Three of four belong to extras, and of those few are ever needed.
                extra = self._markers.only_extra(text)
                if extra is not None:
                    if extra:
                        by_extra.setdefault(extra, []).append(text)
                    continue
                requirement = parse_requirement(text)
                if requirement is None:
                    raise ValueError
                extras = self._markers.extras_that_apply(requirement, distribution.extras)
            except ValueError:
                self.invalid.append((distribution, text))
                continue
            if extras is None:
                if not has_valid_specifier(requirement):
                    self.invalid.append((distribution, text))
                self._add(Dependency(distribution, requirement, None, asked=True))
                continue
            for extra in extras:
                by_extra.setdefault(extra, []).append(text)
        if by_extra:
            self._extras[distribution.canonical_name] = {
                extra: "\n".join(texts) for extra, texts in by_extra.items()
            }

    def _follow_extras(self) -> None:
        used: set[tuple[str, str]] = set()
        waiting = [
            (dependency.requirement.name, extra)
            for dependency in list(self.all())
            for extra in dependency.requirement.extras
        ]
        while waiting:
            name, extra = waiting.pop()
            if (name, extra) in used:
                continue
            used.add((name, extra))
            texts = self._extras.get(name, {}).get(extra, "").splitlines()
            for requirement in map(parse_requirement, texts):
                if requirement is not None:
                    self._add(Dependency(self._installed[name], requirement, extra, asked=True))
                    waiting.extend((requirement.name, wanted) for wanted in requirement.extras)
        for name, by_extra in self._extras.items():
            for extra, lines in by_extra.items():
                texts = lines.splitlines()
                if (name, extra) not in used and all(map(self._is_fulfilled, texts)):
                    for requirement in map(parse_requirement, texts):
                        if requirement is not None:
                            source = self._installed[name]
                            self._add(Dependency(source, requirement, extra, asked=False))

    def _is_fulfilled(self, text: str) -> bool:
        found = self._installed.get(required_name(text))
        if found is None:  # as of most extras, which then need no parsing
            return False
        requirement = parse_requirement(text)
        return requirement is None or is_satisfied_by(requirement, found.version) is not False

    def _add(self, dependency: Dependency) -> None:
        self._from[dependency.source.canonical_name].append(dependency)
        if dependency.requirement.name != dependency.source.canonical_name:
            self._to[dependency.requirement.name].append(dependency)
