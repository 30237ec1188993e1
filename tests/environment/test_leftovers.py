"""What an interrupted pip left behind is told from what is only called like it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from ipy_envtools.environment import scan

from ..builders import dist_info

if TYPE_CHECKING:
    from pathlib import Path


def found(site: Path) -> dict[str, str]:
    """Kinds by the names of what they are about."""
    problems = scan(paths=[site]).problems
    return {p.paths[0].name: p.kind for p in problems if p.kind.startswith("leftover")}


def put(path: Path, *files: str) -> None:
    for file in files:
        (path / file).parent.mkdir(parents=True, exist_ok=True)
        (path / file).write_text("")


@pytest.mark.parametrize("name", ["~lask", "~-ask", "~%0sk", "~flask", "~-flask"])
def test_a_renamed_directory_of_an_installed_package_is_pips(site: Path, name: str) -> None:
    """What pip calls flask while it replaces it, when other names are taken already, too."""
    dist_info(site, "flask", files={"flask/__init__.py": "", "flask/json/tag.py": ""})
    put(site / name, "__init__.py", "json/tag.py", "json/__pycache__/tag.cpython-39.pyc")
    assert found(site) == {name: "leftover"}


def test_a_package_that_is_gone_is_known_by_the_record_that_was_left_with_it(site: Path) -> None:
    put(site / "~lask", "__init__.py", "compat.py")
    assert found(site) == {"~lask": "leftover-unclear"}
    put(site / "~lask-1.0.dist-info", "METADATA", "LICENSE.rst", "licenses/AUTHORS")
    (site / "~lask-1.0.dist-info" / "RECORD").write_text("flask/__init__.py,,\nflask/compat.py,,\n")
    assert found(site) == {"~lask": "leftover", "~lask-1.0.dist-info": "leftover"}


@pytest.mark.parametrize(
    "path", ["~lask/mine.txt", "~lask/json/mine.py", "~lask/__pycache__/mine.cpython-311.pyc"]
)
def test_a_file_that_no_package_recorded_makes_it_anybodys(site: Path, path: str) -> None:
    dist_info(site, "flask", files={"flask/__init__.py": "", "flask/json/tag.py": ""})
    put(site / "~lask", "__init__.py")
    put(site, path)
    assert found(site) == {"~lask": "leftover-unclear"}


@pytest.mark.parametrize("file", ["mine.txt", "notes/METADATA", "METADATA.old"])
def test_a_file_that_is_no_metadata_makes_an_entry_anybodys(site: Path, file: str) -> None:
    put(site / "~lask-1.0.dist-info", "METADATA", file)
    assert found(site) == {"~lask-1.0.dist-info": "leftover-unclear"}


@pytest.mark.parametrize(
    "name", ["~backup", "~sk", "~askfl", "~---sk", "~-sk", "~xlask", "~lask.old"]
)
def test_a_directory_that_fits_no_package_is_anybodys(site: Path, name: str) -> None:
    dist_info(site, "flask", rows=["/absolute/path.py,,"])
    (site / name).mkdir()
    assert found(site) == {name: "leftover-unclear"}
    (problem,) = [p for p in scan(paths=[site]).problems if p.paths[0].name == name]
    assert "look into it" in problem.message
    assert "%pkg repair" not in problem.message
    assert problem.severity == "note"


@pytest.mark.skipif(os.name == "nt", reason="links, and names that Windows does not allow")
def test_what_pip_never_makes_is_not_ours_to_judge(site: Path, tmp_path: Path) -> None:
    dist_info(site, "flask", files={"flask/__init__.py": "", "flask.py": ""})
    (site / "~lask.py").write_text("")
    (site / "~$letter.docx").write_text("")
    (site / "~").mkdir()
    (site / "~ my own things").mkdir()
    put(tmp_path / "elsewhere", "__init__.py")
    (site / "~lask").symlink_to(tmp_path / "elsewhere")
    assert found(site) == {}
    (site / "~lask-1.0.dist-info").symlink_to(tmp_path / "elsewhere")
    (site / "~other-1.0.egg-info").write_text("")
    assert set(found(site).values()) == {"leftover-unclear"}


@pytest.mark.skipif(os.name == "nt", reason="links")
def test_a_link_inside_is_no_file_of_a_package(site: Path, tmp_path: Path) -> None:
    dist_info(site, "flask", files={"flask/__init__.py": ""})
    put(site / "~lask", "__init__.py")
    (site / "~lask" / "deeper").symlink_to(tmp_path)
    assert found(site) == {"~lask": "leftover-unclear"}
