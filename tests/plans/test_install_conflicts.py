"""What would break in the environment as it would be; the engines do not say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ipy_envtools.environment import SiteDirectory, find_environment
from tests.builders import dist_info, make_venv

from .installing import changes, conflicts

if TYPE_CHECKING:
    from pathlib import Path

    from tests.index import Index

    from .installing import Place


def test_what_needs_the_version_that_goes_would_break(place: Place, index: Index) -> None:
    index.add("pandas", "3.0", requires=["numpy>=2"])
    index.add("numpy", "2.2")
    place.add("numpy", "1.26")
    place.add("numba", "0.58", requires=["numpy<1.27"])
    place.add("scipy", "1.10", requires=["numpy>=1.20"])
    plan = place.plan("pandas")
    assert changes(plan) == ["install pandas 3.0 *", "upgrade numpy 1.26 → 2.2"]
    assert conflicts(plan) == ["numba: numpy<1.27 (gets 2.2)"]
    assert plan.conflicts[0].distribution.version == "0.58"
    assert not plan.safe
    assert plan.blocked is None


def test_what_is_upgraded_as_well_does_not_break(place: Place, index: Index) -> None:
    index.add("numpy", "2.2")
    index.add("numba", "0.60", requires=["numpy>=2"])
    place.add("numpy", "1.26")
    place.add("numba", "0.58", requires=["numpy<1.27"])
    plan = place.plan("numpy>=2", "numba", upgrade=True)
    assert changes(plan) == ["upgrade numba 0.58 → 0.60 *", "upgrade numpy 1.26 → 2.2 *"]
    assert plan.conflicts == ()


def test_what_was_broken_before_is_a_note_and_no_conflict(place: Place, index: Index) -> None:
    index.add("numpy", "2.2")
    place.add("numpy", "2.0")
    place.add("numba", "0.58", requires=["numpy<1.27"])
    plan = place.plan("numpy>=2.1")
    assert plan.conflicts == ()
    assert plan.notes == ("numba 0.58 needs numpy<1.27, and has it neither now nor then.",)


def test_an_upgrade_that_mends_something_is_no_conflict(place: Place, index: Index) -> None:
    index.add("numpy", "2.2")
    place.add("numpy", "1.0")
    place.add("scipy", "1.10", requires=["numpy>=2"])
    plan = place.plan("numpy>=2")
    assert plan.conflicts == ()
    assert plan.notes == ()


def test_a_requirement_whose_marker_does_not_hold_cannot_break(place: Place, index: Index) -> None:
    index.add("numpy", "2.2")
    place.add("numpy", "1.0")
    place.add("old", requires=["numpy<2; python_version < '3'"])
    assert place.plan("numpy>=2").conflicts == ()


def test_what_only_an_extra_needs_that_nobody_asked_for_is_said_to_be_so(
    place: Place, index: Index
) -> None:
    index.add("numpy", "2.2")
    place.add("numpy", "1.0")
    place.add("plot", requires=["numpy<2; extra == 'fast'"], extras=["fast"])
    plan = place.plan("numpy>=2")
    assert conflicts(plan) == ["plot: numpy<2, extra fast (gets 2.2)"]


def test_what_an_extra_needs_that_somebody_asked_for_breaks(place: Place, index: Index) -> None:
    index.add("numpy", "2.2")
    place.add("numpy", "1.0")
    place.add("plot", requires=["numpy<2; extra == 'fast'"], extras=["fast"])
    place.add("app", requires=["plot[fast]"])
    assert conflicts(place.plan("numpy>=2")) == ["plot: numpy<2 (gets 2.2)"]


def test_without_dependencies_what_stays_breaks_all_the_same(place: Place, index: Index) -> None:
    index.add("numpy", "2.2")
    place.add("numpy", "1.0")
    place.add("numba", requires=["numpy<2"])
    assert conflicts(place.plan("numpy>=2", "--no-deps")) == ["numba: numpy<2 (gets 2.2)"]


def test_a_pre_release_that_comes_satisfies_what_admits_its_version(
    place: Place, index: Index
) -> None:
    index.add("numpy", "2.3rc1")
    place.add("numpy", "2.0")
    place.add("scipy", requires=["numpy>=2"])
    assert place.plan("numpy", "--pre", upgrade=True).conflicts == ()


@pytest.mark.parametrize("role", ["parent", "user", "pythonpath"])
def test_a_copy_elsewhere_is_hidden_and_not_replaced(
    place: Place, index: Index, tmp_path: Path, role: str
) -> None:
    if place.engine == "pip":
        pytest.skip("pip asks the interpreter, which knows nothing of what is pretended here")
    elsewhere = tmp_path / "elsewhere"
    dist_info(elsewhere, "tool", "1.0")
    index.add("tool", "2.0")
    place.add("app", requires=["tool<2"])
    environment = find_environment(place.venv.python)
    site = SiteDirectory(elsewhere, role, writable=True)  # type: ignore[arg-type]
    place.pretended["site_directories"] = (*environment.site_directories, site)
    plan = place.plan("tool")
    assert changes(plan) == ["install tool 2.0 *"]
    assert plan.removal.distributions == ()
    assert plan.notes == (f"tool 1.0 in {elsewhere} stays where it is; imports get the new one.",)
    assert conflicts(plan) == ["app: tool<2 (gets 2.0)"]


def test_a_copy_that_is_searched_first_hides_what_comes(
    place: Place, index: Index, tmp_path: Path
) -> None:
    if place.engine == "pip":
        pytest.skip("pip asks the interpreter, which knows nothing of what is pretended here")
    elsewhere = tmp_path / "elsewhere"
    dist_info(elsewhere, "tool", "1.0")
    index.add("tool", "2.0")
    place.add("app", requires=["tool<2"])
    environment = find_environment(place.venv.python)
    place.pretended |= {
        "site_directories": (
            SiteDirectory(elsewhere, "pythonpath", writable=True),
            *environment.site_directories,
        ),
        "search_path": (str(elsewhere), *environment.search_path),
    }
    plan = place.plan("tool")
    assert changes(plan) == ["install tool 2.0 *"]
    assert plan.conflicts == ()
    assert plan.notes == (
        f"Imports go on getting tool 1.0 in {elsewhere}, which is searched first.",
    )


def test_the_parent_of_a_virtual_environment_is_never_changed(
    place: Place, index: Index, tmp_path: Path
) -> None:
    """With its own copy in front, what the parent has is neither replaced nor in the way."""
    venv = make_venv(tmp_path / "child", system_site_packages=True)
    environment = find_environment(venv.python)
    parents = [site.path for site in environment.site_directories if site.role == "parent"]
    assert parents
    index.add("tool", "2.0")
    dist_info(venv.site, "tool", "1.0")
    place.pretended["site_directories"] = (
        *find_environment(place.venv.python).site_directories,
        *(SiteDirectory(path, "parent") for path in parents),
    )
    place.add("tool", "1.0")
    plan = place.plan("tool>=2")
    assert changes(plan) == ["upgrade tool 1.0 → 2.0 *"]
    assert all(place.venv.root in file.path.parents for file in plan.removal.files)


def test_what_a_package_needs_anyway_is_not_said_again_of_an_extra(
    place: Place, index: Index
) -> None:
    index.add("numpy", "2.2")
    place.add("numpy", "1.0")
    place.add("plot", requires=["numpy<2", "numpy<2.1; extra == 'fast'"], extras=["fast"])
    assert conflicts(place.plan("numpy>=2.2")) == ["plot: numpy<2 (gets 2.2)"]
