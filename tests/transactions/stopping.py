"""A change is stopped at one operation after the other, and the next start finds what is left."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import pytest

from ipy_envtools.errors import EnvToolsError
from ipy_envtools.transactions import Transaction, apply, empty, history, unfinished

from .builders import differences, picture
from .operations import killed_at, no_renaming_of

if TYPE_CHECKING:
    from ipy_envtools.plans.install_plan import InstallPlan
    from ipy_envtools.plans.uninstall_plan import UninstallPlan

    from .builders import FabricatedEnvironment, Picture

__all__ = [
    "FileSystem",
    "back_to",
    "each_file_system",
    "killed_while_applying",
    "killed_while_undoing",
    "made_by_test",
    "start_again",
]

FileSystem = Callable[[], contextlib.AbstractContextManager[None]]

FILE_SYSTEMS: dict[str, FileSystem] = {
    "one file system": contextlib.nullcontext,
    "directories cannot be renamed": lambda: no_renaming_of("directories"),
    "nothing can be renamed": lambda: no_renaming_of("anything"),
}
each_file_system = pytest.mark.parametrize(
    "file_system", FILE_SYSTEMS.values(), ids=FILE_SYSTEMS.keys()
)


def made_by_test(small: FabricatedEnvironment) -> list[Transaction]:
    """The history without the transaction that keeps the store in being."""
    return history(small.environment)[:-1]


def start_again(small: FabricatedEnvironment) -> str:
    """What the next start does with what it finds; returns the state in which it was."""
    newest = next(iter(made_by_test(small)), None)
    if newest is None:
        return "nothing"
    state = newest.state
    if state == "interrupted":
        assert unfinished(small.environment) == newest
        with pytest.raises(EnvToolsError, match=newest.id):
            apply(small.plan("other"))
        assert newest.undo().state == "rolled-back"
    assert unfinished(small.environment) is None
    return state


def back_to(small: FabricatedEnvironment, start: Picture, number: int) -> None:
    """Undo and forget all that was done; after the n-th operation nothing else is left of it."""
    for each in made_by_test(small):
        if each.state in ("interrupted", "applied"):
            each.undo()
    assert differences(start, picture(small.root.parent)) == [], number
    empty(small.environment, made_by_test(small))


def killed_while_applying(
    small: FabricatedEnvironment,
    plan: Callable[[], InstallPlan | UninstallPlan],
    deviations: Callable[[], list[str]],
) -> list[str]:
    """Kill it at each of its operations; returns the states that the next starts found.

    Args:
        plan: makes it again.
        deviations: where the environment is not as it should be when all was applied.
    """
    return _killed(small, lambda: (partial(apply, plan()), deviations))


def killed_while_undoing(
    small: FabricatedEnvironment, done: Callable[[], Transaction]
) -> list[str]:
    """Kill the undo of what ``done`` does and returns, in the same way."""

    def prepare() -> tuple[Callable[[], object], Callable[[], list[str]]]:
        transaction = done()
        applied = picture(small.root.parent)
        return transaction.undo, lambda: differences(applied, picture(small.root.parent))

    return _killed(small, prepare)


def _killed(
    small: FabricatedEnvironment,
    prepare: Callable[[], tuple[Callable[[], object], Callable[[], list[str]]]],
) -> list[str]:
    start = picture(small.root.parent)
    states = []
    for number in itertools.count(1):
        work, deviations = prepare()
        killed = killed_at(number, work)
        states.append(start_again(small))
        if states[-1] == "applied":
            assert deviations() == [], number
            made_by_test(small)[0].undo()
        back_to(small, start, number)
        if not killed:
            break
    return states
