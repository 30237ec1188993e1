"""Files that act in every start of Python are listed with their owners."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from ipy_envtools.environment import scan

from ..builders import Venv, dist_info, egg_info
from .looking import kinds, messages

if TYPE_CHECKING:
    from pathlib import Path


def test_a_startup_file_belongs_to_the_package_that_recorded_it(site: Path) -> None:
    dist_info(site, "hook", files={"hook.pth": "import hook\n/nowhere\n# import this\n"})
    packages = scan(paths=[site])
    (file,) = packages.startup_files
    assert file.path == site / "hook.pth"
    assert file.owners == (packages["hook"],)
    assert file.code == ("import hook",)
    assert [str(path) for path in file.directories] == ["/nowhere"]
    assert packages.problems == ()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("evil.pth", "import os; os.system('true')\n", "runs code (import os;"),
        ("paths.pth", "/some/where\n", "adds directories"),
        ("empty.pth", "", "is read"),
        ("entry.start", "module:function\n", "runs code (module:function)"),
    ],
)
def test_a_startup_file_of_nobody_is_reported(
    site: Path, name: str, content: str, said: str
) -> None:
    dist_info(site, "thing")
    (site / name).write_text(content)
    packages = scan(paths=[site])
    assert kinds(packages) == ["startup-unowned"]
    (message,) = messages(packages, "startup-unowned")
    assert str(site / name) in message
    assert said in message


def test_a_record_may_name_a_startup_file_by_a_way_round(site: Path) -> None:
    row = f"../{site.name}/hook.pth,,"
    dist_info(site, "hook", rows=[row])
    (site / "hook.pth").write_text("import hook\n")
    packages = scan(paths=[site])
    assert packages.startup_files[0].owners == (packages["hook"],)


def test_easy_install_pth_belongs_to_the_development_links_in_it(
    site: Path, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        egg_info(tmp_path / name, name, None)
        (site / f"{name}.egg-link").write_text(f"{tmp_path / name}\n.")
    (site / "easy-install.pth").write_text(f"{tmp_path / 'one'}\n{tmp_path / 'two'}")
    packages = scan(paths=[site])
    (file,) = packages.startup_files
    assert file.owners == (packages["one"], packages["two"])
    assert packages.problems == ()


def test_what_makes_an_environment_may_leave_its_own_file(site: Path) -> None:
    (site / "_virtualenv.pth").write_text("import _virtualenv")
    assert scan(paths=[site]).problems == ()
    (site / "_virtualenv.pth").write_text("import _virtualenv, evil")
    assert kinds(scan(paths=[site])) == ["startup-unowned"]


def test_only_directories_that_python_reads_them_in_count(
    venv: Venv, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    dist_info(elsewhere, "thing")
    (elsewhere / "ignored.pth").write_text("import nothing\n")
    monkeypatch.setenv("PYTHONPATH", str(elsewhere))
    packages = scan(venv.python)
    assert "thing" in packages
    assert packages.startup_files == ()


@pytest.mark.skipif(os.name == "nt", reason="FIFO")
def test_a_startup_file_that_cannot_be_read_is_reported(site: Path) -> None:
    os.mkfifo(site / "pipe.pth")
    (site / "directory.pth").mkdir()
    (site / "dangling.pth").symlink_to("nowhere")
    packages = scan(paths=[site])
    assert kinds(packages) == ["unreadable"] * 3
