"""Plan equals result, and undo restores the start: for drawn indexes and environments."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ipy_envtools.engines import EngineFailed
from ipy_envtools.environment import scan
from ipy_envtools.errors import PlanBlocked
from ipy_envtools.transactions import apply, history
from tests.conftest import engine_variables
from tests.index import Index
from tests.plans.installing import make_place
from tests.plans.test_install_predictions import NAMES, World, worlds

from .builders import differences, picture

# Few paths, so that packages meet, and files of one version are directories of another.
PATHS = st.sampled_from(
    ["{n}.py", "{n}/__init__.py", "ns/{n}.py", "ns/{n}/a.py", "x-{n}", "x-{n}/y"]
)
CONTENTS = st.sampled_from(["", "same", "other"])


@st.composite
def layouts(draw: st.DrawFn) -> dict[tuple[str, str], dict[str, str]]:
    """What files each version of each package has; none of them under another one."""
    found = {}
    for name in NAMES:
        for version in ("1.0", "2.0", "3.0"):
            files: dict[str, str] = {}
            for pattern in draw(st.lists(PATHS, min_size=1, max_size=4, unique=True)):
                path = pattern.format(n=name)
                if not any(f"{a}/" in f"{b}/" for a, b in ((path, o) for o in files)) and not any(
                    f"{o}/" in f"{path}/" for o in files
                ):
                    files[path] = draw(CONTENTS)
            found[name, version] = files
    return found


@settings(
    deadline=None,
    max_examples=30,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(worlds(upper_bounds=True), layouts(), st.data())
def test_the_scan_afterwards_is_what_was_planned_and_an_undo_restores_the_tree(
    world: World, layout: dict[tuple[str, str], dict[str, str]], data: st.DataObject
) -> None:
    with (
        tempfile.TemporaryDirectory() as directory,
        Index(Path(directory) / "index") as index,
        pytest.MonkeyPatch.context() as patch,
    ):
        for variable, value in engine_variables(index, Path(directory)).items():
            patch.setenv(variable, value)
        place = make_place(Path(directory) / "env", data.draw(st.sampled_from(["uv", "uv", "pip"])))
        for name, (version, requires) in world.installed.items():
            place.add(name, version, requires=requires, files=layout.get((name, version)))
        for name, releases in world.index.items():
            for version, requires in releases.items():
                index.add(name, version, requires=requires, files=layout[name, version])
        before = picture(place.venv.root)
        try:
            plan = place.plan(*world.wanted, upgrade=world.upgrade, exact=world.exact)
        except EngineFailed:
            return  # there is no solution
        if not plan.actions:
            return
        predicted = {copy.canonical_name: copy.version for copy in scan(paths=[place.venv.site])}
        for action in plan.actions:
            if action.version is None:
                del predicted[action.name]
            else:
                predicted[action.name] = action.version
        try:
            transaction = apply(plan)
        except PlanBlocked:
            assert differences(before, picture(place.venv.root)) == []
            assert history(place.venv.python) == []
            return
        found = scan(paths=[place.venv.site])
        assert {copy.canonical_name: copy.version for copy in found} == predicted
        assert len(found) == len(predicted)
        index.stop()
        assert transaction.undo().state == "undone"
        assert differences(before, picture(place.venv.root)) == []
