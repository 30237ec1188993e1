"""A text file that loses a line: the old one goes out, a new one comes in."""

from __future__ import annotations

import dataclasses
import itertools
import os
from functools import partial
from typing import TYPE_CHECKING

import pytest

from ipy_envtools.errors import PlanOutdated, UndoConflict
from ipy_envtools.plans.uninstall_plan import Edit, FileState
from ipy_envtools.transactions import apply, empty, history, unfinished

from .builders import differences, picture
from .operations import failing_at, killed_at, no_renaming_of

if TYPE_CHECKING:
    from pathlib import Path

    from ipy_envtools.plans.uninstall_plan import UninstallPlan

    from .builders import FabricatedEnvironment

OLD = b"import sys\r\n/src/alpha\r\n./other.egg"
NEW = b"import sys\r\n./other.egg"


@pytest.fixture
def edited(small: FabricatedEnvironment) -> FabricatedEnvironment:
    path = small.site / "easy-install.pth"
    path.write_bytes(OLD)
    path.chmod(0o640)
    os.link(path, small.root.parent / "linked elsewhere")
    return small


def planned(edited: FabricatedEnvironment, name: str = "alpha") -> UninstallPlan:
    path = edited.site / "easy-install.pth"
    status = path.lstat()
    state = FileState(status.st_mode, status.st_ino, status.st_size, status.st_mtime_ns)
    edit = Edit(path, ("/src/alpha",), NEW, "purelib", state)
    return dataclasses.replace(edited.plan(name), edits=(edit,))


def pth(edited: FabricatedEnvironment) -> Path:
    return edited.site / "easy-install.pth"


def test_the_new_text_comes_with_the_old_mode_and_the_old_file_is_not_written_to(
    edited: FabricatedEnvironment,
) -> None:
    before = picture(edited.root.parent)
    transaction = apply(planned(edited))
    assert pth(edited).read_bytes() == NEW
    assert pth(edited).stat().st_mode & 0o777 == 0o640
    assert (edited.root.parent / "linked elsewhere").read_bytes() == OLD
    assert history(edited.environment)[0].undo() == transaction
    assert differences(before, picture(edited.root.parent)) == []
    assert pth(edited).samefile(edited.root.parent / "linked elsewhere")


@pytest.mark.parametrize("change", ["edited", "gone", "replaced"])
def test_undo_refuses_where_the_text_was_changed_since(
    edited: FabricatedEnvironment, change: str
) -> None:
    transaction = apply(planned(edited))
    if change != "edited":
        pth(edited).unlink()
    if change != "gone":
        pth(edited).write_bytes(NEW + b"\n./more.egg")
    before = picture(edited.root.parent)
    with pytest.raises(UndoConflict) as caught:
        transaction.undo()
    assert caught.value.paths == (pth(edited),)
    assert differences(before, picture(edited.root.parent)) == []


def test_a_text_that_was_changed_since_planning_makes_the_plan_outdated(
    edited: FabricatedEnvironment,
) -> None:
    plan = planned(edited)
    pth(edited).write_bytes(OLD + b"\n")
    before = picture(edited.root.parent)
    with pytest.raises(PlanOutdated, match=r"easy-install\.pth has changed"):
        apply(plan)
    assert differences(before, picture(edited.root.parent)) == []


@pytest.mark.parametrize("not_renamed", ["", "anything"])
def test_an_edit_killed_anywhere_ends_as_before_or_as_planned(
    edited: FabricatedEnvironment, not_renamed: str
) -> None:
    before = picture(edited.root.parent)
    interrupted = 0
    with no_renaming_of(not_renamed):
        for number in itertools.count(1):
            killed = killed_at(number, partial(apply, planned(edited, "other")))
            if found := unfinished(edited.environment):
                interrupted += 1
                found.undo()
            newest = history(edited.environment)[0]
            if newest.state == "applied" and len(history(edited.environment)) > 1:
                assert pth(edited).read_bytes() == NEW
                newest.undo()
            assert differences(before, picture(edited.root.parent)) == []
            empty(edited.environment, history(edited.environment)[:-1])
            if not killed:
                break
    assert interrupted > 5


def test_an_undo_of_an_edit_that_fails_anywhere_leaves_the_new_text(
    edited: FabricatedEnvironment,
) -> None:
    start = picture(edited.root.parent)
    for number in itertools.count(1):
        transaction = apply(planned(edited, "other"))
        before = picture(edited.root.parent)
        with failing_at(number, 5) as log:
            try:
                transaction.undo()
            except Exception:
                assert differences(before, picture(edited.root.parent)) == []
        if number > len(log):
            break
        for each in history(edited.environment)[:-1]:
            if each.state != "undone":
                each.undo()
        assert differences(start, picture(edited.root.parent)) == []
        empty(edited.environment, history(edited.environment)[:-1])
    assert number > 8
