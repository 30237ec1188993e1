"""What a plan to install, upgrade or sync says to the person who has to decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .phrase import Phrase, Span, Tone, join, plain_text, say
from .wording import counted, listed, place_of_path, size_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..plans.install_plan import ActionKind, BrokenBy, InstallAction, InstallPlan

__all__ = [
    "ActionRow",
    "along",
    "blocked_reason",
    "confirm_label",
    "doing",
    "folded",
    "notes",
    "question",
    "rows",
    "title",
    "version_change",
    "warnings",
]

MOST_ROWS = 24
"""Rows of a plan before the packages that only come along are folded."""

MOST_WARNINGS = 12
"""Packages that would break, each with a line of its own; the rest is counted."""

_SIGNS: dict[ActionKind, tuple[str, Tone]] = {
    "install": ("+", "good"),
    "upgrade": ("↑", "notice"),
    "downgrade": ("↓", "warning"),
    "reinstall": ("↻", "notice"),
    "remove": ("−", "error"),
}


@dataclass(frozen=True, slots=True)
class ActionRow:
    """What happens to one package, in the columns of a plan."""

    sign: Span
    """``+ install``: nothing is said by colour or sign alone."""
    name: str
    version: str
    """``1.26.4 → 2.2.0``."""
    size: str
    why: Phrase


# --- the headline


def title(plan: InstallPlan) -> str:
    """``Install 3, upgrade 1 · 57 MB to download``; what needs nothing or is blocked says so."""
    if plan.blocked is not None:
        return _blocked_title(plan)
    if not plan.actions:
        return _satisfied(plan)
    size = f" · {size_text(plan.size)} to download" if plan.size else ""
    return f"{_what(plan)}{size}"


def question(plan: InstallPlan) -> str:
    """What a person is asked where the plan can be read above it."""
    return f"{_what(plan)}?"


def doing(plan: InstallPlan) -> str:
    """The same while it is being done."""
    coming = [action for action in plan.actions if action.kind != "remove"]
    if not coming:
        return f"Removing {_names(plan.actions)}"
    return f"Installing {_names(coming)}"


def confirm_label(plan: InstallPlan) -> str:
    """The word on the button that carries the plan out."""
    return "Remove" if all(action.kind == "remove" for action in plan.actions) else "Install"


def _what(plan: InstallPlan) -> str:
    if len(plan.actions) == 1:
        return _one(plan.actions[0])
    counts: dict[str, int] = {}
    for kind in _SIGNS:
        number = sum(action.kind == kind for action in plan.actions)
        if number:
            counts[kind] = number
    if len(counts) == 1:
        only, number = next(iter(counts.items()))
        return f"{only.capitalize()} {counted(number, 'package')}"
    words = ", ".join(f"{verb} {number:,}" for verb, number in counts.items())
    return words[0].upper() + words[1:]


def _one(action: InstallAction) -> str:
    if action.kind in ("upgrade", "downgrade") and action.version:
        verb = action.kind.capitalize()
        return plain_text(
            say(f"{verb} {action.name} {action.previous_version} to {action.version}")
        )
    version = action.version or (action.previous_version if action.kind == "remove" else None)
    return plain_text(say(f"{action.kind.capitalize()} {action.name} {version or ''}".strip()))


def _names(actions: Sequence[InstallAction]) -> str:
    if len(actions) > 1:
        return counted(len(actions), "package")
    version = actions[0].version or actions[0].previous_version or ""
    return f"{actions[0].name} {version}".strip()


def _satisfied(plan: InstallPlan) -> str:
    known = plan.satisfied
    if not known:
        return "Nothing to install"
    verb = "is" if len(known) == 1 else "are"
    *others, last = listed(known, 6).rsplit(", ", 1)
    names = f"{others[0]} and {last}" if others and len(known) <= 6 else listed(known, 6)
    return plain_text(say(f"{names} {verb} installed already"))


def _blocked_title(plan: InstallPlan) -> str:
    if len(plan.actions) != 1:
        number = counted(len(plan.actions), "package")
        kinds = {action.kind for action in plan.actions}
        done = "installed" if kinds <= {"install"} else "changed"
        return f"{number} cannot be {done}" if plan.actions else "Nothing can be installed here"
    action = plan.actions[0]
    if action.kind == "install":
        return f"{_names([action])} cannot be installed"
    return f"{action.name} stays at {action.previous_version}"


def blocked_reason(plan: InstallPlan) -> Phrase:
    """Why it may not be carried out; the command that would is set apart."""
    reason = plan.blocked or ""
    if len(plan.actions) == 1:  # the title says already which it is
        only = plan.actions[0]
        reason = reason.removeprefix(f"{only.name} {version_change(only)}: ")
        reason = reason[:1].upper() + reason[1:]
    before, mark, command = reason.partition("%pkg ")
    return say(before, Span(f"{mark}{command}", "code")) if mark else say(reason)


# --- the rows


def rows(plan: InstallPlan) -> tuple[ActionRow, ...]:
    """Those that a person has to look at, in the plan's order."""
    return tuple(_row(action) for action in _split(plan)[0])


def folded(plan: InstallPlan) -> tuple[ActionRow, ...]:
    """Those of a long plan that only add what others need."""
    return tuple(_row(action) for action in _split(plan)[1])


def along(plan: InstallPlan) -> str:
    """``45 more come along, 210 MB``; empty where nothing is folded."""
    actions = _split(plan)[1]
    if not actions:
        return ""
    size = sum(action.size or 0 for action in actions)
    verb = "comes" if len(actions) == 1 else "come"
    return f"{len(actions):,} more {verb} along" + (f", {size_text(size)}" if size else "")


def _split(plan: InstallPlan) -> tuple[list[InstallAction], list[InstallAction]]:
    if len(plan.actions) <= MOST_ROWS:
        return list(plan.actions), []
    shown = [a for a in plan.actions if a.requested or a.kind != "install"]
    rest = [a for a in plan.actions if not (a.requested or a.kind != "install")]
    return shown, rest


def _row(action: InstallAction) -> ActionRow:
    sign, tone = _SIGNS[action.kind]
    return ActionRow(
        Span(f"{sign} {action.kind}", tone),
        plain_text(say(action.name)),
        plain_text(say(version_change(action))),
        size_text(action.size) if action.kind != "remove" else "",
        _why(action),
    )


def version_change(action: InstallAction) -> str:
    """``1.26.4 → 2.2.0``, ``2.3.3``; what only building it tells is said so."""
    to = action.version or ("" if action.kind == "remove" else "as built")
    if action.previous_version and action.previous_version != to:
        return f"{action.previous_version} → {to}" if to else action.previous_version
    return to


def _why(action: InstallAction) -> Phrase:
    reasons: list[Phrase] = []
    if action.kind == "remove":
        reasons.append(_muted("nothing that was asked for needs it"))
    elif action.requested:
        reasons.append(_muted("you asked"))
    elif action.needed_by:
        reasons.append(_muted(f"for {listed(action.needed_by, 3)}"))
    pin = action.pin
    if pin is not None and pin.direct is not None:
        place = pin.direct.rpartition(" @ ")[2]
        reasons.append(_muted(f"{'editable, ' if pin.editable else ''}from {place}"))
    if pin is not None and pin.yanked is not None:
        why = f": {pin.yanked}" if pin.yanked else ""
        reasons.append(say(Span(f"withdrawn by its authors{why}", "warning")))
    if action.loaded:
        reasons.append(_muted("loaded here: restart afterwards"))
    return join(reasons)


def _muted(text: str) -> Phrase:
    return say(Span(text, "muted"))


# --- what else there is to know


def warnings(plan: InstallPlan) -> tuple[Phrase, ...]:
    """What would break, a sentence for each package, and whether this kernel is touched."""
    found: list[Phrase] = []
    by_package: dict[str, list[BrokenBy]] = {}
    for broken in plan.conflicts:
        key = f"{broken.distribution.name} {broken.distribution.version}"
        by_package.setdefault(key, []).append(broken)
    found += [_breaks(name, several) for name, several in by_package.items()]
    if len(found) > MOST_WARNINGS:
        rest = counted(len(found) - MOST_WARNINGS, "other package")
        found = [*found[:MOST_WARNINGS], say(f"{rest} would break as well.")]
    if plan.touches_kernel and plan.blocked is None:
        names = listed(plan.touches_kernel, 6)
        found.append(say(f"This kernel runs on {names}: restart it right afterwards."))
    return tuple(found)


def _breaks(name: str, several: Sequence[BrokenBy]) -> Phrase:
    hard = [broken for broken in several if broken.extra is None]
    if not hard:
        extras = listed(list(dict.fromkeys(str(broken.extra) for broken in several)), 4)
        needs = join([say(Span(b.requirement, "code")) for b in several[:4]], ", ")
        return say(f"{name} would lose its extra {extras}: that needs ", needs, ".")
    needs = join([say(Span(broken.requirement, "code")) for broken in hard[:4]], ", ")
    gone = [broken.name for broken in hard if broken.version is None]
    own = hard[0].distribution.canonical_name
    start = say(f"{name} would break: it needs ", needs)
    if gone:
        return say(start, f", and {listed(gone, 3)} would be gone.")
    return say(start, ". Add ", Span(own, "code"), " to upgrade it as well.")


def notes(plan: InstallPlan) -> tuple[Phrase, ...]:
    """Sentences that change nothing about the decision, and where it goes if not here."""
    found = [say(Span(note, "muted")) for note in (*plan.engine_notes, *plan.notes)]
    if plan.actions and plan.root != plan.environment.prefix:
        place = place_of_path(plan.root)
        found.append(say(Span("Goes to the user site in ", "muted"), Span(place, "code"), "."))
    return tuple(found)
