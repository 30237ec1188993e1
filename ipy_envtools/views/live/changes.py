"""From a question to its outcome: ask, carry out, say how it went, take it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...engines import EngineStopped
from ...errors import PlanOutdated, UndoConflict
from .. import undo, uninstall
from ..install_outcome import InstallOutcome
from .install_panel import InstallPanel
from .outcome_line import OutcomeLine
from .parts import show
from .plan_panel import PlanPanel
from .undo_panel import UndoPanel

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from threading import Event

    from ...environment import InstalledDistribution
    from ...plans.install_plan import InstallPlan
    from ...plans.undo_plan import UndoPlan
    from ...plans.uninstall_plan import UninstallPlan
    from ...progress import OnProgress, Progress
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
        on_installed: what was asked for by :meth:`ask_install` is there.
    """

    def __init__(
        self,
        parts: Parts,
        worker: Worker,
        intentions: Intentions,
        *,
        on_changed: Callable[[], None],
        on_answered: Callable[[], None],
        on_installed: Callable[[str], None] = lambda _line: None,
    ) -> None:
        self._worker = worker
        self._intentions = intentions
        self._on_changed = on_changed
        self._on_answered = on_answered
        self._on_installed = on_installed
        self._line = ""
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
        self.install_panel = InstallPanel(
            parts,
            worker,
            on_confirm=self.install,
            on_cancel=on_answered,
            on_nothing=self._nothing_to_install,
            on_error=self._plan_failed,
        )
        self._done_last: Transaction | InstallOutcome | None = None
        self._undoing: Transaction | None = None
        self.undo_panel = UndoPanel(
            parts, worker, on_confirm=self._take_back, on_cancel=self._undo_cancelled
        )
        self.widget = parts.column(
            [
                self.line.widget,
                self.panel.widget,
                self.install_panel.widget,
                self.undo_panel.widget,
            ]
        )

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
        self.undo_panel.close()
        self.install_panel.close()
        self.panel.ask(distributions, plan, orphans=orphans, dependents=dependents)

    def ask_install(self, line: str) -> None:
        """Plan what ``%pkg install`` with this line would do, unless something is being changed."""
        self._ask_install(lambda report, stop: self._intentions.plan_line(line, report, stop), line)

    def ask_upgrade(self, distribution: InstalledDistribution) -> None:
        """Plan to upgrade one package, unless something is being changed."""
        self._ask_install(
            lambda report, stop: self._intentions.plan_upgrade(distribution, report, stop)
        )

    def _ask_install(
        self, make_plan: Callable[[OnProgress, Event], InstallPlan], line: str = ""
    ) -> None:
        if self.is_busy:
            return
        self._line = line
        self.line.clear()
        self.panel.close()
        self.undo_panel.close()
        self.install_panel.close()
        self.install_panel.ask(make_plan)

    def install(self, plan: InstallPlan) -> None:
        """Carry out a plan to install; the panel shows how far it is and can cancel it."""
        if self.is_busy:
            return
        self.is_busy = True
        self.line.clear()
        report, stop = self.install_panel.begin(plan)
        self._worker.start(
            "change",
            lambda: self._intentions.install(plan, report, stop),
            self._done,
            self._install_failed,
        )

    def _install_failed(self, error: BaseException) -> None:
        self.is_busy = False
        self.install_panel.close()
        if isinstance(error, EngineStopped):
            self.line.say_cancelled()
        else:
            self.line.say_error(error)
            self._on_changed()
        self._on_answered()
        self._offer_way_back()

    def _nothing_to_install(self, sentence: str) -> None:
        self.line.say_plain(sentence)
        self._on_installed(self._line)
        self._on_answered()

    def apply(self, plan: UninstallPlan) -> None:
        """Carry a plan out."""
        report = self._begin(uninstall.doing(plan))
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
                self._offer_way_back()

        self._worker.start(
            "change", lambda: self._intentions.apply(plan, report), self._done, failed
        )

    def undo(self, transaction: Transaction) -> None:
        """Take a transaction back: at once where nothing breaks by it, else after a question."""
        with self._worker.lock:
            if self.is_busy:
                return
            self.panel.close()
            self.install_panel.close()
            self.undo_panel.close()
            self._undoing = transaction
            self._begin("Working out what comes back")
            self._worker.start(
                "change",
                lambda: self._intentions.plan_undo(transaction),
                self._undo_planned,
                self._undo_failed,
            )

    def show_outcome(self, done: Transaction | InstallOutcome) -> None:
        """Say what was done, here or elsewhere."""
        self.transaction = done.transaction if isinstance(done, InstallOutcome) else done
        self._done_last = done
        self.line.say_done(done)

    def _undo_planned(self, plan: UndoPlan) -> None:
        self.is_busy = False
        if plan.harmless:
            self._take_back(plan)
            return
        if plan.blocked:
            self.line.say_error(UndoConflict(plan.blocked))
        else:
            self.line.clear()
        self.undo_panel.ask(plan)

    def _take_back(self, plan: UndoPlan) -> None:
        transaction = self._undoing
        if transaction is None or self.is_busy:
            return
        report = self._begin(undo.doing(plan))
        self._worker.start(
            "change",
            lambda: self._intentions.undo(transaction, report, plan),
            self._done,
            self._undo_failed,
        )

    def _undo_failed(self, error: BaseException) -> None:
        self.is_busy = False
        if isinstance(error, UndoConflict) and not error.paths:  # undone elsewhere, or not kept
            self.line.withdraw_undo()
        self.line.say_error(error)
        self._on_changed()
        self._offer_way_back()

    def _undo_cancelled(self) -> None:
        if self._done_last is not None and not self.line.is_shown:
            self.line.say_done(self._done_last)
        if not self.line.focus():
            self._on_answered()

    def _plan_failed(self, error: BaseException) -> None:
        self.line.say_error(error)
        self._on_answered()
        self._offer_way_back()

    def _offer_way_back(self) -> None:
        """Add the button where what went wrong is that a change is neither here nor there."""

        def found(transaction: Transaction | None) -> None:
            if transaction is not None and not self.is_busy:
                self.line.offer_undo(transaction)

        self._worker.start("unfinished", self._intentions.unfinished, found, lambda _error: None)

    def _begin(self, doing: str) -> Callable[[Progress], None]:
        self.is_busy = True
        self.line.say_progress(doing)
        return self._worker.reporter(lambda progress: self.line.say_progress(doing, progress))

    def _done(self, done: Transaction | InstallOutcome) -> None:
        self.is_busy = False
        self.panel.close()
        self.install_panel.close()
        self.undo_panel.close()
        self.show_outcome(done)
        if isinstance(done, InstallOutcome):
            self._on_installed(self._line)
        self._on_changed()
        if not self.line.focus():
            self._on_answered()
