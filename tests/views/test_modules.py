"""Where a module comes from, as it is said."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import pytest
from rich.cells import cell_len

from ipy_envtools.environment import scan
from ipy_envtools.kernel import find_module
from ipy_envtools.views import static, text
from tests.builders import dist_info

from .test_static import ALLOWED, Reader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A directory with a package; the working directory, looked into first, is beside it."""
    site = tmp_path / "site"
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    dist_info(site, "opencv-thing", "4.1", files={"qq_cv/__init__.py": "", "qq_cv/mat.py": ""})
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.syspath_prepend("")
    monkeypatch.setenv("HOME", str(tmp_path))
    before = set(sys.modules)
    yield site
    for name in set(sys.modules) - before:
        del sys.modules[name]


def shown(name: str) -> str:
    rendered = text.render(find_module(name, scan()), 80)
    assert max(map(cell_len, rendered.splitlines())) <= 80
    return re.sub(r"\s+", " ", rendered)


def test_a_module_of_a_package(site: Path) -> None:
    said = "qq_cv · opencv-thing 4.1 Import loads ~/site/qq_cv/__init__.py Loaded no"
    assert shown("qq_cv") == said
    read = Reader(static.render(find_module("qq_cv", scan())))
    assert set(read.tags) <= ALLOWED
    assert "opencv-thing 4.1" in read.text
    assert "~/site/qq_cv/__init__.py" in read.text


def test_a_forbidden_module(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "qq_cv", None)
    monkeypatch.setitem(sys.modules, "qq_nowhere", None)
    said = "Loaded no, and an import raises: sys.modules['qq_cv'] is None; del sys.modules['qq_cv']"
    assert said in shown("qq_cv")
    assert find_module("qq_nowhere", scan()).is_known


def test_a_loaded_module(site: Path) -> None:
    __import__("qq_cv")
    assert shown("qq_cv").endswith("Loaded yes, from that file")


def test_a_module_that_was_loaded_from_elsewhere_is_told_with_both_files(site: Path) -> None:
    __import__("qq_cv")
    (site / "qq_cv").rename(site / "away")
    (site / "qq_cv.py").write_text("")
    said = shown("qq_cv")
    assert "Import loads ~/site/qq_cv.py" in said
    assert "Loaded yes, from ~/site/qq_cv/__init__.py; only after a restart from the other" in said


def test_a_shadow_names_both_files_and_what_to_do(site: Path) -> None:
    (site.parent / "here" / "qq_cv.py").write_text("")
    said = shown("qq_cv")
    assert "Shadowed in the working directory, qq_cv.py takes the place of" in said
    assert "~/site/qq_cv/__init__.py; rename it" in said


def test_other_packages_with_the_same_module_are_named(site: Path) -> None:
    dist_info(site, "opencv-headless", "4.1", files={"qq_cv/__init__.py": ""})
    assert "Packages opencv-headless 4.1 · others bring one too: opencv-thing 4.1" in shown("qq_cv")


def test_a_namespace_names_its_packages(site: Path) -> None:
    for letter in "ab":
        dist_info(site, f"cloud-{letter}", files={f"qq_cloud/{letter}.py": ""})
    said = shown("qq_cloud")
    assert "qq_cloud · a namespace of 2 packages" in said
    assert "Packages cloud-a 1.0, cloud-b 1.0" in said
    assert "~/site/qq_cloud · a namespace package" in said


def test_python_s_own_and_nobody_s_are_told_apart(site: Path) -> None:
    (site.parent / "here" / "qq_mine.py").write_text("")
    assert shown("sys").startswith("sys · part of Python")
    assert shown("qq_mine").startswith("qq_mine · no installed package brings it")


def test_files_that_are_gone_are_an_error(site: Path) -> None:
    for path in (site / "qq_cv").iterdir():
        path.unlink()
    (site / "qq_cv").rmdir()
    assert "Import loads nothing: its files are not there" in shown("qq_cv")
