"""The plan of an uninstall, with boxes that widen it and the button that carries it out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...environment.printable import printable
from .. import uninstall
from ..markup import CLASSES, escape, facts_html, phrase_html
from ..phrase import Fact, say
from ..wording import listed, size_text
from .parts import is_shown, show

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ...environment import InstalledDistribution
    from ...plans.uninstall_plan import UninstallPlan
    from ..intentions import Intentions
    from .parts import Parts
    from .worker import Worker

__all__ = ["PlanPanel"]

_Ticks = tuple[bool, bool]
"""Whether orphans, and whether dependents, go as well."""


@dataclass(frozen=True)
class _Widened:
    """A plan, and which of its packages came in by which box."""

    plan: UninstallPlan
    orphans: tuple[InstalledDistribution, ...] = ()
    dependents: tuple[InstalledDistribution, ...] = ()


@dataclass
class _Question:
    """What is being asked about, and the plans that were made for it so far."""

    distributions: tuple[InstalledDistribution, ...]
    plans: dict[_Ticks, UninstallPlan] = field(default_factory=dict)


class PlanPanel:
    """Asks one question at a time.

    Args:
        parts: makes the widgets.
        worker: makes the plans.
        intentions: whom to ask for them.
        on_confirm: the button with the plan's name was clicked.
        on_cancel: it was not wanted.
        on_error: a plan could not be made.
    """

    def __init__(
        self,
        parts: Parts,
        worker: Worker,
        intentions: Intentions,
        *,
        on_confirm: Callable[[UninstallPlan], None],
        on_cancel: Callable[[], None],
        on_error: Callable[[BaseException], None],
    ) -> None:
        self._worker = worker
        self._intentions = intentions
        self._on_confirm = on_confirm
        self._on_cancel = on_cancel
        self._on_error = on_error
        self._question: _Question | None = None
        self._shown: _Widened | None = None
        self._is_painting = False

        self.title = parts.html()
        self.before = parts.html()
        self.breaks = parts.html()
        self.dependents = parts.checkbox("uninstall it too")
        self.breaks_row = parts.row([self.breaks, self.dependents], "envtools-widen")
        self.left_over = parts.html()
        self.orphans = parts.checkbox("uninstall them too")
        self.left_over_row = parts.row([self.left_over, self.orphans], "envtools-widen")
        self.after = parts.html()
        self.confirm = parts.button("Uninstall", self._confirm_clicked, "envtools-go")
        self.cancel = parts.button("Cancel", self._cancel_clicked)
        self.widget = parts.column(
            [
                self.title,
                self.before,
                self.breaks_row,
                self.left_over_row,
                self.after,
                parts.row([self.confirm, self.cancel], "envtools-answer"),
            ],
            "envtools-plan",
        )
        self.dependents.observe(self._ticked, "value")
        self.orphans.observe(self._ticked, "value")
        show(self.widget, False)

    @property
    def is_open(self) -> bool:
        """Whether a question is being asked."""
        return is_shown(self.widget)

    @property
    def plan(self) -> UninstallPlan | None:
        """The plan that the button would carry out now."""
        return self._shown.plan if self._shown is not None else None

    def ask(
        self,
        distributions: Sequence[InstalledDistribution],
        plan: UninstallPlan | None = None,
        *,
        orphans: bool = False,
        dependents: bool = False,
    ) -> None:
        """Ask about these copies; ``plan`` is the one for these ticks, if it is made already."""
        ticks = (orphans, dependents)
        self._question = _Question(tuple(distributions), {ticks: plan} if plan is not None else {})
        self._shown = None
        self._set_ticks(ticks)
        if plan is not None and ticks == (False, False):
            self._paint(_Widened(plan))
        else:
            self._paint_waiting(distributions)
            self._make_plan()
        show(self.widget)

    def ask_again(self) -> None:
        """Make the plan anew, because the disk has changed."""
        if self._question is not None:
            self._question.plans.clear()
            show(self.widget)
            self._make_plan()

    def focus(self) -> None:
        """Put the focus on the button that does no harm."""
        self.cancel.focus()

    def close(self) -> None:
        """Ask nothing any more."""
        self._worker.forget("plan")
        self._question = self._shown = None
        show(self.widget, False)

    # --- plans

    def _make_plan(self) -> None:
        question = self._question
        if question is None:
            return
        ticks = (self.orphans.value, self.dependents.value)
        self.confirm.disabled = True
        self._worker.start(
            "plan", lambda: self._widened(question, ticks), self._paint, self._failed
        )

    def _widened(self, question: _Question, ticks: _Ticks) -> _Widened:
        orphans, dependents = ticks

        def plan(orphans: bool, dependents: bool) -> UninstallPlan:
            key = (orphans, dependents)
            if key not in question.plans:
                question.plans[key] = self._intentions.plan_uninstall(
                    question.distributions, orphans=orphans, dependents=dependents
                )
            return question.plans[key]

        asked = plan(False, False).distributions if orphans or dependents else ()
        with_dependents = plan(False, dependents).distributions if orphans else asked
        whole = plan(orphans, dependents)
        if dependents and not orphans:
            with_dependents = whole.distributions
        return _Widened(
            whole,
            orphans=_without(whole.distributions, with_dependents) if orphans else (),
            dependents=_without(with_dependents, asked) if dependents else (),
        )

    def _failed(self, error: BaseException) -> None:
        self.close()
        self._on_error(error)

    # --- painting

    def _paint_waiting(self, distributions: Sequence[InstalledDistribution]) -> None:
        first = distributions[0]
        more = f" and {len(distributions) - 1} more" if len(distributions) > 1 else ""
        self._set_title(f"Uninstall {first.name} {first.version}{more}?")
        self.before.value = '<span class="envtools-muted">Working out what goes…</span>'
        self.after.value = ""
        for widget in (self.breaks_row, self.left_over_row, self.confirm):
            show(widget, False)

    def _paint(self, widened: _Widened) -> None:
        plan = widened.plan
        self._shown = widened
        blocked = plan.blocked is not None
        self._set_title(uninstall.title(plan) + ("" if blocked else "?"))
        if blocked:
            self.before.value = phrase_html(uninstall.blocked_reason(plan), CLASSES)
            self.after.value = ""
        else:
            first = [
                uninstall.packages(plan),
                uninstall.goes(plan),
                *uninstall.stays(plan),
                uninstall.starts(plan),
            ]
            self.before.value = facts_html([fact for fact in first if fact is not None])
            last = [uninstall.optional_for(plan.dependents), uninstall.loaded(plan)]
            self.after.value = facts_html([fact for fact in last if fact is not None])
        self._paint_breaks(widened)
        self._paint_left_over(widened)
        self.confirm.description = self.confirm.tooltip = printable(uninstall.confirm_label(plan))
        self.confirm.disabled = False
        show(self.confirm, not blocked)

    def _paint_breaks(self, widened: _Widened) -> None:
        plan, taken = widened.plan, widened.dependents
        stay = uninstall.breaks(plan.dependents)
        values = [say(listed([f"{d.name} {d.version}" for d in taken], 8))] if taken else []
        if stay is not None:
            values.append(say(" · " if taken else "", stay.value))
        items = stay.items if stay is not None else ()
        fact = Fact("Breaks", say(*values), items=items, items_label="show the others")
        candidates = taken or uninstall.broken_packages(plan.dependents)
        self.breaks.value = facts_html([fact])
        self.dependents.description = _tick_label(candidates)
        show(self.dependents, bool(candidates))
        # what blocks the wider plan has to be unticked again, so its box stays
        show(self.breaks_row, bool(taken or (stay is not None and plan.blocked is None)))

    def _paint_left_over(self, widened: _Widened) -> None:
        plan = widened.plan
        orphans = widened.orphans or plan.orphans
        size = size_text(uninstall.total_size(orphans))
        names = listed([orphan.name for orphan in orphans], 12)
        self.left_over.value = facts_html([Fact("No longer needed", say(f"{names} · {size}"))])
        self.orphans.description = _tick_label(orphans)
        show(
            self.left_over_row,
            bool(widened.orphans or (plan.orphans and plan.blocked is None)),
        )

    def _set_title(self, title: str) -> None:
        # no <h3>: it would show up in the notebook's table of contents
        self.title.value = (
            f'<div class="envtools-title" role="heading" aria-level="3">{escape(title)}</div>'
        )

    def _set_ticks(self, ticks: _Ticks) -> None:
        self._is_painting = True
        try:
            self.orphans.value, self.dependents.value = ticks
        finally:
            self._is_painting = False

    # --- clicks

    def _ticked(self, _change: object) -> None:
        with self._worker.lock:
            if not self._is_painting:
                self._make_plan()

    def _confirm_clicked(self) -> None:
        with self._worker.lock:
            plan = self.plan
            if plan is not None and plan.blocked is None and not self.confirm.disabled:
                self._on_confirm(plan)

    def _cancel_clicked(self) -> None:
        with self._worker.lock:
            self.close()
            self._on_cancel()


def _without(
    distributions: Sequence[InstalledDistribution], others: Sequence[InstalledDistribution]
) -> tuple[InstalledDistribution, ...]:
    known = set(others)
    return tuple(distribution for distribution in distributions if distribution not in known)


def _tick_label(distributions: Sequence[InstalledDistribution]) -> str:
    return "uninstall it too" if len(distributions) == 1 else "uninstall them too"
