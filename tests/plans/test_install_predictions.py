"""Plans for drawn indexes and environments: what they predict follows from nothing but METADATA."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packaging.requirements import Requirement
from packaging.version import Version

from ipy_envtools.engines import EngineFailed
from tests.conftest import engine_variables
from tests.index import Index

from .installing import changes, conflicts, make_place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ipy_envtools import InstallPlan

    from .installing import Place

NAMES = ("ant", "bee", "cat", "dog", "eel")
VERSIONS = ("1.0", "2.0", "3.0")

Releases = dict[str, dict[str, tuple[str, ...]]]


@dataclass(frozen=True)
class World:
    """An index, what is installed, and what somebody wants."""

    index: Releases
    """By name and version, what it requires."""
    installed: dict[str, tuple[str, tuple[str, ...]]]
    """By name, version and what it requires."""
    wanted: tuple[str, ...]
    upgrade: bool
    exact: bool


# What is simple for Hypothesis, and so what it likes to draw, is a world in which much happens.
_OFTEN = st.sampled_from((True, False))


@st.composite
def worlds(draw: st.DrawFn, *, upper_bounds: bool) -> World:
    signs = (">=", "<", "==", "!=") if upper_bounds else (">=",)
    bounds = [sign + version for sign in signs for version in VERSIONS]
    specifiers = ["", *(bound for bound in bounds if bound != "<1.0")]

    def needs(names: tuple[str, ...], most: int) -> tuple[str, ...]:
        if not names:
            return ()
        chosen = draw(st.lists(st.sampled_from(names), max_size=most, unique=True))
        return tuple(name + draw(st.sampled_from(specifiers)) for name in chosen)

    index: Releases = {}
    for place, name in enumerate(NAMES):
        offered = draw(st.sampled_from((VERSIONS, VERSIONS[:2], VERSIONS[1:], VERSIONS[2:])))
        index[name] = {version: needs(NAMES[place + 1 :], 2) for version in sorted(offered)}
    installed = {}
    for place, name in enumerate(NAMES):
        version = draw(st.sampled_from((*VERSIONS, None)))
        if version is not None:
            known = index[name].get(version)
            installed[name] = (version, needs(NAMES[place + 1 :], 2) if known is None else known)
    for name in list(installed):  # what only the environment knows of, and an upgrade may break
        if draw(_OFTEN):
            installed[f"{name}-user"] = ("1.0", (name + draw(st.sampled_from(("<2.0", "<3.0"))),))
    wanted = needs(NAMES, 3) or ("ant",)
    return World(index, installed, wanted, upgrade=draw(_OFTEN), exact=draw(st.booleans()))


@pytest.fixture(scope="module")
def two_places() -> Iterator[tuple[Place, Place]]:
    with tempfile.TemporaryDirectory() as directory:
        yield make_place(Path(directory) / "uv", "uv"), make_place(Path(directory) / "pip", "pip")


def _plan(world: World, place: Place) -> InstallPlan | None:
    """None where there is no solution."""
    for entry in place.venv.site.iterdir():
        if not entry.name.startswith("pip"):
            shutil.rmtree(entry)
    for name, (version, requires) in world.installed.items():
        place.add(name, version, requires=requires)
    with (
        tempfile.TemporaryDirectory() as directory,
        Index(Path(directory) / "index") as index,
        pytest.MonkeyPatch.context() as patch,
    ):
        for variable, value in engine_variables(index, Path(directory)).items():
            patch.setenv(variable, value)
        for name, releases in world.index.items():
            for version, requires in releases.items():
                index.add(name, version, requires=requires)
        try:
            return place.plan(*world.wanted, upgrade=world.upgrade, exact=world.exact)
        except EngineFailed:
            return None


def _fits(requirement: str, versions: dict[str, str]) -> bool:
    wanted = Requirement(requirement)
    found = versions.get(wanted.name)
    return found is not None and wanted.specifier.contains(Version(found), prereleases=True)


def _contradicts_itself(world: World) -> bool:
    """Whether something is installed in a version that another installed package cannot use."""
    versions = {name: version for name, (version, _) in world.installed.items()}
    return any(
        Requirement(text).name in versions and not _fits(text, versions)
        for name in NAMES
        if name in world.installed
        for text in world.installed[name][1]
    )


def _check(world: World, plan: InstallPlan) -> None:
    before = {name: version for name, (version, _) in world.installed.items()}
    after = dict(before)
    for action in plan.actions:
        assert action.previous_version == before.get(action.name)
        if action.kind == "remove":
            del after[action.name]
            continue
        assert action.version is not None
        assert action.version in world.index[action.name]
        after[action.name] = action.version
        _check_kind(action.kind, before.get(action.name), action.version)
    coming = {action.name for action in plan.actions if action.kind != "remove"}
    requires = {
        name: world.index[name][version] if name in coming else world.installed[name][1]
        for name, version in after.items()
    }
    for wanted in world.wanted:
        assert _fits(wanted, after)
    for name in coming:
        assert all(_fits(requirement, after) for requirement in requires[name])
    broken = {
        f"{name}: {requirement} (gets {after.get(Requirement(requirement).name, 'none')})"
        for name in after.keys() - coming
        for requirement in requires[name]
        if _fits(requirement, before) and not _fits(requirement, after)
    }
    assert set(conflicts(plan)) == broken
    assert plan.safe == (not broken and all(action.kind == "install" for action in plan.actions))
    gone = {copy.canonical_name for copy in plan.removal.distributions}
    assert gone == {name for name, version in before.items() if name in coming} | (
        before.keys() - after.keys()
    )
    assert [name for name in plan.satisfied if name.split()[0] in coming] == []
    if world.exact:
        assert after.keys() == _needed(world.wanted, requires)


def _check_kind(kind: str, previous: str | None, version: str) -> None:
    if previous is None:
        assert kind == "install"
    elif previous == version:
        assert kind == "reinstall"
    else:
        assert kind == ("upgrade" if Version(version) > Version(previous) else "downgrade")


def _needed(wanted: tuple[str, ...], requires: dict[str, tuple[str, ...]]) -> set[str]:
    reached: set[str] = set()
    waiting = [Requirement(text).name for text in wanted]
    while waiting:
        name = waiting.pop()
        if name in requires and name not in reached:
            reached.add(name)
            waiting += [Requirement(text).name for text in requires[name]]
    return reached


_SLOW = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@settings(_SLOW, max_examples=40)
@given(worlds(upper_bounds=True))
def test_what_a_plan_predicts_follows_from_what_the_packages_say(
    two_places: tuple[Place, Place], world: World
) -> None:
    plan = _plan(world, two_places[0])
    if plan is not None:
        _check(world, plan)


@settings(_SLOW, max_examples=12)
@given(worlds(upper_bounds=False))
def test_uv_and_pip_give_the_same_plan(two_places: tuple[Place, Place], world: World) -> None:
    with_uv, with_pip = (_plan(world, place) for place in two_places)
    assert (with_uv is None) == (with_pip is None)
    if with_uv is None or with_pip is None:
        return
    _check(world, with_pip)
    _check(world, with_uv)
    if _contradicts_itself(world):  # there is more than one way to mend that
        return
    assert changes(with_uv) == changes(with_pip)
    assert conflicts(with_uv) == conflicts(with_pip)
    assert with_uv.satisfied == with_pip.satisfied
    assert [action.needed_by for action in with_uv.actions] == [
        action.needed_by for action in with_pip.actions
    ]
