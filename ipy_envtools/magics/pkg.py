"""``%pkg``: one word behind it says what to do."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError

from .lines import LineParser, nearest, split_line
from .subcommands import SUBCOMMANDS
from .terminal import echo

if TYPE_CHECKING:
    from .session import Session
    from .subcommands import Subcommand

__all__ = ["parser_of", "run_line"]


def run_line(line: str, session: Session, cell: str | None = None) -> Any:
    """Carry out one line, or the cell below it.

    Raises:
        UsageError: the line has a mistake; one sentence with the nearest correct word.
    """
    word, _, rest = line.strip().partition(" ")
    if word in ("", ";"):
        raise UsageError(f"%pkg needs a word: {', '.join(SUBCOMMANDS)}. Did you mean %pkgs?")
    word = word.removesuffix(";")
    if word in ("-h", "--help", "help"):
        echo(overview())
        return None
    subcommand = SUBCOMMANDS.get(word)
    if subcommand is None:
        guess = nearest(word, SUBCOMMANDS) or f" It knows {', '.join(SUBCOMMANDS)}."
        raise UsageError(f"%pkg does not know {word!r}.{guess}")
    module = subcommand.module()
    parser = parser_of(subcommand)
    # requirements are split differently: a module that takes them reads its line itself
    read = getattr(module, "parse_line", None)
    if cell is not None and (read is None or word != "install"):
        raise UsageError(f"%%pkg {word} takes no cell: write %pkg {word} with one % sign.")
    if read is None:
        arguments = parser.parse_line(split_line(rest))
    else:
        arguments = read(rest, parser) if cell is None else read(rest, parser, cell)
    return module.run(arguments, session)


def parser_of(subcommand: Subcommand) -> LineParser:
    """Return the parser of one subcommand's line."""
    module = subcommand.module()
    parser = LineParser(
        f"%pkg {subcommand.name}", subcommand.usage, inspect.cleandoc(module.__doc__ or "")
    )
    module.add_arguments(parser)
    return parser


def overview() -> str:
    """Return the list of subcommands."""
    width = max(len(f"{known.name} {known.usage}") for known in SUBCOMMANDS.values())
    lines = [
        f"  %pkg {f'{known.name} {known.usage}':{width}}  {known.summary}"
        for known in SUBCOMMANDS.values()
    ]
    return "\n".join(["Look closer at this kernel's environment, and change it.", "", *lines])
