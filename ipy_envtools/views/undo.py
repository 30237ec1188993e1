"""What an undo plan says to the person who has to decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .phrase import Fact, Phrase, Span, join, say
from .uninstall import breaks, modules_loaded, total_size
from .wording import counted, listed, place_of_path, size_text, titled

if TYPE_CHECKING:
    from pathlib import Path

    from ..plans.undo_plan import UndoPlan

__all__ = ["confirm_label", "doing", "facts", "question", "title"]

MOST_LINES = 12
"""Of one kind that has a line for each; the rest is counted and folded."""

MOST_LACKING = 8
"""Requirements in one line; the rest is folded."""

MOST_PATHS = 500
"""Paths in a folded list; the rest is counted."""


def title(plan: UndoPlan) -> str:
    """``Bring back flask 3.1.0 and 3 others``; what cannot be undone says so."""
    if plan.blocked is None:
        return confirm_label(plan)
    if _only_goes(plan):
        return f"{titled(plan.goes)} cannot be taken out again"
    if plan.goes or not plan.returning:
        return f"{plan.summary}: that cannot be undone"
    return f"{_coming(plan)} cannot be brought back"


def confirm_label(plan: UndoPlan) -> str:
    """The words on the button that carries the plan out."""
    return f"{_verb(plan)} {_object(plan)}"


def question(plan: UndoPlan) -> str:
    """What a person is asked where the plan can be read above it."""
    return f"{confirm_label(plan)}?"


def doing(plan: UndoPlan) -> str:
    """The same while it is being done."""
    verbs = {"Put": "Putting", "Remove": "Removing", "Bring back": "Bringing back"}
    return f"{verbs[_verb(plan)]} {_object(plan)}"


def facts(plan: UndoPlan) -> tuple[Fact, ...]:
    """Everything the plan says, in the order in which people ask."""
    found = [*_conflicts(plan), _packages(plan), _goes_back(plan)]
    if not plan.conflicts:
        found += [_comes_back(plan), _goes(plan), _lacks(plan), *_second_copies(plan)]
    found += [breaks(plan.dependents, widen=False), modules_loaded(plan.loaded_modules)]
    return tuple(fact for fact in found if fact is not None)


def _verb(plan: UndoPlan) -> str:
    if plan.interrupted or any(each.replaces for each in plan.returning):
        return "Put"
    if plan.goes:
        return "Put" if plan.returning else "Remove"
    return "Bring back"


def _object(plan: UndoPlan) -> str:
    """What is put back, brought back or removed."""
    if plan.interrupted:
        first = plan.changed[0] if plan.changed else counted(plan.files, "file")
        return f"{_and_others(first, len(plan.changed) - 1)} back as it was"
    if _only_goes(plan):
        return titled(plan.goes)
    if not plan.goes:
        return _coming(plan)
    names = {copy.canonical_name for copy in plan.goes}
    names |= {each.canonical_name for each in plan.returning}
    if len(names) > 1:
        return f"{counted(len(names), 'package')} back as they were"
    each = plan.returning[0]
    if each.replaces == each.version:
        return f"{each.name} {each.version} back as it was"
    return f"{each.name} {each.replaces} back to {each.version}"


def _only_goes(plan: UndoPlan) -> bool:
    return bool(plan.goes) and not plan.returning


def _coming(plan: UndoPlan) -> str:
    if not plan.returning:
        return "what was left behind"
    first = plan.returning[0]
    return _and_others(f"{first.name} {first.version}".strip(), len(plan.returning) - 1)


def _and_others(first: str, others: int) -> str:
    return f"{first} and {counted(others, 'other')}" if others > 0 else first


def _conflicts(plan: UndoPlan) -> list[Fact]:
    """One line each, because each has to be dealt with; many are counted and folded."""
    lines = [_place(plan, conflict.path, conflict.reason) for conflict in plan.conflicts]
    return _one_line_each("In the way", lines, "show paths")


def _packages(plan: UndoPlan) -> Fact | None:
    """The names, where the title only counts them."""
    names = [f"{each.name} {each.version}" for each in plan.returning if not each.replaces]
    if not names or (len(plan.returning) < 2 and not plan.goes):
        return None
    label = "Returns" if plan.goes else "Packages"
    return Fact(label, say(listed(names, 20)), short_label=label.lower())


def _goes_back(plan: UndoPlan) -> Fact | None:
    """Those that are there in another version, with both."""
    names = [
        f"{each.name} {each.replaces} to {each.version}"
        for each in plan.returning
        if each.replaces and each.replaces != each.version
    ]
    return Fact("Goes back", say(listed(names, 20)), "goes back") if names else None


def _comes_back(plan: UndoPlan) -> Fact | None:
    if not plan.interrupted and not plan.files and not plan.comes_back:
        return None
    if plan.interrupted and not plan.comes_back:
        value = say("nothing has been moved yet, or all of it is back")
    else:
        # of what a repair took away, an empty directory is one
        noun = "path" if not plan.returning and not plan.interrupted else "file"
        value = say(f"{counted(plan.files, noun)}, {size_text(plan.size)}")
        if plan.interrupted:
            value = say("what was moved of ", value)
    lines = [_place(plan, path) for path in plan.comes_back]
    return Fact("Comes back", value, "comes back", items=_cut(lines), items_label="show paths")


def _goes(plan: UndoPlan) -> Fact | None:
    if not plan.goes:
        return None
    names = listed([f"{copy.name} {copy.version}" for copy in plan.goes], 20)
    size = total_size(plan.goes)
    return Fact("Goes", say(f"{names} · {size_text(size)}" if size else names), "goes")


def _lacks(plan: UndoPlan) -> Fact | None:
    """What comes back without something that it needs."""
    phrases = []
    for each in plan.lacking:
        there = f", but {each.installed} is there" if each.installed else ", which is not there"
        needs = say(f"{each.name} {each.version} needs ", Span(each.requirement, "code"))
        phrases.append(say(needs, there))
    if not phrases:
        return None
    value = join(phrases[:MOST_LACKING], "; ")
    if len(phrases) > MOST_LACKING:
        value = say(value, f"; and {len(phrases) - MOST_LACKING:,} more")
    return Fact("Lacks", value, "lacks", (), tuple(phrases[MOST_LACKING:]), "show the others")


def _second_copies(plan: UndoPlan) -> list[Fact]:
    """One line each: what imports get then is the question."""
    lines = []
    for each in plan.second_copies:
        copy, other = f"{each.name} {each.version}", f"{each.other.name} {each.other.version}"
        where = say(
            " in ", Span(place_of_path(each.other.site_directory, plan.environment), "code")
        )
        if each.relation == "duplicate":
            lines.append(say(f"{copy} beside {other}", where, ": uninstall one of them then"))
        elif each.relation == "shadows":
            lines.append(say(f"imports get {copy} then, and no longer {other}", where))
        else:
            lines.append(say(f"imports still get {other}", where, f", not {copy}"))
    return _one_line_each("Second copy", lines, "show the others")


def _one_line_each(label: str, lines: list[Phrase], items_label: str) -> list[Fact]:
    found = [
        Fact("" if number else label, line, "" if number else label.lower())
        for number, line in enumerate(lines[:MOST_LINES])
    ]
    if len(lines) > MOST_LINES:
        more = say(Span(f"and {len(lines) - MOST_LINES:,} more", "muted"))
        found.append(Fact("", more, items=_cut(lines[MOST_LINES:]), items_label=items_label))
    return found


def _place(plan: UndoPlan, path: Path, reason: str = "") -> Phrase:
    shown = Span(place_of_path(path, plan.environment), "code")
    return say(shown, " ", Span(reason, "muted")) if reason else say(shown)


def _cut(lines: list[Phrase]) -> tuple[Phrase, ...]:
    if len(lines) <= MOST_PATHS:
        return tuple(lines)
    more = say(Span(f"and {len(lines) - MOST_PATHS:,} more", "muted"))
    return (*lines[:MOST_PATHS], more)
