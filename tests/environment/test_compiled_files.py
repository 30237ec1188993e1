"""Compiled files whose source is gone are found, and everything that is of use is let be."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from ipy_envtools.environment import scan

from ..builders import dist_info
from .looking import kinds

if TYPE_CHECKING:
    from pathlib import Path

    from ..builders import Venv

TAG = "cpython-311"


def put(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\0" * 16)
    return path


def test_what_a_tool_left_that_removed_only_the_sources_is_one_problem_a_directory(
    site: Path,
) -> None:
    left = {
        put(site / "flask" / "__pycache__" / f"app.{TAG}.pyc"),
        put(site / "flask" / "__pycache__" / f"app.{TAG}.opt-2.pyc"),
        put(site / "flask" / "json" / "__pycache__" / "tag.pypy39.pyc"),
        put(site / "flask" / "tests" / "__pycache__" / f"test_a.{TAG}-pytest-8.3.4.pyc"),
    }
    single = put(site / "__pycache__" / f"six.{TAG}.pyc")
    in_package, in_site = sorted(scan(paths=[site]).problems, key=lambda p: -len(p.paths))
    assert in_package.kind == in_site.kind == "compiled-orphaned"
    assert set(in_package.paths) == left
    assert in_site.paths == (single,)
    assert f"{site / 'flask'} holds 4 compiled files" in in_package.message
    assert f"{site} holds 1 compiled file (six.{TAG}.pyc)" in in_site.message
    assert "%pkg repair" in in_site.message


def test_the_first_page_does_not_look_for_them(site: Path) -> None:
    put(site / "__pycache__" / f"six.{TAG}.pyc")
    assert scan(paths=[site]).quick_problems == ()


def test_what_has_a_source_in_any_language_is_no_orphan(site: Path) -> None:
    for name in ("plain.py", "lisp.hy", "program", "with.dots.py"):
        put(site / "thing" / name)
        stem = name.rpartition(".")[0] or name
        put(site / "thing" / "__pycache__" / f"{stem}.{TAG}.pyc")
    (site / "thing" / "linked.py").symlink_to("nowhere")
    put(site / "thing" / "__pycache__" / f"linked.{TAG}.pyc")
    assert kinds(scan(paths=[site])) == []


def test_a_distribution_without_sources_is_let_be(site: Path) -> None:
    """Compiled files beside other modules are imported, whether RECORD names them or not."""
    dist_info(site, "sourceless", files={"sourceless/__init__.pyc": "x", "sourceless/a.pyc": "x"})
    put(site / "unrecorded" / "__init__.pyc")
    put(site / "alone.pyc")
    assert kinds(scan(paths=[site])) == []


def test_what_a_record_names_is_let_be_and_so_is_what_it_lost_the_source_of(site: Path) -> None:
    dist_info(site, "thing", files={f"thing/__pycache__/a.{TAG}.pyc": "x", "thing/b.py": ""})
    put(site / "thing" / "__pycache__" / f"b.{TAG}.pyc")
    (site / "thing" / "b.py").unlink()
    assert kinds(scan(paths=[site])) == ["files-missing"]


@pytest.mark.skipif(os.name == "nt", reason="links")
def test_links_are_not_followed(site: Path, tmp_path: Path) -> None:
    put(tmp_path / "elsewhere" / "__pycache__" / f"gone.{TAG}.pyc")
    (site / "package").symlink_to(tmp_path / "elsewhere")
    (site / "other").mkdir()
    (site / "other" / "__pycache__").symlink_to(tmp_path / "elsewhere" / "__pycache__")
    (site / "upwards").symlink_to("..")
    assert kinds(scan(paths=[site])) == []


def test_what_is_no_compiled_file_of_a_module_is_let_be(site: Path) -> None:
    put(site / "thing" / "__pycache__" / "notes.txt")
    put(site / "thing" / "__pycache__" / "untagged.pyc")
    put(site / "thing" / "__pycache__" / f"numba.{TAG}.nbc")
    (site / "thing" / "__pycache__" / f"directory.{TAG}.pyc").mkdir()
    assert kinds(scan(paths=[site])) == []


def test_a_directory_that_lies_in_another_is_looked_at_once(site: Path) -> None:
    put(site / "inner" / "__pycache__" / f"gone.{TAG}.pyc")
    assert kinds(scan(paths=[site, site / "inner"])) == ["compiled-orphaned"]


def test_directories_that_a_developer_works_in_are_not_looked_into(
    venv: Venv, tmp_path: Path
) -> None:
    put(tmp_path / "source" / "__pycache__" / f"gone.{TAG}.pyc")
    dist_info(tmp_path / "source", "thing")
    (venv.site / "thing.pth").write_text(f"{tmp_path / 'source'}\n")
    packages = scan(venv.python)
    assert "thing" in packages
    assert "compiled-orphaned" not in kinds(packages)
