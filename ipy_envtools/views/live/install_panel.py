"""What an installation would do, then how far it is, with the buttons for either."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING

from .. import install
from ..install_progress import InstallProgress
from ..markup import CLASSES, escape, phrase_html, version_html
from .parts import is_shown, show

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ...plans.install_plan import InstallPlan
    from ...progress import OnProgress, Progress
    from ..install import ActionRow
    from .parts import Parts
    from .worker import Worker

__all__ = ["InstallPanel"]

_PURPOSE = "install-plan"


class InstallPanel:
    """Makes one plan at a time, asks about it, and shows how it is carried out.

    Args:
        parts: makes the widgets.
        worker: makes the plans.
        on_confirm: the plan is wanted.
        on_cancel: it is not wanted, or not possible.
        on_nothing: there is nothing to do; with the sentence that says so.
        on_error: the plan could not be made.
    """

    def __init__(
        self,
        parts: Parts,
        worker: Worker,
        *,
        on_confirm: Callable[[InstallPlan], None],
        on_cancel: Callable[[], None],
        on_nothing: Callable[[str], None],
        on_error: Callable[[BaseException], None],
    ) -> None:
        self._worker = worker
        self._on_confirm = on_confirm
        self._on_cancel = on_cancel
        self._on_nothing = on_nothing
        self._on_error = on_error
        self._plan: InstallPlan | None = None
        self._progress: InstallProgress | None = None
        self._stop = Event()
        self._is_running = False
        self.text = parts.html()
        self.log = parts.html()
        self.confirm = parts.button("Install", self._confirm_clicked, "envtools-install")
        self.cancel = parts.button("Cancel", self._cancel_clicked)
        self.log_button = parts.button("Show log", self._log_clicked)
        self.widget = parts.column(
            [
                self.text,
                parts.row([self.confirm, self.cancel, self.log_button], "envtools-answer"),
                self.log,
            ],
            "envtools-plan",
        )
        self.close()

    @property
    def is_open(self) -> bool:
        """Whether it asks, or shows how far it is."""
        return is_shown(self.widget)

    @property
    def plan(self) -> InstallPlan | None:
        """The plan that the button would carry out now."""
        return self._plan

    def ask(self, make_plan: Callable[[OnProgress, Event], InstallPlan]) -> None:
        """Make a plan, then show it."""
        self._begin(InstallProgress())
        report, stop = self._reporter(), self._stop
        self._worker.start(
            _PURPOSE, lambda: make_plan(report, stop), self._planned, self._planning_failed
        )
        self.cancel.focus()

    def begin(self, plan: InstallPlan) -> tuple[OnProgress, Event]:
        """Show how far ``plan`` is from now on; returns what reports that, and what stops it."""
        self._begin(InstallProgress(plan))
        self._is_running = True
        self.cancel.focus()
        return self._reporter(), self._stop

    def close(self) -> None:
        """Ask nothing and show nothing any more; a plan that is being made is given up."""
        self._stop.set()
        self._worker.forget(_PURPOSE)
        self._plan = self._progress = None
        self._is_running = False
        show(self.widget, False)

    # --- painting

    def _begin(self, progress: InstallProgress) -> None:
        self._stop = Event()
        self._plan = None
        self._progress = progress
        self.text.value = progress.html()
        self.log.value = ""
        self.cancel.disabled = False
        show(self.confirm, False)
        show(self.log_button, False)
        self._show_log(False)
        show(self.widget)

    def _reporter(self) -> OnProgress:
        progress = self._progress

        def paint(_report: Progress) -> None:
            if progress is None or progress is not self._progress:
                return
            self.text.value = progress.html()
            if is_shown(self.log):
                self.log.value = _log_html(progress)
            show(self.log_button, bool(progress.log))

        painting = self._worker.reporter(paint)

        def report(received: Progress) -> None:
            with self._worker.lock:
                if progress is not None:
                    progress.update(received)
            painting(received)

        return report

    def _planned(self, plan: InstallPlan) -> None:
        if not plan.actions and plan.blocked is None:
            self.close()
            self._on_nothing(f"{install.title(plan)}.")
            return
        self._plan = plan
        self._progress = None
        self.text.value = _plan_html(plan)
        self.confirm.description = self.confirm.tooltip = install.confirm_label(plan)
        show(self.log_button, False)
        self._show_log(False)
        show(self.confirm, plan.blocked is None)
        (self.confirm if plan.safe else self.cancel).focus()

    def _planning_failed(self, error: BaseException) -> None:
        self.close()
        self._on_error(error)

    def _show_log(self, condition: bool) -> None:
        if condition and self._progress is not None:
            self.log.value = _log_html(self._progress)
        show(self.log, condition)
        label = "Hide log" if condition else "Show log"
        self.log_button.description = self.log_button.tooltip = label

    # --- clicks

    def _log_clicked(self) -> None:
        with self._worker.lock:
            self._show_log(not is_shown(self.log))

    def _confirm_clicked(self) -> None:
        with self._worker.lock:
            plan = self._plan
            if plan is not None and plan.blocked is None:
                self._on_confirm(plan)

    def _cancel_clicked(self) -> None:
        with self._worker.lock:
            if self._is_running:  # whoever carries it out says how it ended
                self._stop.set()
                self.cancel.disabled = True
                return
            self.close()
            self._on_cancel()


def _plan_html(plan: InstallPlan) -> str:
    title = escape(install.title(plan))
    parts = [f'<div class="envtools-title" role="heading" aria-level="3">{title}</div>']
    if plan.blocked is not None:
        parts.append(f"<div>{phrase_html(install.blocked_reason(plan), CLASSES)}</div>")
    else:
        parts.append(_rows_html(install.rows(plan)))
        others = install.folded(plan)
        if others:
            summary = escape(install.along(plan))
            parts.append(
                f'<details class="envtools-along"><summary>{summary}</summary>'
                f"{_rows_html(others)}</details>"
            )
        parts += [
            f'<div class="envtools-breaks">{phrase_html(warning, CLASSES)}</div>'
            for warning in install.warnings(plan)
        ]
    parts += [f"<div>{phrase_html(note, CLASSES)}</div>" for note in install.notes(plan)]
    return "".join(parts)


def _rows_html(rows: Sequence[ActionRow]) -> str:
    lines = "".join(
        '<div class="envtools-action" role="row">'
        f'<span role="cell">{phrase_html((row.sign,), CLASSES)}</span>'
        f'<b role="cell">{escape(row.name)}</b><span role="cell">{version_html(row.version)}</span>'
        f'<span role="cell" class="envtools-num">{escape(row.size)}</span>'
        f'<span role="cell">{phrase_html(row.why, CLASSES)}</span></div>'
        for row in rows
    )
    return f'<div role="table" aria-label="What changes">{lines}</div>' if lines else ""


def _log_html(progress: InstallProgress) -> str:
    lines = "\n".join(escape(line) for line in progress.log)
    return f'<pre class="envtools-log">{lines}</pre>'
