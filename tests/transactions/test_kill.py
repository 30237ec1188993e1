"""The process is killed at every operation; after the next start everything is as before."""

from __future__ import annotations

import errno
import itertools
import os
import signal
from functools import partial
from typing import TYPE_CHECKING

from ipy_envtools.transactions import apply, empty, history, unfinished

from .builders import STORE, differences, picture, without
from .operations import killed_at, watched
from .stopping import (
    FileSystem,
    back_to,
    each_file_system,
    killed_while_applying,
    killed_while_undoing,
    made_by_test,
    start_again,
)

if TYPE_CHECKING:
    from ipy_envtools.transactions import Transaction

    from .builders import FabricatedEnvironment
    from .operations import Operation


@each_file_system
def test_an_uninstall_killed_anywhere_ends_as_before_or_as_planned(
    small: FabricatedEnvironment, file_system: FileSystem
) -> None:
    planned = without(picture(small.root.parent), small.plan("alpha"))
    with file_system():
        states = killed_while_applying(
            small,
            lambda: small.plan("alpha"),
            lambda: sorted(planned ^ set(picture(small.root.parent))),
        )
    assert states[0] == "nothing"
    assert states.count("interrupted") > 7
    assert states[-1] == "applied"


@each_file_system
def test_an_undo_killed_anywhere_ends_as_before_the_uninstall_or_still_uninstalled(
    small: FabricatedEnvironment, file_system: FileSystem
) -> None:
    with file_system():
        states = killed_while_undoing(small, lambda: apply(small.plan("alpha")))
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
                assert start_again(small) in ("interrupted", "rolled-back")
                back_to(small, start, second)
                if not killed:
                    break


def test_an_undo_that_joins_directories_can_be_killed_anywhere(
    small: FabricatedEnvironment,
) -> None:
    """Undone out of order: what comes back lies in directories that exist again."""

    def done() -> Transaction:
        first = apply(small.plan("alpha"))
        second = apply(small.plan("beta"))
        assert not (small.site / "ns").exists()
        first.undo()
        return second

    states = killed_while_undoing(small, done)
    assert states[0] == "applied"
    assert states.count("interrupted") > 7
    assert states[-1] == "undone"


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
