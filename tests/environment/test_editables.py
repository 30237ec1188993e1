"""Editable installations: what they import, where from, and whether that is still there."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from ipy_envtools.environment import scan

from ..builders import dist_info
from .looking import kinds, run_inside


def install(site: Path, name: str, source: Path, files: dict[str, str]) -> None:
    url = json.dumps({"url": source.as_uri(), "dir_info": {"editable": True}})
    dist_info(site, name, files=files, direct_url=url)


def package(directory: Path, *names: str) -> Path:
    for name in names:
        (directory / name).mkdir(parents=True)
        (directory / name / "__init__.py").write_text("")
    return directory


def test_a_src_directory_holds_what_can_be_imported(site: Path, tmp_path: Path) -> None:
    source = tmp_path / "pro ject é"
    package(source / "src", "one", "two")
    (source / "src" / "three.py").write_text("")
    (source / "pyproject.toml").write_text("")
    install(site, "thing", source, {"_thing.pth": f"{source / 'src'}\n"})
    packages = scan(paths=[site])
    found = packages["thing"]
    assert found.import_names == ("one", "two")
    assert found.location == source / "src"
    assert found.source == source
    assert packages.providers("two") == (found,)
    assert packages.problems == ()


def test_beside_project_files_only_what_is_called_like_the_project_counts(
    site: Path, tmp_path: Path
) -> None:
    source = package(tmp_path / "project", "my_thing", "tests", "docs")
    (source / "pyproject.toml").write_text("")
    (source / "setup.py").write_text("")
    install(site, "My-Thing", source, {"my_thing.pth": f"{source}\n"})
    assert scan(paths=[site])["my-thing"].import_names == ("my_thing",)


@pytest.mark.parametrize(
    "finder",
    [
        "MAPPING: dict[str, str] = {{'one': {path!r}, 'module': {module!r}}}\nNAMESPACES = {{}}\n",
        "MAPPING = {{'one': {path!r}, 'module': {module!r}}}\n",
        "F.install()\nF.map_module('one', {path!r})\nF.map_module('module', {module!r})\n",
    ],
)
def test_a_finder_is_read_but_never_executed(site: Path, tmp_path: Path, finder: str) -> None:
    source = package(tmp_path / "project", "one")
    (source / "module.py").write_text("")
    text = finder.format(path=str(source / "one"), module=str(source / "module"))
    text += "raise SystemExit('executed')\n"
    files = {"__editable__.thing.pth": "import __editable___thing\n", "__editable___thing.py": text}
    install(site, "thing", source, files)
    packages = scan(paths=[site])
    assert packages["thing"].import_names == ("module", "one")
    assert packages["thing"].location == source
    assert packages.problems == ()
    shutil.rmtree(source / "one")
    (source / "module.py").unlink()
    assert kinds(scan(paths=[site])) == ["editable-dangling"]


@pytest.mark.parametrize(
    "finder",
    ["", "MAPPING = 3", "MAPPING = {1: 2}", "MAPPING = {**x}", "(" * 5_000, "\0", "F.map_module()"],
)
def test_a_finder_that_says_nothing_does_no_harm(site: Path, tmp_path: Path, finder: str) -> None:
    install(site, "thing", package(tmp_path / "project", "thing"), {"__editable___f.py": finder})
    packages = scan(paths=[site])
    assert packages["thing"].import_names == ("thing",)
    assert packages.problems == ()


@pytest.mark.parametrize("written", ["a'b", 'a"b', "a\\b", "é\u20ac\U0001f40d", "a\tb", "\\x41"])
def test_a_path_in_a_finder_is_what_was_written(site: Path, tmp_path: Path, written: str) -> None:
    path = str(tmp_path / written)
    files = {
        "__editable___one.py": f"MAPPING: dict[str, str] = {{'one': {path!r}}}\n",
        "_editable_impl_two.py": f"F.map_module('two', {path!a})\n",
    }
    install(site, "thing", tmp_path, files)
    links = scan(paths=[site])["thing"].editable_links
    assert links.modules == {"one": path, "two": path}


def test_a_deep_expression_in_a_finder_does_not_end_the_process(site: Path, tmp_path: Path) -> None:
    deep = "x = a" + ".b" * 300_000 + "\n" + "MAPPING = {'one': '/one'}\n" + "(" * 100_000
    install(site, "thing", tmp_path, {"__editable___thing_finder.py": deep})
    program = "print(scan(paths=sys.argv[1:])['thing'].import_names)"
    assert run_inside(Path(sys.executable), program, str(site)).strip() == "('one',)"


def test_a_directory_that_nothing_puts_on_the_path_is_not_claimed_whole(
    site: Path, tmp_path: Path
) -> None:
    source = package(tmp_path / "no project", "io", "json")
    install(site, "thing", source, {})
    packages = scan(paths=[site])
    assert packages["thing"].import_names == ()
    assert packages.providers("io") == ()


def test_a_source_tree_that_is_gone_is_reported_once(site: Path, tmp_path: Path) -> None:
    install(site, "thing", tmp_path / "gone", {"_thing.pth": f"{tmp_path / 'gone'}\n"})
    (problem,) = scan(paths=[site]).problems
    assert problem.kind == "editable-dangling"
    assert str(tmp_path / "gone") in problem.message
    assert "%pkg uninstall thing" in problem.message


def test_a_path_that_leads_out_of_an_existing_source_tree_to_nowhere_is_reported(
    site: Path, tmp_path: Path
) -> None:
    source = package(tmp_path / "project", "thing")
    install(site, "thing", source, {"_thing.pth": f"{source / 'src'}\n"})
    (problem,) = scan(paths=[site]).problems
    assert problem.kind == "editable-dangling"
    assert str(source / "src") in problem.message
