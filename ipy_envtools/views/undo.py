"""What an undo plan says to the person who has to decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .phrase import Fact, Phrase, Span, say
from .uninstall import breaks, modules_loaded
from .wording import counted, listed, place_of_path, size_text, titled

if TYPE_CHECKING:
    from pathlib import Path

    from ..plans.undo import UndoPlan

__all__ = ["confirm_label", "doing", "facts", "question", "title"]

MOST_CONFLICTS = 12
"""Lines of what is in the way."""

MOST_PATHS = 500
"""Paths in a folded list; the rest is counted."""


def title(plan: UndoPlan) -> str:
    """``Bring back flask 3.1.0 and 3 others``; what cannot be undone says so."""
    if plan.blocked is not None:
        return f"{_changed(plan)} cannot be brought back"
    return confirm_label(plan)


def confirm_label(plan: UndoPlan) -> str:
    """The words on the button that carries the plan out."""
    if plan.interrupted:
        return f"Put {_changed(plan)} back as it was"
    if plan.goes and not plan.returning:
        return f"Remove {titled(plan.goes)}"
    if plan.goes:
        return f"Take back the change of {_changed(plan)}"
    return f"Bring back {_changed(plan)}"


def question(plan: UndoPlan) -> str:
    """What a person is asked where the plan can be read above it."""
    return f"{confirm_label(plan)}?"


def doing(plan: UndoPlan) -> str:
    """The same while it is being done."""
    if plan.interrupted:
        return f"Putting {_changed(plan)} back"
    return f"Bringing back {_changed(plan)}"


def facts(plan: UndoPlan) -> tuple[Fact, ...]:
    """Everything the plan says, in the order in which people ask."""
    found = [
        *_conflicts(plan),
        _packages(plan),
        _comes_back(plan) if not plan.conflicts else None,
        _goes(plan),
        breaks(plan.dependents, widen=False),
        modules_loaded(plan.loaded_modules),
    ]
    return tuple(fact for fact in found if fact is not None)


def _changed(plan: UndoPlan) -> str:
    if not plan.returning:
        return titled(plan.goes) if plan.goes else counted(plan.files, "file")
    first = plan.returning[0]
    others = len(plan.returning) - 1
    name = f"{first.canonical_name} {first.version}".strip()
    return f"{name} and {counted(others, 'other')}" if others else name


def _conflicts(plan: UndoPlan) -> list[Fact]:
    """One line each, because each has to be dealt with; many are counted and folded."""
    lines = [_place(plan, conflict.path, conflict.reason) for conflict in plan.conflicts]
    found = [
        Fact("" if number else "In the way", line, "" if number else "in the way")
        for number, line in enumerate(lines[:MOST_CONFLICTS])
    ]
    if len(lines) > MOST_CONFLICTS:
        more = say(Span(f"and {len(lines) - MOST_CONFLICTS:,} more", "muted"))
        items = _cut(lines[MOST_CONFLICTS:])
        found.append(Fact("", more, items=items, items_label="show paths"))
    return found


def _packages(plan: UndoPlan) -> Fact | None:
    if len(plan.returning) < 2:
        return None
    names = [f"{each.canonical_name} {each.version}" for each in plan.returning]
    return Fact("Packages", say(listed(names, 20)), short_label="packages")


def _comes_back(plan: UndoPlan) -> Fact:
    if plan.interrupted and not plan.comes_back:
        value = say("nothing has been moved yet, or all of it is back")
    else:
        value = say(f"{counted(plan.files, 'file')}, {size_text(plan.size)}")
        if plan.interrupted:
            value = say("what was moved of ", value)
    lines = [_place(plan, path) for path in plan.comes_back]
    return Fact("Comes back", value, "comes back", items=_cut(lines), items_label="show paths")


def _goes(plan: UndoPlan) -> Fact | None:
    if not plan.goes:
        return None
    names = [f"{copy.name} {copy.version}" for copy in plan.goes]
    return Fact("Goes", say(listed(names, 20)), "goes")


def _place(plan: UndoPlan, path: Path, reason: str = "") -> Phrase:
    shown = Span(place_of_path(path, plan.environment), "code")
    return say(shown, " ", Span(reason, "muted")) if reason else say(shown)


def _cut(lines: list[Phrase]) -> tuple[Phrase, ...]:
    if len(lines) <= MOST_PATHS:
        return tuple(lines)
    more = say(Span(f"and {len(lines) - MOST_PATHS:,} more", "muted"))
    return (*lines[:MOST_PATHS], more)
