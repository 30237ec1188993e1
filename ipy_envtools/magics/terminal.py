"""Printing where standard output may not know every character."""

from __future__ import annotations

import sys

__all__ = ["fitting", "say"]

# One for one, so that columns stay columns.
_INSTEAD = {
    **dict.fromkeys("·–−╌", "-"),
    **dict.fromkeys("“”", '"'),
    **dict.fromkeys("→≥", ">"),
    **dict.fromkeys("✗×", "x"),
    **dict.fromkeys("✓↓▼", "v"),
    **dict.fromkeys("↑▲", "^"),
    **dict.fromkeys("⚠≠", "!"),
    "…": ".",
    "≤": "<",
    "━": "=",
    "↻": "~",
    "•": "*",
}


def say(text: object) -> None:
    """Print a text, whatever the terminal's encoding is."""
    print(fitting(str(text)))


def fitting(text: str) -> str:
    """Replace what standard output cannot encode; in UTF-8 nothing is."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return "".join(_shown(char, encoding) for char in text)
    return text


def _shown(char: str, encoding: str) -> str:
    try:
        char.encode(encoding)
    except UnicodeEncodeError:
        return _INSTEAD.get(char, "?")
    return char
