"""Text that packages wrote, made safe to print: packages are written by strangers."""

from __future__ import annotations

__all__ = ["printable"]


def printable(text: str) -> str:
    """Return ``text`` as one line without control characters.

    White space becomes a space; terminal escapes, bidirectional overrides, lone surrogates and
    everything else that :meth:`str.isprintable` refuses become U+FFFD. HTML and rich markup are
    still in it: escaping those is the renderer's part.
    """
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else " " if char.isspace() else "\ufffd" for char in text
    )
