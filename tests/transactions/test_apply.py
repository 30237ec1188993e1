from __future__ import annotations

import dataclasses
import importlib
import os
import sys
import time
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from ipy_envtools.errors import EnvToolsError, PlanBlocked, PlanOutdated, TransactionFailed
from ipy_envtools.transactions import Change, apply, history

from .builders import STORE, FabricatedEnvironment, Link, differences, picture, without
from .operations import watched

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ipy_envtools.progress import Progress


def test_apply_takes_exactly_what_the_plan_names_and_directories_that_are_empty_by_that(
    fabricated: FabricatedEnvironment,
) -> None:
    plan = fabricated.plan("alpha")
    before = picture(fabricated.root.parent)
    apply(plan)
    after = picture(fabricated.root.parent)
    assert set(after) == without(before, plan)
    assert not (fabricated.site / "alpha").exists()
    assert not (fabricated.root / "etc").exists()
    assert (fabricated.site / "ns" / "alpha" / "delta" / "__init__.py").exists()
    assert (fabricated.root / "share" / "man" / "man1" / "beta.1").exists()
    files = [path for path in after if not os.path.isdir(path) or os.path.islink(path)]
    assert all(after[path] == before[path] for path in files)


def test_undo_restores_names_bytes_modes_times_and_links(fabricated: FabricatedEnvironment) -> None:
    before = picture(fabricated.root.parent)
    transaction = apply(fabricated.plan("alpha", "beta", "gamma", "delta"))
    assert not (fabricated.site / "ns").exists()
    time.sleep(0.01)
    assert transaction.undo() is transaction
    assert transaction.state == "undone"
    assert differences(before, picture(fabricated.root.parent)) == []


def test_a_transaction_says_what_it_did(fabricated: FabricatedEnvironment) -> None:
    plan = fabricated.plan("beta", "alpha", "gamma")
    transaction = apply(plan)
    assert transaction.state == "applied"
    assert transaction.summary == "Uninstalled beta 2.0 and 2 others"
    assert transaction.changes[0] == Change("remove", "beta", "2.0", "2.0")
    assert [change.name for change in transaction.changes] == ["beta", "alpha", "gamma"]
    assert transaction.size == plan.size > 10_000
    assert transaction.seconds is not None
    assert 0 < transaction.seconds < 10
    assert transaction.started.tzinfo is not None
    assert abs(transaction.started - datetime.now(timezone.utc)) < timedelta(seconds=20)
    assert transaction.undo().size == 0


def test_the_history_of_another_process_is_the_same_and_undo_adds_nothing_to_it(
    fabricated: FabricatedEnvironment,
) -> None:
    before = picture(fabricated.root.parent)
    if (child := os.fork()) == 0:
        apply(fabricated.plan("alpha"))
        apply(fabricated.plan("gamma"))
        os._exit(0)
    os.waitpid(child, 0)
    newest, oldest = history(fabricated.environment)
    assert (newest.summary, oldest.summary) == ("Uninstalled gamma 3.0", "Uninstalled alpha 1.0")
    assert newest.started > oldest.started
    assert newest.id > oldest.id
    newest.undo()
    oldest.undo()
    assert [each.state for each in history(fabricated.environment)] == ["undone", "undone"]
    assert history(fabricated.environment) == [newest, oldest]
    assert differences(before, picture(fabricated.root.parent)) == []
    with pytest.raises(EnvToolsError, match="is undone already"):
        newest.undo()


def test_a_blocked_plan_creates_nothing(fabricated: FabricatedEnvironment) -> None:
    plan = fabricated.plan("alpha", blocked="The kernel runs on it.")
    before = picture(fabricated.root.parent)
    with pytest.raises(PlanBlocked, match="The kernel runs on it"):
        apply(plan)
    assert differences(before, picture(fabricated.root.parent)) == []
    assert not (fabricated.root / STORE).exists()


def _rewrite(path: Path) -> None:
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content)


def _replace(path: Path) -> None:
    """Another file with the same size, mode and time, as an installer's cache would link it."""
    status = path.stat()
    path.rename(path.with_name("kept so that its inode is not used again"))
    path.write_bytes(bytes(status.st_size))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


OUTDATED: dict[str, Callable[[FabricatedEnvironment], object]] = {
    "a file was edited": lambda f: (f.site / "alpha_single.py").write_text("x = 2\n"),
    "a file was replaced": lambda f: _rewrite(f.site / "alpha" / "__init__.py"),
    "a file was replaced by one that looks the same": lambda f: _replace(
        f.site / "alpha_single.py"
    ),
    "a file was touched": lambda f: os.utime(f.site / "alpha" / "__init__.py"),
    "a mode was changed": lambda f: (f.site / "alpha" / "__init__.py").chmod(0o600),
    "a file has gone": lambda f: (f.site / "alpha" / "deep" / "er" / "module.py").unlink(),
    "a script has gone": lambda f: (f.root / "bin" / "alpha").unlink(),
    "a directory has gone": lambda f: os.rename(f.site / "alpha", f.site / "ahpla"),
    "RECORD was written again": lambda f: _rewrite(f.site / "alpha-1.0.dist-info" / "RECORD"),
    "its metadata has a new file": lambda f: (
        f.site / "alpha-1.0.dist-info" / "REQUESTED"
    ).write_bytes(b""),
    "a module was compiled": lambda f: (
        (f.site / "alpha" / "__pycache__").mkdir(),
        (f.site / "alpha" / "__pycache__" / "__init__.cpython-311.pyc").write_bytes(b""),
    ),
    "a top-level module was compiled": lambda f: (
        (f.site / "__pycache__").mkdir(),
        (f.site / "__pycache__" / "alpha_single.cpython-311.opt-1.pyc").write_bytes(b""),
    ),
    "a directory became a link": lambda f: (
        os.rename(f.site / "alpha" / "deep", f.root.parent / "elsewhere"),
        (f.site / "alpha" / "deep").symlink_to(f.root.parent / "elsewhere"),
    ),
    "a package became a link": lambda f: (
        os.rename(f.site / "alpha", f.root.parent / "elsewhere"),
        (f.site / "alpha").symlink_to(f.root.parent / "elsewhere"),
    ),
    "a missing file is there again": lambda f: (f.site / "alpha" / "gone.py").write_bytes(b""),
}


@pytest.mark.parametrize("change", OUTDATED.values(), ids=OUTDATED.keys())
def test_a_plan_that_no_longer_fits_the_disk_creates_and_moves_nothing(
    fabricated: FabricatedEnvironment, change: Callable[[FabricatedEnvironment], object]
) -> None:
    with open(fabricated.site / "alpha-1.0.dist-info" / "RECORD", "a") as record:
        record.write("alpha/gone.py,,\n")
    plan = fabricated.plan("alpha")
    change(fabricated)
    before = picture(fabricated.root.parent)
    with pytest.raises(PlanOutdated, match="again"):
        apply(plan)
    assert differences(before, picture(fabricated.root.parent)) == []
    assert not (fabricated.root / STORE).exists()


def test_an_outdated_plan_leaves_an_existing_store_alone(fabricated: FabricatedEnvironment) -> None:
    apply(fabricated.plan("gamma"))
    plan = fabricated.plan("alpha")
    (fabricated.site / "alpha_single.py").unlink()
    names = sorted(os.listdir(fabricated.root / STORE))
    with pytest.raises(PlanOutdated):
        apply(plan)
    assert sorted(os.listdir(fabricated.root / STORE)) == names


def test_a_file_that_no_plan_names_stays_with_its_directory(
    fabricated: FabricatedEnvironment,
) -> None:
    notes = fabricated.site / "alpha" / "deep" / "notes.txt"
    notes.write_text("mine")
    empty = fabricated.site / "alpha" / "empty" / "er"
    empty.mkdir(parents=True)
    before = picture(fabricated.root.parent)
    transaction = apply(fabricated.plan("alpha"))
    assert notes.read_text() == "mine"
    assert os.listdir(fabricated.site / "alpha" / "deep") == ["notes.txt"]
    assert not (fabricated.site / "alpha" / "__init__.py").exists()
    transaction.undo()
    assert differences(before, picture(fabricated.root.parent)) == []


def test_a_link_is_removed_as_a_link(tmp_path: Path) -> None:
    fabricated = FabricatedEnvironment(tmp_path / "env")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious.txt").write_text("precious")
    fabricated.install(
        "linking",
        "1.0",
        {
            "linking/__init__.py": b"",
            "linking/data": Link(str(outside)),
            "linked.txt": Link(str(outside / "precious.txt")),
        },
    )
    before = picture(tmp_path)
    transaction = apply(fabricated.plan("linking"))
    assert (outside / "precious.txt").read_text() == "precious"
    assert not os.path.lexists(fabricated.site / "linked.txt")
    transaction.undo()
    assert differences(before, picture(tmp_path)) == []


@pytest.mark.parametrize("through", ["lib64", "lib"])
def test_an_environment_whose_directories_are_links_is_changed_once(
    tmp_path: Path, through: str
) -> None:
    fabricated = FabricatedEnvironment(tmp_path / "env")
    if through == "lib64":
        (fabricated.root / "lib64").symlink_to("lib")
        fabricated.site = fabricated.root / "lib64" / "python3.11" / "site-packages"
    else:
        os.rename(fabricated.root / "lib", tmp_path / "elsewhere")
        (fabricated.root / "lib").symlink_to(tmp_path / "elsewhere")
    fabricated.install("alpha", "1.0", {"alpha/__init__.py": b"", "../../../bin/alpha": b""})
    before = picture(tmp_path)
    transaction = apply(fabricated.plan("alpha"))
    assert os.listdir(fabricated.site) == []
    transaction.undo()
    assert differences(before, picture(tmp_path)) == []


def test_hard_linked_files_are_moved_and_never_touched(
    fabricated: FabricatedEnvironment, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    os.link(fabricated.site / "alpha" / "data.bin", cache / "data.bin")
    before = picture(cache)
    transaction = apply(fabricated.plan("alpha"))
    assert picture(cache) == before
    transaction.undo()
    assert picture(cache) == before
    assert (cache / "data.bin").samefile(fabricated.site / "alpha" / "data.bin")


def test_names_that_are_no_text_survive(tmp_path: Path) -> None:
    fabricated = FabricatedEnvironment(tmp_path / "env")
    fabricated.install("odd", "1.0", {"odd/__init__.py": b""})
    plan = fabricated.plan("odd")
    odd = os.fsdecode(b"\xff\xfe\n\xe9 \"'\\.py")
    target = fabricated.site / "odd2" / odd
    target.parent.mkdir()
    target.write_bytes(b"odd")
    (fabricated.site / odd).write_bytes(b"odder")
    files = [fabricated.planned(fabricated.site / odd, "odd"), fabricated.planned(target, "odd")]
    (target.parent / "stays").write_bytes(b"")
    plan = dataclasses.replace(plan, files=(*plan.files, *files))
    before = picture(tmp_path)
    apply(plan)
    assert not target.exists()
    assert not (fabricated.site / odd).exists()
    history(fabricated.environment)[0].undo()
    assert differences(before, picture(tmp_path)) == []


def test_nothing_is_planned_outside_of_the_root_or_in_the_store(
    fabricated: FabricatedEnvironment, tmp_path: Path
) -> None:
    outside = tmp_path / "env2" / "file"
    outside.parent.mkdir()
    outside.write_bytes(b"")
    plan = fabricated.plan("gamma")
    apply(fabricated.plan("alpha"))
    journal = next((fabricated.root / STORE).glob("*/journal"))
    for path in (outside, fabricated.site / ".." / ".." / ".." / ".." / "env2" / "file", journal):
        bad = dataclasses.replace(plan, files=(*plan.files, fabricated.planned(path, "gamma")))
        before = picture(tmp_path)
        with pytest.raises((PlanBlocked, PlanOutdated)):
            apply(bad)
        assert differences(before, picture(tmp_path)) == []


def test_the_number_of_syncs_does_not_depend_on_the_number_of_files(tmp_path: Path) -> None:
    counts = {}
    for modules in (3, 600):
        fabricated = FabricatedEnvironment(tmp_path / str(modules))
        fabricated.install("many", "1.0", {}, modules=modules)
        with watched(lambda *_: None, ("fsync",)) as syncs:
            transaction = apply(fabricated.plan("many"))
        with watched(lambda *_: None, ("fsync",)) as undo_syncs:
            transaction.undo()
        counts[modules] = len(syncs), len(undo_syncs)
    assert counts[3] == counts[600]
    assert max(counts[3]) <= 8


def test_a_directory_in_which_nothing_stays_is_one_rename(tmp_path: Path) -> None:
    fabricated = FabricatedEnvironment(tmp_path / "env")
    fabricated.install("many", "1.0", {}, modules=600)
    with watched(lambda *_: None, ("rename",)) as renames:
        apply(fabricated.plan("many"))
    assert len(renames) == 2


def test_progress_counts_files_and_ends_at_their_number(fabricated: FabricatedEnvironment) -> None:
    events: list[Progress] = []
    plan = fabricated.plan("alpha", "beta")
    transaction = apply(plan, on_progress=events.append)
    assert (events[-1].done, events[-1].unit) == (events[-1].total, "files")
    assert events[-1].total == len(plan.files)
    assert {event.step for event in events} == {"moving"}
    transaction.undo(on_progress=events.append)
    assert (events[-1].step, events[-1].done) == ("restoring", len(plan.files))


def test_an_interrupt_in_the_middle_brings_everything_back(
    fabricated: FabricatedEnvironment,
) -> None:
    before = picture(fabricated.root.parent)

    def interrupt(_: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        apply(fabricated.plan("alpha"), on_progress=interrupt)
    assert differences(before, picture(fabricated.root.parent)) == []
    assert [each.state for each in history(fabricated.environment)] == ["rolled-back"]
    transaction = apply(fabricated.plan("alpha"))
    after = picture(fabricated.root.parent)
    with pytest.raises(KeyboardInterrupt):
        transaction.undo(on_progress=interrupt)
    assert differences(after, picture(fabricated.root.parent)) == []
    assert history(fabricated.environment)[0].state == "applied"
    transaction.undo()
    assert differences(before, picture(fabricated.root.parent)) == []


def test_a_callback_that_fails_is_reported_and_rolled_back(
    fabricated: FabricatedEnvironment,
) -> None:
    before = picture(fabricated.root.parent)

    def fail(_: Progress) -> None:
        raise ZeroDivisionError("of the caller")

    with pytest.raises(TransactionFailed, match="of the caller") as caught:
        apply(fabricated.plan("alpha"), on_progress=fail)
    assert caught.value.paths == ()
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert differences(before, picture(fabricated.root.parent)) == []


def test_a_removed_package_cannot_be_imported_any_more_and_an_undone_one_can(
    fabricated: FabricatedEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Watching:
        """A finder of somebody else, which keeps what it found for as long as it likes."""

        times = 0

        def find_spec(self, *_: object) -> None:
            return None

        def invalidate_caches(self) -> None:
            self.times += 1

    watching = Watching()
    monkeypatch.syspath_prepend(str(fabricated.site))
    monkeypatch.setattr(sys, "meta_path", [watching, *sys.meta_path])
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert importlib.util.find_spec("alpha_single")
    transaction = apply(fabricated.plan("alpha"))
    assert importlib.util.find_spec("alpha_single") is None
    transaction.undo()
    assert importlib.util.find_spec("alpha_single")
    assert watching.times == 2
