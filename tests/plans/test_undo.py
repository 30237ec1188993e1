"""What an undo plan says before anything comes back."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ipy_envtools.environment import SiteDirectory
from ipy_envtools.plans import UndoPlan, plan_repair, plan_undo
from ipy_envtools.transactions import Change, Transaction, apply
from tests.builders import dist_info, snapshot

from .fabricated import as_another_user, names_of

if TYPE_CHECKING:
    import pytest

    from .fabricated import Fabricated

CHANGED = "it has changed since: take that back first, by hand where %pkg history lacks what did it"
GONE = "it has gone since: bring it back first, by hand where %pkg history lacks what took it"


@dataclass
class Changed:
    """A change that put packages in and took others out, as it says of itself."""

    changes: tuple[Change, ...]
    kept: dict[Path, Path] = field(default_factory=dict)
    put_in: tuple[Path, ...] = ()
    conflicts: tuple[Path, ...] = ()
    moved_later: dict[Path, str] = field(default_factory=dict)
    root: Path = field(default_factory=Path)
    id: str = "20260101-120000-abcd"
    state: str = "applied"
    summary: str = "Changed packages"
    files: int = 3
    size: int = 100


def uninstall(made: Fabricated, *names: str) -> Transaction:
    return apply(made.plan(*names))


def undo_plan(made: Fabricated, transaction: Transaction | Changed) -> UndoPlan:
    """Plan, and make sure that planning changes nothing."""
    before = snapshot(made.home, ignore=())
    plan = plan_undo(transaction, made.packages())
    assert snapshot(made.home, ignore=()) == before
    return plan


def another_dep(made: Fabricated, *, first: bool, **parts: Any) -> None:
    """Put dep 2.0 into a directory of its own, which imports look into first or last."""
    other = made.home / "other"
    dist_info(other, "dep", "2.0", **{"files": {"dep_two.py": ""}, **parts})
    made.before = (SiteDirectory(other, "pythonpath"),) if first else ()
    made.more = () if first else (SiteDirectory(other, "parent"),)


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
    another_dep(made, first=False)
    made.add("user", requires=["dep>=2"])
    made.add("modest", requires=["dep>=1"])
    plan = undo_plan(made, transaction)
    assert [(d.name, d.requirement) for d in plan.dependents] == [("user", "dep>=2")]
    assert plan.blocked is None
    assert not plan.harmless


def test_a_copy_that_stays_hidden_breaks_nothing(made: Fabricated) -> None:
    made.add("dep", "1.0")
    transaction = uninstall(made, "dep")
    another_dep(made, first=True)
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


# --- what comes back and lacks something


def lacks(plan: UndoPlan) -> list[tuple[str, str, str | None]]:
    return [(each.name, each.requirement, each.installed) for each in plan.lacking]


def test_what_comes_back_without_what_it_needs_is_said(made: Fabricated) -> None:
    requires = ["Dep>=1", "gone; python_version > '3'", "never; python_version < '3'", "fits"]
    made.add("Foo.Bar", "1.5", requires=[*requires, "odd; extra == 'odd'"], extras=["odd"])
    made.add("dep", "0.9")
    made.add("fits")
    transaction = uninstall(made, "foo-bar")
    plan = undo_plan(made, transaction)
    assert [each.name for each in plan.returning] == ["Foo.Bar"]
    assert lacks(plan) == [("Foo.Bar", "Dep>=1", "dep 0.9"), ("Foo.Bar", "gone", None)]
    assert plan.blocked is None
    assert not plan.harmless


def test_what_comes_back_together_has_each_other(made: Fabricated) -> None:
    made.add("foo", requires=["dep>=1"])
    made.add("dep")
    transaction = uninstall(made, "foo", "dep")
    plan = undo_plan(made, transaction)
    assert plan.lacking == ()
    assert plan.harmless


def test_the_extra_that_a_returning_package_asks_for_counts(made: Fabricated) -> None:
    made.add("foo", requires=["dep[fast]"])
    transaction = uninstall(made, "foo")
    made.add("dep", requires=["speedups; extra == 'fast'"], extras=["fast"])
    made.add("plain", requires=["nowhere"])
    assert lacks(undo_plan(made, transaction)) == []  # it is dep that lacks it, and it stays


def test_metadata_that_cannot_be_read_keeps_no_plan_from_being_made(made: Fabricated) -> None:
    info = made.add("dep", requires=["gone"])
    transaction = uninstall(made, "dep")
    (transaction.kept[info] / "METADATA").unlink()
    another_dep(made, first=False)
    plan = undo_plan(made, transaction)
    assert [(each.name, each.version) for each in plan.returning] == [("dep", "1.0")]
    assert plan.lacking == ()
    assert relations(plan) == [("1.0", "shadows", "2.0")]


# --- a second copy


def relations(plan: UndoPlan) -> list[tuple[str, str, str]]:
    return [(each.version, each.relation, each.other.version) for each in plan.second_copies]


def test_a_second_version_in_the_same_directory_is_said(made: Fabricated) -> None:
    made.add("dep", "1.0", files={"dep_one.py": ""})
    transaction = uninstall(made, "dep")
    made.add("dep", "2.0", files={"dep_two.py": ""})
    plan = undo_plan(made, transaction)
    assert relations(plan) == [("1.0", "duplicate", "2.0")]
    assert plan.blocked is None
    assert not plan.harmless


def test_a_copy_that_hides_another_one_or_is_hidden_is_said(made: Fabricated) -> None:
    made.add("dep", "1.0")
    transaction = uninstall(made, "dep")
    another_dep(made, first=False)
    assert relations(undo_plan(made, transaction)) == [("1.0", "shadows", "2.0")]
    another_dep(made, first=True)
    assert relations(undo_plan(made, transaction)) == [("1.0", "shadowed", "2.0")]


def test_what_stays_hidden_lacks_nothing(made: Fabricated) -> None:
    made.add("dep", "1.0", requires=["gone"])
    transaction = uninstall(made, "dep")
    another_dep(made, first=True, requires=["lost"])
    assert undo_plan(made, transaction).lacking == ()


def test_metadata_that_a_repair_took_away_is_a_second_copy_that_nobody_imports(
    made: Fabricated,
) -> None:
    made.add("dep", "1.0", requires=["gone"])
    shutil.rmtree(made.site / "dep")
    made.add("dep", "0.5", files={"dep/__init__.py": "five"})
    (made.site / "user-0.1.dist-info").mkdir()
    made.add("user", requires=["dep<1"])
    plan = undo_plan(made, apply(plan_repair(made.packages()).removal))
    assert relations(plan) == [("1.0", "duplicate", "0.5")]
    assert not (plan.returning or plan.lacking or plan.dependents)


def test_a_site_directory_spelled_through_a_link_is_the_same(made: Fabricated) -> None:
    made.add("dep", "1.0", requires=["gone"])
    transaction = uninstall(made, "dep")
    (made.root / "lib64").symlink_to("lib")
    spelled = made.root / "lib64" / made.site.relative_to(made.root / "lib")
    made.changes["site_directories"] = (SiteDirectory(spelled, "environment", writable=True),)
    assert lacks(undo_plan(made, transaction)) == [("dep", "gone", None)]


# --- what an installation put in


def keep(made: Fabricated, info: Path) -> dict[Path, Path]:
    """Take a package's metadata out, as an upgrade does."""
    kept = made.root / ".kept" / str(len(list(made.root.iterdir())))
    kept.parent.mkdir(exist_ok=True)
    shutil.move(info, kept)
    return {info: kept}


def upgraded(made: Fabricated, old: str, new: str, **parts: list[str]) -> Changed:
    kept = keep(made, made.add("Foo", old, **parts))
    info = made.add("Foo", new)
    change = Change("upgrade", "foo", new, old)
    return Changed((change,), kept, (info, made.site / "foo"))


def test_the_undo_of_an_installation_takes_out_what_it_put_in(made: Fabricated) -> None:
    made.add("user", requires=["foo"])
    info = made.add("foo", "1.0")
    change = Change("install", "foo", "1.0", None)
    plan = undo_plan(made, Changed((change,), {}, (made.site / "foo", info)))
    assert names_of(plan.goes) == ["foo 1.0"]
    assert not (plan.returning or plan.lacking or plan.second_copies)
    assert [(d.name, d.requirement) for d in plan.dependents] == [("user", "foo")]
    assert not plan.harmless


def test_only_the_copy_that_was_put_in_goes(made: Fabricated) -> None:
    user_site = made.home / "user"
    made.more = (SiteDirectory(user_site, "user"),)
    here = made.add("foo", "1.0")
    there = dist_info(user_site, "foo", "1.0")
    change = Change("install", "foo", "1.0", None)
    made.add("needs-it", requires=["foo"])
    plan = undo_plan(made, Changed((change,), {}, (there,)))
    assert [copy.info_path for copy in plan.goes] == [there]
    assert plan.dependents == ()
    plan = undo_plan(made, Changed((change,), {}, (here / "METADATA", here / "RECORD")))
    assert [copy.info_path for copy in plan.goes] == [here]
    assert plan.dependents == ()  # the other copy, which was hidden, is as good


def test_the_undo_of_an_upgrade_names_both_versions_and_what_breaks(made: Fabricated) -> None:
    made.add("eager", requires=["foo>=2"])
    made.add("modest", requires=["foo>=1"])
    plan = undo_plan(made, upgraded(made, "1.0", "2.0", requires=["dep"]))
    assert [(r.name, r.version, r.replaces) for r in plan.returning] == [("Foo", "1.0", "2.0")]
    assert names_of(plan.goes) == ["foo 2.0"]
    assert [(d.name, d.requirement) for d in plan.dependents] == [("eager", "foo>=2")]
    assert lacks(plan) == [("Foo", "dep", None)]
    assert plan.second_copies == ()


def test_what_goes_back_itself_does_not_break_by_what_goes_with_it(made: Fabricated) -> None:
    change = upgraded(made, "1.0", "2.0")
    shutil.rmtree(made.site / "Foo-2.0.dist-info")
    made.add("Foo", "2.0", requires=["newdep"])
    newdep = made.add("newdep", "3.0")
    change.changes += (Change("install", "newdep", "3.0", None),)
    change.put_in += (newdep,)
    plan = undo_plan(made, change)
    assert names_of(plan.goes) == ["foo 2.0", "newdep 3.0"]
    assert plan.dependents == ()


def test_modules_loaded_from_what_goes_back_are_stale(
    made: Fabricated, monkeypatch: pytest.MonkeyPatch
) -> None:
    made.changes["is_running"] = True
    change = upgraded(made, "1.0", "2.0")
    monkeypatch.syspath_prepend(made.site)
    __import__("foo")
    try:
        assert undo_plan(made, change).loaded_modules == ("foo",)
    finally:
        del sys.modules["foo"]


def test_of_an_interrupted_change_only_the_way_back_is_said(made: Fabricated) -> None:
    change = upgraded(made, "1.0", "2.0", requires=["gone"])
    change.state = "interrupted"
    plan = undo_plan(made, change)
    assert plan.interrupted
    assert plan.harmless
    assert plan.changed == ("foo 2.0",)


def test_what_was_put_in_and_changed_since_is_a_conflict_that_says_so(made: Fabricated) -> None:
    info = made.add("foo")
    gone = made.site / "gone.py"
    change = Changed((Change("install", "foo", "1.0", None),), {}, (info, gone), (info, gone))
    plan = undo_plan(made, change)
    assert [conflict.reason for conflict in plan.conflicts] == [
        CHANGED,
        GONE,
    ]


def test_a_directory_that_goes_whole_must_not_take_a_neighbour_along(made: Fabricated) -> None:
    files = {"ns/foo/__init__.py": ""}
    info = made.add("foo", files=files)
    change = Changed((Change("install", "foo", "1.0", None),), {}, (info, made.site / "ns"))
    assert undo_plan(made, change).blocked is None
    made.write("ns/foo/__pycache__/__init__.cpython-311.pyc")
    assert undo_plan(made, change).blocked is None
    made.add("late", "2.0", files={"ns/late.py": ""})
    plan = undo_plan(made, change)
    assert [(c.path, c.reason) for c in plan.conflicts] == [
        (made.site / "ns" / "late.py", "it belongs to late 2.0 now")
    ]
    assert plan.blocked


def test_three_changes_of_one_text_file_are_undone_the_last_one_first(made: Fabricated) -> None:
    names = ("one", "two", "three")
    for name in names:
        source = made.home / "src" / name
        (source / f"{name}.egg-info").mkdir(parents=True)
        (source / f"{name}.egg-info" / "PKG-INFO").write_text(f"Name: {name}\nVersion: 1.0\n")
        made.write(f"{name}.egg-link", f"{source}\n.")
    lines = "".join(f"{made.home / 'src' / name}\n" for name in names)
    pth = made.write("easy-install.pth", lines)
    one, two, three = (uninstall(made, name) for name in names)
    for last, early in ((three, (one, two)), (two, (one,)), (one, ())):
        reason = f"a later change moved it: first %pkg undo {last.id}"
        for transaction in early:
            plan = undo_plan(made, transaction)
            assert [(c.path, c.reason) for c in plan.conflicts] == [(pth, reason)]
        assert undo_plan(made, last).blocked is None
        last.undo()
    assert pth.read_text() == lines


def test_which_copy_is_live_afterwards_goes_by_the_files_and_not_by_the_version(
    made: Fabricated,
) -> None:
    """foo 1.0 comes back whole beside foo 2.0, of which files are missing; and the other way."""
    made.add("foo", "1.0", files={"foo/old.py": "1", "foo/more.py": "1"})
    transaction = uninstall(made, "foo")
    made.add("foo", "2.0", files={"foo_two/a.py": "2", "foo_two/b.py": "2"})
    made.add("user", requires=["foo>=2"])
    (made.site / "foo_two" / "b.py").unlink()
    plan = undo_plan(made, transaction)
    transaction.undo()
    active = made.packages()["foo"]
    assert active.version == "1.0"
    assert [d.name for d in plan.dependents] == ["user"]


def test_a_copy_that_was_edited_does_not_become_the_live_one(made: Fabricated) -> None:
    made.add("foo", "2.0", files={"foo/old.py": "1", "foo/more.py": "1"})
    made.write("foo/more.py", "edited by hand")
    transaction = uninstall(made, "foo")
    made.add("foo", "1.0", files={"foo_one/a.py": "2"})
    made.add("user", requires=["foo<2"])
    plan = undo_plan(made, transaction)
    transaction.undo()
    assert made.packages()["foo"].version == "1.0"
    assert plan.dependents == ()


def test_what_came_meanwhile_is_more_than_was_shown(made: Fabricated) -> None:
    made.add("foo", "1.0", files={"foo/a.py": ""})
    transaction = uninstall(made, "foo")
    shown = undo_plan(made, transaction)
    assert shown.harmless
    assert not undo_plan(made, transaction).says_more_than(shown)
    made.add("foo", "2.0", files={"foo_two.py": ""})
    now = undo_plan(made, transaction)
    assert now.says_more_than(shown)
    assert not shown.says_more_than(now)


def test_what_is_undone_already_brings_nothing_back(made: Fabricated) -> None:
    made.add("foo")
    transaction = uninstall(made, "foo").undo()
    plan = undo_plan(made, transaction)
    assert plan.blocked == "It is undone already."
    assert not plan.harmless
    assert (plan.returning, plan.comes_back, plan.files) == ((), (), 0)


def test_a_directory_that_may_not_be_written_to_is_said_beforehand(made: Fabricated) -> None:
    made.add("foo", files={"foo/inner/a.py": ""})
    transaction = uninstall(made, "foo")
    made.site.chmod(0o555)
    try:
        reason = as_another_user(
            made.home, lambda: plan_undo(transaction, made.packages()).blocked or ""
        )
    finally:
        made.site.chmod(0o755)
    assert f"{made.site} is read-only" in reason
