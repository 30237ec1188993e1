"""``%pkg repair`` from the problem to the mended environment and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.builders import dist_info, snapshot

if TYPE_CHECKING:
    from .conftest import OtherIPython

LOAD = "%load_ext ipy_envtools"


@pytest.fixture
def broken(other: OtherIPython) -> OtherIPython:
    """A leftover of an interrupted pip, and a ghost."""
    dist_info(other.site, "demo", files={"demo/__init__.py": ""})
    leftover = other.site / "~emo"
    leftover.mkdir()
    (leftover / "__init__.py").write_text("x = 1\n")
    (other.site / "ghost-1.0.dist-info").mkdir()
    return other


def test_it_shows_a_plan_asks_mends_and_is_undone(broken: OtherIPython) -> None:
    before = snapshot(broken.site, ignore=("__pycache__",))
    said = broken.run(LOAD, "%pkg repair", answer="y")
    assert "Repair 2 problems" in said
    assert "~emo" in said
    assert "Repair 2 problems: remove 2 paths, 6 B? [y/N]" in said
    assert "Repaired 1 leftover, 1 ghost in" in said
    assert not (broken.site / "~emo").exists()
    assert not (broken.site / "ghost-1.0.dist-info").exists()
    assert "Brought back what was left behind" in broken.run(LOAD, "%pkg undo -y")
    assert snapshot(broken.site, ignore=("__pycache__",)) == before


def test_a_dry_run_and_nobody_to_ask_change_nothing(broken: OtherIPython) -> None:
    assert "Mends" not in broken.run(LOAD, "plan = %pkg repair --dry-run")
    assert "add -y" in broken.run(LOAD, "%pkg repair")
    assert (broken.site / "~emo").exists()


def test_where_nothing_is_left_behind_it_says_so(other: OtherIPython) -> None:
    assert "Nothing to repair" in other.run(LOAD, "%pkg repair")
