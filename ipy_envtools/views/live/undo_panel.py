"""What an undo would break, or what stands in its way, and the button that does it all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...environment.printable import printable
from .. import undo
from ..markup import escape, facts_html
from .parts import is_shown, show

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...plans.undo_plan import UndoPlan
    from .parts import Parts
    from .worker import Worker

__all__ = ["UndoPanel"]


class UndoPanel:
    """Asks about one undo at a time; one that is not possible has no button to confirm.

    Args:
        parts: makes the widgets.
        worker: whose lock is taken by clicks.
        on_confirm: it is wanted.
        on_cancel: it is not wanted, or not possible.
    """

    def __init__(
        self,
        parts: Parts,
        worker: Worker,
        *,
        on_confirm: Callable[[UndoPlan], None],
        on_cancel: Callable[[], None],
    ) -> None:
        self._worker = worker
        self._on_confirm = on_confirm
        self._on_cancel = on_cancel
        self._plan: UndoPlan | None = None
        self.text = parts.html()
        self.confirm = parts.button("Undo", self._confirm_clicked, "envtools-go")
        self.cancel = parts.button("Cancel", self._cancel_clicked)
        self.widget = parts.column(
            [self.text, parts.row([self.confirm, self.cancel], "envtools-answer")],
            "envtools-plan",
        )
        show(self.widget, False)

    @property
    def is_open(self) -> bool:
        """Whether it asks, or says why not."""
        return is_shown(self.widget)

    def ask(self, plan: UndoPlan) -> None:
        """Show what would happen."""
        self._plan = plan
        title = undo.title(plan) if plan.blocked else undo.question(plan)
        self.text.value = (
            f'<div class="envtools-title" role="heading" aria-level="3">{escape(title)}</div>'
            f"{facts_html(undo.facts(plan))}"
        )
        self.confirm.description = self.confirm.tooltip = printable(undo.confirm_label(plan))
        show(self.confirm, plan.blocked is None)
        show(self.widget)
        self.cancel.focus()

    def close(self) -> None:
        """Ask nothing any more."""
        self._plan = None
        show(self.widget, False)

    def _confirm_clicked(self) -> None:
        with self._worker.lock:
            plan = self._plan
            if plan is not None and plan.blocked is None:
                self.close()
                self._on_confirm(plan)

    def _cancel_clicked(self) -> None:
        with self._worker.lock:
            self.close()
            self._on_cancel()
