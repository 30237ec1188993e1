"""Installing for real, with uv and with pip: exactly the plan, and all the way back."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ipy_envtools.environment import scan
from ipy_envtools.transactions import apply, history
from tests.archives import source_tree

from .builders import differences, picture
from .operations import watched
from .outcomes import leftovers, versions, without_pip

if TYPE_CHECKING:
    from tests.index import Index
    from tests.plans.installing import Place


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


def forget_cached(place: Place) -> None:
    """What was planned may have been downloaded for it."""
    for name in ("uv-cache", "pip-cache"):
        shutil.rmtree(place.venv.root.parent / name, ignore_errors=True)


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
