"""What %pkg install, upgrade and sync have in common: from a request to its outcome."""

from __future__ import annotations

import argparse
import contextlib
from typing import TYPE_CHECKING

from IPython.core.error import UsageError

from .requirement_words import requirement_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..formats import InstallRequest
    from ..plans import InstallPlan
    from ..transactions import Transaction
    from .lines import LineParser
    from .session import Session

__all__ = [
    "as_usage_error",
    "install",
    "own_options",
    "read_box",
    "read_line",
    "without_options",
]

_OWN = {"-y": "yes", "--yes": "yes", "--dry-run": "dry_run", "--force": "force", "--all": "all"}


def own_options(line: str, parser: LineParser, *more: str) -> tuple[list[str], argparse.Namespace]:
    """Split a line, and take out what is said to us and not to an installer.

    Args:
        line: behind the subcommand.
        parser: answers ``--help``.
        more: options of ours beside those that every verb has.

    Raises:
        HelpShown: the help was asked for and printed.
    """
    words = requirement_words(line)
    if "-h" in words or "--help" in words:
        parser.parse_line(["--help"])
    own = {"-y", "--yes", "--dry-run", "--force", *more}
    given = {_OWN[word] for word in words if word in own}
    values = {name: name in given for name in _OWN.values()}
    return [word for word in words if word not in own], argparse.Namespace(**values)


def read_line(words: Sequence[str], cell: str | None = None) -> InstallRequest:
    """Understand the words of a line, and of a cell one requirement a line.

    Raises:
        BadRequest: one sentence.
    """
    from ..formats import read_request, read_request_lines

    if cell is None:
        return read_request(words)
    # behind the cell's own lines, so that a mistake is said by the number that people see
    return read_request_lines("\n".join([*cell.splitlines(), *_as_lines(words)]))


def without_options(words: Sequence[str]) -> list[str]:
    """What names a package, or a file of names, among the words of a line.

    Raises:
        BadRequest: there is an option that is not known.
    """
    from ..formats.install_options import find_option

    names = ("requirements", "editable")
    return [
        line
        for line in _as_lines(words)
        if not line.startswith("-") or find_option(line.split("=")[0].split()[0]).meaning in names
    ]


def read_box(line: str) -> InstallRequest:
    """Understand what was typed or pasted into the box of the package browser.

    Raises:
        BadRequest: one sentence.
    """
    from ..formats import BadRequest

    try:
        words = requirement_words(line)
    except UsageError as error:
        raise BadRequest(str(error)) from None
    if words and words[0] in ("%pkg", "%%pkg", "pkg"):
        words = words[2:] if words[1:2] == ["install"] else words
    # the box asks anyway, and a click overrides no protection
    return read_line([word for word in words if word not in ("-y", "--yes", "--dry-run")])


def _as_lines(words: Sequence[str]) -> Iterator[str]:
    from ..formats.install_options import find_option

    rest = list(words)
    while rest:
        word = rest.pop(0)
        takes_value = word.startswith("-") and "=" not in word and find_option(word).takes_value
        yield f"{word} {rest.pop(0)}" if takes_value and rest else word


@contextlib.contextmanager
def as_usage_error(program: str) -> Iterator[None]:
    """Say in one line what cannot be understood.

    Raises:
        UsageError: instead of BadRequest.
    """
    from ..formats import BadRequest

    try:
        yield
    except BadRequest as error:
        raise UsageError(f"{program}: {str(error).rstrip('.')}.") from None


def install(
    request: InstallRequest,
    arguments: argparse.Namespace,
    session: Session,
    *,
    upgrade: bool = False,
    exact: bool = False,
) -> InstallPlan | Transaction:
    """Plan, ask where that has to be, and carry out; shows everything where the cell runs.

    Args:
        request: what is wanted.
        arguments: what the line said: ``dry_run``, ``yes``, ``force``.
        session: where.
        upgrade: the newest of it.
        exact: nothing else.

    Returns:
        The plan where there was nothing to do or it was only to be shown, else the transaction.
    """
    from .stopping import stoppable

    with stoppable():
        return _install(request, arguments, session, upgrade=upgrade, exact=exact)


def _install(
    request: InstallRequest,
    arguments: argparse.Namespace,
    session: Session,
    *,
    upgrade: bool,
    exact: bool,
) -> InstallPlan | Transaction:
    from ..errors import PlanBlocked
    from ..views.install import blocked_reason, question, title
    from ..views.install_progress import InstallProgress
    from ..views.phrase import plain_text
    from .carry_out import CarryOut
    from .display import show, show_install_outcome
    from .progress import progress_shown

    carry_out = CarryOut(session, force=arguments.force)
    with _engine_words_below(session), progress_shown(InstallProgress(), session) as on_progress:
        plan = carry_out.plan_install(
            request, upgrade=upgrade, exact=exact, on_progress=on_progress
        )
    if arguments.dry_run:
        return plan
    if plan.blocked:
        raise PlanBlocked(f"{title(plan)}. {plain_text(blocked_reason(plan))}")
    if not plan.actions:
        show(plan, session)
        return plan
    must_ask = session.must_ask(safe=plan.safe, yes=arguments.yes)
    if must_ask or not plan.safe:  # what breaks is said also where nobody is asked
        show(plan, session)
    if must_ask:
        session.ask(question(plan))
    progress = InstallProgress(plan)
    with _engine_words_below(session), progress_shown(progress, session) as on_progress:
        outcome = carry_out.install(plan, on_progress)
    show_install_outcome(outcome, session)
    return outcome.transaction


@contextlib.contextmanager
def _engine_words_below(session: Session) -> Iterator[None]:
    """Let our sentence be the error, and what uv or pip said stand below it."""
    from ..engines import EngineFailed

    try:
        yield
    except EngineFailed as error:
        if error.log.strip():
            from ..views.engine_words import EngineWords

            session.show_after_cell(EngineWords(error.log))
        raise
