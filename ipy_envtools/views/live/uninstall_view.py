"""The plan of one typed ``%pkg uninstall``, and the line of one transaction, in a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .changes import Changes
from .models import close_models
from .parts import Parts
from .worker import Worker

if TYPE_CHECKING:
    from ipywidgets import VBox

    from ...plans.uninstall_plan import UninstallPlan
    from ...transactions import Transaction
    from ..install_outcome import InstallOutcome
    from ..intentions import Intentions

__all__ = ["TransactionView", "UninstallView"]


class _ChangesView:
    """A view that is nothing but its :class:`Changes`."""

    widget: VBox
    """What to display."""
    twin: str
    """See :func:`ipy_envtools.views.static.as_twin`."""

    def __init__(self, intentions: Intentions) -> None:
        self._worker = Worker()
        parts = Parts()
        self.twin = parts.twin
        self.changes = Changes(
            parts,
            self._worker,
            intentions,
            on_changed=lambda: None,
            on_answered=self._answered,
        )
        self.widget = parts.column(
            [parts.stylesheet(), self.changes.widget], "envtools-view", "envtools-alone"
        )

    def join(self, timeout: float = 30.0) -> bool:
        """Wait until nothing is being worked on; False where ``timeout`` seconds did not do."""
        return self._worker.join(timeout)

    def close(self) -> None:
        """Close every model, so that running a cell again leaves nothing behind."""
        self._worker.close()
        close_models(self.widget)

    def _answered(self) -> None:
        if not self.changes.line.is_shown:
            self.changes.line.say_cancelled()


class UninstallView(_ChangesView):
    """Asks about a plan with buttons, as the browser does.

    Args:
        plan: what was typed.
        intentions: whom to ask for wider plans and for the change.
        orphans: whether the plan was made with orphans.
        dependents: whether the plan was made with dependents.
    """

    def __init__(
        self,
        plan: UninstallPlan,
        intentions: Intentions,
        *,
        orphans: bool = False,
        dependents: bool = False,
    ) -> None:
        super().__init__(intentions)
        asked = [d for d in plan.distributions if d.canonical_name in plan.names]
        with self._worker.lock:
            self.changes.ask(asked, plan, orphans=orphans, dependents=dependents)


class TransactionView(_ChangesView):
    """Says what was done, and offers to take it back."""

    def __init__(self, done: Transaction | InstallOutcome, intentions: Intentions) -> None:
        super().__init__(intentions)
        with self._worker.lock:
            self.changes.show_outcome(done)
