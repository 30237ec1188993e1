"""Printing where standard output may not know every character."""

from __future__ import annotations

import sys

__all__ = ["echo", "fitting"]

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


def echo(text: object) -> None:
    """Print a text, whatever the terminal's encoding is."""
    print(fitting(str(text)))


def fitting(text: str, encoding: str | None = None) -> str:
    """Replace what the encoding lacks, by default that of standard output; in UTF-8 nothing."""
    encoding = encoding or getattr(sys.stdout, "encoding", None) or "utf-8"
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
