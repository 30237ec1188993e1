"""What is kept for undoing: how much, and deleting it."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.builders import dist_info

if TYPE_CHECKING:
    from .conftest import OtherIPython

LOAD = "%load_ext ipy_envtools"
KILLED = """
import os, signal
import ipy_envtools as envtools
rename, count = os.rename, 0
def stop(*args, **more):
    global count
    count += 1
    if count == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    rename(*args, **more)
os.rename = stop
envtools.apply(envtools.plan_uninstall(["torn"]))
"""


@pytest.fixture
def changed(other: OtherIPython) -> OtherIPython:
    """Two packages were uninstalled, about 60 and 30 kB."""
    for name, size in (("large", 60_000), ("small", 30_000)):
        dist_info(other.site, name, files={f"{name}.py": "#" * size})
    other.run(LOAD, "%pkg uninstall large -y", "%pkg uninstall small -y")
    return other


def test_the_size_of_each_and_of_all_is_shown(changed: OtherIPython) -> None:
    said = " ".join(changed.run(LOAD, "%pkg history --size").split())
    assert "61 kB" in said
    assert "31 kB" in said
    assert "91 kB kept for undoing in" in said
    assert "kept for undoing" not in changed.run(LOAD, "%pkg history")


def test_emptying_asks_and_says_what_becomes_impossible(changed: OtherIPython) -> None:
    said = changed.run(LOAD, "%pkg history --empty", answer="n")
    assert "2 changes can no longer be undone then. [y/N]" in said
    assert "Nothing was changed." in said
    assert changed.store.exists()


def test_emptied_the_store_is_gone_and_nothing_can_be_undone(changed: OtherIPython) -> None:
    said = changed.run(LOAD, "%pkg history --empty", "%pkg undo", answer="y")
    assert "Deleted 91 kB. 2 changes can no longer be undone." in said
    assert "There is nothing to undo" in said
    assert not changed.store.exists()


def test_where_nobody_answers_emptying_needs_y(changed: OtherIPython) -> None:
    assert "add -y" in changed.run(LOAD, "%pkg history --empty")
    assert changed.store.exists()
    changed.run(LOAD, "%pkg history --empty -y")
    assert not changed.store.exists()


def test_where_nothing_is_kept_emptying_says_so(other: OtherIPython) -> None:
    assert "Nothing is kept here" in other.run(LOAD, "%pkg history --empty")


@pytest.fixture
def torn(other: OtherIPython) -> OtherIPython:
    """A change that was killed after its first move."""
    dist_info(other.site, "torn", files={"torn/__init__.py": "", "torn_too.py": ""})
    variables = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    subprocess.run([other.venv.python, "-c", KILLED], check=False, env=variables)
    return other


def test_in_plain_text_the_list_says_that_a_change_was_interrupted(torn: OtherIPython) -> None:
    for line in ("%pkgs", "%pkgs --plain", "%pkgs torn"):
        said = " ".join(torn.run(LOAD, "print('after loading')", line).split())
        assert "Interrupted while changing torn 1.0." in said.partition("after loading")[2]


def test_what_was_interrupted_is_not_emptied_and_says_why(torn: OtherIPython) -> None:
    said = " ".join(torn.run(LOAD, "%pkg history --empty -y").split())
    assert "was interrupted and stays: it keeps files that belong back into" in said
    assert "Nothing is kept" not in said
    assert torn.store.exists()


def test_what_is_in_the_way_of_an_interrupted_change_moves_aside(torn: OtherIPython) -> None:
    gone = next(name for name in ("torn", "torn-1.0.dist-info") if not (torn.site / name).exists())
    (torn.site / gone).write_text("somebody else's")
    said = " ".join(torn.run(LOAD, "%pkg undo -y").split())
    assert "Move it away and try again, or: %pkg undo 2" in said
    assert (torn.site / gone).is_file()
    said = " ".join(torn.run(LOAD, "%pkg undo -y --force", "%pkg history").split())
    assert "Rolled back; torn 1.0 is as it was before." in said
    assert f"Moved aside: {torn.site / gone} is now {torn.store}" in said
    assert (torn.site / gone).is_dir()


def test_a_journal_of_another_release_is_told(changed: OtherIPython) -> None:
    for journal in changed.store.glob("*/journal"):
        journal.write_text(journal.read_text().replace('{"format":1}', '{"format":99}'))
    for line in ("%pkg history", "%pkg undo", "%pkg undo 20260101-000000-abcd"):
        said = " ".join(changed.run(LOAD, "print('after loading')", line).split())
        assert "a format that this release" in said.partition("after loading")[2]


def test_an_id_is_at_least_a_day_and_a_mistaken_one_shows_no_password(
    changed: OtherIPython,
) -> None:
    for line in ('%pkg undo ""', "%pkg undo 2 -y", "%pkg undo 2026 -y"):
        assert "An ID begins with the day" in changed.run(LOAD, line)
    said = changed.run(LOAD, "%pkg undo https://bob:s3cret@h/")
    assert "There is no change with the ID https://***@h/" in said
    assert "s3cret" not in said.partition("UsageError")[2]


def test_each_change_is_named_as_its_packages_name_themselves(other: OtherIPython) -> None:
    dist_info(other.site, "Spelled.Oddly", "1.0", files={"oddly.py": ""})
    dist_info(other.site, "demo")
    (other.site / "~emo").mkdir()
    (other.site / "~emo" / "__init__.py").write_text("x = 1\n")
    for name in ("one", "two"):
        (other.site / f"{name}-1.0.dist-info").mkdir()
    other.run(LOAD, "%pkg uninstall spelled-oddly -y", "%pkg repair -y")
    said = other.run(LOAD, "%pkg history", "%pkg undo -y", "%pkg undo -y")
    assert "Uninstalled Spelled.Oddly 1.0" in said
    assert "Repaired 1 leftover, 2 ghosts" in said
    assert "Brought back what was left behind." in said
    assert "Brought back Spelled.Oddly 1.0." in said
