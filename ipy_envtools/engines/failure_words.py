"""An engine's words, and the table of what is said where some of them are found."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Words", "meaning", "when"]


@dataclass(frozen=True)
class Words:
    """What an engine said, and the place in it that tells why it failed."""

    match: re.Match[str]
    log: str
    python: str
    """Version of the environment's."""

    def __getitem__(self, group: str | int) -> str:
        return (self.match[group] or "").strip()

    def first(self, *patterns: str, last: bool = False) -> str | None:
        """The group of the first pattern that is found, from its first or last place."""
        for pattern in patterns:
            if found := re.findall(pattern, self.log, re.MULTILINE):
                return str(found[-1 if last else 0]).strip()
        return None


_SENTENCES: list[tuple[re.Pattern[str], Callable[[Words], str]]] = []


def when(*patterns: str) -> Callable[[Callable[[Words], str]], Callable[[Words], str]]:
    """Say it where one of these is found; what was said so first counts."""

    def register(say: Callable[[Words], str]) -> Callable[[Words], str]:
        _SENTENCES.extend((re.compile(pattern, re.MULTILINE), say) for pattern in patterns)
        return say

    return register


def meaning(log: str, python: str) -> str | None:
    """Return the sentence for what an engine said; None where nothing of it is known."""
    for pattern, say in _SENTENCES:
        match = pattern.search(log)
        if match is not None:
            return say(Words(match, log, python))
    return None
