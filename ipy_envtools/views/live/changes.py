"""From a question to its outcome: ask, carry out, say how it went, take it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...errors import PlanOutdated
from .. import uninstall
from ..transaction import changed_packages
from .outcome_line import OutcomeLine
from .parts import show
from .plan_panel import PlanPanel

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ...environment import InstalledDistribution
    from ...plans.uninstall_plan import UninstallPlan
    from ...progress import Progress
    from ...transactions import Transaction
    from ..intentions import Intentions
    from .parts import Parts
    from .worker import Worker

__all__ = ["Changes"]


class Changes:
    """The part of a view that changes the environment.

    Args:
        parts: makes the widgets.
        worker: does what takes long.
        intentions: whom to ask for it.
        on_changed: the environment is not what it was.
        on_answered: the question is gone without an outcome that could have the focus.
    """

    def __init__(
        self,
        parts: Parts,
        worker: Worker,
        intentions: Intentions,
        *,
        on_changed: Callable[[], None],
        on_answered: Callable[[], None],
    ) -> None:
        self._worker = worker
        self._intentions = intentions
        self._on_changed = on_changed
        self._on_answered = on_answered
        self.is_busy = False
        """Whether the environment is being changed right now."""
        self.transaction: Transaction | None = None
        """The last one that was carried out or taken back here."""
        self.line = OutcomeLine(parts, self.undo)
        self.panel = PlanPanel(
            parts,
            worker,
            intentions,
            on_confirm=self.apply,
            on_cancel=on_answered,
            on_error=self._plan_failed,
        )
        self.widget = parts.column([self.line.widget, self.panel.widget])

    def ask(
        self,
        distributions: Sequence[InstalledDistribution],
        plan: UninstallPlan | None = None,
        *,
        orphans: bool = False,
        dependents: bool = False,
    ) -> None:
        """Open the plan for these copies, unless something is being changed."""
        if self.is_busy:
            return
        self.line.clear()
        self.panel.ask(distributions, plan, orphans=orphans, dependents=dependents)

    def apply(self, plan: UninstallPlan) -> None:
        """Carry a plan out."""
        doing = uninstall.title(plan).replace("Uninstall", "Uninstalling", 1)
        report = self._begin(doing)
        show(self.panel.widget, False)

        def failed(error: BaseException) -> None:
            self.is_busy = False
            self.line.say_error(error)
            if isinstance(error, PlanOutdated):
                self.panel.ask_again()
            else:
                self.panel.close()
                self._on_changed()
                self._on_answered()

        self._worker.start(
            "change", lambda: self._intentions.apply(plan, report), self._done, failed
        )

    def undo(self, transaction: Transaction) -> None:
        """Take a transaction back."""
        with self._worker.lock:
            if self.is_busy:
                return
            self.panel.close()
            report = self._begin(f"Bringing back {changed_packages(transaction.changes)}")

            def failed(error: BaseException) -> None:
                self.is_busy = False
                self.line.say_error(error)
                self._on_changed()

            self._worker.start(
                "change", lambda: self._intentions.undo(transaction, report), self._done, failed
            )

    def show_outcome(self, transaction: Transaction) -> None:
        """Say what a transaction did that was carried out elsewhere."""
        self.transaction = transaction
        self.line.say_done(transaction)

    def _plan_failed(self, error: BaseException) -> None:
        self.line.say_error(error)
        self._on_answered()

    def _begin(self, doing: str) -> Callable[[Progress], None]:
        self.is_busy = True
        self.line.say_progress(f"{doing}…")
        return self._worker.reporter(lambda progress: self.line.say_progress(f"{doing}…", progress))

    def _done(self, transaction: Transaction) -> None:
        self.is_busy = False
        self.panel.close()
        self.show_outcome(transaction)
        self._on_changed()
        if not self.line.focus():
            self._on_answered()
