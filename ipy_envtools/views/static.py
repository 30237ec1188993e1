"""HTML that stays readable wherever a notebook is shown: without kernel, script, style or network.

JupyterLab takes ``<style>`` and classes with unknown meaning out of notebooks that are not
trusted, GitHub all styles. So these are plain tables and lists; the few inline styles only help.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

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
from .markup import INLINE, escape, items_html, phrase_html, version_html
from .phrase import Fact, Span, say
from .problems import ProblemReport, message
from .transaction import HISTORY_COLUMNS, TransactionHistory, can_undo, outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .install import ActionRow
    from .rows import Row

__all__ = ["as_twin", "render", "render_at_once"]

_COLUMNS = ("Name", "Version", "Size", "Needed by", "From", "State")
_RIGHT = frozenset({"Size", "Needed by"})
# JupyterLab aligns cells right unless a style says otherwise; GitHub leaves only the attribute.
_ALIGN_LEFT = ' style="text-align:left"'
# Rows below a heading begin where it does, and fit into the half of a narrow window.
_CELL = "vertical-align:top; text-align:left; padding:3px 10px 3px 0"
_LABEL = f"{_CELL}; white-space:nowrap"
_AMOUNT = "vertical-align:top; text-align:right; padding:3px 10px 3px 0; white-space:nowrap"
_LAST = "vertical-align:top; text-align:left; padding:3px 0 3px 0"
_ALIGN_RIGHT = ' align="right"'

MOST_ROWS = 1000
"""Rows that are written into a notebook; it is saved with every one of them."""


def render(shown: object) -> str:
    """Return HTML of a domain object.

    Args:
        shown: a package list, packages, package details, a problem report, the origin of a
            module, a plan, a transaction or a history.
    """
    if isinstance(shown, InstalledPackages):
        shown = PackageListing(shown)
    if isinstance(shown, PackageListing):
        shown.measure()
        return _listing(shown)
    if isinstance(shown, PackageDetails):
        return "".join(
            f"<p>{phrase_html(shown.title(distribution), INLINE)}</p>"
            + _facts(shown.facts(distribution))
            for distribution in shown
        )
    if isinstance(shown, ProblemReport):
        return _report(shown)
    if isinstance(shown, ModuleOrigin):
        title = phrase_html(modules.title(shown), INLINE)
        return f"<p>{title}</p>{_facts(modules.facts(shown))}"
    if isinstance(shown, UninstallPlan):
        return _plan(shown)
    if isinstance(shown, InstallPlan):
        return _install_plan(shown)
    if isinstance(shown, InstallOutcome):
        return _install_outcome(shown)
    if isinstance(shown, EngineWords):
        return shown.html()
    if isinstance(shown, RepairPlan):
        return f"<p><b>{escape(repair.title(shown))}</b></p>{_facts(repair.facts(shown))}"
    if isinstance(shown, UndoPlan):
        return f"<p><b>{escape(undo.title(shown))}</b></p>{_facts(undo.facts(shown))}"
    if isinstance(shown, TransactionHistory):
        return _history(shown)
    if isinstance(shown, Transaction):
        return _transaction(shown)
    raise TypeError(f"there is no rendering of {type(shown).__name__}")


def render_at_once(listing: PackageListing) -> str:
    """Return what stands in for a live view where there is none, without delaying that view.

    The same as :func:`render`, but a long list that nobody has measured yet has neither sizes nor
    dependents.
    """
    listing.measure_at_once()
    return _listing(listing)


def as_twin(html: str, twin: str) -> str:
    """Return static HTML to be displayed right before the live view with this ``twin``.

    In a trusted notebook that is opened again, JupyterLab prefers the widget to the other formats
    of its output even where no kernel knows it, and shows only ``Error displaying widget``. So
    the static rendering is an output of its own: it hides that error, and is hidden while the
    view is alive.
    """
    error = (
        f".jp-OutputArea-child:has(.{twin}) + "
        ".jp-OutputArea-child:has(> .jp-OutputArea-output.jupyter-widgets)"
    )
    return f'<style>{error} {{ display: none }}</style><div class="{twin}">{html}</div>'


# --- the package list


def _listing(listing: PackageListing) -> str:
    rows = [listing.row(distribution) for distribution in listing.shown[:MOST_ROWS]]
    parts = [_heading(listing)]
    if rows:
        parts.append(_rows(rows))
    else:
        parts.append(f"<p>{escape(listing.empty)}</p>")
    more = len(listing) - len(rows)
    if more:
        parts.append(f"<p>… and {more:,} more: <code>%pkgs PATTERN</code> shows fewer.</p>")
    if listing.problems_only:
        facts = [
            Fact(problem.severity, say(message(problem, listing.environment)))
            for problem in listing.shown_problems
        ]
        parts.append(_facts(facts) if facts else "")
    return "".join(parts)


def _heading(listing: PackageListing) -> str:
    heading = listing.heading
    about = " · ".join(escape(text) for text in (heading.python, heading.kind) if text)
    counts = [escape(text) for text in (heading.count, heading.size) if text]
    if heading.problems:
        counts.append(phrase_html(say(Span(heading.problems, "warning")), INLINE))
    return (
        f"<p><b>{escape(heading.title)}</b> {about} <code>{escape(heading.place)}</code>"
        f" · {' · '.join(counts)}</p>"
    )


def _rows(rows: Sequence[Row]) -> str:
    columns = [name for name in _COLUMNS if rows[0].measured or name not in _RIGHT]
    lines = []
    for row in rows:
        cells = {
            "Name": f"<b>{escape(row.name)}</b>",
            "Version": escape(row.version),
            "Size": row.size_text,
            "Needed by": row.needed_by_text,
            "From": escape(row.installer),
            "State": _state(row),
        }
        lines.append(_line("td", {name: cells[name] for name in columns}))
    return _table(_line("th", {name: name for name in columns}), lines)


def _state(row: Row) -> str:
    return ", ".join(phrase_html(say(Span(badge.text, badge.tone)), INLINE) for badge in row.badges)


def _line(tag: str, cells: dict[str, str]) -> str:
    return "".join(
        ["<tr>"]
        + [
            f"<{tag}{_ALIGN_RIGHT if name in _RIGHT else _ALIGN_LEFT}>{cell}</{tag}>"
            for name, cell in cells.items()
        ]
        + ["</tr>"]
    )


def _table(head: str, lines: Iterable[str]) -> str:
    return f"<table><thead>{head}</thead><tbody>{''.join(lines)}</tbody></table>"


# --- the others


def _report(report: ProblemReport) -> str:
    parts = [f"<p>{phrase_html(report.heading, INLINE)}</p>"]
    for group in report.groups:
        title = ""
        if len(report.groups) > 1:  # else the heading says it
            title = f"<b>{phrase_html(say(Span(group.title, group.tone)), INLINE)}</b>"
        lines = "".join(f"<li>{phrase_html(each, INLINE)}</li>" for each in group.sentences)
        parts.append(f"{title}<ul>{lines}</ul>")
    return "".join(parts)


def _plan(plan: UninstallPlan) -> str:
    title = f"<p><b>{escape(uninstall.title(plan))}</b></p>"
    if plan.blocked is not None:
        return f"{title}<p>{phrase_html(uninstall.blocked_reason(plan), INLINE)}</p>"
    return title + _facts(uninstall.facts(plan))


def _install_plan(plan: InstallPlan) -> str:
    parts = [f"<p><b>{escape(install.title(plan))}</b></p>"]
    if plan.blocked is not None:
        parts.append(f"<p>{phrase_html(install.blocked_reason(plan), INLINE)}</p>")
    else:
        parts.append(_action_rows(install.rows(plan)))
        others = install.folded(plan)
        if others:
            summary = escape(install.along(plan))
            parts.append(f"<details><summary>{summary}</summary>{_action_rows(others)}</details>")
        parts += [
            f"<p>{phrase_html(say(Span('⚠ ', 'warning'), warning), INLINE)}</p>"
            for warning in install.warnings(plan)
        ]
    parts += [f"<p>{phrase_html(note, INLINE)}</p>" for note in install.notes(plan)]
    return "".join(parts)


def _action_rows(rows: Sequence[ActionRow]) -> str:
    lines = "".join(
        f'<tr><td style="{_LABEL}">{phrase_html((row.sign,), INLINE)}</td>'
        f'<td style="{_CELL}"><b>{escape(row.name)}</b></td>'
        f'<td style="{_CELL}">{version_html(row.version)}</td>'
        f'<td align="right" style="{_AMOUNT}">{escape(row.size)}</td>'
        f'<td style="{_LAST}">{phrase_html(row.why, INLINE)}</td></tr>'
        for row in rows
    )
    return f"<table><tbody>{lines}</tbody></table>" if lines else ""


def _install_outcome(shown: InstallOutcome) -> str:
    sentence = escape(shown.sentence)
    if shown.needs_restart:
        sentence += " Restart it to use what is installed now."
    if shown.transaction.state == "applied":
        sentence += " <code>%pkg undo</code> takes it back."
    return f"<p>{sentence}</p>"


def _transaction(transaction: Transaction) -> str:
    sentence = escape(outcome(transaction))
    if transaction.state == "applied":
        sentence += " <code>%pkg undo</code> takes it back."
    elif can_undo(transaction):
        sentence += " <code>%pkg undo</code> does that."
    return f"<p>{sentence}</p>"


def _history(history: TransactionHistory) -> str:
    if not len(history):
        return "<p>Nothing has been changed here yet.</p>"
    lines = [
        _line(
            "td",
            {
                name: phrase_html(cell, INLINE)
                for name, cell in zip(HISTORY_COLUMNS, row, strict=True)
            },
        )
        for row in history.rows
    ]
    total = f"<p>{phrase_html(history.total, INLINE)}</p>" if history.total else ""
    return _table(_line("th", {name: name for name in HISTORY_COLUMNS}), lines) + total


def _facts(facts: Iterable[Fact]) -> str:
    lines = "".join(
        f'<tr><td valign="top" style="{_LABEL}">'
        f"{phrase_html(say(Span(fact.label, 'muted')), INLINE)}</td>"
        f'<td style="{_CELL}">'
        f"{phrase_html(fact.typed or fact.value, INLINE)}{items_html(fact, INLINE)}</td></tr>"
        for fact in facts
    )
    return f"<table><tbody>{lines}</tbody></table>"
