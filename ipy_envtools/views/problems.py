"""What is wrong in an environment, as ``%pkg check`` says it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from .phrase import Phrase, Span, Tone, say
from .wording import counted, place_of_environment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..environment import Environment, InstalledPackages, Problem, Severity

__all__ = ["ProblemGroup", "ProblemReport", "message", "sentence"]

_NOUNS: dict[Severity, str] = {"error": "error", "warning": "warning", "note": "note"}
_TONES: dict[Severity, Tone] = {"error": "error", "warning": "warning", "note": "muted"}


@dataclass(frozen=True, slots=True)
class ProblemGroup:
    """The problems of one severity."""

    title: str
    """How many there are, such as ``2 errors``."""
    tone: Tone
    sentences: tuple[Phrase, ...]
    """One for each, sorted by package."""


class ProblemReport:
    """What ``%pkg check`` returns: problems, errors first, then warnings, then notes.

    The first look at :attr:`problems` reads every RECORD and looks at every file.

    Args:
        packages: what was scanned.
        names: only what is wrong with these packages, in any spelling; none given takes all, and
            what is no package's as well.
    """

    def __init__(self, packages: InstalledPackages, names: Sequence[str] = ()) -> None:
        self.packages = packages
        self.names = tuple(dict.fromkeys(map(canonicalize_name, names)))

    def __iter__(self) -> Iterator[Problem]:
        return iter(self.problems)

    def __len__(self) -> int:
        return len(self.problems)

    def __repr__(self) -> str:
        return f"<{self.count} in {place_of_environment(self.environment)}>"

    @property
    def environment(self) -> Environment:
        """Where these problems are."""
        return self.packages.environment

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """Everything that is wrong, the worst first, then by package."""
        order = list(_NOUNS)
        entries = {copy.info_path for name in self.names for copy in self.packages.copies(name)}
        found = [
            problem
            for problem in self.packages.problems
            if not self.names
            or problem.name in self.names
            or not entries.isdisjoint(problem.paths)  # what two packages have together
        ]
        return tuple(sorted(found, key=lambda p: (order.index(p.severity), p.name, p.kind)))

    @property
    def is_clean(self) -> bool:
        """Whether there is neither an error nor a warning."""
        return all(problem.severity == "note" for problem in self.problems)

    @property
    def count(self) -> str:
        """``2 errors, 1 warning``; ``no problems``."""
        return ", ".join(group.title for group in self.groups) or "no problems"

    @property
    def heading(self) -> Phrase:
        """Where was looked, and what was found."""
        environment = self.environment
        about = [f"Python {environment.version}" if environment.version else "", environment.kind]
        looked = ", ".join(self.names) or counted(len(self.packages), "package")
        found, joint = (self.count, " in ") if self.problems else ("No problems.", " ")
        return say(
            Span(found, "strong"),
            Span(f"{joint}{looked} · {' · '.join(filter(None, about))} · ", "muted"),
            Span(place_of_environment(environment), "code"),
        )

    @property
    def groups(self) -> tuple[ProblemGroup, ...]:
        """The severities that there are, the worst first."""
        return tuple(
            ProblemGroup(
                counted(len(problems), noun),
                _TONES[severity],
                tuple(sentence(problem, self.environment) for problem in problems),
            )
            for severity, noun in _NOUNS.items()
            if (problems := [p for p in self.problems if p.severity == severity])
        )


def message(problem: Problem, environment: Environment) -> str:
    """Return the message with paths below the environment as short as elsewhere in a view."""
    if environment.kind == "paths":
        return problem.message
    prefix = re.escape(os.path.join(environment.prefix, ""))
    return re.sub(rf"(?<![^\s('\"]){prefix}", "", problem.message)


def sentence(problem: Problem, environment: Environment) -> Phrase:
    """Return the message with the package set off."""
    said = message(problem, environment)
    name = re.escape(problem.name)
    found = re.search(rf"(?<![\w.-]){name}(?![\w-])", said) if name else None
    if found is None:
        return say(said)
    return say(said[: found.start()], Span(found[0], "strong"), said[found.end() :])
