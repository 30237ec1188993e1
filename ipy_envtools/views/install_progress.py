"""How far an installation is: each package's last step, all of it, and what happened when."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from .install import doing, version_change
from .markup import INLINE, escape, phrase_html, version_html
from .phrase import Span, say
from .wording import counted, elapsed_text, size_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..plans.install_plan import InstallAction, InstallPlan
    from ..progress import Progress

__all__ = ["InstallProgress"]

MOST_ROWS = 8
"""Packages that are shown at a time: those that are worked on, then those that are done."""

MOST_LINES = 400
"""Of the log; the beginning goes."""

_SHARES = {"resolving": 0.0, "downloading": 0.05, "building": 0.5, "installing": 0.75, "done": 0.85}
"""How much of a package's work lies behind it when a step begins; moving is done to all at once."""

_MOVING = 0.9

_TRACK = "height:6px; border-radius:3px; background:var(--jp-layout-color3, #e0e0e0)"
_FILL = "height:6px; border-radius:3px; background:var(--jp-brand-color1, #1976d2)"


class InstallProgress:
    """Takes in reports and says how far it is.

    Args:
        plan: what is being carried out; None while there is none yet.
        clock: seconds that only go forwards.
    """

    def __init__(
        self, plan: InstallPlan | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._begun = clock()
        actions = plan.actions if plan is not None else ()
        self._actions: dict[str, InstallAction] = {
            action.name: action for action in actions if action.kind != "remove"
        }
        self._reports: dict[str, Progress] = {}
        self._whole: Progress | None = None
        self._share = 0.0
        self.doing = doing(plan) if plan is not None else "Working out what to install"
        self.log: list[str] = []
        """What happened when, a line for each step of each package."""

    def update(self, progress: Progress) -> None:
        """Take in one report."""
        name = progress.name if progress.name in self._actions else ""
        before = self._reports.get(progress.name) if progress.name else self._whole
        if before is None or before.step != progress.step:
            self._note(progress)
        if progress.name:
            self._reports[progress.name] = progress
        if not name:
            self._whole = progress
        self._share = max(self._share, self._measured())

    def _note(self, progress: Progress) -> None:
        what = f" {progress.name}" if progress.name else ""
        size = ""
        if progress.unit == "bytes" and progress.total:
            size = f", {size_text(progress.total)}"
        self.log.append(f"{self._seconds():6.1f} s  {progress.step}{what}{size}")
        del self.log[:-MOST_LINES]

    def _seconds(self) -> float:
        return self._clock() - self._begun

    # --- numbers

    @property
    def share(self) -> float:
        """Of all work, between 0 and 1; never less than before."""
        return self._share

    def _measured(self) -> float:
        whole = self._whole
        if whole is not None and whole.step == "moving":
            return _MOVING + (1 - _MOVING) * (whole.done / whole.total if whole.total else 0.0)
        if not self._actions:
            return 0.0
        weights = {name: action.size or 1 for name, action in self._actions.items()}
        done = sum(weight * self._share_of(name) for name, weight in weights.items())
        return done / sum(weights.values())

    def _share_of(self, name: str) -> float:
        at_least = 0.0
        if self._whole is not None:
            at_least = _SHARES.get(self._whole.step, 0.0)
            at_least = at_least if self._whole.step in ("installing", "done") else 0.0
        report = self._reports.get(name)
        if report is None:
            return at_least
        share = _SHARES.get(report.step, 0.0)
        if report.step == "downloading" and report.total:
            share += 0.4 * min(1.0, report.done / report.total)
        return max(share, at_least)

    def _amounts(self) -> str:
        """``37 MB of 57 MB · downloading · 4 s``."""
        parts = []
        total = sum(action.size or 0 for action in self._actions.values())
        got = sum(self._bytes(name) for name in self._actions)
        moving = self._whole is not None and self._whole.step == "moving"
        if total and got and not moving:
            parts.append(f"{size_text(min(got, total))} of {size_text(total)}")
        if self._whole is not None:
            amount = "" if self._reports else self._expected(self._whole)
            parts.append(f"{self._whole.step}{amount or self._counted(self._whole)}")
        parts.append(elapsed_text(self._seconds()))
        return " · ".join(parts)

    def _expected(self, progress: Progress) -> str:
        """How much comes, while an engine does not tell how much of it is there."""
        if progress.step != "downloading" or progress.unit != "bytes" or not progress.total:
            return ""
        return f" {size_text(progress.total)}"

    def _counted(self, progress: Progress) -> str:
        if not progress.total or progress.unit == "bytes":
            return ""
        noun = progress.unit.removesuffix("s")
        return f" {progress.done:,} of {counted(progress.total, noun)}"

    def _bytes(self, name: str) -> int:
        report = self._reports.get(name)
        if report is None:
            return 0
        if report.step == "downloading":
            return report.done if report.unit == "bytes" else 0
        return self._actions[name].size or 0

    def _rows(self) -> list[tuple[str, InstallAction, Progress]]:
        known = [
            (report.step, self._actions[name], report)
            for name, report in self._reports.items()
            if name in self._actions
        ]
        known.sort(key=lambda row: row[0] == "done")
        if len(known) <= MOST_ROWS:
            return known
        working = [row for row in known if row[0] != "done"]
        room = max(0, MOST_ROWS - len(working))
        return [*working[:MOST_ROWS], *(known[-room:] if room else [])]

    # --- renderings

    def text_lines(self, width: int = 80) -> list[str]:
        """What a terminal shows, no line wider than ``width``."""
        filled = round(self.share * 24)
        lines = [f"{self.doing}…  {'━' * filled}{'╌' * (24 - filled)}"]
        lines += [
            f"  {step:<12} {action.name} {version_change(action)}  {_amount(action, report)}"
            for step, action, report in self._rows()
        ]
        lines.append(f"  {self._amounts()}")
        return [line[:width].rstrip() for line in lines]

    def text(self) -> str:
        """One line."""
        return f"{self.doing}… {self._amounts()}"

    def html(self) -> str:
        """A block for a page; no alert, because ten a second would all be read out."""
        title = f'<div style="font-weight:600; margin-bottom:6px">{escape(self.doing)}…</div>'
        share = self.share
        bar = _bar(share, self.doing) if self._actions else _waiting(self.doing)
        rows = "".join(_row(step, action, report) for step, action, report in self._rows())
        amounts = phrase_html(say(Span(self._amounts(), "muted")), INLINE)
        return (
            '<div role="status" class="envtools-progress" style="max-width:1014px">'
            f'{title}{bar}{rows}<div style="margin-top:6px">{amounts}</div></div>'
        )

    def log_html(self) -> str:
        """What happened when, folded."""
        lines = escape_lines(self.log)
        return f"<details><summary>log</summary><pre>{lines}</pre></details>"


def escape_lines(lines: list[str]) -> str:
    """Return lines for a ``<pre>``."""
    return "\n".join(escape(line) for line in lines)


def _amount(action: InstallAction, report: Progress) -> str:
    if report.step == "downloading" and report.total and report.unit == "bytes":
        return f"{size_text(report.done)} of {size_text(report.total)}"
    return size_text(action.size) if action.size else ""


def _row(step: str, action: InstallAction, report: Progress) -> str:
    share = 0.0
    if step == "downloading" and report.total:
        share = report.done / report.total
    color = ' style="color: var(--jp-ui-font-color2, #757575)"' if step == "done" else ""
    cells = (
        f"<span{color}>{escape(step)}</span><b>{escape(action.name)}</b>"
        f"<span>{version_html(version_change(action))}</span>"
        f'<span style="text-align:right">{escape(_amount(action, report))}</span>'
        f"<span>{_bar(share, action.name) if share else ''}</span>"
    )
    return (
        '<div style="display:grid; grid-template-columns:96px minmax(0,1.4fr) minmax(0,1.2fr) '
        "minmax(0,1.1fr) minmax(0,1.6fr); gap:12px; padding:3px 0; align-items:center; "
        f'border-bottom:1px solid var(--jp-border-color2, #e0e0e0)">{cells}</div>'
    )


def _bar(share: float, label: str) -> str:
    percent = f"{100 * min(share, 1.0):.0f}"
    return (
        f'<div role="progressbar" aria-label="{escape(label)}" aria-valuemin="0" '
        f'aria-valuemax="100" aria-valuenow="{percent}" style="{_TRACK}">'
        f'<div style="{_FILL}; width:{percent}%"></div></div>'
    )


def _waiting(label: str) -> str:
    """A bar that moves although nobody knows how far it is."""
    return (
        f'<progress aria-label="{escape(label)}" style="width:100%; height:6px; '
        'accent-color:var(--jp-brand-color1, #1976d2)"></progress>'
    )
