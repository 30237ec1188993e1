"""Parsing a magic's line: a mistake is one sentence with the nearest correct word."""

from __future__ import annotations

import argparse
import difflib
import os
import re
import shlex
from typing import TYPE_CHECKING, Any, NoReturn

from IPython.core.error import UsageError

from .terminal import echo

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["HelpShown", "LineParser", "nearest", "split_line"]


class HelpShown(Exception):
    """``--help`` was given and answered."""


def split_line(line: str) -> list[str]:
    """Split a line into words as a shell does, without the semicolon that silences a cell."""
    line = line.rstrip().removesuffix(";")
    try:
        return shlex.split(line, posix=os.name == "posix")
    except ValueError as error:
        raise UsageError(f"{line.strip()!r} cannot be split into words: {error}.") from None


def nearest(word: str, known: Iterable[str]) -> str:
    """Return a clause that names the closest known word, or an empty text."""
    matches = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f" Did you mean {matches[0]}?" if matches else ""


class LineParser(argparse.ArgumentParser):
    """An argument parser that neither exits nor prints usage in the middle of a notebook."""

    def __init__(self, magic: str, usage: str, description: str) -> None:
        super().__init__(
            prog=magic,
            usage=f"{magic} {usage} [options]".replace("%", "%%"),
            description=description,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
            add_help=False,
        )
        self.add_argument("-h", "--help", action=_Help, help="show this text")

    def options(self) -> list[str]:
        """Every option that starts with two dashes."""
        return [option for option in self._option_string_actions if option.startswith("--")]

    def parse_line(self, words: list[str]) -> argparse.Namespace:
        """Parse the words of a line; options may stand anywhere among them.

        Raises:
            UsageError: one sentence, with the nearest correct word.
            HelpShown: the help was asked for and printed.
        """
        arguments, unknown = self.parse_known_intermixed_args(words)
        if unknown:
            option = unknown[0].partition("=")[0]
            raise UsageError(
                f"{self.prog} has no option {option}.{nearest(option, self.options())}"
            )
        return arguments

    def error(self, message: str) -> NoReturn:
        """Turn argparse's own words into one sentence."""
        choice = re.match(r"argument (\S+): invalid choice: '(.*?)' \(choose from (.*)\)", message)
        if choice:
            option, word, choices = choice.groups()
            known = [known.strip("' ") for known in choices.split(",")]
            raise UsageError(
                f"{self.prog} {option} cannot be {word!r}.{nearest(word, known)} "
                f"It takes {', '.join(known)}."
            )
        given_value = re.match(r"argument (\S+?): ignored explicit argument", message)
        if given_value:
            raise UsageError(f"{self.prog}: {given_value[1].split('/')[-1]} takes no value.")
        needs_value = re.match(r"argument (\S+?): expected (?:one|at least one) argument", message)
        if needs_value:
            raise UsageError(f"{self.prog}: {needs_value[1].split('/')[-1]} needs a value.")
        missing = re.match(r"the following arguments are required: (.*)", message)
        if missing:
            raise UsageError(f"{self.prog} needs {missing[1]}; see {self.prog} --help.")
        raise UsageError(f"{self.prog}: {message}; see {self.prog} --help.")


class _Help(argparse.Action):
    def __init__(self, option_strings: list[str], dest: str, help: str) -> None:  # noqa: A002
        super().__init__(option_strings, dest, nargs=0, default=argparse.SUPPRESS, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: Any, **__: Any) -> NoReturn:
        echo(parser.format_help().rstrip())
        raise HelpShown
