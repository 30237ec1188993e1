"""Which copies a name means."""

from __future__ import annotations

import pytest

from ipy_envtools import UnknownPackage
from ipy_envtools.environment import SiteDirectory
from tests.builders import dist_info

from .fabricated import Fabricated, going, names_of


def test_a_name_in_two_spellings_is_one_package(made: Fabricated) -> None:
    made.add("Foo.Bar_Baz")
    plan = made.plan("foo-bar-baz", "FOO_BAR.baz", "Foo.Bar_Baz", "foo-bar-baz==1.0")
    assert names_of(plan.distributions) == ["foo-bar-baz 1.0"]
    assert plan.names == ("foo-bar-baz",)
    assert len({file.path for file in plan.files}) == len(plan.files)


def test_one_name_need_not_be_in_a_list(made: Fabricated) -> None:
    from ipy_envtools import plan_uninstall

    made.add("foo")
    packages = made.packages()
    assert plan_uninstall("foo", packages).files == plan_uninstall(["foo"], packages).files
    assert plan_uninstall(packages["foo"], packages).files == plan_uninstall("foo", packages).files
    assert plan_uninstall(iter(["foo"]), packages).names == ("foo",)


def test_an_unknown_name_is_a_key_error_with_the_nearest_names(made: Fabricated) -> None:
    made.add("flask")
    with pytest.raises(KeyError) as raised:
        made.plan("flsk")
    assert isinstance(raised.value, UnknownPackage)
    assert raised.value.matches[0] == "flask"
    assert "flask" in str(raised.value)


def test_one_unknown_name_among_others_stops_the_whole_plan(made: Fabricated) -> None:
    made.add("flask")
    with pytest.raises(UnknownPackage, match="nonsense"):
        made.plan("flask", "nonsense")


@pytest.mark.parametrize("name", ["", " ", ".", "-", "../..", "flask flask", "==", "==1.0", "é"])
def test_what_is_no_name_is_unknown(made: Fabricated, name: str) -> None:
    made.add("flask")
    with pytest.raises(KeyError):
        made.plan(name)


def _two_copies(made: Fabricated) -> None:
    first = made.home / "first"
    dist_info(first, "numpy", "2.0")
    made.before = (SiteDirectory(first, "user", writable=True),)
    user_schemes = {"purelib": first, "scripts": made.home / "bin", "data": made.home}
    made.changes.update(user_base=made.home, user_schemes=user_schemes)
    made.add("numpy", "1.26.4")


def test_a_name_means_the_copy_that_import_gets(made: Fabricated) -> None:
    _two_copies(made)
    plan = made.plan("numpy")
    assert names_of(plan.distributions) == ["numpy 2.0"]
    assert plan.root == made.home
    assert {file.path.parts[len(made.home.parts)] for file in plan.files} == {"first"}


def test_a_shadowed_copy_can_be_named_by_its_version(made: Fabricated) -> None:
    _two_copies(made)
    for text in ("numpy==1.26.4", "NumPy == 1.26.4", "numpy===1.26.4", "numpy==1.26.4.0"):
        plan = made.plan(text)
        assert names_of(plan.distributions) == ["numpy 1.26.4"]
        assert plan.root == made.root
        assert plan.names == ("numpy",)


def test_a_shadowed_copy_can_be_passed_itself(made: Fabricated) -> None:
    _two_copies(made)
    shadowed = made.packages().copies("numpy")[1]
    plan = made.plan(shadowed)
    assert plan.distributions == (shadowed,)
    assert plan.loaded_modules == ()
    assert all(file.path.is_relative_to(made.site) for file in plan.files)


def test_a_version_that_is_not_installed_names_those_that_are(made: Fabricated) -> None:
    _two_copies(made)
    with pytest.raises(UnknownPackage) as raised:
        made.plan("numpy==3.0")
    assert raised.value.matches == ("numpy==2.0", "numpy==1.26.4")
    assert "numpy==3.0" in str(raised.value)


def test_of_two_copies_of_one_version_the_first_is_meant(made: Fabricated) -> None:
    second = made.home / "second"
    dist_info(second, "foo")
    made.more = (SiteDirectory(second, "pythonpath"),)
    made.add("foo")
    assert made.plan("foo==1.0").distributions == (made.packages()["foo"],)


def test_both_copies_can_leave_in_one_plan_if_they_lie_in_one_scheme(made: Fabricated) -> None:
    platlib = made.root / "lib64" / "python3.11" / "site-packages"
    made.changes["schemes"] = {**made.schemes, "platlib": platlib}
    made.more = (SiteDirectory(platlib, "environment", writable=True),)
    dist_info(platlib, "foo", "0.9")
    made.add("foo", "1.0")
    plan = made.plan("foo", "foo==0.9")
    assert names_of(plan.distributions) == ["foo 1.0", "foo 0.9"]
    assert plan.blocked is None
    assert {path for path in going(plan) if path.endswith("__init__.py")} == {
        "foo/__init__.py",
        "../../../lib64/python3.11/site-packages/foo/__init__.py",
    }


def test_nothing_asked_is_nothing_planned(made: Fabricated) -> None:
    made.add("foo")
    plan = made.plan()
    assert (plan.distributions, plan.files, plan.edits, plan.size) == ((), (), (), 0)
