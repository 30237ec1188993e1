from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ipy_envtools.errors import EnvToolsError, PlanBlocked, TransactionFailed, UndoConflict
from ipy_envtools.transactions import apply, history

from .builders import STORE, differences, picture
from .conftest import fabricate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .builders import FabricatedEnvironment


def test_undo_refuses_with_the_list_where_something_else_stands_now(
    fabricated: FabricatedEnvironment,
) -> None:
    transaction = apply(fabricated.plan("alpha"))
    fabricated.install("alpha", "1.1", {"alpha/__init__.py": b"newer", "alpha_single.py": b""})
    before = picture(fabricated.root.parent)
    with pytest.raises(UndoConflict, match="Nothing was touched") as caught:
        transaction.undo()
    assert sorted(caught.value.paths) == [
        fabricated.site / "alpha" / "__init__.py",
        fabricated.site / "alpha_single.py",
    ]
    assert differences(before, picture(fabricated.root.parent)) == []
    assert transaction.conflicts == caught.value.paths
    assert transaction.state == "applied"
    assert history(fabricated.environment)[0].state == "applied"


def test_what_an_undo_would_bring_back_is_told_before(fabricated: FabricatedEnvironment) -> None:
    transaction = apply(fabricated.plan("beta"))
    assert transaction.conflicts == ()
    assert sorted(transaction.returning) == [
        fabricated.root / "bin" / "beta",
        fabricated.site / "beta-2.0.dist-info",
        fabricated.site / "ns" / "beta",
        fabricated.site / "ns" / "common" / "beta.py",
        fabricated.root / "share" / "man" / "man1" / "beta.1",
    ]
    assert transaction.undo().returning == transaction.conflicts == ()


def test_undo_is_possible_again_when_what_stood_in_the_way_is_uninstalled(
    fabricated: FabricatedEnvironment,
) -> None:
    before = picture(fabricated.root.parent, times=False)
    older = apply(fabricated.plan("alpha"))
    fabricated.install("alpha", "1.1", {"alpha/__init__.py": b"newer"})
    with pytest.raises(UndoConflict):
        older.undo()
    newer = apply(fabricated.plan("alpha"))
    older.undo()
    assert differences(before, picture(fabricated.root.parent, times=False)) == []
    with pytest.raises(UndoConflict):
        newer.undo()


@pytest.mark.parametrize("kind", ["file", "link", "dangling link", "directory"])
def test_anything_that_stands_in_the_way_is_a_conflict(
    fabricated: FabricatedEnvironment, tmp_path: Path, kind: str
) -> None:
    transaction = apply(fabricated.plan("alpha"))
    path = fabricated.site / ("alpha_single.py" if kind == "directory" else "alpha")
    if kind == "file":
        path.write_bytes(b"")
    elif kind == "directory":
        path.mkdir()
    else:
        path.symlink_to(tmp_path if kind == "link" else "/nowhere")
    before = picture(tmp_path)
    with pytest.raises(UndoConflict) as caught:
        transaction.undo()
    assert caught.value.paths == (path,)
    assert differences(before, picture(tmp_path)) == []


def test_undo_does_not_write_through_a_link_that_replaced_a_directory(
    fabricated: FabricatedEnvironment, tmp_path: Path
) -> None:
    transaction = apply(fabricated.plan("beta"))
    outside = tmp_path / "outside"
    shutil.move(fabricated.site / "ns", outside)
    (fabricated.site / "ns").symlink_to(outside)
    before = picture(tmp_path)
    with pytest.raises(UndoConflict) as caught:
        transaction.undo()
    assert caught.value.paths == (fabricated.site / "ns",)
    assert differences(before, picture(tmp_path)) == []


def test_undo_says_what_the_store_no_longer_has(fabricated: FabricatedEnvironment) -> None:
    transaction = apply(fabricated.plan("gamma"))
    kept = fabricated.root / STORE / transaction.id
    shutil.rmtree(next(path for path in kept.iterdir() if path.is_dir()))
    before = picture(fabricated.root.parent)
    with pytest.raises(UndoConflict):
        transaction.undo()
    assert differences(before, picture(fabricated.root.parent)) == []


def test_undo_says_that_the_store_has_gone(fabricated: FabricatedEnvironment) -> None:
    transaction = apply(fabricated.plan("gamma"))
    shutil.rmtree(fabricated.root / STORE)
    with pytest.raises(EnvToolsError, match="no longer"):
        transaction.undo()
    assert not (fabricated.root / STORE).exists()


def test_undo_joins_a_directory_that_another_package_has_made_since(
    fabricated: FabricatedEnvironment,
) -> None:
    before = picture(fabricated.root.parent, times=False)
    mode = (fabricated.site / "ns" / "alpha").stat().st_mode
    transaction = apply(fabricated.plan("alpha", "beta", "gamma", "delta"))
    fabricated.install("epsilon", "1.0", {"ns/epsilon/__init__.py": b"", "ns/alpha/more.py": b""})
    (fabricated.site / "ns" / "alpha").chmod(0o711)
    transaction.undo()
    assert (fabricated.site / "ns" / "alpha").stat().st_mode & 0o777 == 0o711
    (fabricated.site / "ns" / "alpha").chmod(mode)
    apply(fabricated.plan("epsilon"))
    assert differences(before, picture(fabricated.root.parent, times=False)) == []


def test_a_directory_that_somebody_else_changed_keeps_its_new_time(
    fabricated: FabricatedEnvironment,
) -> None:
    original = fabricated.site.stat().st_mtime_ns
    transaction = apply(fabricated.plan("gamma"))
    (fabricated.site / "theirs.py").write_bytes(b"")
    theirs = fabricated.site.stat().st_mtime_ns
    transaction.undo()
    assert fabricated.site.stat().st_mtime_ns >= theirs > original
    transaction = apply(fabricated.plan("gamma"))
    os.utime(fabricated.site, ns=(1, 1_600_000_000_000_000_000))
    transaction.undo()
    assert fabricated.site.stat().st_mtime_ns >= theirs


def test_directories_that_may_not_be_written_to_stop_a_change_before_it_begins() -> None:
    with ordinary_user() as top:
        fabricated = fabricate(top / "env")
        transaction = apply(fabricated.plan("gamma"))
        attempts = [
            ("ns/common", lambda: apply(fabricated.plan("alpha")), PlanBlocked),
            ("alpha", lambda: apply(fabricated.plan("alpha")), PlanBlocked),
            ("", lambda: apply(fabricated.plan("alpha")), PlanBlocked),
            ("ns", transaction.undo, TransactionFailed),
            ("", transaction.undo, TransactionFailed),
        ]
        for name, attempt, error in attempts:
            directory = fabricated.site / name
            directory.chmod(0o555)
            before = picture(top)
            with pytest.raises(error, match=f"{directory} .*nothing was changed"):
                attempt()
            assert differences(before, picture(top)) == []
            directory.chmod(0o755)
        transaction.undo()


@contextlib.contextmanager
def ordinary_user() -> Iterator[Path]:
    """A directory, and a user who is not root: root may write everywhere."""
    top = Path(tempfile.mkdtemp())
    root = os.geteuid() == 0
    if root:
        os.chown(top, 65534, 65534)
        os.seteuid(65534)
    try:
        yield top
    finally:
        if root:
            os.seteuid(0)
        shutil.rmtree(top)
