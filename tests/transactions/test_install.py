"""Installing for real, with uv and with pip: exactly the plan, or nothing; and all the way back."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ipy_envtools.engines import EngineFailed, EngineStopped
from ipy_envtools.environment import scan
from ipy_envtools.errors import PlanBlocked, PlanOutdated, TransactionFailed, UndoConflict
from ipy_envtools.transactions import apply, history, unfinished
from tests.archives import source_tree
from tests.plans.installing import Place, make_place

from .builders import STORE, differences, picture
from .operations import watched

if TYPE_CHECKING:
    from ipy_envtools.progress import Progress
    from tests.index import Index


@pytest.fixture(params=["uv", "pip"])
def place(request: pytest.FixtureRequest, tmp_path: Path, index: Index) -> Place:
    """A virtual environment; every test is done with uv and with pip."""
    return make_place(tmp_path / "env", request.param)


def versions(place: Place) -> dict[str, str]:
    return {copy.canonical_name: copy.version for copy in scan(paths=[place.venv.site])}


def without_pip(found: dict[str, str]) -> dict[str, str]:
    return {name: version for name, version in found.items() if name != "pip"}


def leftovers(place: Place) -> list[str]:
    """What is in the store of transactions that did not come to be."""
    store = place.venv.root / STORE
    known = {each.id for each in history(place.venv.python)}
    return [name for name in (os.listdir(store) if store.exists() else ()) if name not in known]


def test_what_was_planned_is_there_afterwards_and_an_undo_takes_all_of_it(
    place: Place, index: Index
) -> None:
    index.add(
        "flask", "3.1", requires=["click"], files={"flask/__init__.py": "", "flask/a/b.py": ""}
    )
    index.add("click", "8.0")
    before = picture(place.venv.root)
    transaction = apply(place.plan("flask"))
    assert without_pip(versions(place)) == {"flask": "3.1", "click": "8.0"}
    assert transaction.state == "applied"
    assert transaction.summary == "Installed flask 3.1 and 1 other"
    found = {(c.kind, c.name, c.version, c.previous_version) for c in transaction.changes}
    assert found == {("install", "flask", "3.1", None), ("install", "click", "8.0", None)}
    assert leftovers(place) == ["lock"]
    assert transaction.undo().state == "undone"
    assert differences(before, picture(place.venv.root)) == []


def test_every_file_of_a_package_comes_to_its_scheme_and_its_record_says_where(
    place: Place, index: Index
) -> None:
    index.add(
        "tool",
        "1.0",
        files={
            "tool/__init__.py": "def main(): print('it runs')\n",
            "tool-1.0.data/data/share/man/man1/tool.1": "x",
            "tool-1.0.data/data/etc/tool.conf": "x",
            "tool-1.0.data/headers/tool.h": "x",
            "tool-1.0.data/scripts/tool-script": "#!python\nprint('a script')\n",
        },
        entry_points="[console_scripts]\ntool = tool:main\n",
    )
    before = picture(place.venv.root)
    transaction = apply(place.plan("tool"))
    (copy,) = [each for each in scan(paths=[place.venv.site]) if each.name == "tool"]
    named = {Path(os.path.normpath(place.venv.site / row)) for row in copy.files or ()}
    assert [path for path in named if not path.is_file()] == []
    new = {Path(path) for path in picture(place.venv.root).keys() - before.keys()}
    assert {path for path in new if path.is_file()} <= named
    assert (place.venv.root / "share/man/man1/tool.1").is_file()
    ran = subprocess.run([place.venv.scripts / "tool"], capture_output=True, text=True)
    assert ran.stdout == "it runs\n"
    first = (place.venv.scripts / "tool-script").read_text().splitlines()[0]
    assert first == f"#!{place.venv.python}"
    transaction.undo()
    left = picture(place.venv.root)
    assert differences(before, left) == []


def test_requested_is_only_what_was_asked_for_and_record_agrees(place: Place, index: Index) -> None:
    index.add("flask", "3.1", requires=["click"])
    index.add("click", "8.0")
    apply(place.plan("flask"))
    for name, asked in (("flask-3.1", True), ("click-8.0", False)):
        info = place.venv.site / f"{name}.dist-info"
        rows = (info / "RECORD").read_text().splitlines()
        assert (info / "REQUESTED").exists() == asked
        assert any(row.startswith(f"{name}.dist-info/REQUESTED,") for row in rows) == asked
        assert (info / "INSTALLER").read_text().strip() == place.engine


def test_an_upgrade_leaves_nothing_of_the_old_and_its_undo_brings_all_of_it_back(
    place: Place, index: Index
) -> None:
    place.add("tool", "1.0", files={"tool/__init__.py": "old", "tool/gone.py": ""}, scripts=["old"])
    (place.venv.site / "tool" / "__init__.py").chmod(0o640)
    os.utime(place.venv.site / "tool", ns=(1, 1_500_000_000_123_456_789))
    place.add("other")
    index.add("tool", "2.0", files={"tool/__init__.py": "new", "tool/fresh/__init__.py": ""})
    before = picture(place.venv.root)
    transaction = apply(place.plan("tool>=2"))
    assert versions(place)["tool"] == "2.0"
    assert sorted(os.listdir(place.venv.site / "tool")) == ["__init__.py", "fresh"]
    assert not (place.venv.scripts / "old").exists()
    assert transaction.summary == "Upgraded tool 1.0 to 2.0"
    index.stop()
    code = "import sys; from ipy_envtools import history; history(sys.argv[1])[0].undo()"
    subprocess.run([sys.executable, "-c", code, place.venv.python], check=True)
    assert history(place.venv.python)[0].state == "undone"
    assert differences(before, picture(place.venv.root)) == []


@pytest.mark.parametrize("first", ["directory", "file"])
def test_a_file_becomes_a_directory_or_the_other_way_round(
    place: Place, index: Index, first: str
) -> None:
    kinds = {"directory": {"thing/a/b.py": "1", "thing/c": "2"}, "file": {"thing": "3"}}
    second = "file" if first == "directory" else "directory"
    place.add("tool", "1.0", files=kinds[first])
    index.add("tool", "2.0", files=kinds[second])
    before = picture(place.venv.root)
    transaction = apply(place.plan("tool>=2"))
    assert (place.venv.site / "thing").is_dir() == (second == "directory")
    transaction.undo()
    assert differences(before, picture(place.venv.root)) == []


def test_a_file_of_another_package_is_in_the_way_until_it_is_forced(
    place: Place, index: Index
) -> None:
    place.add("owner", "1.0", files={"shared/mine.py": "the owner's"})
    index.add("tool", "1.0", files={"shared/mine.py": "the tool's", "shared/other.py": ""})
    before = picture(place.venv.root)
    with pytest.raises(PlanBlocked, match=r"shared/mine\.py.*owner 1\.0.*--force"):
        apply(place.plan("tool"))
    assert differences(before, picture(place.venv.root)) == []
    assert leftovers(place) == []
    transaction = apply(place.plan("tool", force=True))
    assert (place.venv.site / "shared" / "mine.py").read_text() == "the tool's"
    transaction.undo()
    assert differences(before, picture(place.venv.root)) == []


def test_a_file_that_belongs_to_nobody_is_in_the_way_too(place: Place, index: Index) -> None:
    (place.venv.site / "notes.py").write_text("a person's work")
    index.add("tool", "1.0", files={"notes.py": "the tool's"})
    before = picture(place.venv.root)
    with pytest.raises(PlanBlocked, match=r"notes\.py.*no package"):
        apply(place.plan("tool"))
    assert differences(before, picture(place.venv.root)) == []
    apply(place.plan("tool", force=True)).undo()
    assert differences(before, picture(place.venv.root)) == []


def test_the_same_file_of_two_packages_is_in_nobodys_way(place: Place, index: Index) -> None:
    place.add("one", "1.0", files={"shared/__init__.py": "the same", "shared/one.py": ""})
    index.add("two", "1.0", files={"shared/__init__.py": "the same", "shared/two.py": ""})
    before = picture(place.venv.root)
    transaction = apply(place.plan("two"))
    assert (place.venv.site / "shared" / "two.py").exists()
    transaction.undo()
    assert differences(before, picture(place.venv.root)) == []


def test_a_directory_or_a_link_where_a_file_belongs_is_refused(place: Place, index: Index) -> None:
    elsewhere = place.venv.root.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "precious").write_text("x")
    (place.venv.site / "linked").symlink_to(elsewhere)
    (place.venv.site / "tool.py").mkdir()
    index.add("tool", "1.0", files={"tool.py": ""})
    index.add("other", "1.0", files={"linked/a.py": "", "linked/precious": "y"})
    before = picture(place.venv.root.parent / "env", elsewhere)
    for name in ("tool", "other"):
        for force in (False, True):
            with pytest.raises(PlanBlocked):
                apply(place.plan(name, force=force))
    assert differences(before, picture(place.venv.root.parent / "env", elsewhere)) == []


@pytest.mark.parametrize("path", ["pyvenv.cfg", "bin/python", "bin/activate"])
def test_what_makes_the_environment_one_is_never_overwritten(
    place: Place, index: Index, path: str
) -> None:
    (place.venv.scripts / "activate").write_text("of the environment")
    index.add("evil", "1.0", files={f"evil-1.0.data/data/{path}": "harm"})
    before = picture(place.venv.root)
    for force in (False, True):
        # uv does not unpack what would overwrite an interpreter.
        with pytest.raises((PlanBlocked, EngineFailed)):
            apply(place.plan("evil", force=force))
        assert differences(before, picture(place.venv.root)) == []


def test_a_neighbour_in_a_namespace_keeps_its_files_and_directories(
    place: Place, index: Index
) -> None:
    index.add("one", "1.0", files={"ns/one/a.py": ""})
    index.add("two", "1.0", files={"ns/two/a.py": ""})
    start = picture(place.venv.root)
    first = apply(place.plan("one"))
    only_first = picture(place.venv.root)
    second = apply(place.plan("two"))
    second.undo()
    assert differences(only_first, picture(place.venv.root)) == []
    second = apply(place.plan("two"))
    first.undo()
    assert not (place.venv.site / "ns" / "one").exists()
    assert (place.venv.site / "ns" / "two" / "a.py").exists()
    second.undo()
    assert differences(start, picture(place.venv.root)) == []


def test_what_somebody_put_there_since_stays_with_its_directories(
    place: Place, index: Index
) -> None:
    index.add("tool", "1.0", files={"tool/__init__.py": "", "tool/deep/a.py": ""})
    transaction = apply(place.plan("tool"))
    mine = place.venv.site / "tool" / "deep" / "mine.txt"
    mine.write_text("hours of work")
    transaction.undo()
    assert mine.read_text() == "hours of work"
    assert os.listdir(place.venv.site / "tool") == ["deep"]
    assert "tool" not in versions(place)


def test_what_was_moved_elsewhere_since_and_linked_back_is_not_taken_from_there(
    place: Place, index: Index
) -> None:
    """An undo once emptied the directory of a person's work, outside of the environment."""
    index.add("tool", "1.0", files={"tool/__init__.py": "", "tool/deep/a.py": ""})
    transaction = apply(place.plan("tool"))
    work = place.venv.root.parent / "work"
    (place.venv.site / "tool").rename(work)
    (place.venv.site / "tool").symlink_to(work)
    before = picture(work, place.venv.root)
    with pytest.raises(UndoConflict):
        transaction.undo()
    assert differences(before, picture(work, place.venv.root)) == []


@pytest.mark.parametrize("what", ["changed", "removed"])
def test_what_was_changed_or_removed_since_is_a_conflict_and_nothing_is_touched(
    place: Place, index: Index, what: str
) -> None:
    index.add("tool", "2.0", files={"tool/__init__.py": "", "tool/a.py": ""})
    place.add("tool", "1.0")
    transaction = apply(place.plan("tool>=2"))
    path = place.venv.site / "tool" / "a.py"
    path.unlink()
    if what == "changed":
        path.write_text("edited by a person")
    before = picture(place.venv.root)
    with pytest.raises(UndoConflict) as caught:
        transaction.undo()
    assert list(caught.value.paths) == [path]
    assert list(transaction.conflicts) == [path]
    assert differences(before, picture(place.venv.root)) == []
    assert history(place.venv.python)[0].state == "applied"


def test_what_python_has_compiled_since_goes_along(place: Place, index: Index) -> None:
    index.add("tool", "1.0", files={"tool/__init__.py": "", "tool/a.py": "", "single.py": ""})
    before = picture(place.venv.root, times=False)
    transaction = apply(place.plan("tool"))
    code = "import sys; sys.dont_write_bytecode = False; import tool.a, single"
    subprocess.run([place.venv.python, "-c", code], check=True)
    cache = place.venv.site / "tool" / "__pycache__"
    (cache / "a.cpython-399.opt-2.pyc").write_bytes(b"of another Python")
    assert list(place.venv.site.rglob("single.*.pyc"))
    transaction.undo()
    assert differences(before, picture(place.venv.root, times=False)) == []


def test_compiled_files_that_were_there_before_are_there_after_the_undo(
    place: Place, index: Index
) -> None:
    """They are nobody's: the undo of an install takes only what came since."""
    directory = place.venv.site / "__pycache__"
    directory.mkdir()
    (directory / "single.cpython-399.pyc").write_bytes(b"somebody's")
    (directory / "single.more.cpython-311.pyc").write_bytes(b"of single.more.py")
    index.add("tool", "1.0", files={"single.py": ""})
    before = picture(place.venv.root)
    apply(place.plan("tool")).undo()
    assert differences(before, picture(place.venv.root)) == []


def test_undone_in_any_order(place: Place, index: Index) -> None:
    index.add("one", "2.0", files={"one.py": "new"})
    index.add("two", "2.0", files={"two.py": "new"})
    place.add("one", "1.0", files={"one.py": "old"})
    place.add("two", "1.0", files={"two.py": "old"})
    before = picture(place.venv.root)
    for reverse in (False, True):
        done = [apply(place.plan("one>=2")), apply(place.plan("two>=2"))]
        for transaction in sorted(done, key=lambda each: each.id, reverse=reverse):
            transaction.undo()
        assert differences(before, picture(place.venv.root)) == []


@pytest.mark.parametrize("fault", ["missing", "cut", "changed"])
def test_a_download_that_fails_changes_nothing(place: Place, index: Index, fault: str) -> None:
    index.add("tool", "2.0", size=200_000)
    index.add("dependency", "1.0")
    place.add("tool", "1.0")
    before = picture(place.venv.root)
    plan = place.plan("tool>=2", "dependency")
    index.faults["tool"] = fault  # type: ignore[assignment]
    forget_cached(place)
    with pytest.raises(EngineFailed):
        apply(plan)
    assert differences(before, picture(place.venv.root)) == []
    assert leftovers(place) == []
    assert history(place.venv.python) == []


def forget_cached(place: Place) -> None:
    """What was planned may have been downloaded for it."""
    for name in ("uv-cache", "pip-cache"):
        shutil.rmtree(place.venv.root.parent / name, ignore_errors=True)


def test_cancelled_while_downloading(place: Place, index: Index) -> None:
    index.add("tool", "2.0", size=3_000_000)
    place.add("tool", "1.0")
    before = picture(place.venv.root)
    plan = place.plan("tool>=2")
    index.faults["tool"] = "hanging"
    forget_cached(place)
    stop = threading.Event()
    timer = threading.Timer(1.0, stop.set)
    timer.start()
    with pytest.raises(EngineStopped):
        apply(plan, stop=stop)
    assert differences(before, picture(place.venv.root)) == []
    assert leftovers(place) == []


@pytest.mark.parametrize("step", ["installing", "moving"])
def test_an_interrupt_at_any_step_leaves_everything_as_it_was(
    place: Place, index: Index, step: str
) -> None:
    index.add("tool", "2.0", files={f"tool/m{number}.py": "" for number in range(5)})
    place.add("tool", "1.0")
    before = picture(place.venv.root)
    plan = place.plan("tool>=2")

    def interrupt(progress: Progress) -> None:
        if progress.step == step:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        apply(plan, interrupt)
    assert differences(before, picture(place.venv.root)) == []
    assert unfinished(place.packages().environment) is None


def test_what_was_installed_or_changed_since_the_plan_makes_it_outdated(
    place: Place, index: Index
) -> None:
    index.add("tool", "2.0")
    plan = place.plan("tool")
    place.add("tool", "1.5")
    before = picture(place.venv.root)
    with pytest.raises(PlanOutdated, match="tool"):
        apply(plan)
    assert differences(before, picture(place.venv.root)) == []
    plan = place.plan("tool>=2")
    (place.venv.site / "tool" / "__init__.py").write_text("edited")
    before = picture(place.venv.root)
    with pytest.raises(PlanOutdated):
        apply(plan)
    assert differences(before, picture(place.venv.root)) == []


def test_an_editable_project_is_only_linked(place: Place, tmp_path: Path) -> None:
    tree = source_tree(tmp_path / "tree", "edited", "2.0")
    before = picture(place.venv.root)
    sources = picture(tree / "src")
    transaction = apply(place.plan(f"-e {tree}"))
    ran = subprocess.run(
        [place.venv.python, "-B", "-c", "import edited; print(edited.__file__)"],
        capture_output=True,
        text=True,
    )
    assert ran.stdout.strip() == str(tree / "src" / "edited" / "__init__.py")
    transaction.undo()
    assert differences(before, picture(place.venv.root)) == []
    assert differences(sources, picture(tree / "src")) == []


def test_platform_packages_come_through_lib64_where_that_is_a_link(
    place: Place, index: Index
) -> None:
    if not (place.venv.root / "lib64").is_symlink():
        (place.venv.root / "lib64").symlink_to("lib")
    index.add("tool", "1.0")
    before = picture(place.venv.root)
    transaction = apply(place.plan("tool"))
    assert (place.venv.root / "lib64").is_symlink()
    assert (place.venv.site / "tool" / "__init__.py").exists()
    transaction.undo()
    assert differences(before, picture(place.venv.root)) == []


def test_what_an_engine_keeps_in_its_cache_is_never_written_to(
    place: Place, index: Index, tmp_path: Path
) -> None:
    index.add("tool", "1.0", requires=["dependency"])
    index.add("dependency", "1.0")
    index.add("tool", "2.0")
    first = place.plan("tool<2")
    cache = tmp_path / "uv-cache"
    if place.engine != "uv":
        pytest.skip("pip copies")
    apply(first).undo()  # everything is cached now

    def archives() -> dict[str, tuple[object, ...]]:
        return {
            path: (mode, content)
            for path, (mode, _, content) in picture(cache, times=False).items()
            if "archive-v" in path
        }

    before = archives()
    assert before
    one = apply(place.plan("tool<2"))
    two = apply(place.plan("tool>=2"))
    two.undo()
    one.undo()
    assert [path for path in before if before[path] != archives().get(path)] == []


def test_the_number_of_syncs_does_not_depend_on_the_number_of_files(
    place: Place, index: Index
) -> None:
    counts = []
    for number in (3, 120):
        name = f"tool{number}"
        files = {f"{name}/p{n % 7}/m{n}.py": "" for n in range(number)}
        index.add(name, "2.0", files=files)
        place.add(name, "1.0", files=files)
        plan = place.plan(f"{name}>=2")
        with watched(lambda *_: None, ("fsync",)) as log:
            apply(plan)
        counts.append(len(log))
    assert counts[1] <= counts[0] <= 8


def test_what_is_not_wanted_any_more_goes_with_the_same_change(place: Place, index: Index) -> None:
    index.add("tool", "2.0")
    place.add("tool", "1.0")
    place.add("superfluous", "1.0")
    before = picture(place.venv.root)
    transaction = apply(place.plan("tool>=2", exact=True))
    assert without_pip(versions(place)) == {"tool": "2.0"}
    kinds = {(change.kind, change.name) for change in transaction.changes}
    assert kinds == {("upgrade", "tool"), ("remove", "superfluous")}
    transaction.undo()
    assert differences(before, picture(place.venv.root)) == []


def test_links_into_a_cache_are_refused(
    place: Place, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    """UV_LINK_MODE=symlink is somebody's configuration: emptying the cache would break us."""
    if place.engine != "uv":
        pytest.skip("pip makes no links")
    monkeypatch.setenv("UV_LINK_MODE", "symlink")
    index.add("tool", "1.0")
    before = picture(place.venv.root)
    try:
        apply(place.plan("tool"))
    except TransactionFailed as error:
        assert "UV_LINK_MODE" in str(error)
        assert differences(before, picture(place.venv.root)) == []
    else:
        assert not (place.venv.site / "tool" / "__init__.py").is_symlink()
