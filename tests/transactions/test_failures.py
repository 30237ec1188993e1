"""An operation fails, at every place; then nothing has happened, or it is said what has."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
from typing import TYPE_CHECKING

import pytest

from ipy_envtools.errors import EnvToolsError, TransactionFailed
from ipy_envtools.transactions import apply, empty, history, unfinished

from .builders import differences, picture, without
from .operations import ANY, CHANGING, failing_at, no_renaming_of

if TYPE_CHECKING:
    from pathlib import Path

    from .builders import FabricatedEnvironment

CASES = [
    (errno.ENOSPC, ""),
    (errno.EACCES, ""),
    (errno.EROFS, ""),
    (errno.EIO, ""),
    (errno.ENOSPC, "directories"),
    (errno.EIO, "anything"),
]
each_case = pytest.mark.parametrize(
    ("code", "not_renamed"), CASES, ids=[f"{errno.errorcode[code]} {kind}" for code, kind in CASES]
)


def start_again(small: FabricatedEnvironment) -> None:
    """What the next start does: complete the way back, and undo what was applied."""
    for transaction in history(small.environment)[:-1]:
        if transaction.state in ("interrupted", "applied"):
            transaction.undo()
    empty(small.environment, history(small.environment)[:-1])


@each_case
def test_an_uninstall_that_fails_once_leaves_everything_as_it_was(
    small: FabricatedEnvironment, code: int, not_renamed: str
) -> None:
    start = picture(small.root.parent)
    planned = without(start, small.plan("alpha"))
    failures = 0
    for number in itertools.count(1):
        plan = small.plan("alpha")
        with failing_at(number, code, names=CHANGING) as log, no_renaming_of(not_renamed):
            try:
                transaction = apply(plan)
            except TransactionFailed as error:
                failures += 1
                assert error.paths == ()
                assert os.strerror(code) in str(error)
                transaction = None
        now = picture(small.root.parent)
        assert set(now) == planned if transaction else differences(start, now) == []
        start_again(small)
        assert differences(start, picture(small.root.parent)) == []
        if number > len(log):
            break
    assert failures > 8


@each_case
def test_an_undo_that_fails_once_leaves_everything_uninstalled(
    small: FabricatedEnvironment, code: int, not_renamed: str
) -> None:
    start = picture(small.root.parent)
    failures = 0
    for number in itertools.count(1):
        with no_renaming_of(not_renamed):
            transaction = apply(small.plan("alpha"))
        planned = picture(small.root.parent)
        with failing_at(number, code, names=CHANGING) as log, no_renaming_of(not_renamed):
            try:
                transaction.undo()
            except TransactionFailed as error:
                failures += 1
                assert error.paths == ()
                assert differences(planned, picture(small.root.parent)) == []
            else:
                assert differences(start, picture(small.root.parent)) == []
        start_again(small)
        assert differences(start, picture(small.root.parent)) == []
        if number > len(log):
            break
    assert failures > 8


def test_what_cannot_be_read_is_an_error_of_this_package_and_changes_nothing(
    small: FabricatedEnvironment,
) -> None:
    start = picture(small.root.parent)
    failures = 0
    for number in itertools.count(1):
        plan = small.plan("alpha")
        transaction = None
        with failing_at(number, errno.EIO, names=ANY) as log:
            try:
                transaction = apply(plan)
            except EnvToolsError:
                failures += 1
        if transaction is None:
            assert differences(start, picture(small.root.parent)) == []
        start_again(small)
        assert differences(start, picture(small.root.parent)) == []
        if number > len(log):
            break
    assert failures > 20


@pytest.mark.parametrize("not_renamed", ["", "directories", "anything"])
def test_a_disk_that_is_gone_for_good_leaves_an_interrupted_transaction_with_both_paths(
    small: FabricatedEnvironment, not_renamed: str
) -> None:
    start = picture(small.root.parent)
    planned = without(start, small.plan("alpha"))
    interrupted = 0
    for number in itertools.count(1):
        plan = small.plan("alpha")
        stuck = False
        with failing_at(number, errno.EIO, from_then_on=True) as log, no_renaming_of(not_renamed):
            try:
                apply(plan)
            except TransactionFailed as error:
                for belongs, now in zip(error.paths[::2], error.paths[1::2], strict=True):
                    assert belongs.is_relative_to(small.root)
                    assert os.path.lexists(now)
                stuck = bool(error.paths)
        if number > len(log):
            break
        if stuck:
            interrupted += 1
            if unfinished(small.environment) is None:
                # Only the sync of the very last line failed: all was moved, and that is written.
                assert history(small.environment)[0].state == "applied"
                assert set(picture(small.root.parent)) == planned
            else:
                with pytest.raises(EnvToolsError, match="interrupted"):
                    apply(small.plan("other"))
        start_again(small)
        assert differences(start, picture(small.root.parent)) == []
    assert interrupted > 3


def test_a_disk_that_is_gone_during_an_undo_can_be_mended(small: FabricatedEnvironment) -> None:
    start = picture(small.root.parent)
    for number in itertools.count(1):
        transaction = apply(small.plan("alpha"))
        failing = failing_at(number, errno.EIO, from_then_on=True)
        with failing as log, contextlib.suppress(TransactionFailed):
            transaction.undo()
        start_again(small)
        assert differences(start, picture(small.root.parent)) == []
        if number > len(log):
            break
    assert number > 8


def test_what_could_not_be_moved_back_is_never_called_applied(small: FabricatedEnvironment) -> None:
    """The last line is written but not synced, and the rollback stops halfway."""
    start = picture(small.root.parent)
    halfway = 0
    for number in itertools.count(1):
        plan = small.plan("alpha")
        paths: tuple[Path, ...] = ()
        names = ("fsync", "rename", "write")
        failing = failing_at(number, errno.EIO, from_then_on=True, names=names)
        with failing as log:
            try:
                apply(plan)
            except TransactionFailed as error:
                paths = error.paths
        if number > len(log):
            break
        if paths:
            halfway += 1
            assert unfinished(small.environment) is not None
        start_again(small)
        assert differences(start, picture(small.root.parent)) == []
    assert halfway > 3
