"""What an environment holds beyond what a file asks for: what ``%pkg sync`` takes away."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..kernel import kernel_closure
from .install_obstacles import why_it_stays

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from ..environment import InstalledDistribution, InstalledPackages
    from .install_target import InstallTarget
    from .resulting_state import ResultingState

__all__ = ["Surplus", "surplus"]

_INSTALLERS = frozenset({"pip", "uv", "ipy-envtools"})
"""Without these there is no way back."""


class Surplus(NamedTuple):
    """What goes, and what would have to but does not."""

    leaving: tuple[InstalledDistribution, ...]
    notes: tuple[str, ...]


def surplus(
    wanted: Mapping[str, frozenset[str]],
    coming: Collection[str],
    state: ResultingState,
    needed: frozenset[str] | None,
    packages: InstalledPackages,
    target: InstallTarget,
    *,
    dependencies: bool,
    nameless: bool,
) -> Surplus:
    """Return the copies that nothing wanted needs, sorted by name.

    Only those in the directories that are installed into. Never among them: what a kernel runs
    on, pip, uv and this extension, what somebody works on (editable installations), and what
    these need. What cannot be uninstalled here, such as conda's packages, stays with a note.

    Args:
        wanted: names that were asked for, with the extras that were.
        coming: names that are installed or replaced.
        state: the environment with what comes, before anything goes.
        needed: what the engine says the request needs; None where it does not say.
        dependencies: False where the request is complete as it is, such as a lock file
            (``--no-deps``): then what else it needs goes too.
        nameless: whether something was asked for by URL or path that nobody knows the name of.
            It is there already, so what came from a URL or path stays.
    """
    environment = packages.environment
    kept = {
        *kernel_closure(packages, any_kernel=True),
        *_INSTALLERS,
        *(copy.canonical_name for copy in packages if copy.editable),
        *(copy.canonical_name for copy in packages if nameless and copy.direct_url is not None),
    }
    if dependencies:
        reached, unknown = state.needed([*wanted, *coming, *kept], wanted)
        unknown &= set(coming)
        if unknown and needed is None:
            return Surplus((), (_not_known(unknown),))
        reached |= kept | (needed or frozenset())
    else:
        reached = state.needed(kept, {})[0] | kept | wanted.keys() | set(coming)
    leaving: list[InstalledDistribution] = []
    staying: list[str] = []
    for name in sorted({copy.canonical_name for copy in packages} - reached - set(coming)):
        for copy in target.copies(name, packages):
            reason = why_it_stays(copy, environment)
            if reason is None:
                leaving.append(copy)
            else:
                staying.append(reason)
    return Surplus(tuple(leaving), _in_short(staying))


def _not_known(names: Iterable[str]) -> str:
    first, *others = sorted(names)
    more = f" and {len(others)} more" if others else ""
    return f"Nothing is removed, because nobody knows before what {first}{more} needs."


def _in_short(reasons: list[str]) -> tuple[str, ...]:
    """A sentence each for few; an environment that conda made would fill the screen."""
    if len(reasons) <= 3:
        return tuple(f"It stays: {reason}" for reason in reasons)
    return (f"{len(reasons)} packages stay that cannot be removed here, such as: {reasons[0]}",)
