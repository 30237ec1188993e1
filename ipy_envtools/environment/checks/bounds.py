"""How many problems one entry may have: a file can say the same thing ten thousand times."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ..problems import Problem
from .wording import counted, cut

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["without_repetition"]

_MOST = 100  # of one kind


def without_repetition(problems: Iterable[Problem]) -> Iterator[Problem]:
    """Each message once; of many of one kind about one entry the first, and how many more.

    What is nobody's is left as it is: there each problem is about another path.
    """
    said: set[tuple[object, ...]] = set()
    number: Counter[tuple[object, ...]] = Counter()
    last: dict[tuple[object, ...], Problem] = {}
    for problem in problems:
        sentence = (problem.kind, problem.paths[:1], problem.message)
        if sentence in said:
            continue
        said.add(sentence)
        about = (problem.kind, problem.name, problem.paths[:1])
        number[about] += 1
        if not problem.name or number[about] <= _MOST:
            yield problem
        else:
            last[about] = problem
    for key, problem in last.items():
        more = number[key] - _MOST
        yield Problem(
            problem.kind,
            problem.name,
            f"{cut(problem.name)} has {counted(more, 'more problem', 'more problems')} of the kind "
            f"{problem.kind} in {cut(problem.paths[0].name)}; mend the others first, or install "
            "it again",
            problem.paths[:1],
        )
