"""Plans to install, made by uv and by pip from an index: the same, with what each action is."""

from __future__ import annotations

import os
import sys
import threading
import types
from typing import TYPE_CHECKING

import pytest

from ipy_envtools import plan_install, scan
from ipy_envtools.engines import EngineFailed, EngineStopped
from ipy_envtools.formats import BadRequest, read_request
from tests.archives import source_tree
from tests.builders import egg_info

from .installing import changes

if TYPE_CHECKING:
    from pathlib import Path

    from tests.index import Index

    from .installing import Place


def test_what_was_asked_for_comes_first_and_the_rest_says_for_whom(
    place: Place, index: Index
) -> None:
    index.add("Flask", "3.1.0", requires=["werkzeug>=3", "click"], size=1000)
    index.add("werkzeug", "3.1")
    index.add("click", "8.0")
    plan = place.plan("Flask")
    assert changes(plan) == ["install flask 3.1.0 *", "install click 8.0", "install werkzeug 3.1"]
    assert [action.needed_by for action in plan.actions] == [(), ("flask",), ("flask",)]
    assert plan.safe
    assert plan.blocked is None
    assert plan.conflicts == ()
    assert plan.removal.files == ()
    assert plan.root == plan.environment.prefix
    assert plan.summary == "Installed Flask 3.1.0 and 2 others"
    flask = plan.actions[0]
    assert (
        flask.url == f"{index.url.removesuffix('simple/')}files/flask/Flask-3.1.0-py3-none-any.whl"
    )
    assert flask.sha256 is not None
    if place.engine == "uv":  # pip does not tell sizes
        assert flask.size is not None and flask.size > 1000
        assert plan.size > flask.size


def test_an_upgrade_says_from_and_to_and_which_files_go(place: Place, index: Index) -> None:
    index.add("tool", "2.0")
    place.add("Tool", "1.0", files={"tool/__init__.py": "", "tool/old.py": ""})
    plan = place.plan("tool>=2")
    assert changes(plan) == ["upgrade tool 1.0 → 2.0 *"]
    assert not plan.safe
    gone = {file.path.name for file in plan.removal.files if file.goes}
    assert {"__init__.py", "old.py", "METADATA", "RECORD"} <= gone
    assert [copy.name for copy in plan.removal.distributions] == ["Tool"]
    assert plan.removal.root == plan.root
    assert plan.removal.entries
    assert plan.summary == "Upgraded Tool 1.0 to 2.0"


def test_a_downgrade_is_called_one(place: Place, index: Index) -> None:
    index.add("tool", "1.9")
    place.add("tool", "1.10")
    plan = place.plan("tool<1.10")
    assert changes(plan) == ["downgrade tool 1.10 → 1.9 *"]
    assert plan.summary == "Downgraded tool 1.10 to 1.9"


def test_what_is_there_needs_nothing(place: Place, index: Index) -> None:
    index.add("flask", "9.0")
    place.add("Flask", "3.1.0")
    plan = place.plan("flask>=3", "--no-deps")
    assert plan.actions == ()
    assert plan.safe
    assert plan.blocked is None
    assert plan.satisfied == ("Flask 3.1.0",)
    assert plan.notes == ()


def test_the_newest_comes_only_where_it_is_asked_for(place: Place, index: Index) -> None:
    index.add("flask", "3.2", requires=["click"])
    index.add("click", "9.0")
    place.add("flask", "3.1", requires=["click"])
    place.add("click", "8.0")
    assert changes(place.plan("flask")) == []
    assert changes(place.plan("flask", upgrade=True)) == ["upgrade flask 3.1 → 3.2 *"]
    request = read_request(["-U", "flask"])
    plan = plan_install(request, place.packages(), engine=place.engine)
    assert changes(plan) == ["upgrade flask 3.1 → 3.2 *"]


def test_what_is_there_is_installed_again_only_where_that_is_asked_for(
    place: Place, index: Index
) -> None:
    index.add("flask", "3.1", requires=["click"])
    index.add("click", "8.0")
    place.add("flask", "3.1", requires=["click"])
    place.add("click", "8.0")
    plan = place.plan("flask", reinstall=True)
    assert changes(plan) == ["reinstall flask 3.1 *"]
    assert not plan.safe
    assert plan.removal.files
    assert plan.summary == "Reinstalled flask 3.1"


def test_extras_bring_what_they_need(place: Place, index: Index) -> None:
    index.add("flask", "3.1", requires=["asgiref; extra == 'async'"], extras=["async"])
    index.add("asgiref", "3.0")
    assert changes(place.plan("flask")) == ["install flask 3.1 *"]
    plan = place.plan("flask[async]")
    assert changes(plan) == ["install flask 3.1 *", "install asgiref 3.0"]
    assert plan.actions[1].needed_by == ("flask",)


def test_an_extra_of_what_is_there_brings_only_what_is_missing(place: Place, index: Index) -> None:
    index.add("asgiref", "3.0")
    index.add("flask", "3.1", requires=["asgiref; extra == 'async'"], extras=["async"])
    place.add("flask", "3.1", requires=["asgiref; extra == 'async'"], extras=["async"])
    plan = place.plan("flask[async]")
    assert changes(plan) == ["install asgiref 3.0"]
    assert plan.satisfied == ("flask 3.1",)
    assert plan.safe


def test_what_a_marker_excludes_was_not_asked_for(place: Place, index: Index) -> None:
    index.add("flask", "3.1", requires=["colorama; sys_platform == 'win32'"])
    index.add("colorama", "1.0")
    place.add("colorama", "0.9")
    plan = place.plan("flask", "colorama>=1; python_version < '3'")
    assert changes(plan) == ["install flask 3.1 *"]
    assert plan.satisfied == ()


def test_a_missing_dependency_of_what_is_there_comes_along_for_it(
    place: Place, index: Index
) -> None:
    index.add("flask", "3.1", requires=["click"])
    index.add("click", "8.0")
    place.add("Flask", "3.1", requires=["click"])
    plan = place.plan("flask")
    assert changes(plan) == ["install click 8.0"]
    assert plan.actions[0].needed_by == ("flask",)


def test_a_directory_is_installed_and_has_its_name_from_its_metadata(
    place: Place, index: Index, tmp_path: Path
) -> None:
    index.add("click", "8.0")
    tree = source_tree(tmp_path / "some where", "My-Thing", "2.0", requires=["click"])
    plan = place.plan(str(tree))
    assert [(a.name, a.requested, a.needed_by) for a in plan.actions] == [
        ("my-thing", True, ()),
        ("click", False, ("my-thing",)),
    ]
    assert plan.actions[0].pin is not None
    assert plan.actions[0].pin.direct is not None
    if place.engine == "pip":  # uv tells the version when it has built it
        assert plan.actions[0].version == "2.0"


def test_an_editable_installation_replaces_the_one_from_the_index(
    place: Place, tmp_path: Path
) -> None:
    place.add("my-thing", "1.0")
    tree = source_tree(tmp_path / "tree", "my-thing", "1.0")
    plan = place.plan(f"-e {tree}")
    assert changes(plan) == ["reinstall my-thing 1.0 *"]
    assert plan.actions[0].pin is not None
    assert plan.actions[0].pin.editable


def test_a_wheel_by_url_is_what_was_asked_for(place: Place, index: Index) -> None:
    path = index.add("flask", "3.1")
    plan = place.plan(f"{index.url.removesuffix('simple/')}files/flask/{path.name}")
    assert [(a.kind, a.name, a.requested) for a in plan.actions] == [("install", "flask", True)]


def test_only_a_pinned_yanked_version_is_taken_and_said_to_be_one(
    place: Place, index: Index
) -> None:
    index.add("flask", "3.0")
    index.add("flask", "3.1", yanked="it deletes your files")
    plan = place.plan("flask")
    assert changes(plan) == ["install flask 3.0 *"]
    assert plan.notes == ()
    plan = place.plan("flask==3.1")
    assert changes(plan) == ["install flask 3.1 *"]
    assert plan.notes == ("flask 3.1 was withdrawn by its authors (yanked): it deletes your files",)


def test_a_pre_release_comes_only_when_it_may_and_is_said_to_be_one(
    place: Place, index: Index
) -> None:
    index.add("flask", "3.0")
    index.add("flask", "3.1rc1")
    assert changes(place.plan("flask")) == ["install flask 3.0 *"]
    plan = place.plan("flask", "--pre")
    assert changes(plan) == ["install flask 3.1rc1 *"]
    assert plan.notes == ("flask 3.1rc1 is a pre-release.",)


def test_what_is_typed_and_does_not_hold_here_is_said_to_be_left_out(
    place: Place, index: Index, tmp_path: Path
) -> None:
    index.add("flask", "3.1")
    here, elsewhere = "flask ; python_version > '3'", "tiny ; python_version < '3'"
    plan = plan_install(read_request([here, elsewhere]), place.packages(), engine=place.engine)
    assert changes(plan) == ["install flask 3.1 *"]
    (note,) = plan.notes
    assert note == 'tiny is left out, because python_version < "3" does not hold here.'
    assert place.plan(elsewhere).notes == plan.notes
    assert place.plan("flask ; python_version < '3'", "flask").notes == ()
    (tmp_path / "wanted.txt").write_text(f"flask\n{elsewhere}\n")
    assert place.plan(f"-r {tmp_path / 'wanted.txt'}").notes == ()


def test_without_dependencies_what_would_be_missing_is_said(place: Place, index: Index) -> None:
    index.add("flask", "3.1", requires=["click>=8", "werkzeug>=3", "tiny"])
    place.add("werkzeug", "2.0")
    place.add("tiny", "1.0")
    plan = place.plan("flask", "--no-deps")
    assert changes(plan) == ["install flask 3.1 *"]
    assert plan.safe
    if place.engine == "pip":  # uv does not tell what it needs
        assert plan.notes == (
            "flask needs click>=8, and click is not there.",
            "flask needs werkzeug>=3, and werkzeug is 2.0.",
        )


def test_what_has_no_solution_is_the_engines_error_with_its_words(
    place: Place, index: Index
) -> None:
    index.add("flask", "3.1", requires=["click>=8"])
    index.add("click", "7.0")
    with pytest.raises(EngineFailed) as caught:
        place.plan("flask")
    assert "\n" not in str(caught.value)
    assert "click" in caught.value.log


def test_requirements_that_contradict_each_other_are_an_error(place: Place, index: Index) -> None:
    index.add("flask", "3.1", requires=["click>=8"])
    index.add("click", "7.0")
    index.add("click", "8.0")
    with pytest.raises(EngineFailed):
        place.plan("flask", "click<8")


def test_what_cannot_be_understood_is_refused_before_anything_is_asked(
    place: Place, index: Index
) -> None:
    with pytest.raises(BadRequest):
        place.plan("foo; rm -rf ~")
    assert index.asked == []


def test_a_text_is_read_line_by_line(place: Place, index: Index) -> None:
    index.add("flask", "3.1")
    index.add("click", "8.0")
    text = "flask  # the framework\n\nclick>=8\n"
    plan = plan_install(text, place.packages(), engine=place.engine)
    assert changes(plan) == ["install click 8.0 *", "install flask 3.1 *"]


def test_planning_can_be_cancelled(place: Place, index: Index) -> None:
    index.add("flask", "3.1")
    index.delay = 1
    stop = threading.Event()
    threading.Timer(0.2, stop.set).start()
    with pytest.raises(EngineStopped):
        place.plan("flask", stop=stop)


def test_progress_is_told_while_it_resolves(place: Place, index: Index) -> None:
    index.add("flask", "3.1")
    told = []
    place.plan("flask", on_progress=told.append)
    assert told[0].step == "resolving"


def test_which_imported_modules_go_stale_is_known(
    place: Place, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.add("tool", "2.0", requires=["other>=2"])
    index.add("other", "2.0")
    place.add("tool", "1.0")
    place.add("other", "1.0")
    module = types.ModuleType("tool")
    module.__file__ = str(place.venv.site / "tool" / "__init__.py")
    monkeypatch.setitem(sys.modules, "tool", module)
    assert place.plan("tool>=2").loaded_modules == ()  # of another environment
    place.pretended["is_running"] = True
    plan = place.plan("tool>=2")
    assert plan.loaded_modules == ("tool",)
    assert [(action.name, action.loaded) for action in plan.actions] == [
        ("tool", True),
        ("other", False),
    ]


def test_a_develop_installation_of_old_is_replaced_by_its_link_only(
    place: Place, index: Index, tmp_path: Path
) -> None:
    source = tmp_path / "source"
    egg_info(source, "tool", None, files={"tool.py": ""})
    (place.venv.site / "tool.egg-link").write_text(f"{source}\n.\n")
    (place.venv.site / "easy-install.pth").write_text(f"{source}\n{tmp_path}\n")
    index.add("tool", "2.0")
    plan = place.plan("tool>=2")
    assert changes(plan) == ["upgrade tool 1.0 → 2.0 *"]
    assert [file.path.name for file in plan.removal.files if file.goes] == ["tool.egg-link"]
    assert [edit.removed for edit in plan.removal.edits] == [(str(source),)]


def test_where_uv_refuses_the_environment_pip_plans_and_the_plan_says_why(
    place: Place, index: Index
) -> None:
    if place.engine == "uv":
        pytest.skip("with pip at hand only")
    index.add("flask", "3.1")
    place.add("odd", "nonsense")
    plan = plan_install("flask", place.packages())
    assert plan.engine == "pip"
    assert changes(plan) == ["install flask 3.1 *"]
    assert plan.notes == ()
    assert len(plan.engine_notes) == 1
    assert plan.engine_notes[0].startswith("pip does it, because uv refuses this environment")
    place.add("flask", "3.1")
    nothing = plan_install("flask", place.packages())
    assert nothing.actions == ()
    assert nothing.engine_notes == ()


def test_two_entries_of_one_project_are_replaced_together(place: Place, index: Index) -> None:
    index.add("tool", "3.0")
    place.add("tool", "1.0", files={"tool/old.py": ""})
    place.add("tool", "2.0")
    plan = place.plan("tool>=3")
    assert changes(plan) == ["upgrade tool 2.0 → 3.0 *"]
    assert [copy.version for copy in plan.removal.distributions] == ["2.0", "1.0"]
    assert place.venv.site / "tool" / "old.py" in [f.path for f in plan.removal.files if f.goes]


def test_the_scan_of_this_process_is_made_where_none_is_given(index: Index) -> None:
    index.add("surely-not-installed-here", "1.0")
    plan = plan_install("surely-not-installed-here")
    assert changes(plan) == ["install surely-not-installed-here 1.0 *"]
    assert plan.environment.is_running
    assert plan.environment == scan().environment


def test_what_comes_while_the_plan_is_made_is_a_newcomer_to_it(place: Place, index: Index) -> None:
    index.add("flask", "3.1")
    place.add("early", "1.0")
    packages = place.packages()
    plan = plan_install(
        "flask", packages, engine=place.engine, on_progress=lambda _: _once(place, "late")
    )
    assert (place.venv.site / "late-1.0.dist-info").is_dir()
    known = {os.path.basename(entry[0]) for entry in plan.removal.entries or ()}
    assert "early-1.0.dist-info" in known
    assert "late-1.0.dist-info" not in known


def _once(place: Place, name: str) -> None:
    if not (place.venv.site / name).exists():
        place.add(name)
