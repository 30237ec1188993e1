"""What a repair plan says to the person who has to decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .phrase import Fact, Span, say
from .problems import sentence
from .uninstall import goes, stays
from .wording import counted, size_text

if TYPE_CHECKING:
    from ..plans.repair import RepairPlan

__all__ = ["confirm_label", "doing", "facts", "title"]


def title(plan: RepairPlan) -> str:
    """``Repair 2 problems``; ``Nothing to repair``."""
    if not plan.problems:
        return "Nothing to repair"
    if plan.blocked is not None:
        return f"{counted(len(plan.problems), 'problem')} cannot be repaired here"
    return f"Repair {counted(len(plan.problems), 'problem')}"


def confirm_label(plan: RepairPlan) -> str:
    """The words of the question."""
    files = sum(file.goes for file in plan.files)
    return f"{title(plan)}: remove {counted(files, 'path')}, {size_text(plan.size)}"


def doing(plan: RepairPlan) -> str:
    """The same while it is being done."""
    return title(plan).replace("Repair", "Repairing", 1)


def facts(plan: RepairPlan) -> tuple[Fact, ...]:
    """Everything the plan says."""
    found = []
    if plan.blocked is not None and plan.problems:
        found.append(Fact("Blocked", say(Span(plan.blocked, "warning")), "blocked"))
    for number, problem in enumerate(plan.problems):
        label = "" if number else "Mends"
        found.append(Fact(label, sentence(problem, plan.environment), label.lower()))
    if plan.problems and plan.blocked is None:
        found += [goes(plan.removal), *stays(plan.removal)]
    for number, (problem, reason) in enumerate(plan.left):
        label = "" if number else "Left"
        value = say(sentence(problem, plan.environment), " ", Span(f"({reason})", "muted"))
        found.append(Fact(label, value, label.lower()))
    if not found:
        value = say(
            "Only remains of installations are repaired, and there are none. ",
            Span("%pkg check", "code"),
            " shows everything that is wrong.",
        )
        found.append(Fact("", value))
    return tuple(found)
