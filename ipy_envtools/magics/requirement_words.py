"""Splitting a line into requirements and options: a marker keeps its quotes and its blanks."""

from __future__ import annotations

import os
import re
from typing import NamedTuple

from IPython.core.error import UsageError
from packaging.markers import InvalidMarker, Marker

__all__ = ["requirement_words"]

_OPERATOR = re.compile(r"\(?(?:===?|~=|!=|<=?|>=?)|@")
_CONTINUED = re.compile(r"\\(?=\s|$)")
_OPEN_END = re.compile(r"(?:[<>=~!]=?|,|\s@)$")


class _Token(NamedTuple):
    """What stands between two blanks."""

    text: str
    """Without quotes, as a shell hands it to a program."""
    raw: str
    semicolon: int | None
    """Where an unquoted semicolon stands in ``raw``, and what is left of it in ``text``."""
    before: str


def requirement_words(line: str) -> list[str]:
    """Split as a shell does, but for what is part of a requirement.

    ``foo ; python_version < "3.12"`` and ``foo >= 1`` are one word each, with or without quotes
    around the whole. A semicolon at the end silences the cell, and ``#`` begins a comment. A
    backslash by itself, as at the end of a line of a longer command, is none.

    Raises:
        UsageError: a quotation mark is missing.
    """
    tokens = _tokens(line.rstrip().removesuffix(";"))
    words: list[str] = []
    while tokens:
        token = tokens.pop(0)
        if token.semicolon is not None:
            marker = token.raw[token.semicolon + 1 :].strip()
            name = token.before or (words.pop() if words else "")
            words.append(_with_marker(name, marker, tokens))
        elif words and _belongs(words[-1], token):
            glue = " " if token.text.startswith("@") or words[-1].endswith("@") else ""
            words[-1] = f"{words[-1]}{glue}{token.text}"
        else:
            words.append(token.text)
    return words


def _belongs(word: str, token: _Token) -> bool:
    """Whether a token goes on with the requirement before it, as in ``foo >= 1``."""
    if word.startswith("-") or token.raw[0] in "\"'-":
        return False
    return bool(_OPERATOR.match(token.text) or _OPEN_END.search(word))


def _with_marker(name: str, marker: str, tokens: list[_Token]) -> str:
    """Take as many tokens as the marker is long; ``and`` and ``or`` make it longer."""
    while tokens and not tokens[0].raw.startswith("-"):
        if _is_marker(marker) and tokens[0].raw not in ("and", "or"):
            break
        marker = f"{marker} {tokens.pop(0).raw}".strip()
    return f"{name} ; {marker}"


def _is_marker(text: str) -> bool:
    try:
        Marker(text)
    except InvalidMarker:
        return False
    return True


def _tokens(line: str) -> list[_Token]:
    tokens: list[_Token] = []
    position = 0
    while position < len(line):
        if line[position].isspace() or _CONTINUED.match(line, position):
            position += 1
            continue
        if line[position] == "#":
            break
        token, position = _token(line, position)
        tokens.append(token)
    return tokens


def _token(line: str, start: int) -> tuple[_Token, int]:
    text: list[str] = []
    quote = before = ""
    semicolon = None
    position = start
    while position < len(line) and (quote or not line[position].isspace()):
        char = line[position]
        if quote:
            if char == quote:
                quote = ""
            else:
                text.append(char)
        elif char in "\"'":
            quote = char
        elif char == "\\" and os.name == "posix" and position + 1 < len(line):
            position += 1
            text.append(line[position])
        else:
            if char == ";" and semicolon is None:
                semicolon, before = position - start, "".join(text)
            text.append(char)
        position += 1
    if quote:
        raise UsageError(f"{line.strip()!r} cannot be split into words: no closing quotation.")
    return _Token("".join(text), line[start:position], semicolon, before), position
