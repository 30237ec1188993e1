"""Text for a terminal, and for everything else that shows no HTML. Needs rich."""

from __future__ import annotations

import io
import shutil
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ..environment import InstalledPackages
from ..kernel.modules import ModuleOrigin
from ..plans.install_plan import InstallPlan
from ..plans.repair import RepairPlan
from ..plans.undo_plan import UndoPlan
from ..plans.uninstall_plan import UninstallPlan
from ..transactions import Transaction
from . import install, modules, repair, undo, uninstall
from .details import PackageDetails
from .engine_words import EngineWords
from .install_outcome import InstallOutcome
from .listing import PackageListing
from .phrase import Fact, Phrase, say
from .problems import ProblemReport, message
from .transaction import HISTORY_COLUMNS, TransactionHistory, can_undo, outcome
from .wording import middle_cut

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import JustifyMethod, RenderableType

    from .rows import Row

__all__ = ["render", "render_at_once"]

_STYLES = {
    "plain": "",
    "strong": "bold",
    "muted": "dim",
    "code": "",
    "good": "green",
    "notice": "cyan",
    "warning": "yellow",
    "error": "red",
}
_GAP = 3
_WIDTH = 80
_MOST_AT_ONCE = 100


def render(shown: object, width: int | None = None, *, color: bool = False) -> str:
    """Return what a terminal shows of a domain object; no line is wider than ``width`` columns.

    Args:
        shown: a package list, packages, package details, a problem report, the origin of a
            module, a plan, a transaction or a history.
        width: columns; None is the width of the terminal, or 80 where there is none.
        color: whether to add ANSI escapes. Without it the text is plain.
    """
    if width is None:
        width = shutil.get_terminal_size().columns
    return _print(_renderable(shown, max(width, 40)), max(width, 40), color=color)


def render_at_once(listing: PackageListing, width: int | None = None) -> str:
    """Return the text beside a live view, without delaying that view.

    A long list that nobody has measured yet has neither sizes nor dependents, and only its
    beginning is there.
    """
    return _print(_at_once(listing, width or _WIDTH), width or _WIDTH, color=False)


def _print(renderable: RenderableType, width: int, *, color: bool) -> str:
    console = Console(
        file=io.StringIO(),
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
        force_jupyter=False,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
        _environ={},
    )
    with console.capture() as capture:
        console.print(renderable)
    lines = capture.get().split("\n")
    return "\n".join(line if color else line.rstrip() for line in lines).strip("\n")


def _renderable(shown: object, width: int) -> RenderableType:
    if isinstance(shown, InstalledPackages):
        shown = PackageListing(shown)
    if isinstance(shown, PackageListing):
        return _listing(shown, width)
    if isinstance(shown, PackageDetails):
        return _details(shown)
    if isinstance(shown, ProblemReport):
        return _report(shown)
    if isinstance(shown, ModuleOrigin):
        return Group(_text(modules.title(shown)), _facts(modules.facts(shown)))
    if isinstance(shown, UninstallPlan):
        return _plan(shown)
    if isinstance(shown, InstallPlan):
        return _install_plan(shown)
    if isinstance(shown, InstallOutcome):
        return _install_outcome(shown)
    if isinstance(shown, EngineWords):
        return _indented(Text(shown.text(), "dim"))
    if isinstance(shown, RepairPlan):
        return Group(Text(repair.title(shown), "bold"), _facts(repair.facts(shown)))
    if isinstance(shown, UndoPlan):
        return Group(Text(undo.title(shown), "bold"), _facts(undo.facts(shown)))
    if isinstance(shown, TransactionHistory):
        return _history(shown, width)
    if isinstance(shown, Transaction):
        return _transaction(shown)
    raise TypeError(f"there is no rendering of {type(shown).__name__}")


# --- the package list


def _listing(listing: PackageListing, width: int) -> RenderableType:
    listing.measure()
    parts: list[RenderableType] = [_heading(listing, width), Text()]
    if len(listing):
        parts.append(_rows(listing.rows, width))
    else:
        parts.append(Text(f" {listing.empty}"))
    if listing.problems_only:
        parts += _problems(listing)
    return Group(*parts)


def _at_once(listing: PackageListing, width: int) -> RenderableType:
    if listing.measure_at_once() and len(listing) <= _MOST_AT_ONCE:
        return _listing(listing, width)
    rows = [listing.row(distribution) for distribution in listing.shown[:_MOST_AT_ONCE]]
    more = Text(f" … and {len(listing) - len(rows):,} more") if len(listing) > len(rows) else Text()
    return Group(_heading(listing, width), Text(), _rows(rows, width), more)


def _heading(listing: PackageListing, width: int) -> Text:
    heading = listing.heading
    before = [heading.python, heading.kind]
    whose = ""
    if heading.title != "This kernel":  # said on a line of its own, so that nobody overlooks it
        whose = f"{heading.title} · "
        whose = f"{whose}{middle_cut(heading.place, max(width - cell_len(whose), 20))}\n"
    after = [heading.count, heading.size, heading.problems]
    before = [text for text in before if text]
    after = [text for text in after if text]
    around = cell_len(" · ".join([*before, *after])) + 3
    place = heading.place
    if around + cell_len(place) > width:
        place = middle_cut(place, max(width - around, 20))
    text = Text(whose + " · ".join([*before, *([] if whose else [place]), *after]))
    if heading.problems:
        text.highlight_words([heading.problems], "yellow")
    return text


def _rows(rows: Sequence[Row], width: int) -> RenderableType:
    names = max(cell_len(row.name) for row in rows)
    columns: list[tuple[str, JustifyMethod, list[str], int]] = [
        ("Name", "left", [row.name for row in rows], min(names, 32)),
        ("Version", "left", [row.version for row in rows], 14),
        ("Size", "right", [row.size_text for row in rows], 7),
        ("Needed by", "right", [row.needed_by_text for row in rows], 9),
        ("From", "left", [row.installer for row in rows], 9),
    ]
    widths = [
        max(cell_len(title), min(most, max(map(cell_len, cells))))
        for title, _, cells, most in columns
    ]
    states = max(map(cell_len, (row.state_text for row in rows)), default=0)
    room = width - 1 - sum(widths) - _GAP * len(columns)
    state = max(cell_len("State"), min(states, max(room, 12)))
    # names are the last to be shortened, and only as far as the state needs it
    widths[0] = max(8, widths[0] - max(0, state - room))
    table = Table(box=None, padding=(0, _GAP, 0, 0), pad_edge=False, show_edge=False)
    for (title, justify, _, _), column in zip(columns, widths, strict=True):
        table.add_column(
            title,
            justify=justify,
            width=column,
            no_wrap=True,
            overflow="ellipsis",
            header_style="dim",
        )
    table.add_column("State", width=state, no_wrap=True, overflow="ellipsis", header_style="dim")
    for row in rows:
        table.add_row(
            Text(row.name, "bold"),
            *(Text(text) for text in (row.version, row.size_text, row.needed_by_text)),
            Text(row.installer),
            _state(row),
        )
    return Padding(table, (0, 0, 0, 1))


def _state(row: Row) -> Text:
    styles = {"plain": "", "warning": "yellow", "error": "red"}
    return Text(", ").join(Text(badge.text, styles[badge.tone]) for badge in row.badges)


def _problems(listing: PackageListing) -> Iterable[RenderableType]:
    facts = [
        Fact(problem.severity, say(message(problem, listing.environment)))
        for problem in listing.shown_problems
    ]
    if facts:
        yield Text()
        yield _facts(facts)


# --- the others


def _details(details: PackageDetails) -> RenderableType:
    parts: list[RenderableType] = []
    for distribution in details:
        if parts:
            parts.append(Text())
        parts += [_text(details.title(distribution)), _facts(details.facts(distribution))]
    return Group(*parts)


def _report(report: ProblemReport) -> RenderableType:
    parts: list[RenderableType] = [_text(report.heading)]
    for group in report.groups:
        parts.append(Text())
        if len(report.groups) > 1:  # else the heading says it
            parts.append(Text(group.title, f"bold {_STYLES[group.tone]}"))
        table = Table(box=None, show_header=False, padding=(0, 1, 0, 0), pad_edge=False)
        table.add_column(width=3, justify="right")
        table.add_column(overflow="fold")
        for sentence in group.sentences:
            table.add_row("•", _text(sentence))
        parts.append(table)
    return Group(*parts)


def _plan(plan: UninstallPlan) -> RenderableType:
    title = Text(uninstall.title(plan), "bold")
    if plan.blocked is not None:
        return Group(title, Padding(_text(uninstall.blocked_reason(plan)), (0, 0, 0, 2)))
    return Group(title, _facts(uninstall.facts(plan)))


def _install_plan(plan: InstallPlan) -> RenderableType:
    parts: list[RenderableType] = [Text(install.title(plan), "bold")]
    if plan.blocked is not None:
        parts.append(_indented(_text(install.blocked_reason(plan))))
    else:
        parts += _action_rows(plan)
        parts += [_indented(_text(warning), "yellow") for warning in install.warnings(plan)]
    return Group(*parts, *(_indented(_text(note)) for note in install.notes(plan)))


def _action_rows(plan: InstallPlan) -> Iterable[RenderableType]:
    rows, others = install.rows(plan), install.folded(plan)
    cells = [[row.sign.text, row.name, row.version, row.size] for row in rows]
    widths = [max(map(cell_len, column), default=0) for column in zip(*cells, strict=True)]
    most = (11, 24, 24, 9)
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    for number, wide in enumerate(map(min, widths, most)):
        justify: JustifyMethod = "right" if number == 3 else "left"
        table.add_column(width=wide, no_wrap=True, overflow="ellipsis", justify=justify)
    for row in rows:
        table.add_row(
            _text((row.sign,)), Text(row.name, "bold"), row.version, row.size, _text(row.why)
        )
    if rows:
        yield _indented(table)
    if others:
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
        table.add_column(width=max(widths[:1] or [cell_len(others[0].sign.text)]), no_wrap=True)
        table.add_column()
        names = ", ".join(row.name for row in others[:200])
        table.add_row(_text((others[0].sign,)), f"{install.along(plan)}: {names}")
        yield _indented(table)


def _indented(shown: RenderableType, style: str = "") -> Padding:
    return Padding(shown, (0, 0, 0, 2), style=style)


def _install_outcome(shown: InstallOutcome) -> RenderableType:
    sentence = shown.sentence
    if shown.needs_restart:
        sentence += " Restart it to use what is installed now."
    if shown.transaction.state == "applied":
        sentence += " %pkg undo takes it back."
    return Text(sentence)


def _transaction(transaction: Transaction) -> RenderableType:
    sentence = outcome(transaction)
    if transaction.state == "applied":
        sentence += " %pkg undo takes it back."
    elif can_undo(transaction):
        sentence += " %pkg undo does that."
    return Text(sentence)


def _history(history: TransactionHistory, width: int) -> RenderableType:
    if not len(history):
        return Text("Nothing has been changed here yet.")
    rows = [[_text(cell) for cell in row] for row in history.rows]
    widths = [
        max(cell_len(title), *(row[index].cell_len for row in rows))
        for index, title in enumerate(HISTORY_COLUMNS)
    ]
    what = HISTORY_COLUMNS.index("What")
    below = sum(widths) + _GAP * (len(widths) - 1) > width
    columns = [index for index in range(len(widths)) if index != what or not below]

    def line(cells: Sequence[Text]) -> Table:
        table = Table.grid(padding=(0, _GAP, 0, 0))
        for index in columns:
            justify: JustifyMethod = "right" if HISTORY_COLUMNS[index] == "Size" else "left"
            table.add_column(width=widths[index], justify=justify, overflow="fold")
        table.add_row(*(cells[index] for index in columns))
        return table

    shown: list[RenderableType] = [line([Text(title, "dim") for title in HISTORY_COLUMNS])]
    for row in rows:
        shown += [line(row), _indented(row[what])] if below else [line(row)]
    return Group(*shown, Text(), _text(history.total)) if history.total else Group(*shown)


def _facts(facts: Sequence[Fact]) -> Table:
    """Labels in a column, values beside them, long values wrapped below their beginning."""
    table = Table(box=None, show_header=False, padding=(0, 1, 0, 0), pad_edge=False)
    labels = [fact.short_label or fact.label for fact in facts]
    table.add_column(width=2 + max(map(cell_len, labels), default=0), no_wrap=True)
    table.add_column(overflow="fold")
    for label, fact in zip(labels, facts, strict=True):
        table.add_row(Text(f"  {label}", "dim"), _text(fact.typed or fact.value))
    return table


def _text(phrase: Phrase) -> Text:
    return Text.assemble(*((span.url or span.text, _STYLES[span.tone]) for span in phrase))
