"""What is kept for undoing: how much, and deleting it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.builders import dist_info

if TYPE_CHECKING:
    from .conftest import OtherIPython

LOAD = "%load_ext ipy_envtools"


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
