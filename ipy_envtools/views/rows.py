"""One line of a package list, and what its state is called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ..environment.copies import alias_target
from ..environment.printable import printable
from .wording import site_name, size_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..environment import InstalledDistribution, Problem, ProblemKind

__all__ = ["PROBLEM_BADGES", "Badge", "Row", "badges"]

BadgeTone = Literal["plain", "warning", "error"]

_RANK: dict[BadgeTone, int] = {"error": 0, "warning": 1, "plain": 2}

PROBLEM_BADGES: dict[ProblemKind, str] = {
    "compiled-orphaned": "compiled files of nobody",
    "dependency-incompatible": "dependency conflict",
    "dependency-missing": "dependency missing",
    "direct-url-invalid": "origin unreadable",
    "editable-dangling": "source tree gone",
    "egg-link-dead": "link leads nowhere",
    "files-missing": "files missing",
    "files-shared": "shares files",
    "ghost": "ghost",
    "invalid-name": "invalid name",
    "invalid-version": "invalid version",
    "leftover": "leftover",
    "leftover-unclear": "leftover, or not",
    "metadata-mismatch": "metadata disagrees",
    "metadata-missing": "METADATA missing",
    "platform-incompatible": "not for this platform",
    "python-incompatible": "not for this Python",
    "record-invalid": "RECORD invalid",
    "record-missing": "RECORD missing",
    "record-outside": "RECORD names files outside",
    "requirement-invalid": "invalid requirement",
    "startup-unowned": "start-up file of nobody",
    "unreadable": "unreadable",
}
# alias, duplicate and shadowed are missing here because the copies themselves say more


@dataclass(frozen=True, slots=True)
class Badge:
    """One short word about the state of a package."""

    text: str
    tone: BadgeTone = "plain"

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", printable(self.text))


@dataclass(frozen=True, slots=True)
class Row:
    """What a list says of one copy; texts are printable."""

    distribution: InstalledDistribution
    name: str
    version: str
    size: int | None
    """Bytes; None where RECORD gives none, or not ``measured``."""
    needed_by: int
    """How many packages need it; 0 where another copy is the one that is imported."""
    installer: str
    badges: tuple[Badge, ...]
    measured: bool
    """Whether size and needed_by have been looked up."""

    @property
    def size_text(self) -> str:
        """The size as people read it."""
        return size_text(self.size) if self.measured else ""

    @property
    def needed_by_text(self) -> str:
        """The count; a dash for none."""
        if not self.measured:
            return ""
        return f"{self.needed_by:,}" if self.needed_by else "–"

    @property
    def state_text(self) -> str:
        """All badges as text."""
        return ", ".join(badge.text for badge in self.badges)

    @property
    def state_rank(self) -> tuple[int, int]:
        """What sorts the worst first: the worst tone, then the number of badges."""
        if not self.badges:
            return (len(_RANK), 0)
        return (min(_RANK[badge.tone] for badge in self.badges), -len(self.badges))


def badges(
    distribution: InstalledDistribution,
    copies: Sequence[InstalledDistribution],
    problems: Iterable[Problem],
    *,
    loaded: bool,
) -> tuple[Badge, ...]:
    """Say the state of one copy: loaded, editable, beside other copies, with these problems."""
    found: list[Badge] = []
    if loaded and distribution.active:
        found.append(Badge("loaded"))
    if distribution.editable:
        found.append(Badge("editable"))
    if len(copies) > 1:
        found += _badges_of_copies(distribution, copies)
    for problem in problems:
        text = PROBLEM_BADGES.get(problem.kind)
        if text is not None:
            badge = Badge(text, "error" if problem.severity == "error" else "warning")
            if badge not in found:
                found.append(badge)
    return tuple(found)


def _badges_of_copies(
    distribution: InstalledDistribution, copies: Sequence[InstalledDistribution]
) -> list[Badge]:
    alias_of = alias_target(distribution, copies)
    if alias_of is not None:
        return [Badge(f"alias of {alias_of.version}", "warning")]
    found: list[Badge] = []
    active = next((copy for copy in copies if copy.active), copies[0])
    if distribution is not active and distribution != active:
        if distribution.site_directory == active.site_directory:
            return [Badge(f"duplicate of {active.version}", "warning")]
        return [Badge(f"shadowed by {active.version}", "warning")]
    for copy in copies:
        if copy == distribution or alias_target(copy, copies) is not None:
            continue
        if copy.site_directory == distribution.site_directory:
            found.append(Badge(f"duplicate {copy.version} beside it", "warning"))
        else:
            found.append(Badge(f"shadows {copy.version} in {site_name(copy.site)}", "warning"))
    return found
