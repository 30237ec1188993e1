"""A repair takes away exactly the remains that are reported, and can be taken back."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from ipy_envtools.environment import SiteDirectory
from ipy_envtools.errors import PlanOutdated
from ipy_envtools.plans import RepairPlan, plan_repair
from ipy_envtools.transactions import apply
from tests.builders import egg_info, snapshot

if TYPE_CHECKING:
    from .fabricated import Fabricated


@pytest.fixture
def broken(made: Fabricated) -> Fabricated:
    """A leftover of two files, a ghost, and metadata of a version that was replaced."""
    files = {"whole/__init__.py": "new\n", "whole/inner/data.txt": "new\n"}
    made.add("whole", requires=["stale"], files=files)
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
    made.add("old", files={"old/left.py": "", "old/kept.py": ""})
    made.add("owner", files={"owner.py": "", "~old/kept.py": ""})
    plan = repair(made)
    assert going(made, plan) == {"~old/left.py"}
    kept = next(file for file in plan.files if not file.goes)
    assert (kept.path.name, kept.verdict, kept.reason) == (
        "kept.py",
        "keep-shared",
        "owner owns it",
    )


def test_what_is_only_called_like_a_leftover_stays(made: Fabricated) -> None:
    """A link, which pip never makes; somebody's own directory; and files that nobody recorded."""
    target = made.home / "outside"
    target.mkdir()
    (target / "__init__.py").write_text("mine")
    made.add("linked")
    made.add("thing")
    made.link("~inked", target)
    made.write("~backup/precious.txt", "mine")
    made.write("~hing/__init__.py", "old")
    made.write("~hing/precious.txt", "mine")
    made.write("~mine-1.0.dist-info/precious.txt", "mine")
    before = snapshot(made.home)
    plan = repair(made)
    assert (plan.problems, plan.files) == ((), ())
    assert snapshot(made.home) == before


TAG = "cpython-311"


@pytest.fixture
def orphaned(made: Fabricated) -> Fabricated:
    """Compiled files of sources that are gone, beside those of sources that are there."""
    made.add("thing", files={"thing/__init__.py": "", "thing/inner/a.py": ""})
    for path in (
        "thing/__pycache__/__init__",
        "thing/__pycache__/gone",
        "thing/inner/__pycache__/a",
    ):
        made.write(f"{path}.{TAG}.pyc", "compiled")
    made.write(f"old/deep/__pycache__/x.{TAG}.pyc", "compiled")
    made.write(f"old/deep/__pycache__/x.{TAG}.opt-1.pyc", "compiled")
    made.write(f"__pycache__/six.{TAG}.pyc", "compiled")
    made.write("sourceless/__init__.pyc", "compiled")
    return made


def test_compiled_files_go_exactly_as_they_were_shown(orphaned: Fabricated) -> None:
    plan = repair(orphaned)
    shown = {path for problem in plan.problems for path in problem.paths}
    assert {file.path for file in plan.files if file.goes} == shown
    assert going(orphaned, plan) == {
        f"thing/__pycache__/gone.{TAG}.pyc",
        f"old/deep/__pycache__/x.{TAG}.pyc",
        f"old/deep/__pycache__/x.{TAG}.opt-1.pyc",
        f"__pycache__/six.{TAG}.pyc",
    }
    assert plan.size == 4 * len("compiled")


def test_compiled_files_go_with_directories_that_hold_nothing_else_and_come_back(
    orphaned: Fabricated,
) -> None:
    before = snapshot(orphaned.home)
    transaction = apply(repair(orphaned).removal)
    assert repair(orphaned).problems == ()
    assert not (orphaned.site / "old").exists()
    assert (orphaned.site / "sourceless" / "__init__.pyc").exists()
    assert (orphaned.site / "thing" / "__pycache__" / f"__init__.{TAG}.pyc").exists()
    transaction.undo()
    assert snapshot(orphaned.home) == before


def test_a_compiled_file_that_is_written_anew_meanwhile_stays(orphaned: Fabricated) -> None:
    plan = repair(orphaned)
    again = orphaned.write(f"__pycache__/six.{TAG}.pyc", "compiled anew")
    with pytest.raises(PlanOutdated):
        apply(plan.removal)
    assert again.exists()
    assert (orphaned.site / "old").exists()


def test_compiled_files_outside_this_environment_are_left(orphaned: Fabricated) -> None:
    other = orphaned.home / "other"
    (other / "__pycache__").mkdir(parents=True)
    (other / "__pycache__" / f"x.{TAG}.pyc").write_text("compiled")
    orphaned.more = (SiteDirectory(other, "pth", writable=True),)
    assert not any(file.path.is_relative_to(other) for file in repair(orphaned).files)


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


def left(plan: RepairPlan) -> dict[str, str]:
    """The reasons for what is not mended, by the entry's own name."""
    return {problem.paths[0].name: reason for problem, reason in plan.left}


@pytest.fixture
def twice(made: Fabricated) -> Fabricated:
    """foo 1.0 and what is left of it beside foo 2.0, which is live; old.py went with 1.0."""
    made.add("foo", "1.0", files={"foo/__init__.py": "old", "foo/old.py": "old"})
    made.add("foo", "2.0", files={"foo/__init__.py": "the new one"})
    (made.site / "foo" / "old.py").unlink()
    return made


def test_a_duplicate_whose_files_return_meanwhile_stays(twice: Fabricated) -> None:
    plan = repair(twice)
    twice.write("foo/old.py", "old")
    with pytest.raises(PlanOutdated, match=r"foo-1\.0\.dist-info"):
        apply(plan.removal)
    assert (twice.site / "foo-1.0.dist-info").is_dir()


def test_a_duplicate_that_is_the_only_one_meanwhile_stays(twice: Fabricated) -> None:
    plan = repair(twice)
    shutil.rmtree(twice.site / "foo-2.0.dist-info")
    with pytest.raises(PlanOutdated):
        apply(plan.removal)
    assert (twice.site / "foo-1.0.dist-info").is_dir()


def test_metadata_of_what_has_files_of_its_own_stays(made: Fabricated) -> None:
    """An upgrade that was interrupted put one file of the new version there already."""
    made.add("foo", "2.0", files={"foo/a.py": "2", "foo/b.py": "2", "foo/c.py": "2"})
    made.add("foo", "1.0", files={"foo/a.py": "one", "foo/b.py": "one"})
    plan = repair(made)
    assert (plan.problems, plan.files) == ((), ())
    assert "c.py" in left(plan)["foo-2.0.dist-info"]


def test_metadata_that_does_not_say_which_files_it_owns_stays(made: Fabricated) -> None:
    made.add("foo", "1.0", files={"foo.py": "live"})
    egg_info(made.site, "foo", "2.0", files={"foo/__init__.py": "own"})
    plan = repair(made)
    assert (plan.problems, plan.files) == ((), ())
    assert "installed-files.txt" in left(plan)["foo-2.0.egg-info"]


def test_an_entry_that_could_not_go_as_a_whole_is_left_and_it_is_said_why(
    made: Fabricated,
) -> None:
    made.add("foo", "2.0")
    old = made.add("foo", "1.0", files={})
    rows = [f"foo-1.0.dist-info/{name}" for name in sorted(os.listdir(old))]
    made.add("owner", rows=[f"{row},," for row in rows])
    plan = repair(made)
    assert (plan.problems, plan.files) == ((), ())
    assert left(plan) == {"foo-1.0.dist-info": "owner owns files in it"}


def test_a_link_to_an_empty_entry_goes_with_it(made: Fabricated) -> None:
    (made.site / "ghost.egg-info").mkdir()
    made.link("gh-1.0.dist-info", "ghost.egg-info")
    before = snapshot(made.home)
    plan = repair(made, "ghost")
    assert going(made, plan) == {"ghost.egg-info", "gh-1.0.dist-info"}
    transaction = apply(plan.removal)
    assert os.listdir(made.site) == []
    transaction.undo()
    assert snapshot(made.home) == before


def test_metadata_that_another_entry_is_a_link_to_stays(twice: Fabricated) -> None:
    twice.link("bar-1.0.dist-info", "foo-1.0.dist-info")
    plan = repair(twice)
    assert (plan.problems, plan.files) == ((), ())
    assert "bar-1.0.dist-info is a link to it" in left(plan)["foo-1.0.dist-info"]


def test_force_overrides_that_another_tool_manages_the_environment(broken: Fabricated) -> None:
    managed = {"locked_reason": "Use apt.", "externally_managed": "Use apt."}
    broken.changes.update(managed)
    assert "--force" in (repair(broken).blocked or "")
    assert plan_repair(broken.packages(), force=True).blocked is None
    broken.changes["externally_managed"] = None
    assert plan_repair(broken.packages(), force=True).blocked == "Use apt."
