"""An installation is killed or fails at every operation; then it is as before, or as planned."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
from functools import partial
from typing import TYPE_CHECKING

import pytest

from ipy_envtools.errors import EnvToolsError, TransactionFailed
from ipy_envtools.transactions import apply, empty, history, unfinished

from .builders import STORE, differences, picture
from .operations import CHANGING, failing_at, killed_at
from .stopping import (
    FileSystem,
    back_to,
    each_file_system,
    killed_while_applying,
    killed_while_undoing,
    made_by_test,
)
from .unpacking import Unpacking, plan_install

if TYPE_CHECKING:
    from ipy_envtools.plans.install_plan import InstallPlan
    from ipy_envtools.transactions import Transaction

    from .builders import FabricatedEnvironment, Picture

NEW = {
    "alpha/__init__.py": b"first",  # as before
    "alpha/deep": b"was a directory",
    "alpha/other/module.py": b"new",
    "ns/alpha.py/module.py": b"was a file",
    "ns/common/alpha": b"was a link",
    "../../../bin/alpha": b"#!new",
}
GAMMA = {"gamma.py": b"", "ns/gamma/module.py": b"", "../../../share/gamma/data": b""}


@pytest.fixture
def changing(
    small: FabricatedEnvironment, monkeypatch: pytest.MonkeyPatch
) -> FabricatedEnvironment:
    """Where an upgrade turns files into directories and back, and a newcomer joins a namespace."""
    Unpacking({"alpha": ("2.0", NEW), "gamma": ("1.0", GAMMA)}).use(monkeypatch)
    cache = small.site / "__pycache__"
    cache.mkdir()
    (cache / "gamma.cpython-399.pyc").write_bytes(b"of a gamma that was here before")
    return small


def plan(small: FabricatedEnvironment) -> InstallPlan:
    return plan_install(small, ("alpha", "2.0"), ("gamma", "1.0"))


def as_planned(small: FabricatedEnvironment) -> Picture:
    """How it looks when all has gone well; undone again."""
    transaction = apply(plan(small))
    found = picture(small.root.parent, times=False)
    transaction.undo()
    empty(small.environment, made_by_test(small))
    assert (small.site / "alpha" / "deep").is_dir()
    return found


@each_file_system
def test_killed_anywhere_it_ends_as_before_or_as_planned(
    changing: FabricatedEnvironment, file_system: FileSystem
) -> None:
    start = picture(changing.root.parent)
    planned = as_planned(changing)
    assert differences(start, picture(changing.root.parent)) == []
    with file_system():
        states = killed_while_applying(
            changing,
            partial(plan, changing),
            lambda: differences(planned, picture(changing.root.parent, times=False)),
        )
    assert states[0] == "nothing"
    assert states.count("interrupted") >= 20
    assert states[-1] == "applied"


@each_file_system
def test_an_undo_killed_anywhere_ends_as_before_or_still_installed(
    changing: FabricatedEnvironment, file_system: FileSystem
) -> None:
    def done() -> Transaction:
        transaction = apply(plan(changing))
        (changing.site / "__pycache__" / "gamma.cpython-311.pyc").write_bytes(b"since")
        return transaction

    with file_system():
        states = killed_while_undoing(changing, done)
    assert states[0] == "applied"
    assert states.count("interrupted") > 20
    assert states[-1] == "undone"


def test_what_was_interrupted_keeps_the_next_installation_waiting(
    changing: FabricatedEnvironment,
) -> None:
    numbers = itertools.count(1)
    while (interrupted := unfinished(changing.environment)) is None:
        assert killed_at(next(numbers), partial(apply, plan(changing)))
    with pytest.raises(EnvToolsError, match=interrupted.id):
        apply(plan(changing))
    interrupted.undo()
    assert apply(plan(changing)).state == "applied"


def test_killed_while_the_engine_is_at_work_leaves_nothing_that_matters(
    changing: FabricatedEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = picture(changing.root.parent)

    class Dying(Unpacking):
        def write(self, stage, name, version, files, rows=""):  # type: ignore[no-untyped-def]
            super().write(stage, name, version, files, rows)
            os._exit(9)

    with monkeypatch.context() as patch:
        Dying({"alpha": ("2.0", NEW)}).use(patch)
        if (child := os.fork()) == 0:
            apply(plan(changing))
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert len(os.listdir(changing.root / STORE)) == 3  # what was staged, the keeper, the lock
    assert unfinished(changing.environment) is None
    assert made_by_test(changing) == []
    assert differences(start, picture(changing.root.parent)) == []
    apply(plan(changing)).undo()
    known = [each.id for each in history(changing.environment)]
    assert sorted(os.listdir(changing.root / STORE)) == sorted([*known, "lock"])


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES, errno.EROFS, errno.EIO, errno.EXDEV])
def test_failing_once_it_leaves_everything_as_it_was(
    changing: FabricatedEnvironment, code: int
) -> None:
    start = picture(changing.root.parent)
    planned = as_planned(changing)
    failures = 0
    for number in itertools.count(1):
        wanted = plan(changing)
        transaction = None
        with failing_at(number, code, names=CHANGING) as log:
            try:
                transaction = apply(wanted)
            except TransactionFailed as error:
                failures += 1
                assert error.paths == (), number
        if transaction:
            assert differences(planned, picture(changing.root.parent, times=False)) == []
        else:
            assert differences(start, picture(changing.root.parent)) == [], number
        back_to(changing, start, number)
        if number > len(log):
            break
    assert failures > 10


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_an_undo_that_fails_once_leaves_everything_installed(
    changing: FabricatedEnvironment, code: int
) -> None:
    start = picture(changing.root.parent)
    failures = 0
    for number in itertools.count(1):
        transaction = apply(plan(changing))
        planned = picture(changing.root.parent)
        with failing_at(number, code, names=CHANGING) as log:
            try:
                transaction.undo()
            except TransactionFailed:
                failures += 1
                assert differences(planned, picture(changing.root.parent)) == [], number
            else:
                assert differences(start, picture(changing.root.parent)) == [], number
        back_to(changing, start, number)
        if number > len(log):
            break
    assert failures > 10


def test_a_disk_that_is_gone_for_good_can_be_mended(changing: FabricatedEnvironment) -> None:
    start = picture(changing.root.parent)
    for number in itertools.count(1):
        wanted = plan(changing)
        failing = failing_at(number, errno.EIO, from_then_on=True)
        with failing as log, contextlib.suppress(EnvToolsError):
            apply(wanted)
        back_to(changing, start, number)
        if number > len(log):
            break
    assert number > 20
