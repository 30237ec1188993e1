"""What an engine remarks and goes on."""

from __future__ import annotations

import re

__all__ = ["remarks"]

_NO_EXTRA = re.compile(
    r"^warning: The package `(?P<uv>[\w.-]+)[^`]*` does not have an extra named "
    r"`(?P<uv_extra>[^`]+)`"
    r"|^\s*WARNING: (?P<pip>[\w.-]+) \S+ does not provide the extra '(?P<pip_extra>[^']+)'",
    re.MULTILINE,
)


def remarks(log: str) -> tuple[str, ...]:
    """Sentences for people, from an engine's words, which are masked and printable."""
    found = (
        (match["uv"] or match["pip"], match["uv_extra"] or match["pip_extra"])
        for match in _NO_EXTRA.finditer(log)
    )
    return tuple(dict.fromkeys(f"{name} has no extra called {extra}." for name, extra in found))
