"""Who needs whom, with extras and markers, and what nobody needs any more."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from ipy_envtools.environment import scan
from ipy_envtools.environment.requirements import allows

from ..builders import dist_info, egg_info
from .looking import kinds, messages

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from ipy_envtools.environment import InstalledDistribution


_number = st.sampled_from(["0", "0", "1", "1", "2", "10", "00"]) | st.integers(0).map(str)
_plain = st.lists(_number, min_size=1, max_size=4).map(".".join)
_version = st.one_of(
    _plain,
    st.builds(
        "{}{}".format,
        _plain,
        st.sampled_from(["a1", ".post1", ".dev0", "+local", "rc2", ".1.1.1.1.1.1.1.1.1", "!1"]),
    ),
)
_clause = st.builds(
    "{}{}{}{}{}".format,
    st.sampled_from(["", " ", "\n"]),
    st.sampled_from(["<", "<=", "==", "!=", ">=", ">", "~=", "===", "="]),
    st.sampled_from(["", " "]),
    _version,
    st.sampled_from(["", "", ".*", " "]),
)


def names(distributions: Iterable[InstalledDistribution]) -> list[str]:
    return [distribution.canonical_name for distribution in distributions]


def test_requirements_lead_both_ways(site: Path) -> None:
    dist_info(site, "flask", requires=["Werkzeug>=3", "click", 'colorama; sys_platform == "none"'])
    dist_info(site, "werkzeug", "3.0", requested=False)
    dist_info(site, "Click", requested=False)
    dist_info(site, "colorama", requested=False)
    packages = scan(paths=[site])
    assert names(packages.required_by("werkzeug")) == ["flask"]
    assert names(packages.required_by("CLICK")) == ["flask"]
    assert names(packages.required_by("colorama")) == []
    assert names(packages.required_by("flask")) == []
    assert names(packages.orphans()) == ["colorama"]
    assert packages.problems == ()


def test_an_extra_that_another_package_asks_for_is_used(site: Path) -> None:
    dist_info(
        site,
        "uvicorn",
        extras=["standard", "other"],
        requires=[
            'httptools>=0.6; extra == "standard"',
            'uvloop; sys_platform == "none" and extra == "standard"',
            'other-thing; extra == "other"',
        ],
        requested=False,
    )
    dist_info(site, "app", requires=["uvicorn[standard]"])
    dist_info(site, "httptools", "0.5", requested=False)
    packages = scan(paths=[site])
    assert names(packages.required_by("httptools")) == ["uvicorn"]
    assert packages.orphans() == ()
    assert kinds(packages) == ["dependency-incompatible"]


def test_an_extra_whose_needs_are_all_met_counts_as_used(site: Path) -> None:
    dist_info(
        site,
        "thing",
        extras=["full", "half"],
        requires=['one; extra == "full"', 'one; extra == "half"', 'two; extra == "half"'],
    )
    dist_info(site, "one", requested=False)
    packages = scan(paths=[site])
    assert names(packages.required_by("one")) == ["thing"]
    assert packages.orphans() == ()
    assert packages.problems == ()


def test_an_extra_may_ask_for_other_extras_and_for_itself(site: Path) -> None:
    dist_info(
        site,
        "thing",
        extras=["all", "a", "b"],
        requires=['thing[a,b]; extra == "all"', 'one; extra == "a"', 'two; extra == "b"'],
    )
    dist_info(site, "user", requires=["thing[all]"])
    dist_info(site, "one", requested=False)
    packages = scan(paths=[site])
    assert names(packages.required_by("one")) == ["thing"]
    assert packages.required_by("thing") == (packages["user"],)
    (message,) = messages(packages, "dependency-missing")
    assert "two" in message


@pytest.mark.parametrize(
    ("marker", "extra", "needed"),
    [
        ("extra == 'x'", "x", True),
        ("extra == 'X_y'", "x-y", True),
        ("python_version >= '3' and extra == 'x'", "x", True),
        ("python_version < '3' and extra == 'x'", "x", False),
        ("extra == 'x' and python_version >= '3'", "x", True),
        ("(python_version < '3' or os_name != 'none') and extra == 'x'", "x", True),
        ("python_version >= '3' or os_name == 'none' and extra == 'x'", "x", True),
        ("python_version < '3' or os_name == 'none' and extra == 'x'", "x", False),
        ("extra == 'x' and python_version < '3' or os_name == 'none'", "x", False),
        ("extra == 'x' or extra == 'y'", "y", True),
        ("extra in 'x'", "x", True),
        ("extra != 'x'", "x", True),  # it holds without any extra
        ("python_version < '3' or extra == 'x'", "x", True),
        ("no_such_variable == '1'", "x", False),
        ("python_version >= ", "x", False),
    ],
)
def test_markers_say_when_a_requirement_holds(
    site: Path, marker: str, extra: str, needed: bool
) -> None:
    dist_info(site, "thing", extras=["x", "y", "X.Y"], requires=[f"one ; {marker}"])
    dist_info(site, "user", requires=[f"thing[{extra}]"])
    dist_info(site, "one", requested=False)
    assert (names(scan(paths=[site]).required_by("one")) == ["thing"]) is needed


def test_missing_and_unfitting_dependencies_are_reported_with_both_versions(site: Path) -> None:
    dist_info(site, "app", "2.0", requires=["lib>=3", "gone (>=1.0)", "other; extra == 'x'"])
    dist_info(site, "lib", "2.9")
    packages = scan(paths=[site])
    (incompatible,) = messages(packages, "dependency-incompatible")
    (missing,) = messages(packages, "dependency-missing")
    for part in ("app 2.0", "lib>=3", "lib 2.9", "%pkg install"):
        assert part in incompatible
    for part in ("app 2.0", "gone", "not installed", "%pkg install"):
        assert part in missing


def test_prereleases_urls_and_odd_versions_satisfy(site: Path) -> None:
    requires = ["pre>=1.0", "url @ https://example.org/url-1.whl", "odd>=1"]
    dist_info(site, "app", requires=requires)
    dist_info(site, "pre", "1.1b2")
    dist_info(site, "url", "0.0.1")
    dist_info(site, "odd", "not.a.version")
    assert kinds(scan(paths=[site])) == ["invalid-version"]


def test_a_requirement_that_is_none_is_reported_and_the_others_count(site: Path) -> None:
    dist_info(site, "app", requires=["one", "no requirement at all!", "two>=", "two"])
    dist_info(site, "one", requested=False)
    dist_info(site, "two", requested=False)
    packages = scan(paths=[site])
    assert kinds(packages) == ["requirement-invalid", "requirement-invalid"]
    assert packages.orphans() == ()


def test_a_cycle_that_nobody_needs_is_an_orphan(site: Path) -> None:
    dist_info(site, "one", requires=["two"], requested=False)
    dist_info(site, "two", requires=["one"], requested=False)
    dist_info(site, "three", requires=["three"], requested=False)
    assert names(scan(paths=[site]).orphans()) == ["one", "three", "two"]


def test_where_nobody_recorded_who_asked_nothing_is_an_orphan(site: Path) -> None:
    dist_info(site, "by-uv", installer="uv", requested=False)
    dist_info(site, "by-nobody", installer=None, requested=False)
    egg_info(site, "by-setup-py")
    assert scan(paths=[site]).orphans() == ()


def test_the_active_copy_has_the_requirements_that_count(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    dist_info(one, "app", "2.0", requires=["new"])
    dist_info(two, "app", "1.0", requires=["old"])
    dist_info(two, "new")
    assert kinds(scan(paths=[one, two])) == ["shadowed"]


def test_requires_python_is_about_the_scanned_interpreter(site: Path) -> None:
    dist_info(site, "old", headers=["Requires-Python: <3"])
    dist_info(site, "new", headers=["Requires-Python: >=3.8"])
    dist_info(site, "odd", headers=["Requires-Python: three"])
    packages = scan(paths=[site])
    (message,) = messages(packages, "python-incompatible")
    assert kinds(packages) == ["python-incompatible"]
    assert "old 1.0 needs Python <3" in message


@example("==1.0", "1")
@example(">1", "1.0.0")
@example("<=1", "1.0")
@example("!=1.0.*", "1")
@given(st.lists(_clause, max_size=3).map(",".join), _version)
def test_a_specifier_admits_what_packaging_says_that_it_admits(
    specifier: str, version: str
) -> None:
    """Most are not given to packaging at all, because they only compare plain numbers."""
    try:
        expected = SpecifierSet(specifier).contains(Version(version), prereleases=True)
    except ValueError:
        assert allows(specifier, version) is None
    else:
        assert allows(specifier, version) is expected


def test_who_asked_is_not_looked_up_of_what_is_needed_anyway(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dist_info(site, "user", requires=["needed"])
    dist_info(site, "needed", requires=["deeper"], requested=False)
    dist_info(site, "deeper", requested=True)
    dist_info(site, "one", requires=["two"], requested=False)
    dist_info(site, "two", requires=["one"], requested=True)
    read: list[str] = []
    open_ = os.open

    def noted(path: str, *arguments: int) -> int:
        read.append(str(path))
        return open_(path, *arguments)

    monkeypatch.setattr(os, "open", noted)
    assert scan(paths=[site]).orphans() == ()
    asked = {
        name
        for name in ("user", "needed", "deeper", "one", "two")
        for path in read
        if path.endswith(f"{name}-1.0.dist-info/INSTALLER")
    }
    assert asked == {"user", "one", "two"}
