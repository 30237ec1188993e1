"""Tab behind ``%pkgs`` and ``%pkg``: subcommands, options, package names and transactions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .subcommands import SUBCOMMANDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["complete"]

_BEFORE_PATHS = ("--python", "-r", "--requirement", "-c", "--constraint", "-e", "--editable")
_LINE = re.compile(r"^\s*(?:[\w, ]+=\s*)?%{0,2}(pkgs?)\s+(.*)$")


def complete(shell: Any) -> Callable[..., Any]:
    """Return the matcher that is appended to the shell's completer."""
    from IPython.core.completer import SimpleCompletion, context_matcher

    @context_matcher()  # type: ignore[untyped-decorator]
    def ipy_envtools_matcher(context: Any) -> dict[str, Any]:
        line = context.line_with_cursor[: context.cursor_position]
        match = _LINE.match(line)
        if match is None or (not line.lstrip().startswith("%") and not _automagic(shell, line)):
            return {"completions": []}
        magic, rest = match.groups()
        words = rest.split()
        if words and not rest[-1].isspace():
            words.pop()
        token = rest.rpartition(" ")[2]
        if words and (words[-1] in _BEFORE_PATHS or _takes_paths(magic, words, token)):
            return {"completions": []}  # a path, which IPython completes itself
        found = _candidates(magic, words, token)
        return {
            "completions": [
                SimpleCompletion(text, type="magic")
                for text in found
                if text.lower().startswith(token.lower())
            ],
            "matched_fragment": token,
            "suppress": True,
        }

    return ipy_envtools_matcher  # type: ignore[no-any-return]


def _takes_paths(magic: str, words: list[str], token: str) -> bool:
    known = SUBCOMMANDS.get(words[0]) if magic == "pkg" else None
    return known is not None and known.completes == "paths" and not token.startswith("-")


def _automagic(shell: Any, line: str) -> bool:
    """A line without ``%`` is a magic only where automagic is on and nothing has that name."""
    name = line.split(maxsplit=1)[0]
    return "=%" in line.replace(" ", "") or (shell.automagic and name not in shell.user_ns)


def _candidates(magic: str, words: list[str], token: str) -> Iterable[str]:
    if magic == "pkgs":
        from .pkgs import parser

        if words and words[-1] == "--sort":
            from ..views import SORT_KEYS

            return SORT_KEYS
        if words and words[-1] == "--kernel":
            from .kernelspecs import kernel_names

            return kernel_names()
        return parser().options() if token.startswith("-") else _packages()
    if not words:
        return SUBCOMMANDS
    subcommand = SUBCOMMANDS.get(words[0])
    if subcommand is None:
        return ()
    if token.startswith("-"):
        from .pkg import parser_of

        return parser_of(subcommand).options()
    if subcommand.completes == "packages":
        return _packages()
    if subcommand.completes == "modules":
        return _modules()
    if subcommand.completes == "transactions":
        from ..transactions import history

        return [transaction.id for transaction in history()]
    return ()


def _modules() -> list[str]:
    from ..environment import scan

    return sorted({name for copy in scan() for name in copy.import_names})


def _packages() -> list[str]:
    from ..environment import scan

    names = {distribution.canonical_name for distribution in scan()}
    return sorted(filter(str.isprintable, names))  # the others cannot be typed either
