"""The process is killed at every operation; after the next start everything is as before."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import signal
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import pytest

from ipy_envtools.errors import EnvToolsError
from ipy_envtools.transactions import Transaction, apply, empty, history, unfinished

from .builders import STORE, differences, picture, without
from .operations import killed_at, no_renaming_of, watched

if TYPE_CHECKING:
    from .builders import FabricatedEnvironment
    from .operations import Operation

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


@each_file_system
def test_an_uninstall_killed_anywhere_ends_as_before_or_as_planned(
    small: FabricatedEnvironment, file_system: FileSystem
) -> None:
    start = picture(small.root.parent)
    planned = without(start, small.plan("alpha"))
    states = []
    with file_system():
        for number in itertools.count(1):
            killed = killed_at(number, partial(apply, small.plan("alpha")))
            states.append(start_again(small))
            if states[-1] == "applied":
                assert set(picture(small.root.parent)) == planned
                made_by_test(small)[0].undo()
            assert differences(start, picture(small.root.parent)) == []
            empty(small.environment, made_by_test(small))
            if not killed:
                break
    assert states[0] == "nothing"
    assert states.count("interrupted") > 7
    assert states[-1] == "applied"


@each_file_system
def test_an_undo_killed_anywhere_ends_as_before_the_uninstall_or_still_uninstalled(
    small: FabricatedEnvironment, file_system: FileSystem
) -> None:
    start = picture(small.root.parent)
    states = []
    with file_system():
        for number in itertools.count(1):
            transaction = apply(small.plan("alpha"))
            planned = picture(small.root.parent)
            killed = killed_at(number, transaction.undo)
            states.append(start_again(small))
            if states[-1] == "applied":
                assert differences(planned, picture(small.root.parent)) == []
                transaction.undo()
            assert differences(start, picture(small.root.parent)) == []
            empty(small.environment, made_by_test(small))
            if not killed:
                break
    assert states[0] == "applied"
    assert states.count("interrupted") > 7
    assert states[-1] == "undone"


@each_file_system
def test_a_recovery_killed_anywhere_can_be_completed(
    small: FabricatedEnvironment, file_system: FileSystem
) -> None:
    start = picture(small.root.parent)
    with file_system():
        with watched(lambda *_: None) as log:
            transaction = apply(small.plan("alpha"))
        transaction.undo()
        empty(small.environment, made_by_test(small))
        begun = [name for name, _ in log].index("fsync") + 2
        for first in (begun + 3, (begun + len(log)) // 2, len(log) - 1):
            for second in itertools.count(1):
                assert killed_at(first, partial(apply, small.plan("alpha")))
                interrupted = unfinished(small.environment)
                assert interrupted is not None
                killed = killed_at(second, interrupted.undo)
                start_again(small)
                assert differences(start, picture(small.root.parent)) == []
                empty(small.environment, made_by_test(small))
                if not killed:
                    break


def test_an_undo_that_joins_directories_can_be_killed_anywhere(
    small: FabricatedEnvironment,
) -> None:
    """Undone out of order: what comes back lies in directories that exist again."""
    start = picture(small.root.parent)
    for number in itertools.count(1):
        first = apply(small.plan("alpha"))
        second = apply(small.plan("beta"))
        assert not (small.site / "ns").exists()
        first.undo()
        between = picture(small.root.parent)
        killed = killed_at(number, second.undo)
        if start_again(small) == "applied":
            assert differences(between, picture(small.root.parent)) == []
            second.undo()
        assert differences(start, picture(small.root.parent)) == []
        empty(small.environment, made_by_test(small))
        if not killed:
            break
    assert number > 15


def test_what_was_killed_before_it_began_is_forgotten(small: FabricatedEnvironment) -> None:
    with watched(lambda *_: None) as log:
        apply(small.plan("alpha")).undo()
    empty(small.environment, made_by_test(small))
    intent = [name for name, _ in log].index("fsync")
    for number in range(1, intent):
        killed_at(number, partial(apply, small.plan("alpha")))
        assert made_by_test(small) == []
    apply(small.plan("other"))
    identities = [each.id for each in reversed(history(small.environment))]
    assert sorted(os.listdir(small.root / STORE)) == [*identities, "lock"]


def test_killed_while_rolling_back_because_the_last_line_could_not_be_synced(
    small: FabricatedEnvironment,
) -> None:
    """The line says that all was applied, which stops being so with the first step back."""
    start = picture(small.root.parent)
    with watched(lambda *_: None) as log:
        transaction = apply(small.plan("alpha"))
    transaction.undo()
    last_sync = len(log)
    assert log[-1][0] == "fsync"
    empty(small.environment, made_by_test(small))
    plan = small.plan("alpha")
    if (child := os.fork()) == 0:

        def act(number: int, operation: Operation) -> None:
            if number == last_sync:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            if number > last_sync and operation[0] == "rename":
                renames.append(number)
                if len(renames) == 2:
                    os.kill(os.getpid(), signal.SIGKILL)

        renames: list[int] = []
        with watched(act):
            apply(plan)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status)
    assert start_again(small) == "interrupted"
    assert differences(start, picture(small.root.parent)) == []
