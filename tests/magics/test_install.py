"""%pkg install, upgrade and sync in a real IPython, with uv and with pip, over a local index."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest
import uv

from tests.builders import snapshot
from tests.index import Index

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import OtherIPython

LOAD = "%load_ext ipy_envtools"
SAY_VERSION = "import flask; print('got', flask.__version__)"


def package(version: str) -> dict[str, str]:
    return {"flask/__init__.py": f"__version__ = {version!r}\n", "flask/more.py": ""}


@pytest.fixture(params=["uv", "pip"])
def engine(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Which one there is: pip is found beside IPython, uv on PATH."""
    paths = [path for path in os.environ["PATH"].split(os.pathsep) if not has_uv(path)]
    if request.param == "uv":
        programs = tmp_path / "programs"
        programs.mkdir()
        (programs / "uv").symlink_to(uv.find_uv_bin())
        paths.insert(0, str(programs))
    monkeypatch.setenv("PATH", os.pathsep.join(paths))
    return str(request.param)


def has_uv(directory: str) -> bool:
    return shutil.which("uv", path=directory) is not None


@pytest.fixture
def flask(index: Index) -> Index:
    """Two versions of flask, and what they need."""
    for version in ("3.0.3", "3.1.0"):
        index.add("Flask", version, requires=["werkzeug>=3"], files=package(version))
    index.add("werkzeug", "3.1")
    return index


@pytest.mark.usefixtures("engine", "flask")
def test_what_only_adds_is_installed_at_once_and_the_next_line_imports_it(
    other: OtherIPython,
) -> None:
    said = other.run(LOAD, "%pkg install flask", SAY_VERSION)
    assert "Installed flask 3.1.0 and 1 other in " in said
    assert "Ready to import. %pkg undo takes it back." in said
    assert "got 3.1.0" in said
    assert "[y/N]" not in said
    assert said.count("Installed flask") == 1


@pytest.mark.usefixtures("engine", "flask")
def test_undo_takes_out_what_was_installed_and_what_is_there_needs_nothing(
    other: OtherIPython,
) -> None:
    before = set(snapshot(other.site))
    said = other.run(LOAD, "%pkg install flask", "%pkg install flask", "%pkg undo -y")
    assert "Flask 3.1.0 is installed already" in said
    assert "Took out flask 3.1.0 and 1 other again." in said
    assert set(snapshot(other.site)) == before


@pytest.mark.usefixtures("engine", "flask")
def test_a_plan_that_replaces_something_is_shown_and_asks(other: OtherIPython) -> None:
    other.run(LOAD, '%pkg install "flask<3.1"')
    nobody = other.run(LOAD, "%pkg install -U flask")
    assert "Upgrade flask 3.0.3 to 3.1.0? Nobody is here to answer: add -y" in nobody
    declined = other.run(LOAD, "%pkg install -U flask", SAY_VERSION, answer="n")
    assert "Upgrade flask 3.0.3 to 3.1.0? [y/N]" in declined
    assert "↑ upgrade  flask  3.0.3 → 3.1.0" in declined
    assert "Declined: Nothing was changed." in declined
    assert "got 3.0.3" in declined
    agreed = other.run(LOAD, "%pkg upgrade Flask", SAY_VERSION, answer="y")
    assert "Upgraded Flask 3.0.3 to 3.1.0" in agreed
    assert "got 3.1.0" in agreed


@pytest.mark.usefixtures("engine", "flask")
def test_what_is_loaded_is_said_before_and_after(other: OtherIPython) -> None:
    other.run(LOAD, '%pkg install "flask<3.1"')
    said = other.run(LOAD, "import flask.more", "%pkg install -U flask -y")
    assert "loaded here: restart afterwards" in " ".join(said.split())
    assert (
        "flask 3.1.0 is installed, but this kernel still runs 3.0.3 (flask, flask.more)."
        in " ".join(said.split())
    )


@pytest.mark.usefixtures("engine")
def test_a_failure_is_one_line_with_the_installers_words_below_it(
    other: OtherIPython, flask: Index
) -> None:
    before = snapshot(other.site)
    said = other.run(LOAD, "%pkg install flask nosuchpackage")
    lines = said.strip().splitlines()
    assert lines[0].startswith("EngineFailed: ")
    assert "nosuchpackage" in lines[0]
    assert all(line.startswith("  ") for line in lines[1:2])
    assert "Traceback" not in said
    assert snapshot(other.site) == before
    assert not [name for name in flask.downloads if name.endswith(".whl")]


@pytest.mark.usefixtures("engine", "flask")
def test_a_dry_run_only_shows_the_plan(other: OtherIPython) -> None:
    before = snapshot(other.venv.root)
    said = other.run(LOAD, "plan = %pkg install flask --dry-run", "plan", "print(plan.safe)")
    assert "Install 2 packages" in said
    assert "for flask" in said
    assert "True" in said
    assert snapshot(other.venv.root) == before


@pytest.mark.usefixtures("engine", "flask")
def test_a_cell_holds_one_requirement_a_line(other: OtherIPython) -> None:
    said = other.run(LOAD, "%%pkg install\nflask>=3  # web\n# and\nwerkzeug\n", SAY_VERSION)
    assert "Installed flask 3.1.0 and werkzeug 3.1 in" in said
    assert "got 3.1.0" in said


@pytest.mark.usefixtures("engine")
def test_sync_makes_the_environment_what_a_file_says(other: OtherIPython, flask: Index) -> None:
    flask.add("unwanted", "1.0")
    other.run(LOAD, "%pkg install flask unwanted")
    wanted = other.home / "requirements.txt"
    wanted.write_text("flask==3.0.3\n")
    said = other.run(LOAD, "%pkg sync requirements.txt", "%pkg sync requirements.txt", answer="y")
    assert "↓ downgrade" in said
    assert "− remove" in said
    assert "unwanted" in said
    assert "installed already" in said
    assert not (other.site / "unwanted").exists()
    assert (other.site / "werkzeug").exists()


@pytest.mark.usefixtures("engine", "flask")
def test_upgrade_all_takes_what_has_a_newer_version(other: OtherIPython) -> None:
    other.run(LOAD, '%pkg install "flask<3.1"')
    said = other.run(LOAD, "%pkg upgrade --all -y", "%pkg upgrade --all")
    assert "Upgraded Flask 3.0.3 to 3.1.0" in said
    assert "installed already" in said


@pytest.mark.usefixtures("engine")
def test_upgrade_all_looks_where_it_is_told(
    other: OtherIPython, flask: Index, tmp_path: Path
) -> None:
    other.run(LOAD, '%pkg install "flask<3.1"')
    with Index(tmp_path / "elsewhere") as elsewhere:
        elsewhere.add("Flask", "9.0", files=package("9.0"))
        elsewhere.add("werkzeug", "3.1")
        said = other.run(LOAD, f"%pkg upgrade --all -y --index-url {elsewhere.url}", SAY_VERSION)
    assert "Upgraded Flask 3.0.3 to 9.0" in said
    assert "got 9.0" in said
    assert flask.url not in said


@pytest.mark.usefixtures("flask")
def test_who_does_nothing_says_no_reason_why_it_is_who_does_it(
    other: OtherIPython, engine: str
) -> None:
    said = other.run(LOAD, '%pkg install "flask<3.1"', "%pkg install -U flask --dry-run")
    assert ("pip does it" in said) == (engine == "pip")
    again = other.run(LOAD, "%pkg install flask", "%pkg install flask --dry-run")
    assert "installed already" in again
    assert "pip does it" not in again


@pytest.mark.usefixtures("engine", "flask")
def test_always_asks_and_never_does_not(other: OtherIPython) -> None:
    said = other.run(LOAD, "%config EnvTools.confirm = 'always'", "%pkg install flask")
    assert "Install 2 packages? Nobody is here" in said
    other.run(LOAD, '%pkg install "flask<3.1"')
    said = other.run(LOAD, "%config EnvTools.confirm = 'never'", "%pkg install -U flask")
    assert "Upgraded Flask 3.0.3 to 3.1.0" in said


@pytest.mark.usefixtures("engine")
def test_what_would_break_is_said_also_where_nobody_is_asked(
    other: OtherIPython, flask: Index
) -> None:
    flask.add("flask-login", "0.6", requires=["Flask<3.1"])
    other.run(LOAD, "%pkg install flask-login")
    said = " ".join(other.run(LOAD, "%pkg install flask==3.1.0 -y").split())
    assert "flask-login 0.6 would break: it needs Flask<3.1" in said
    assert "Add flask-login to upgrade it as well." in said
    assert "Upgraded Flask 3.0.3 to 3.1.0" in said


def test_the_setting_chooses_the_engine(
    other: OtherIPython, flask: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", os.path.dirname(uv.find_uv_bin()))
    show = "print('it was', plan.engine)"
    said = other.run(
        LOAD,
        "plan = %pkg install flask --dry-run",
        show,
        "%config EnvTools.engine = 'pip'",
        "plan = %pkg install flask --dry-run",
        show,
    )
    assert said.index("it was uv") < said.index("it was pip")
    assert flask.downloads == [] or all("whl" in name for name in flask.downloads)


@pytest.mark.usefixtures("flask")
def test_an_engine_that_is_not_there_is_one_line(
    other: OtherIPython, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    said = other.run(LOAD, "%config EnvTools.engine = 'uv'", "%pkg install flask")
    assert said.splitlines()[0].startswith("EngineMissing: uv is not installed")
    assert "Traceback" not in said
