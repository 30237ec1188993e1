from __future__ import annotations

import errno
import os
import time
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from ipy_envtools.errors import EnvToolsError, TransactionFailed
from ipy_envtools.transactions import apply, empty, history, store

from .builders import STORE, differences, picture
from .operations import killed_at, watched

if TYPE_CHECKING:
    from pathlib import Path

    from .builders import FabricatedEnvironment
    from .operations import Operation


def test_emptying_frees_what_is_kept_and_the_store_does_not_stay_behind(
    fabricated: FabricatedEnvironment,
) -> None:
    sizes = [apply(fabricated.plan(name)).size for name in ("alpha", "beta")]
    (fabricated.root / STORE).joinpath("lock").touch()
    planned = picture(fabricated.root.parent)
    assert sum(each.size for each in history(fabricated.environment)) == sum(sizes)
    assert empty(fabricated.environment) == sum(sizes)
    assert not (fabricated.root / STORE).exists()
    assert history(fabricated.environment) == []
    assert differences(planned, picture(fabricated.root.parent)) == []
    assert empty(fabricated.environment) == 0


def test_emptying_takes_only_what_is_named(fabricated: FabricatedEnvironment) -> None:
    first, second = apply(fabricated.plan("alpha")), apply(fabricated.plan("beta"))
    assert empty(fabricated.environment, [first]) == first.size
    assert history(fabricated.environment) == [second]
    second.undo()
    with pytest.raises(EnvToolsError, match="no longer"):
        first.undo()


def test_emptying_leaves_an_interrupted_transaction_alone(small: FabricatedEnvironment) -> None:
    before = picture(small.root.parent)
    assert killed_at(12, lambda: apply(small.plan("alpha")))
    empty(small.environment)
    (interrupted,) = history(small.environment)
    assert interrupted.undo().state == "rolled-back"
    assert differences(before, picture(small.root.parent)) == []


def test_read_only_directories_are_emptied_too(fabricated: FabricatedEnvironment) -> None:
    (fabricated.site / "alpha" / "deep" / "er").chmod(0o555)
    apply(fabricated.plan("alpha"))
    empty(fabricated.environment)
    assert not (fabricated.root / STORE).exists()


def test_an_emptying_that_was_killed_is_finished_by_the_next_change(
    small: FabricatedEnvironment,
) -> None:
    transaction = apply(small.plan("alpha"))
    assert killed_at(5, lambda: empty(small.environment, [transaction]))
    assert transaction not in history(small.environment)
    newest = apply(small.plan("beta"))
    left = {each.id for each in history(small.environment)}
    assert newest.id in left
    assert set(os.listdir(small.root / STORE)) == {*left, "lock"}


def test_a_change_that_waits_while_the_store_is_emptied_gets_a_store_of_its_own(
    fabricated: FabricatedEnvironment,
) -> None:
    apply(fabricated.plan("alpha"))
    read, write = os.pipe()
    if (child := os.fork()) == 0:

        def slowly(_: int, operation: Operation) -> None:
            if operation[0] == "rename":
                os.close(read)
                os.close(write)
                time.sleep(0.2)

        with watched(slowly):
            empty(fabricated.environment)
        os._exit(0)
    os.close(write)
    os.read(read, 1)
    os.close(read)
    transaction = apply(fabricated.plan("beta"))
    os.waitpid(child, 0)
    assert history(fabricated.environment) == [transaction]
    assert sorted(os.listdir(fabricated.root / STORE)) == [transaction.id, "lock"]
    transaction.undo()


@pytest.mark.parametrize(
    ("bound", "value"), [("KEEP_COUNT", 2), ("KEEP_BYTES", 1), ("KEEP_DAYS", -1)]
)
def test_the_oldest_are_pruned_but_never_the_newest(
    fabricated: FabricatedEnvironment, monkeypatch: pytest.MonkeyPatch, bound: str, value: int
) -> None:
    monkeypatch.setattr(store, bound, value)
    transactions = [apply(fabricated.plan(name)) for name in ("alpha", "beta", "gamma", "delta")]
    kept = 2 if bound == "KEEP_COUNT" else 1
    assert history(fabricated.environment) == transactions[::-1][:kept]
    gone = transactions[3 - kept]
    assert transactions[3].given_up == (gone.summary,)
    assert history(fabricated.environment)[0].given_up == (gone.summary,)
    with pytest.raises(EnvToolsError, match="no longer"):
        gone.undo()
    assert transactions[3].undo().state == "undone"


def test_what_cannot_be_deleted_stays_in_the_history_and_does_not_stop_a_change(
    fabricated: FabricatedEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = apply(fabricated.plan("alpha"))
    monkeypatch.setattr(store, "KEEP_BYTES", 1)

    def refuse(_: int, operation: Operation) -> None:
        if operation[0] == "rename" and str(operation[1][1]).endswith(".going"):
            raise PermissionError(errno.EACCES, "refused", operation[1][0])

    with watched(refuse):
        second = apply(fabricated.plan("beta"))
    assert second.state == "applied"
    assert second.given_up == ()
    assert history(fabricated.environment) == [second, first]
    first.undo()


def test_nothing_is_deleted_for_a_change_that_fails(
    fabricated: FabricatedEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = apply(fabricated.plan("alpha"))
    monkeypatch.setattr(store, "KEEP_BYTES", 1)
    plan = fabricated.plan("beta")

    def refuse(_: int, operation: Operation) -> None:
        if operation[0] == "rename" and "beta" in str(operation[1][0]):
            raise PermissionError(errno.EACCES, "refused", operation[1][0])

    with watched(refuse), pytest.raises(TransactionFailed):
        apply(plan)
    first.undo()


def test_pruning_never_takes_an_interrupted_transaction(
    small: FabricatedEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "KEEP_COUNT", 0)
    assert killed_at(12, lambda: apply(small.plan("alpha")))
    with pytest.raises(EnvToolsError, match="interrupted"):
        apply(small.plan("beta"))
    assert history(small.environment)[0].state == "interrupted"


def test_what_is_not_a_directory_is_no_store(
    fabricated: FabricatedEnvironment, tmp_path: Path
) -> None:
    (tmp_path / "outside").mkdir()
    (fabricated.root / STORE).symlink_to(tmp_path / "outside")
    with pytest.raises(EnvToolsError, match="should be a directory"):
        apply(fabricated.plan("alpha"))
    assert os.listdir(tmp_path / "outside") == []
    (fabricated.root / STORE).unlink()
    (fabricated.root / STORE).write_bytes(b"")
    with pytest.raises(EnvToolsError, match="should be a directory"):
        apply(fabricated.plan("alpha"))


def test_the_newest_is_the_newest_even_after_the_clock_was_put_back(
    fabricated: FabricatedEnvironment,
) -> None:
    first = apply(fabricated.plan("alpha"))
    directory = fabricated.root / STORE / first.id
    future = datetime.now(timezone.utc) + timedelta(hours=1)
    journal = directory / "journal"
    text = journal.read_text().replace(first.id, f"{future:%Y%m%d-%H%M%S}-0000")
    started = first.started.astimezone(timezone.utc).isoformat()
    journal.write_text(text.replace(started, future.isoformat()))
    directory.rename(directory.with_name(f"{future:%Y%m%d-%H%M%S}-0000"))
    second = apply(fabricated.plan("beta"))
    newest, oldest = history(fabricated.environment)
    assert newest == second
    assert newest.id > oldest.id
    assert newest.started > oldest.started
