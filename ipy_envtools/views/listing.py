"""The package list: what ``%pkgs`` returns, and what every rendering of it reads."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from ..environment.printable import printable
from .rows import Row, badges
from .wording import counted, place_of_environment, place_of_path, size_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from ..environment import Environment, InstalledDistribution, InstalledPackages, Problem

__all__ = ["MOST_MEASURED", "SORT_KEYS", "Heading", "PackageListing", "Selection", "SortKey"]

SortKey = Literal["name", "version", "size", "needed-by", "from", "state"]
SORT_KEYS: tuple[SortKey, ...] = get_args(SortKey)
"""What a list can be sorted by, in the order of its columns."""

Selection = Literal["all", "problems", "loaded", "orphans"]

MOST_MEASURED = 500
"""Packages that are measured before anything is shown; beyond that it would be felt."""

Loaded: TypeAlias = "Mapping[str, tuple[str, ...]]"

_SEPARATORS = re.compile(r"[-_.]+")


@dataclass(frozen=True, slots=True)
class Heading:
    """The line above a package list; texts are printable."""

    title: str
    """Whose packages these are."""
    python: str
    kind: str
    place: str
    count: str
    size: str
    """Empty where it is not known yet, or not of all packages."""
    problems: str
    """Empty where there are none, or nobody has looked."""


class PackageListing:
    """The packages of one environment, some of them chosen and put in order.

    It offers what :class:`~ipy_envtools.environment.InstalledPackages` offers: iteration and
    ``len`` are over what it shows, everything else is about the whole environment.

    Args:
        packages: what was scanned.
        patterns: names, parts of names or globs, in any case and spelling; a package is shown
            where one of them matches. None given shows all.
        sort: one of :data:`SORT_KEYS`.
        problems_only: only what has problems; looks at every RECORD and every file for them.
        plain: asks whoever displays it for no widgets.
        kernel_name: of the Jupyter kernel whose Python this is, where it was looked up by that.
        loaded: canonical names to the modules that this process has imported of them; or what
            finds them out, which is called when the list is measured.
    """

    def __init__(
        self,
        packages: InstalledPackages | PackageListing,
        *,
        patterns: Sequence[str] = (),
        sort: SortKey = "name",
        problems_only: bool = False,
        plain: bool = False,
        kernel_name: str = "",
        loaded: Loaded | Callable[[], Loaded] | None = None,
    ) -> None:
        if isinstance(packages, PackageListing) and loaded is None:
            loaded = packages._find_loaded or packages.loaded
            kernel_name = kernel_name or packages.kernel_name
        if sort not in SORT_KEYS:
            raise ValueError(f"sort is one of {', '.join(SORT_KEYS)}, not {sort!r}")
        self.packages: InstalledPackages = (
            packages.packages if isinstance(packages, PackageListing) else packages
        )
        self.patterns = tuple(patterns)
        self.sort: SortKey = sort
        self.problems_only = problems_only
        self.plain = plain
        self.kernel_name: str = kernel_name
        self.loaded: Loaded = {}
        """Empty as long as nobody has looked; see :meth:`measure`."""
        self._find_loaded: Callable[[], Loaded] | None = None
        if callable(loaded):
            self._find_loaded = loaded
        elif loaded is not None:
            self.loaded = loaded
        self.is_measured = False
        """Whether sizes, dependents and problems are known; see :meth:`measure`."""
        self.has_thorough_problems = False
        self._rows: dict[InstalledDistribution, Row] = {}

    # --- what InstalledPackages offers

    def __iter__(self) -> Iterator[InstalledDistribution]:
        return iter(self.shown)

    def __len__(self) -> int:
        return len(self.shown)

    def __contains__(self, name: object) -> bool:
        return name in self.packages

    def __getitem__(self, name: str) -> InstalledDistribution:
        return self.packages[name]

    def __repr__(self) -> str:
        return f"<{self.heading.count} of {self.environment.python or 'given directories'}>"

    def __getattr__(self, name: str) -> Any:
        # copies, required_by, orphans, providers, problems and what else the scan offers
        if name.startswith("_") or name == "packages":
            raise AttributeError(name)
        return getattr(self.packages, name)

    @property
    def environment(self) -> Environment:
        """Where these packages are installed."""
        return self.packages.environment

    # --- what is shown

    @cached_property
    def shown(self) -> tuple[InstalledDistribution, ...]:
        """The chosen packages in their order."""
        if self.problems_only:
            self.look_for_problems()
        return self.select(
            self.patterns, only="problems" if self.problems_only else "all", sort=self.sort
        )

    @property
    def empty(self) -> str:
        """What to say where nothing is shown."""
        if not len(self.packages):
            return "Nothing is installed here."
        if self.problems_only and not self.patterns:
            return "No package has a problem."
        return "No package matches."

    @property
    def rows(self) -> tuple[Row, ...]:
        """A row for each of the chosen packages."""
        return tuple(map(self.row, self.shown))

    def select(
        self,
        patterns: Sequence[str] = (),
        *,
        only: Selection = "all",
        sort: SortKey = "name",
        descending: bool | None = None,
    ) -> tuple[InstalledDistribution, ...]:
        """Choose and sort; ``descending`` None is the natural order of the key.

        Natural is what answers the usual question: the largest and the most needed first, the
        worst state first, everything else ascending.
        """
        matches = _matcher(patterns)
        chosen = [
            distribution
            for distribution in self._members(only)
            if matches(distribution.canonical_name)
        ]
        if sort == "name":
            return tuple(reversed(chosen) if descending else chosen)
        if sort in ("size", "needed-by", "state"):
            self.measure()
        natural = sort in ("size", "needed-by")
        chosen.sort(
            key=self._sort_value(sort), reverse=natural if descending is None else descending
        )
        return tuple(chosen)

    def _members(self, only: Selection) -> Iterable[InstalledDistribution]:
        if only == "problems":
            return (d for d in self.packages if self.problems_of(d))
        if only == "loaded":
            self.measure()
            return (d for d in self.packages if d.active and d.canonical_name in self.loaded)
        if only == "orphans":
            return self.packages.orphans()
        return self.packages

    def _sort_value(self, sort: SortKey) -> Callable[[InstalledDistribution], Any]:
        if sort == "version":
            return _version_order
        if sort == "size":
            return lambda d: -1 if d.size is None else d.size
        if sort == "needed-by":
            return lambda d: self.row(d).needed_by
        if sort == "from":
            return lambda d: (d.installer is None, d.installer or "")
        return lambda d: self.row(d).state_rank

    # --- what is known of it

    def measure(self) -> None:
        """Look up what a row needs beyond entries: metadata, sizes, dependencies, what is loaded.

        Takes about half a millisecond a package, so a long list is shown first and measured then.
        """
        if not self.is_measured:
            _ = self.total_size, self.packages.graph, self.packages.quick_problems
            if self._find_loaded is not None:
                self.loaded, self._find_loaded = self._find_loaded(), None
            self.is_measured = True
            self._rows.clear()

    def measure_at_once(self) -> bool:
        """Measure what is not too long for that; False where it is, and nobody has done it yet."""
        if len(self.packages) <= MOST_MEASURED:
            self.measure()
        return self.is_measured

    def look_for_problems(self) -> None:
        """Look at every RECORD and every file that it names; about a millisecond a package."""
        if not self.has_thorough_problems:
            self.measure()
            _ = self.packages.problems
            self.has_thorough_problems = True
            self.__dict__.pop("_problems_by_name", None)
            self._rows.clear()

    def row(self, distribution: InstalledDistribution) -> Row:
        """Return what a list says of one copy."""
        row = self._rows.get(distribution)
        if row is None:
            row = self._rows[distribution] = self._make_row(distribution)
        return row

    def _make_row(self, distribution: InstalledDistribution) -> Row:
        name = distribution.canonical_name
        measured = self.is_measured
        needs = self.packages.required_by(name) if measured and distribution.active else ()
        return Row(
            distribution,
            name=printable(distribution.name if measured else name),
            version=printable(distribution.version),
            size=distribution.size if measured else None,
            needed_by=len(needs),
            installer=printable(distribution.installer or "") if measured else "",
            badges=badges(
                distribution,
                self.packages.copies(name),
                self.problems_of(distribution) if measured else (),
                loaded=name in self.loaded,
            ),
            measured=measured,
        )

    @cached_property
    def total_size(self) -> int:
        """Bytes that all RECORDs together give."""
        return sum(distribution.size or 0 for distribution in self.packages)

    @cached_property
    def largest_size(self) -> int:
        """Bytes of the largest package, which gets the full bar."""
        return max((distribution.size or 0 for distribution in self.packages), default=0)

    @property
    def known_problems(self) -> tuple[Problem, ...]:
        """The problems that have been looked for; notes are none."""
        found = (
            self.packages.problems if self.has_thorough_problems else self.packages.quick_problems
        )
        return tuple(problem for problem in found if problem.severity != "note")

    def problems_of(self, distribution: InstalledDistribution) -> tuple[Problem, ...]:
        """The known problems of one copy."""
        found = self._problems_by_name.get(distribution.canonical_name, ())
        if len(found) == 0 or len(self.packages.copies(distribution.canonical_name)) == 1:
            return tuple(found)
        entries = {copy.info_path for copy in self.packages.copies(distribution.canonical_name)}
        return tuple(
            problem
            for problem in found
            if distribution.info_path in problem.paths
            or (distribution.active and entries.isdisjoint(problem.paths))
        )

    @property
    def shown_problems(self) -> tuple[Problem, ...]:
        """The known problems of what is shown and of what is no package's, errors first."""
        shown = {distribution.canonical_name for distribution in self.shown}
        found = [
            problem
            for problem in self.known_problems
            if problem.name in shown or problem.name not in self.packages
        ]
        return tuple(sorted(found, key=lambda problem: problem.severity != "error"))

    @cached_property
    def _problems_by_name(self) -> dict[str, list[Problem]]:
        found: dict[str, list[Problem]] = defaultdict(list)
        for problem in self.known_problems:
            found[problem.name].append(problem)
        return found

    @property
    def heading(self) -> Heading:
        """The line above the list."""
        environment = self.environment
        shown, total = len(self.shown), len(self.packages)
        place = place_of_environment(environment)
        if environment.kind == "paths":
            title = "These directories"
        elif environment.is_running:
            title = "This kernel"
        else:
            title = "Another Python"
            if self.kernel_name:
                title = f"Another kernel, {self.kernel_name}"
            if environment.python is not None:
                place = place_of_path(environment.python)
        problems = len(self.known_problems) if self.is_measured else 0
        whole = shown == total
        all_packages = counted(total, "package")
        return Heading(
            title=printable(title),
            python=f"Python {environment.version}" if environment.version else "",
            kind="" if environment.kind == "paths" else environment.kind,
            place=printable(place),
            count=all_packages if whole else f"{shown:,} of {all_packages}",
            size=size_text(self.total_size) if self.is_measured and whole else "",
            problems=counted(problems, "problem") if problems else "",
        )


def _matcher(patterns: Sequence[str]) -> Callable[[str], bool]:
    wanted = [_SEPARATORS.sub("-", pattern.strip().lower()) for pattern in patterns]
    wanted = [pattern for pattern in wanted if pattern]
    if not wanted:
        return lambda _name: True
    globs = [pattern for pattern in wanted if any(char in pattern for char in "*?[")]
    parts = [pattern for pattern in wanted if pattern not in globs]
    return lambda name: (
        any(part in name for part in parts) or any(fnmatchcase(name, glob) for glob in globs)
    )


def _version_order(distribution: InstalledDistribution) -> tuple[bool, Any]:
    from packaging.version import InvalidVersion, Version

    try:
        return (True, Version(distribution.version))
    except InvalidVersion:  # before all valid ones, in the order of text
        return (False, distribution.version)
