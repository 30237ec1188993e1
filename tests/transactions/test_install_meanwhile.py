"""Installations beside others: extras, undone out of order, in each other's way, raced, secret."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from ipy_envtools import plan_install
from ipy_envtools.engines import EngineFailed
from ipy_envtools.errors import PlanBlocked, PlanOutdated, UndoConflict
from ipy_envtools.formats import read_request
from ipy_envtools.transactions import apply, history

from .builders import STORE, differences, picture

if TYPE_CHECKING:
    from ipy_envtools.progress import Progress
    from tests.index import Index
    from tests.plans.installing import Place

    from .builders import Picture


def names(place: Place) -> set[str]:
    return {copy.canonical_name for copy in place.packages()} - {"pip"}


def test_an_extra_comes_with_what_it_brings_and_nothing_of_it_is_an_orphan(
    place: Place, index: Index
) -> None:
    index.add("tool", "1.0", extras=["more"], requires=["helper; extra == 'more'"])
    index.add("helper", "1.0")
    before = picture(place.venv.root)
    transaction = apply(place.plan("tool[more]"))
    assert names(place) == {"tool", "helper"}
    assert list(place.packages().orphans()) == []
    transaction.undo()
    assert differences(before, picture(place.venv.root)) == []


def test_the_middle_one_of_three_is_undone_alone(place: Place, index: Index) -> None:
    for name in ("one", "two", "three"):
        index.add(name, "1.0", files={f"ns/{name}.py": ""})
    before = picture(place.venv.root)
    first, middle, last = (apply(place.plan(name)) for name in ("one", "two", "three"))
    middle.undo()
    assert names(place) == {"one", "three"}
    last.undo()
    first.undo()
    assert differences(before, picture(place.venv.root)) == []


def test_the_middle_one_of_three_upgrades_waits_for_the_last_one(
    place: Place, index: Index
) -> None:
    for version in ("1.0", "2.0", "3.0"):
        index.add("tool", version, files={"tool.py": version})
    before = picture(place.venv.root)
    done = [apply(place.plan(f"tool=={version}")) for version in ("1.0", "2.0", "3.0")]
    after = picture(place.venv.root)
    with pytest.raises(
        UndoConflict, match=f"A later change moved it: first %pkg undo {done[2].id}"
    ):
        done[1].undo()
    assert differences(after, picture(place.venv.root)) == []
    for transaction in reversed(done):
        transaction.undo()
    assert differences(before, picture(place.venv.root)) == []


@pytest.mark.parametrize("shared", ["shared.py", "{}-1.0.data/scripts/shared"])
def test_two_that_come_together_with_the_same_path_are_told_before_anything_moves(
    place: Place, index: Index, shared: str
) -> None:
    for name in ("one", "two"):
        index.add(name, "1.0", files={shared.format(name): f"of {name}"})
    before = picture(place.venv.root)
    with pytest.raises(PlanBlocked, match=r"one and two both bring .*shared"):
        apply(place.plan("one", "two"))
    assert differences(before, picture(place.venv.root)) == []
    transaction = apply(place.plan("one", "two", force=True))
    assert names(place) == {"one", "two"}
    transaction.undo()
    assert differences(before, picture(place.venv.root)) == []


def test_a_script_of_another_package_is_in_the_way(place: Place, index: Index) -> None:
    place.add("owner", scripts=["shared"])
    index.add("tool", "1.0", files={"tool-1.0.data/scripts/shared": "#!python\n"})
    before = picture(place.venv.root)
    with pytest.raises(PlanBlocked, match=r"shared.*owner"):
        apply(place.plan("tool"))
    assert differences(before, picture(place.venv.root)) == []


@pytest.mark.parametrize("force", [False, True])
def test_what_somebody_else_installs_during_the_download_is_kept(
    place: Place, index: Index, force: bool
) -> None:
    index.add("tool", "2.0")
    plan = place.plan("tool", force=force)
    others: list[Picture] = []

    def install_too(progress: Progress) -> None:
        if progress.step == "installing" and not others:
            place.add("tool", "1.5")
            others.append(picture(place.venv.root))

    with pytest.raises(PlanOutdated, match=r"tool 1\.5 was installed meanwhile"):
        apply(plan, install_too)
    changed = differences(others[0], picture(place.venv.root))
    assert [path for path in changed if not path.endswith("/.lock")] == []  # held just then
    assert [each for each in history(place.venv.python) if each.state == "applied"] == []


def test_credentials_of_the_index_are_nowhere_afterwards(place: Place, index: Index) -> None:
    index.add("tool", "1.0", size=200_000)
    index.protect("somebody", "hunter2secret")
    heard: list[str] = []
    plan = plan_install(
        read_request(["tool", *index.options]), place.packages(), engine=place.engine
    )
    shutil.rmtree(place.venv.root.parent / f"{place.engine}-cache", ignore_errors=True)
    index.faults["tool"] = "cut"

    def hear(progress: Progress) -> None:
        heard.append(repr(progress))

    with pytest.raises(EngineFailed) as caught:
        apply(plan, hear)
    heard += [str(caught.value), repr(caught.value), repr(vars(caught.value))]
    index.faults.clear()
    heard.append(repr(apply(plan, hear)))
    assert names(place) == {"tool"}
    assert not any("hunter2secret" in text for text in heard)
    stored = [path for path in (place.venv.root / STORE).rglob("*") if path.is_file()]
    assert stored
    assert [path for path in stored if b"hunter2secret" in path.read_bytes()] == []
    info = place.venv.site / "tool-1.0.dist-info"
    assert [path for path in info.iterdir() if b"hunter2secret" in path.read_bytes()] == []
