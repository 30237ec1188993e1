"""What an uninstall plan says to the person who has to decide."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from .phrase import Fact, Phrase, Span, join, say
from .wording import counted, listed, place_of_path, site_name, size_text, titled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..environment import InstalledDistribution
    from ..plans.uninstall_plan import Dependent, PlannedFile, UninstallPlan

__all__ = [
    "blocked_reason",
    "breaks",
    "broken_packages",
    "confirm_label",
    "doing",
    "facts",
    "goes",
    "loaded",
    "modules_loaded",
    "no_longer_needed",
    "optional_for",
    "packages",
    "starts",
    "stays",
    "title",
    "total_size",
]

MOST_FILES = 2000
"""Files in the folded list; the rest is counted, because a page with 10,000 lines is slow."""


def title(plan: UninstallPlan) -> str:
    """``Uninstall flask 3.1.0``, ``Uninstall 4 packages``, ``ipykernel 7.4.0 stays``."""
    distributions = plan.distributions
    if plan.blocked is not None:
        if len(distributions) == 1:
            return f"{titled(distributions)} stays"
        return f"{counted(len(distributions), 'package')} stay"
    if len(plan.names) == 1 and distributions:
        return f"Uninstall {titled(distributions)}"
    return f"Uninstall {counted(len(distributions), 'package')}"


def doing(plan: UninstallPlan) -> str:
    """The same while it is being done."""
    return title(plan).replace("Uninstall", "Uninstalling", 1)


def confirm_label(plan: UninstallPlan) -> str:
    """The words on the button that carries the plan out."""
    if len(plan.distributions) == 1:
        return f"Uninstall {titled(plan.distributions)}"
    return f"Uninstall {counted(len(plan.distributions), 'package')}"


def blocked_reason(plan: UninstallPlan) -> Phrase:
    """Why it may not be carried out; the command that would is set apart."""
    reason = plan.blocked or ""
    before, mark, command = reason.partition("%pkg ")
    if not mark:
        return say(reason)
    return say(before, Span(f"{mark}{command}", "code"))


def facts(plan: UninstallPlan) -> tuple[Fact, ...]:
    """Everything the plan says, in the order in which people ask."""
    found = [
        packages(plan),
        goes(plan),
        *stays(plan),
        starts(plan),
        breaks(plan.dependents),
        optional_for(plan.dependents),
        no_longer_needed(plan.orphans),
        loaded(plan),
    ]
    return tuple(fact for fact in found if fact is not None)


def packages(plan: UninstallPlan) -> Fact | None:
    """The names, where the title only counts them."""
    if len(plan.distributions) < 2:
        return None
    names = [
        f"{d.name} {d.version}" + ("" if d.active else f" (in {site_name(d.site)})")
        for d in plan.distributions
    ]
    return Fact("Packages", say(listed(names, 20)), short_label="packages")


def goes(plan: UninstallPlan) -> Fact:
    """How much disappears."""
    files = [file for file in plan.files if file.goes]
    commands = sorted(
        {
            file.path.name.removesuffix(".exe")
            for file in files
            if file.scheme == "scripts" and file.verdict != "compiled"
        }
    )
    noun = "path" if plan.mends else "file"  # a repair takes empty directories too
    value = typed = say(f"{counted(len(files), noun)}, {size_text(plan.size)}")
    if commands:
        noun = "the command " if len(commands) == 1 else "the commands "
        names = join([say(Span(name, "code")) for name in commands[:8]], ", ")
        more = f" and {len(commands) - 8} more" if len(commands) > 8 else ""
        typed = say(value, ", ", noun, names, more)
        value = say(value, ", and ", noun, names, more)
    changed = sum(file.verdict == "modified" for file in files)
    if changed:
        verb = "differs" if changed == 1 else "differ"
        said = f"{counted(changed, 'file')} {verb} from what was installed"
        value, typed = (say(text, " · ", Span(said, "warning")) for text in (value, typed))
    items = [_file(file, plan) for file in files[:MOST_FILES]]
    if len(files) > MOST_FILES:
        items.append(say(Span(f"and {len(files) - MOST_FILES:,} more", "muted")))
    return Fact("Goes", value, "goes", typed, tuple(items), "show files")


def stays(plan: UninstallPlan) -> list[Fact]:
    """What does not go although RECORD names it or it lies there, grouped by the reason."""
    groups: dict[tuple[str, str], list[PlannedFile]] = defaultdict(list)
    missing: list[PlannedFile] = []
    for file in plan.files:
        if file.verdict == "missing":
            missing.append(file)
        elif not file.goes:
            groups[file.verdict, file.reason].append(file)
    found = []
    label, short = "Stays", "stays"
    for (_, reason), files in groups.items():
        shown = Span(_below_site(files[0], plan), "code")
        if len(files) == 1:
            value = say(shown, f" ({reason})")
        else:
            value = say(shown, f" and {counted(len(files) - 1, 'other')} ({reason})")
        items = tuple(_file(file, plan) for file in files) if len(files) > 1 else ()
        found.append(Fact(label, value, short, items=items, items_label="show files"))
        label, short = "", ""
    if missing:
        value = say(Span(f"{counted(len(missing), 'recorded file')} not there", "muted"))
        items = tuple(_file(file, plan) for file in missing)
        found.append(Fact("Missing", value, "missing", items=items, items_label="show files"))
    return found


def breaks(dependents: Sequence[Dependent], *, widen: bool = True) -> Fact | None:
    """What would no longer have what it needs; ``widen`` says how to take that along."""
    broken = [dependent for dependent in dependents if dependent.extra is None]
    if not broken:
        return None
    phrases = [
        say(f"{dependent.name} {dependent.version} needs ", Span(dependent.requirement, "code"))
        for dependent in broken
    ]
    value = join(phrases[:8], ", ")
    if len(phrases) > 8:
        value = say(value, f" and {len(phrases) - 8:,} more")
    hint = (": add ", Span("--dependents", "code"), " to remove ", _it(broken_packages(broken)))
    typed = say(value, *hint, " too") if widen else value
    return Fact("Breaks", value, "breaks", typed, tuple(phrases[8:]), "show the others")


def broken_packages(dependents: Sequence[Dependent]) -> tuple[InstalledDistribution, ...]:
    """Those that would go along; what only loses an extra keeps working and stays."""
    broken = (dependent.distribution for dependent in dependents if dependent.extra is None)
    return tuple(dict.fromkeys(broken))


def optional_for(dependents: Sequence[Dependent]) -> Fact | None:
    """Whose extras it is for, where nobody is known to have asked for them."""
    extras: dict[InstalledDistribution, list[str]] = defaultdict(list)
    for dependent in dependents:
        if dependent.extra is not None and dependent.extra not in extras[dependent.distribution]:
            extras[dependent.distribution].append(dependent.extra)
    if not extras:
        return None
    phrases = [f"{d.name} {d.version} ({', '.join(names)})" for d, names in extras.items()]
    return Fact("Optional for", say(listed(phrases, 6)), "optional")


def no_longer_needed(orphans: Sequence[InstalledDistribution]) -> Fact | None:
    """What nothing needs any more."""
    if not orphans:
        return None
    names = listed([d.name for d in orphans], 12)
    size = size_text(total_size(orphans))
    return Fact(
        "No longer needed",
        say(f"{names} · {size}"),
        "left over",
        typed=say(
            f"{names} ({size}): add ", Span("--orphans", "code"), " to remove ", _it(orphans)
        ),
    )


def starts(plan: UninstallPlan) -> Fact | None:
    """Files that Python runs whenever it starts, and that go or change."""
    if not plan.startup_files:
        return None
    changing = {edit.path for edit in plan.edits}
    phrases = [
        say(
            Span(path.name, "code"),
            " loses its line" if path in changing else " goes",
        )
        for path in plan.startup_files
    ]
    shown = join(phrases[:8], ", ")
    if len(phrases) > 8:
        shown = say(shown, f" and {len(phrases) - 8:,} more")
    return Fact(
        "At start-up", say(shown, ": read whenever this Python starts"), short_label="start-up"
    )


def loaded(plan: UninstallPlan) -> Fact | None:
    """Which modules this process has imported and keeps."""
    return modules_loaded(plan.loaded_modules)


def modules_loaded(modules: Sequence[str]) -> Fact | None:
    """The same of any plan."""
    if not modules:
        return None
    tops = list(dict.fromkeys(module.partition(".")[0] for module in modules))
    inner = sum("." in module for module in modules)
    subject = join([say(Span(top, "code")) for top in tops[:6]], ", ")
    if len(tops) > 6:
        subject = say(subject, f" and {len(tops) - 6:,} more")
    if inner:
        its = "its" if len(tops) == 1 else "their"
        subject = say(subject, f" and {inner:,} of {its} {'module' if inner == 1 else 'modules'}")
    many = inner or len(tops) > 1
    verbs = "are loaded and keep" if many else "is loaded and keeps"
    return Fact(
        "In this kernel",
        say(subject, f" {verbs} working until you restart"),
        short_label="loaded",
    )


def total_size(distributions: Sequence[InstalledDistribution]) -> int:
    """Recorded bytes of all of them."""
    return sum(distribution.size or 0 for distribution in distributions)


def _it(several: Sequence[object]) -> str:
    return "it" if len(several) == 1 else "them"


def _file(file: PlannedFile, plan: UninstallPlan) -> Phrase:
    path = Span(place_of_path(file.path, plan.environment), "code")
    if not file.reason:
        return say(path)
    return say(path, " ", Span(file.reason, "muted"))


def _below_site(file: PlannedFile, plan: UninstallPlan) -> str:
    """As short as an import path where the file lies in a site directory."""
    for site in plan.environment.site_directories:
        if file.path.is_relative_to(site.path):
            return file.path.relative_to(site.path).as_posix()
    return place_of_path(file.path, plan.environment)
