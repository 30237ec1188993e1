"""Directories, editable projects and repositories: what they are is known before anything moves."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from ipy_envtools import plan_install
from ipy_envtools.engines import EngineFailed
from ipy_envtools.errors import PlanOutdated
from ipy_envtools.transactions import apply
from tests.archives import add_pip, source_tree
from tests.builders import snapshot, wheel
from tests.plans.installing import Place, changes, conflicts, make_place

if TYPE_CHECKING:
    from pathlib import Path

    from tests.index import Index


def repository(tree: Path, version: str, below: str = "", **more: Any) -> str:
    """A commit of the next version of what is ``below``; returns the requirement."""
    shutil.rmtree(tree / "built", ignore_errors=True)
    source_tree(tree / below, "tool", version, **more)
    who = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    for words in (["init", "-q", "-b", "master"], ["add", "."], [*who, "commit", "-qm", version]):
        subprocess.run(["git", *words], cwd=tree, check=True)
    return f"git+{tree.as_uri()}"


@pytest.mark.parametrize("kind", ["directory", "editable", "repository"])
def test_its_version_and_what_breaks_by_it_are_in_the_plan(
    place: Place, tmp_path: Path, kind: str
) -> None:
    place.add("tool", "1.0")
    place.add("needs-old", "1.0", requires=["tool<2"])
    tree = tmp_path / "tree"
    if kind == "repository":
        wanted = repository(tree, "3.0")
    else:
        wanted = f"{'-e ' if kind == 'editable' else ''}{source_tree(tree, 'tool', '3.0')}"
    plan = place.plan(wanted)
    assert changes(plan) == ["upgrade tool 1.0 → 3.0 *"]
    assert conflicts(plan) == ["needs-old: tool<2 (gets 3.0)"]
    assert plan.summary == "Upgraded tool 1.0 to 3.0"
    start = snapshot(place.venv.root)
    transaction = apply(plan)
    (change,) = transaction.changes
    assert (change.kind, change.version, change.previous_version) == ("upgrade", "3.0", "1.0")
    assert transaction.summary == "Upgraded tool 1.0 to 3.0"
    transaction.undo()
    assert snapshot(place.venv.root) == start


def test_a_directory_that_has_gone_since_the_plan_is_named(place: Place, tmp_path: Path) -> None:
    tree = source_tree(tmp_path / "tree", "tool", "1.0")
    start = snapshot(place.venv.root)
    plan = place.plan(str(tree))
    shutil.rmtree(tree)
    with pytest.raises(EngineFailed, match="tree is not there any more; put it back"):
        apply(plan)
    assert snapshot(place.venv.root) == start


def test_a_repository_may_be_given_its_name_extras_and_a_marker(
    place: Place, index: Index, tmp_path: Path
) -> None:
    index.add("more", "1.0")
    requires = ['more; extra == "extra"']
    url = repository(tmp_path / "tree", "1.0", "part", requires=requires, extras=["extra"])
    plan = place.plan(f'tool[extra] @ {url}#subdirectory=part ; python_version > "3"')
    assert changes(plan) == ["install tool 1.0 *", "install more 1.0"]
    apply(plan)
    assert place.packages()["tool"].direct_url.vcs == "git"


def test_a_repository_that_does_not_build_has_no_wheel_to_look_for(
    place: Place, tmp_path: Path
) -> None:
    url = repository(tmp_path / "tree", "1.0", broken=True)
    for wanted in (url, f"tool @ {url}"):
        with pytest.raises(EngineFailed, match="could not be built from source") as failed:
            place.plan(wanted)
        assert "this does not build" in str(failed.value)
        assert "wheel" not in str(failed.value)


@pytest.mark.parametrize("kind", ["directory", "archive"])
def test_a_package_may_need_what_lies_elsewhere_than_in_an_index(
    place: Place, tmp_path: Path, kind: str
) -> None:
    tool = source_tree(tmp_path / "tool", "tool", "1.0")
    if kind == "archive":
        tool = next(tool.glob("built/*.whl"))
    needing = source_tree(tmp_path / "lib", "lib", "1.0", requires=[f"tool @ {tool.as_uri()}"])
    start = snapshot(place.venv.root)
    plan = place.plan(str(needing))
    assert changes(plan) == ["install lib 1.0 *", "install tool 1.0"]
    assert plan.actions[1].needed_by == ("lib",)
    transaction = apply(plan)
    assert place.packages()["tool"].direct_url.url == tool.as_uri()
    assert not place.packages()["tool"].requested
    transaction.undo()
    assert snapshot(place.venv.root) == start


@pytest.mark.parametrize("place", ["uv"], indirect=True)
def test_what_a_workspace_makes_editable_is_editable(place: Place, tmp_path: Path) -> None:
    tool = source_tree(tmp_path / "tool", "tool", "1.0")
    needing = source_tree(tmp_path / "lib", "lib", "1.0", requires=["tool"])
    with (needing / "pyproject.toml").open("a") as project:
        project.write('\n[tool.uv.sources]\ntool = { path = "../tool", editable = true }\n')
    plan = place.plan(f"-e {needing}")
    assert changes(plan) == ["install lib 1.0 *", "install tool 1.0"]
    assert plan.actions[1].needed_by == ("lib",)
    apply(plan)
    assert place.packages()["tool"].editable
    assert place.packages()["tool"].direct_url.url == tool.as_uri()
    assert place.plan(f"-e {needing}").actions == ()


@pytest.mark.parametrize("place", ["uv"], indirect=True)
def test_a_package_may_need_a_commit(place: Place, tmp_path: Path) -> None:
    url = repository(tmp_path / "tool", "1.0", "part")
    needs = f"tool @ {url}@master#subdirectory=part"
    needing = source_tree(tmp_path / "lib", "lib", "1.0", requires=[needs])
    plan = place.plan(str(needing))
    assert changes(plan) == ["install lib 1.0 *", "install tool 1.0"]
    apply(plan)
    assert place.packages()["tool"].direct_url.subdirectory == "part"
    assert place.plan(str(needing)).actions == ()


def test_a_path_that_uv_reads_as_another_is_left_to_pip(place: Place, tmp_path: Path) -> None:
    tree = source_tree(tmp_path / "c#", "tool", "1.0")
    add_pip(place.venv)
    plan = plan_install([str(tree)], place.packages())
    assert plan.engine == "pip"
    apply(plan)
    assert place.packages()["tool"].version == "1.0"


def test_a_later_commit_is_an_upgrade(place: Place, tmp_path: Path) -> None:
    wanted = repository(tmp_path / "tree", "1.0")
    apply(place.plan(wanted))
    repository(tmp_path / "tree", "2.0")
    plan = place.plan(wanted)
    assert changes(plan) == ["upgrade tool 1.0 → 2.0 *"]
    apply(plan)
    assert place.packages()["tool"].version == "2.0"


def test_the_commit_of_the_plan_is_installed_whatever_comes_after_it(
    place: Place, tmp_path: Path
) -> None:
    url = repository(tmp_path / "tree", "1.0")
    plan = place.plan(f"tool @ {url}@master")
    commit = plan.actions[0].pin.commit
    repository(tmp_path / "tree", "2.0")
    apply(plan)
    installed = place.packages()["tool"]
    assert installed.version == "1.0"
    assert installed.direct_url.commit == commit


@pytest.mark.parametrize("since", [{"version": "2.0"}, {"requires": ["more"]}])
def test_a_project_that_is_another_one_since_makes_the_plan_outdated(
    place: Place, tmp_path: Path, since: dict[str, Any]
) -> None:
    tree = source_tree(tmp_path / "tree", "tool", "1.0")
    plan = place.plan(str(tree))
    shutil.rmtree(tree)
    source_tree(tree, "tool", **{"version": "1.0", **since})
    start = snapshot(place.venv.root)
    with pytest.raises(PlanOutdated, match="tool was changed"):
        apply(plan)
    assert snapshot(place.venv.root) == start


def test_an_archive_that_is_another_one_since_is_refused(place: Place, tmp_path: Path) -> None:
    archive = wheel(tmp_path / "wheels", "tool", "1.0")
    plan = place.plan(str(archive))
    wheel(tmp_path / "wheels", "tool", "1.0", files={"tool.py": "changed"})
    with pytest.raises(EngineFailed, match="other content than its hash"):
        apply(plan)


def test_what_was_changed_in_a_directory_comes_though_its_project_file_is_older(
    place: Place, tmp_path: Path
) -> None:
    """uv keeps what it built of a directory until its ``pyproject.toml`` changes."""
    other = make_place(tmp_path / "other", place.engine)
    tree = source_tree(tmp_path / "tree", "tool", "1.0", files={"tool.py": "x = 1"})
    apply(other.plan(str(tree)))
    written = (tree / "pyproject.toml").stat()
    source_tree(tree, "tool", "1.0", files={"tool.py": "x = 2"})
    os.utime(tree / "pyproject.toml", ns=(written.st_atime_ns, written.st_mtime_ns))
    apply(place.plan(str(tree)))
    assert (place.venv.site / "tool.py").read_text() == "x = 2"
    plan = other.plan(str(tree))
    assert changes(plan) == ["reinstall tool 1.0 *"]
    apply(plan)
    assert (other.venv.site / "tool.py").read_text() == "x = 2"


@pytest.mark.parametrize("place", ["uv"], indirect=True)
def test_a_directory_that_builds_to_what_is_there_needs_nothing_done(
    place: Place, tmp_path: Path
) -> None:
    script = "[console_scripts]\ntool = tool:main"
    tree = source_tree(tmp_path / "tree", "tool", "1.0", entry_points=script)
    apply(place.plan(str(tree)))
    plan = place.plan(str(tree))
    assert plan.actions == ()
    assert plan.satisfied == ("tool 1.0",)
    assert changes(place.plan(str(tree), reinstall=True)) == ["reinstall tool 1.0 *"]
    (place.venv.site / "tool" / "__init__.py").write_text("edited there")
    assert changes(place.plan(str(tree))) == ["reinstall tool 1.0 *"]


def test_an_editable_project_that_says_the_same_needs_nothing_done(
    place: Place, tmp_path: Path
) -> None:
    tree = source_tree(tmp_path / "tree", "tool", "1.0")
    apply(place.plan(f"-e {tree}"))
    assert place.plan(f"-e {tree}").satisfied == ("tool 1.0",)
    assert changes(place.plan(f"-e {tree}", reinstall=True)) == ["reinstall tool 1.0 *"]
    assert changes(place.plan(str(tree))) == ["reinstall tool 1.0 *"]
    source_tree(tree, "tool", "1.5")
    assert changes(place.plan(f"-e {tree}")) == ["upgrade tool 1.0 → 1.5 *"]
    source_tree(tmp_path / "copy", "tool", "1.0")
    assert changes(place.plan(f"-e {tmp_path / 'copy'}")) == ["reinstall tool 1.0 *"]


def test_a_build_that_fails_is_told_by_the_plan(place: Place, tmp_path: Path) -> None:
    tree = source_tree(tmp_path / "tree", "tool", "1.0", broken=True)
    with pytest.raises(EngineFailed, match="does not build"):
        place.plan(str(tree))


def test_a_directory_whose_condition_does_not_hold_is_not_even_built(
    place: Place, tmp_path: Path
) -> None:
    tree = source_tree(tmp_path / "a tree", "tool", "1.0", broken=True)
    assert place.plan(f"tool @ {tree.as_uri()} ; python_version < '3'").actions == ()


@pytest.mark.parametrize("editable", ["", "-e "])
def test_extras_of_a_directory_come_along(
    place: Place, index: Index, tmp_path: Path, editable: str
) -> None:
    index.add("speed", "1.0")
    tree = source_tree(
        tmp_path / "a tree 1%", "tool", requires=["speed; extra == 'fast'"], extras=["fast"]
    )
    plan = place.plan(f"{editable}{tree}[fast] ; python_version >= '3'")
    assert changes(plan) == ["install tool 1.0 *", "install speed 1.0"]
    assert plan.actions[1].needed_by == ("tool",)
    apply(plan)
    assert {"tool", "speed"} <= {copy.canonical_name for copy in place.packages()}
