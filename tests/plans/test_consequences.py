"""Who breaks, and what is left over."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

import pytest

from ipy_envtools.environment import SiteDirectory
from tests.builders import dist_info

from .fabricated import Fabricated, names_of

if TYPE_CHECKING:
    from ipy_envtools.plans import UninstallPlan


def _dependents(made: Fabricated, *names: str, **how: bool) -> list[tuple[str, str, str | None]]:
    return [(d.name, d.requirement, d.extra) for d in made.plan(*names, **how).dependents]


def test_dependents_come_with_the_requirement_that_breaks(made: Fabricated) -> None:
    made.add("werkzeug", "3.0")
    made.add("Flask", requires=["Werkzeug>=3 ; python_version > '3'", "click"])
    made.add("other", requires=["werkzeug ; python_version < '3'"])
    assert _dependents(made, "werkzeug") == [("Flask", "Werkzeug>=3", None)]


def test_a_dependent_that_leaves_too_does_not_break(made: Fabricated) -> None:
    made.add("werkzeug")
    made.add("flask", requires=["werkzeug"])
    assert _dependents(made, "werkzeug", "flask") == []


def test_another_copy_that_fits_keeps_dependents_working(made: Fabricated) -> None:
    parent = made.home / "parent"
    dist_info(parent, "dep", "1.5")
    made.more = (SiteDirectory(parent, "parent"),)
    made.add("dep", "2.0")
    made.add("fits", requires=["dep>=1"])
    made.add("breaks", requires=["dep>=2"])
    assert [d[0] for d in _dependents(made, "dep")] == ["breaks"]


def test_taking_a_shadowed_copy_breaks_nobody(made: Fabricated) -> None:
    parent = made.home / "first"
    dist_info(parent, "dep", "1.0")
    made.before = (SiteDirectory(parent, "path"),)
    made.add("dep", "2.0")
    made.add("already-broken", requires=["dep>=2"])
    assert _dependents(made, "dep==2.0") == []


def test_an_extra_that_nobody_asked_for_is_told_but_not_taken_along(made: Fabricated) -> None:
    made.add("dep")
    made.add("needs", requires=["dep"])
    made.add("could-use", requires=["dep; extra == 'fast'"], extras=["fast"])
    assert _dependents(made, "dep") == [("needs", "dep", None), ("could-use", "dep", "fast")]
    plan = made.plan("dep", dependents=True)
    assert names_of(plan.distributions) == ["dep 1.0", "needs 1.0"]
    assert [d.name for d in plan.dependents] == ["could-use"]


def test_an_extra_that_was_asked_for_counts(made: Fabricated) -> None:
    made.add("dep")
    made.add("could-use", requires=["dep; extra == 'fast'"], extras=["fast"])
    made.add("user", requires=["could-use[fast]"])
    assert _dependents(made, "dep") == [("could-use", "dep", None)]


def test_a_package_that_breaks_anyway_is_not_told_for_an_extra(made: Fabricated) -> None:
    made.add("dep")
    made.add("needs", requires=["dep", "dep>=0.5; extra == 'fast'"], extras=["fast"])
    assert _dependents(made, "dep") == [("needs", "dep", None)]


def test_dependents_of_dependents_come_along(made: Fabricated) -> None:
    made.add("a")
    made.add("b", requires=["a"])
    made.add("c", requires=["b"])
    made.add("d", requires=["c", "a"])
    made.add("bystander")
    plan = made.plan("a", dependents=True)
    assert names_of(plan.distributions)[0] == "a 1.0"
    assert sorted(names_of(plan.distributions)) == ["a 1.0", "b 1.0", "c 1.0", "d 1.0"]
    assert plan.names == ("a",)
    assert plan.dependents == ()


def test_packages_that_need_each_other_are_no_endless_task(made: Fabricated) -> None:
    made.add("a", requires=["b"])
    made.add("b", requires=["a", "b[x]"])
    plan = made.plan("a", dependents=True, orphans=True)
    assert sorted(names_of(plan.distributions)) == ["a 1.0", "b 1.0"]


def _flask(made: Fabricated) -> None:
    made.add("flask", requires=["werkzeug", "click"])
    made.add("werkzeug", requires=["markupsafe"], requested=False)
    made.add("markupsafe", requested=False)
    made.add("click", requested=False)
    made.add("black", requires=["click"])


def test_what_only_they_needed_is_left_over(made: Fabricated) -> None:
    _flask(made)
    assert names_of(made.plan("flask").orphans) == ["markupsafe 1.0", "werkzeug 1.0"]


def test_orphans_come_along_when_asked(made: Fabricated) -> None:
    _flask(made)
    plan = made.plan("flask", orphans=True)
    assert sorted(names_of(plan.distributions)) == ["flask 1.0", "markupsafe 1.0", "werkzeug 1.0"]
    assert plan.orphans == ()
    assert plan.dependents == ()
    wide = made.plan("click", dependents=True, orphans=True)
    assert sorted(copy.canonical_name for copy in wide.distributions) == [
        "black", "click", "flask", "markupsafe", "werkzeug",
    ]  # fmt: skip


def test_what_somebody_asked_for_is_no_orphan(made: Fabricated) -> None:
    made.add("flask", requires=["werkzeug"])
    made.add("werkzeug", requested=True)
    assert made.plan("flask").orphans == ()


def test_nothing_is_left_over_while_another_copy_stays(made: Fabricated) -> None:
    parent = made.home / "parent"
    dist_info(parent, "flask", "0.9", requires=["werkzeug"])
    made.more = (SiteDirectory(parent, "parent"),)
    _flask(made)
    assert made.plan("flask").orphans == ()


def test_orphans_in_both_libraries_of_the_environment_are_found(made: Fabricated) -> None:
    platlib = made.root / "lib64" / "python3.11" / "site-packages"
    made.changes["schemes"] = {**made.schemes, "platlib": platlib}
    made.more = (SiteDirectory(platlib, "environment", writable=True),)
    dist_info(platlib, "c-part", requested=False)
    made.add("foo", requires=["c-part"])
    assert names_of(made.plan("foo").orphans) == ["c-part 1.0"]


def test_modules_that_this_process_imported_are_named(
    made: Fabricated, monkeypatch: pytest.MonkeyPatch
) -> None:
    made.changes["is_running"] = True
    made.add("stale-one", files={"stale_one/__init__.py": "", "stale_one/part.py": ""})
    monkeypatch.syspath_prepend(made.site)
    importlib.import_module("stale_one.part")
    try:
        assert made.plan("stale-one", check=False).loaded_modules == ("stale_one", "stale_one.part")
        made.changes["is_running"] = False
        assert made.plan("stale-one", check=False).loaded_modules == ()
    finally:
        for name in ("stale_one", "stale_one.part"):
            sys.modules.pop(name, None)


def _same_as_named(made: Fabricated, wide: UninstallPlan) -> None:
    """A widened plan takes what the plan takes that names all of it."""
    named = made.plan(*dict.fromkeys(copy.canonical_name for copy in wide.distributions))
    assert set(wide.distributions) == set(named.distributions)
    assert len(wide.distributions) == len(set(wide.distributions))
    assert wide.files == named.files


def _app(made: Fabricated, second: str) -> None:
    """app needs dep; one of both has another entry that describes the same files."""
    made.add("app", requires=["dep"])
    made.add("dep", requested=False)
    if second == "link":
        made.link("dep-0.9.dist-info", "dep-1.0.dist-info")
    elif second == "other name":
        made.link("alias-1.0.dist-info", "dep-1.0.dist-info")
    elif second == "dep twice":
        made.add("dep", "0.9", requested=False, files={"dep/__init__.py": "older"})
        made.add("dep", requested=False)
    elif second == "app twice":
        made.add("app", "0.9", requires=["dep"], files={"app/__init__.py": "older"})
        made.add("app", requires=["dep"])


@pytest.mark.parametrize("second", ["none", "link", "other name", "dep twice", "app twice"])
def test_a_widened_plan_is_the_plan_that_names_all_of_it(made: Fabricated, second: str) -> None:
    _app(made, second)
    orphans = made.plan("app", orphans=True)
    assert {"app", "dep"} <= {copy.canonical_name for copy in orphans.distributions}
    _same_as_named(made, orphans)
    dependents = made.plan("dep", dependents=True)
    assert {"app", "dep"} <= {copy.canonical_name for copy in dependents.distributions}
    _same_as_named(made, dependents)
    assert not [file for file in dependents.files if file.verdict == "keep-shared"]
