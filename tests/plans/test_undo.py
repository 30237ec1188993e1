"""What an undo plan says before anything comes back."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from ipy_envtools.environment import SiteDirectory
from ipy_envtools.plans import UndoPlan, plan_undo
from ipy_envtools.transactions import Transaction, apply
from tests.builders import dist_info, snapshot

if TYPE_CHECKING:
    import pytest

    from .fabricated import Fabricated


def uninstall(made: Fabricated, *names: str) -> Transaction:
    return apply(made.plan(*names))


def undo_plan(made: Fabricated, transaction: Transaction) -> UndoPlan:
    """Plan, and make sure that planning changes nothing."""
    before = snapshot(made.home, ignore=())
    plan = plan_undo(
        transaction.id,
        made.packages(),
        summary=transaction.summary,
        changes=transaction.changes,
        comes_back=transaction.returning,
        conflicts=transaction.conflicts,
        files=transaction.files,
        size=transaction.size,
    )
    assert snapshot(made.home, ignore=()) == before
    return plan


def test_it_names_the_packages_and_the_paths_that_come_back(made: Fabricated) -> None:
    made.add("foo", "1.5", scripts=["foo"])
    transaction = uninstall(made, "foo")
    plan = undo_plan(made, transaction)
    assert [(each.canonical_name, each.version) for each in plan.returning] == [("foo", "1.5")]
    assert {path.name for path in plan.comes_back} == {"foo", "foo-1.5.dist-info"}
    assert (plan.files, plan.size) == (transaction.files, transaction.size)
    assert plan.harmless
    assert plan.blocked is None


def test_what_is_in_the_way_is_listed_with_who_it_belongs_to(made: Fabricated) -> None:
    made.add("foo", "1.0", files={"foo/__init__.py": "old", "foo/data": "old"})
    transaction = uninstall(made, "foo")
    made.add("foo", "2.0", files={"foo/__init__.py": "new"})
    made.write("foo/data", "mine")
    plan = undo_plan(made, transaction)
    assert {conflict.path.name: conflict.reason for conflict in plan.conflicts} == {
        "__init__.py": "it belongs to foo 2.0 now",
        "data": "something else is there now",
    }
    assert plan.blocked
    assert "__init__.py" in plan.blocked or "data" in plan.blocked
    assert "and 1 more" in plan.blocked
    assert not plan.harmless


def test_what_breaks_because_an_older_copy_comes_before_a_newer_one(made: Fabricated) -> None:
    made.add("dep", "1.0")
    transaction = uninstall(made, "dep")
    parent = made.home / "parent"
    dist_info(parent, "dep", "2.0", files={"dep_two.py": ""})
    made.more = (SiteDirectory(parent, "parent"),)
    made.add("user", requires=["dep>=2"])
    made.add("modest", requires=["dep>=1"])
    plan = undo_plan(made, transaction)
    assert [(d.name, d.requirement) for d in plan.dependents] == [("user", "dep>=2")]
    assert plan.blocked is None
    assert not plan.harmless


def test_a_copy_that_stays_hidden_breaks_nothing(made: Fabricated) -> None:
    made.add("dep", "1.0")
    transaction = uninstall(made, "dep")
    first = made.home / "first"
    dist_info(first, "dep", "2.0", files={"dep_two.py": ""})
    made.before = (SiteDirectory(first, "pythonpath"),)
    made.add("user", requires=["dep>=2"])
    assert undo_plan(made, transaction).dependents == ()


def test_what_was_broken_before_does_not_break_by_it(made: Fabricated) -> None:
    made.add("dep", "1.0")
    transaction = uninstall(made, "dep")
    made.add("user", requires=["dep>=2"])
    assert undo_plan(made, transaction).dependents == ()


def test_modules_loaded_from_the_copy_that_is_replaced_go_stale(
    made: Fabricated, monkeypatch: pytest.MonkeyPatch
) -> None:
    made.changes["is_running"] = True
    made.add("stale-dep", "1.0")
    transaction = uninstall(made, "stale-dep")
    parent = made.home / "parent"
    dist_info(parent, "stale-dep", "2.0")
    made.more = (SiteDirectory(parent, "parent"),)
    monkeypatch.syspath_prepend(parent)
    __import__("stale_dep")
    try:
        assert undo_plan(made, transaction).loaded_modules == ("stale_dep",)
    finally:
        del sys.modules["stale_dep"]


def test_what_is_loaded_from_what_comes_back_is_not_stale(
    made: Fabricated, monkeypatch: pytest.MonkeyPatch
) -> None:
    made.changes["is_running"] = True
    made.add("back-again")
    monkeypatch.syspath_prepend(made.site)
    __import__("back_again")
    try:
        transaction = uninstall(made, "back-again")
        assert undo_plan(made, transaction).loaded_modules == ()
    finally:
        del sys.modules["back_again"]


def test_what_is_no_longer_kept_is_said(made: Fabricated) -> None:
    made.add("foo")
    transaction = uninstall(made, "foo")
    for kept in (made.root / ".ipy-envtools" / transaction.id).iterdir():
        if kept.is_dir():
            kept.rename(made.home / f"taken-{kept.name}")
    plan = undo_plan(made, transaction)
    assert {conflict.reason for conflict in plan.conflicts} == {"it is no longer kept"}
