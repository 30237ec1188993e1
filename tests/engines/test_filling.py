"""A stage holds exactly the pins, laid out as the environment is."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import pytest

from ipy_envtools.engines import EngineFailed, EngineStopped, Job, stage_schemes
from ipy_envtools.environment import scan
from ipy_envtools.formats import InstallRequest, read_request
from ipy_envtools.progress import Progress

from ..archives import source_tree
from ..builders import dist_info, snapshot

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Place


def staged(stage: Path, place: Place) -> dict[str, str]:
    schemes = stage_schemes(stage, place.environment)
    return {item.canonical_name: item.version for item in scan(paths=[schemes["purelib"]])}


def test_a_stage_has_the_layout_of_the_environment(place: Place, engine: str) -> None:
    place.index.add(
        "flask",
        "3.0",
        files={
            "flask/__init__.py": "def main(): pass\n",
            "flask-3.0.data/data/share/man/flask.1": "x",
            "flask-3.0.data/headers/flask.h": "x",
            "flask-3.0.data/scripts/flask-tool": "#!python\n",
        },
        entry_points="[console_scripts]\nflask = flask:main\n",
    )
    stage = place.fill(engine, "flask")
    schemes = stage_schemes(stage, place.environment)
    assert schemes["purelib"].relative_to(stage) == place.venv.site.relative_to(place.venv.root)
    assert schemes["scripts"] == stage / "bin"
    assert (schemes["data"] / "share/man/flask.1").is_file()
    assert (schemes["headers"] / "flask" / "flask.h").is_file()
    for script in ("flask", "flask-tool"):
        first = (schemes["scripts"] / script).read_text().splitlines()[0]
        assert first == f"#!{place.venv.python}"
    record = (schemes["purelib"] / "flask-3.0.dist-info" / "RECORD").read_text()
    assert "../../../bin/flask," in record


def test_a_stage_holds_the_pins_and_nothing_else(place: Place, engine: str, tmp_path: Path) -> None:
    place.index.add("flask", "3.0", requires=["werkzeug", "tiny", "there"])
    place.index.add("werkzeug", "3.1")
    place.index.add("tiny", "1.0", sdist=True)
    dist_info(place.venv.site, "there", "1.0")
    dist_info(place.venv.site, "werkzeug", "1.0")
    tree = source_tree(tmp_path / "tree", "edited", "2.0")
    before = snapshot(place.venv.root)
    stage = place.fill(engine, f"flask 'werkzeug>2' -e {tree}")
    assert snapshot(place.venv.root) == before
    expected = {"flask": "3.0", "werkzeug": "3.1", "tiny": "1.0", "edited": "2.0"}
    assert staged(stage, place) == expected
    site = stage_schemes(stage, place.environment)["purelib"]
    urls = {path.parent.name.partition("-")[0] for path in site.glob("*/direct_url.json")}
    assert urls == {"edited"}, "what comes from an index has no direct URL"
    assert not list(stage.rglob("*.pyc"))


def test_newer_versions_that_came_meanwhile_are_not_taken(place: Place, engine: str) -> None:
    place.index.add("flask", "3.0")
    request_made = place.resolve(engine, "flask")
    place.index.add("flask", "9.0")
    stage = place.venv.root.parent / "stage"
    stage.mkdir()
    place.engine(engine).fill(stage, request_made.pins, Job(_request("flask"), place.environment))
    assert staged(stage, place) == {"flask": "3.0"}


@pytest.mark.parametrize(
    ("fault", "says"),
    [("changed", "hash"), ("missing", "404"), ("cut", "cut it short|in the middle")],
)
def test_a_file_that_does_not_come_as_planned_is_one_sentence(
    place: Place, engine: str, fault: str, says: str
) -> None:
    place.index.add("flask", "3.0", requires=["werkzeug"], size=200_000)
    place.index.add("werkzeug", "3.0")
    place.index.asked.clear()
    before = snapshot(place.venv.root)
    chosen, request = place.engine(engine), _request("flask")
    pins = chosen.resolve(Job(request, place.environment)).pins
    place.index.faults["flask"] = fault  # type: ignore[assignment]
    stage = place.venv.root.parent / "stage"
    stage.mkdir()
    _forget_what_was_cached(place)
    with pytest.raises(EngineFailed, match=says) as caught:
        chosen.fill(stage, pins, Job(request, place.environment))
    assert caught.value.log
    assert snapshot(place.venv.root) == before


@pytest.mark.parametrize("setting", ["target", "prefix", "root", "user", "dry-run"])
def test_what_the_engines_files_say_about_other_places_does_not_count(
    place: Place, setting: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    said = "true" if setting in ("user", "dry-run") else str(elsewhere)
    configuration = tmp_path / "pip.conf"
    configuration.write_text(f"[install]\n{setting} = {said}\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(configuration))
    place.index.add("flask", "3.0")
    stage = place.fill("pip", "flask")
    assert list(stage.rglob("flask/__init__.py"))
    assert not elsewhere.exists()


@pytest.mark.parametrize("setting", ["target", "prefix"])
def test_where_uvs_files_name_another_place_pip_does_it(
    place: Place, setting: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    configuration = tmp_path / "uv.toml"
    configuration.write_text(f'[pip]\n{setting} = "{elsewhere}"\n')
    monkeypatch.delenv("UV_NO_CONFIG", raising=False)
    monkeypatch.setenv("UV_CONFIG_FILE", str(configuration))
    place.index.add("flask", "3.0")
    chosen = place.engine("auto")
    request = read_request(["flask", *place.index.options])
    assert chosen.resolve(Job(request, place.environment)).pins
    assert chosen.name == "pip"
    assert setting in " ".join(chosen.notes)
    assert not elsewhere.exists()


def test_a_file_exchanged_together_with_its_listed_hash_is_not_taken(
    place: Place, engine: str
) -> None:
    place.index.add("flask", "3.0")
    chosen, request = place.engine(engine), _request("flask")
    pins = chosen.resolve(Job(request, place.environment)).pins
    place.index.add("flask", "3.0", files={"flask/__init__.py": "import harm\n"})
    _forget_what_was_cached(place)
    stage = place.venv.root.parent / "stage"
    stage.mkdir()
    with pytest.raises(EngineFailed, match="hash"):
        chosen.fill(stage, pins, Job(request, place.environment))
    assert not list(stage.rglob("__init__.py"))


def test_an_index_that_goes_down_in_between_is_one_sentence(place: Place, engine: str) -> None:
    place.index.add("flask", "3.0")
    chosen, request = place.engine(engine), _request("flask")
    pins = chosen.resolve(Job(request, place.environment)).pins
    place.index.stop()
    _forget_what_was_cached(place)
    stage = place.venv.root.parent / "stage"
    stage.mkdir()
    with pytest.raises(EngineFailed, match="does not answer"):
        chosen.fill(stage, pins, Job(request, place.environment))


def test_a_download_can_be_cancelled_and_leaves_no_process(place: Place, engine: str) -> None:
    place.index.add("flask", "3.0", size=3_000_000)
    chosen, request = place.engine(engine), _request("flask")
    pins = chosen.resolve(Job(request, place.environment)).pins
    place.index.faults["flask"] = "hanging"
    _forget_what_was_cached(place)
    stage = place.venv.root.parent / "stage"
    stage.mkdir()
    stop = threading.Event()
    steps: list[Progress] = []

    def on_progress(progress: Progress) -> None:
        steps.append(progress)
        if progress.step == "downloading" and progress.name == "flask":
            threading.Timer(0.3, stop.set).start()

    with pytest.raises(EngineStopped):
        chosen.fill(
            stage, pins, Job(request, place.environment, on_progress=on_progress, stop=stop)
        )
    assert not _processes_about(str(stage))


def test_progress_tells_downloads_builds_and_the_end(place: Place, engine: str) -> None:
    place.index.add("flask", "3.0", requires=["tiny"], size=3_000_000)
    place.index.add("tiny", "1.0", sdist=True)
    steps: list[Progress] = []
    place.fill(engine, "flask", on_progress=steps.append)
    told = {(progress.step, progress.name) for progress in steps}
    assert {("downloading", "flask"), ("building", "tiny"), ("installing", "flask")} <= told
    assert steps[-1] == Progress("installing", "", 2, 2, "packages")
    assert all(isinstance(progress.done, int) for progress in steps)


def test_silence_repeats_the_last_step(place: Place, engine: str) -> None:
    place.index.add("flask", "3.0")
    place.index.delay = 1.3
    steps: list[Progress] = []
    place.resolve(engine, "flask", on_progress=steps.append)
    assert steps.count(steps[0]) >= 2


def _request(line: str) -> InstallRequest:
    return read_request(line.split())


def _forget_what_was_cached(place: Place) -> None:
    """Old releases of pip download all of it when they only plan."""
    for name in ("pip-cache", "uv-cache"):
        cache = place.venv.root.parent / name
        if cache.exists():
            cache.rename(cache.with_name(f"forgotten-{name}"))


def _processes_about(text: str) -> list[str]:
    found = []
    for name in os.listdir("/proc") if os.path.isdir("/proc") else []:
        try:
            with open(f"/proc/{name}/cmdline", "rb") as file:
                if text.encode() in file.read():
                    found.append(name)
        except OSError:
            continue
    return found


@pytest.mark.parametrize("how", ["variable", "file", "project", "pip table"])
def test_a_stage_holds_files_where_uv_is_told_to_link_into_its_cache(
    how: str, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.index.add("flask", "3.0")
    monkeypatch.delenv("UV_NO_CONFIG")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    project = tmp_path / "project"
    (tmp_path / "config" / "uv").mkdir(parents=True)
    (project / "notebooks").mkdir(parents=True)
    if how == "variable":
        monkeypatch.setenv("UV_LINK_MODE", "symlink")
    elif how == "file":
        (tmp_path / "config" / "uv" / "uv.toml").write_text('link-mode = "symlink"\n')
    elif how == "project":
        (project / "pyproject.toml").write_text('[tool.uv]\nlink-mode = "symlink"\n')
    else:
        (project / "uv.toml").write_text('[pip]\nlink-mode = "symlink"\n')
    monkeypatch.chdir(project / "notebooks")
    stage = place.fill("uv", "flask")
    assert staged(stage, place) == {"flask": "3.0"}
    modules = [path for path in stage.rglob("*.py") if path.parent.name == "flask"]
    assert modules and not any(path.is_symlink() for path in modules)


def test_another_way_to_link_is_the_users_choice(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.index.add("flask", "3.0")
    monkeypatch.setenv("UV_LINK_MODE", "copy")
    stage = place.fill("uv", "flask")
    (module,) = [path for path in stage.rglob("__init__.py") if path.parent.name == "flask"]
    assert module.stat().st_nlink == 1
