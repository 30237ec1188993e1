"""A journal is a file in the environment: one that somebody put there does nothing outside."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from ipy_envtools.errors import EnvToolsError, UndoConflict
from ipy_envtools.transactions import (
    JournalUnreadable,
    apply,
    empty,
    history,
    store,
    unfinished,
    unreadable,
)

from .builders import STORE, differences, picture

if TYPE_CHECKING:
    from pathlib import Path

    from .builders import FabricatedEnvironment

ID = "20260101-000000-abcd"


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    """A directory beside the environment that nothing may touch."""
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / "kept.txt").write_text("mine")
    (victim / "kept.txt").chmod(0o644)
    return victim


def plant(
    fabricated: FabricatedEnvironment, *moves: dict[str, Any], identity: str = ID, **last: Any
) -> Path:
    """What a wheel's data files could bring along."""
    directory = fabricated.root / STORE / ID
    directory.mkdir(parents=True)
    head = {
        "id": identity,
        "started": "2026-01-01T00:00:00+00:00",
        "summary": "Installed evil 1.0",
        "changes": [],
        "size": 1,
        "files": 1,
    }
    phase = {"phase": "applied", "owner": None, "at": 1.0, "seconds": 1.0, "directories": {}}
    lines = [{"format": 1}, head, *({"move": move} for move in moves), {**phase, **last}]
    (directory / "journal").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return directory


def out(base: str, path: str, kept: str = "0") -> dict[str, Any]:
    return {"out": path, "base": base, "kept": kept, "files": 1}


def put_in(path: Path, base: str, name: str) -> dict[str, Any]:
    status = path.lstat()
    state = [status.st_mode, status.st_size, status.st_mtime_ns]
    return {"in": name, "base": base, "kept": "0.new", "files": 1, "state": state}


def test_the_identity_in_a_journal_is_the_name_of_its_directory(
    fabricated: FabricatedEnvironment, victim: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(fabricated, out("", "x"), identity="../../../victim")
    monkeypatch.setattr(store, "KEEP_BYTES", 0)
    before = picture(victim)
    for attempt in (
        lambda: empty(fabricated.environment),
        lambda: apply(fabricated.plan("alpha")),
    ):
        with pytest.raises(JournalUnreadable, match="move it elsewhere"):
            attempt()
    assert history(fabricated.environment) == []
    assert len(unreadable(fabricated.environment)) == 1
    assert differences(before, picture(victim)) == []


@pytest.mark.parametrize("way", ["out", "in", "make"])
@pytest.mark.parametrize("linked", ["base", "path"])
def test_an_undo_through_a_link_touches_nothing_behind_it(
    fabricated: FabricatedEnvironment, victim: Path, way: str, linked: str
) -> None:
    (fabricated.root / "link").symlink_to(victim)
    (victim / "empty").mkdir()
    before = picture(victim)
    base, prefix = ("link", "") if linked == "base" else ("", "link/")
    move = {
        "out": out(base, f"{prefix}new.txt"),
        "in": put_in(victim / "kept.txt", base, f"{prefix}kept.txt"),
        "make": {"make": f"{prefix}empty", "base": base, "kept": "", "files": 0, "mode": 0o755},
    }[way]
    (plant(fabricated, move) / "0").write_text("evil")
    (transaction,) = history(fabricated.environment)
    expected: Any = JournalUnreadable if linked == "base" else EnvToolsError
    if (way, linked) == ("make", "path"):
        transaction.undo()
    else:
        with pytest.raises(expected):
            transaction.undo()
    assert differences(before, picture(victim)) == []


@pytest.mark.parametrize("kept", ["0/kept.txt", "0/empty/kept.txt"])
def test_nothing_is_fetched_through_a_link_in_the_store(
    fabricated: FabricatedEnvironment, victim: Path, kept: str
) -> None:
    (victim / "empty").mkdir()
    directory = plant(fabricated, out("", "stolen.txt", kept))
    (directory / "0").symlink_to(victim)
    before = picture(victim)
    with pytest.raises(JournalUnreadable, match="leads out"):
        history(fabricated.environment)[0].undo()
    assert differences(before, picture(victim)) == []


def test_no_directory_outside_gets_another_mode_or_time(
    fabricated: FabricatedEnvironment, victim: Path
) -> None:
    from ipy_envtools.transactions.times import look_at

    (fabricated.root / "link").symlink_to(victim)
    seen = look_at(str(victim))
    assert seen is not None
    before = picture(victim)
    for name in ("../victim", "link"):
        planted = plant(
            fabricated,
            out("", "new.txt"),
            phase="applying",
            directories={name: [0o700, 5, seen.entries]},
        )
        (planted / "0").write_text("")
        for found in history(fabricated.environment):
            found.undo()
        assert differences(before, picture(victim)) == []
        (fabricated.root / STORE).rename(fabricated.root.parent / f"done {len(name)}")


@pytest.mark.parametrize("name", [".ipy-envtools/x", "a/.IPY-ENVTOOLS/x", "./x", "a//x", "x\0y"])
def test_a_path_that_this_package_would_not_write_makes_a_journal_unreadable(
    fabricated: FabricatedEnvironment, name: str
) -> None:
    plant(fabricated, out("", name))
    with pytest.raises(JournalUnreadable):
        history(fabricated.environment)[0].undo()


@pytest.mark.parametrize(
    "change",
    [
        {"started": "2026-01-01T00:00:00"},
        {"size": float("inf")},
        {"changes": [[1, 2, 3, 4]]},
        {"summary": 5},
    ],
)
def test_an_odd_head_makes_a_journal_unreadable_and_no_other_error(
    fabricated: FabricatedEnvironment, change: dict[str, Any]
) -> None:
    journal = plant(fabricated, out("", "x")) / "journal"
    lines = journal.read_text().splitlines()
    lines[1] = json.dumps({**json.loads(lines[1]), **change})
    journal.write_text("\n".join(lines) + "\n")
    assert history(fabricated.environment) == []
    assert unfinished(fabricated.environment) is None
    (error,) = unreadable(fabricated.environment)
    assert "damaged at line 2" in str(error)


def test_a_summary_holds_no_terminal_escapes(fabricated: FabricatedEnvironment) -> None:
    journal = plant(fabricated, out("", "x")) / "journal"
    journal.write_text(journal.read_text().replace("evil", "\\u001b[31mevil"))
    assert history(fabricated.environment)[0].summary.isprintable()


@pytest.mark.timeout(20)
def test_what_is_no_file_is_no_journal(fabricated: FabricatedEnvironment, victim: Path) -> None:
    journal = plant(fabricated, out("", "x")) / "journal"
    journal.unlink()
    os.mkfifo(journal)
    assert history(fabricated.environment) == []
    assert len(unreadable(fabricated.environment)) == 1
    journal.unlink()
    journal.symlink_to(victim / "kept.txt")
    assert len(unreadable(fabricated.environment)) == 1
    journal.unlink()
    journal.write_text('{"format":1}\n' + "[" * 100_000 + "\n" + "{}\n")
    assert len(unreadable(fabricated.environment)) == 1


def test_a_linked_store_and_a_linked_transaction_are_none(
    fabricated: FabricatedEnvironment, victim: Path
) -> None:
    directory = plant(fabricated, out("", "x"))
    directory.rename(victim / ID)
    directory.symlink_to(victim / ID)
    before = picture(victim)
    assert history(fabricated.environment) == []
    assert empty(fabricated.environment) == 0
    directory.unlink()
    (fabricated.root / STORE / "lock").unlink(missing_ok=True)
    if (fabricated.root / STORE).exists():
        (fabricated.root / STORE).rmdir()
    (fabricated.root / STORE).symlink_to(victim)
    assert history(fabricated.environment) == []
    with pytest.raises(EnvToolsError, match="should be a directory"):
        apply(fabricated.plan("alpha"))
    assert differences(before, picture(victim)) == []


def test_a_journal_that_is_hard_linked_elsewhere_is_not_written_to(
    fabricated: FabricatedEnvironment, tmp_path: Path
) -> None:
    transaction = apply(fabricated.plan("alpha"))
    cached = tmp_path / "cached"
    os.link(fabricated.root / STORE / transaction.id / "journal", cached)
    before = cached.read_bytes()
    assert transaction.undo().state == "undone"
    assert cached.read_bytes() == before
    assert history(fabricated.environment)[0].state == "undone"


def test_a_scripts_directory_that_is_a_link_elsewhere_may_be_undone(tmp_path: Path) -> None:
    from .conftest import fabricate

    scripts = tmp_path / "scripts"
    scripts.mkdir()
    fabricated = fabricate(tmp_path / "env", scripts)
    before = picture(tmp_path)
    apply(fabricated.plan("alpha"))
    history(fabricated.environment)[0].undo()
    (fabricated.root / STORE).rename(tmp_path.parent / f"{tmp_path.name}-store")
    os.utime(fabricated.root, ns=before[os.fspath(fabricated.root)][1:2] * 2)  # type: ignore[arg-type]
    assert differences(before, picture(tmp_path)) == []


def test_a_file_that_was_edited_in_the_store_is_not_brought_back_as_if_nothing_had_happened(
    fabricated: FabricatedEnvironment,
) -> None:
    transaction = apply(fabricated.plan("alpha"))
    kept = {place.name: kept for place, kept in transaction.kept.items()}["alpha_single.py"]
    before = kept.lstat()
    kept.write_text("x = 2  # edited\n")
    with pytest.raises(UndoConflict) as caught:
        transaction.undo()
    assert caught.value.paths == (kept,)
    kept.write_text("x = 1\n")
    os.utime(kept, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert transaction.undo().state == "undone"
