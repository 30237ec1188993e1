"""A repair takes away exactly the remains that are reported, and can be taken back."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from ipy_envtools.errors import PlanOutdated
from ipy_envtools.plans import RepairPlan, plan_repair
from ipy_envtools.transactions import apply
from tests.builders import snapshot

if TYPE_CHECKING:
    from .fabricated import Fabricated


@pytest.fixture
def broken(made: Fabricated) -> Fabricated:
    """A leftover of two files, a ghost, and metadata of a version that was replaced."""
    made.add("whole", requires=["stale"])
    made.write("~hole/__init__.py", "old\n")
    made.write("~hole/inner/data.txt", "old\n")
    (made.site / "ghost-1.0.dist-info").mkdir()
    old = made.add("stale", "1.0", files={"stale/__init__.py": "old"})
    made.add("stale", "2.0", files={"stale/__init__.py": "the new one"})
    os.utime(old, ns=(1, 1))
    return made


def repair(made: Fabricated, *names: str) -> RepairPlan:
    """Plan, and make sure that planning changes nothing."""
    before = snapshot(made.home)
    plan = plan_repair(made.packages(), names)
    assert snapshot(made.home) == before
    return plan


def going(made: Fabricated, plan: RepairPlan) -> set[str]:
    return {str(file.path.relative_to(made.site)) for file in plan.files if file.goes}


def test_what_goes_is_what_was_reported(broken: Fabricated) -> None:
    plan = repair(broken)
    assert sorted(problem.kind for problem in plan.problems) == ["duplicate", "ghost", "leftover"]
    reported = {path for problem in plan.problems for path in problem.paths[:1]}
    for file in plan.files:
        assert any(file.path.is_relative_to(path) for path in reported)
    assert {path.partition("/")[0] for path in going(broken, plan)} == {
        "~hole",
        "ghost-1.0.dist-info",
        "stale-1.0.dist-info",
    }


def test_carried_out_the_problems_are_gone_and_undone_they_are_back(broken: Fabricated) -> None:
    before = snapshot(broken.home)
    plan = repair(broken)
    transaction = apply(plan.removal)
    assert repair(broken).problems == ()
    assert (broken.site / "stale" / "__init__.py").read_text() == "the new one"
    assert {copy.version for copy in broken.packages().copies("stale")} == {"2.0"}
    assert not (broken.site / "~hole").exists()
    assert not (broken.site / "ghost-1.0.dist-info").exists()
    transaction.undo()
    assert snapshot(broken.home) == before


def test_names_take_only_what_is_wrong_with_these_packages(broken: Fabricated) -> None:
    plan = repair(broken, "Ghost")
    assert [problem.kind for problem in plan.problems] == ["ghost"]
    assert going(broken, plan) == {"ghost-1.0.dist-info"}


def test_where_nothing_is_wrong_nothing_goes(made: Fabricated) -> None:
    made.add("fine")
    plan = repair(made)
    assert (plan.problems, plan.left, plan.files) == ((), (), ())


def test_a_file_that_an_installed_package_owns_stays(made: Fabricated) -> None:
    made.write("~old/left.py", "")
    made.add("owner", files={"owner.py": "", "~old/kept.py": ""})
    plan = repair(made)
    assert going(made, plan) == {"~old/left.py"}
    kept = next(file for file in plan.files if not file.goes)
    assert (kept.path.name, kept.verdict, kept.reason) == (
        "kept.py",
        "keep-shared",
        "owner owns it",
    )


def test_a_link_goes_as_a_link(made: Fabricated) -> None:
    target = made.home / "outside"
    target.mkdir()
    (target / "precious").write_text("mine")
    made.link("~linked", target)
    plan = repair(made)
    assert going(made, plan) == {"~linked"}
    apply(plan.removal)
    assert (target / "precious").read_text() == "mine"
    assert not os.path.lexists(made.site / "~linked")


def test_a_ghost_that_is_filled_meanwhile_stays(broken: Fabricated) -> None:
    plan = repair(broken)
    before_last = broken.write("ghost-1.0.dist-info/METADATA", "Name: ghost\n")
    with pytest.raises(PlanOutdated):
        apply(plan.removal)
    assert before_last.exists()
    assert (broken.site / "~hole").exists()


def test_what_conda_keeps_records_of_is_left_and_said(broken: Fabricated) -> None:
    broken.changes["kind"] = "conda"
    record = broken.root / "conda-meta" / "stale-1.0.json"
    record.parent.mkdir()
    record.write_text('{"files": ["lib/python3.11/site-packages/stale-1.0.dist-info/METADATA"]}')
    plan = repair(broken)
    assert sorted(problem.kind for problem in plan.problems) == ["ghost", "leftover"]
    ((problem, reason),) = plan.left
    assert problem.kind == "duplicate"
    assert "conda remove stale" in reason


def test_in_an_environment_that_is_locked_it_is_blocked(broken: Fabricated) -> None:
    broken.changes["locked_reason"] = "Somebody manages this."
    assert repair(broken).blocked == "Somebody manages this."
