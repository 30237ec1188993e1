"""What comes while a kernel runs is found by its imports, without running anybody's code."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

import pytest

from ipy_envtools.kernel import extend_search_path, startup_code
from tests.builders import dist_info
from tests.plans.fabricated import Fabricated

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fabricated]:
    """An environment that this process seems to run in; its path and modules are put back."""
    made = Fabricated(tmp_path)
    made.changes.update(is_running=True)
    monkeypatch.setattr(sys, "path", [*sys.path, str(made.site)])
    before = set(sys.modules)
    yield made
    for name in set(sys.modules) - before:
        del sys.modules[name]


def test_the_source_tree_of_an_editable_is_found(made: Fabricated, tmp_path: Path) -> None:
    source = tmp_path / "project" / "src"
    source.mkdir(parents=True)
    source.joinpath("qq_source.py").write_text("")
    dist_info(made.site, "project", files={"_project.pth": f"{source}\n{tmp_path / 'nowhere'}\n"})
    extend_search_path(["project"], made.packages())
    extend_search_path(["project"], made.packages())
    importlib.invalidate_caches()
    assert importlib.import_module("qq_source").__file__ == str(source / "qq_source.py")
    assert sys.path[-1] == str(source)
    assert sys.path.count(str(source)) == 1


def test_a_site_directory_that_was_not_there_at_the_start_is_found(
    made: Fabricated, monkeypatch: pytest.MonkeyPatch
) -> None:
    dist_info(made.site, "newcomer", files={"qq_newcomer.py": ""})
    monkeypatch.setattr(sys, "path", sys.path[:-1])
    extend_search_path(["newcomer", "nobody"], made.packages())
    assert sys.path[-1] == str(made.site)


def test_other_environments_do_not_change_this_process(made: Fabricated, tmp_path: Path) -> None:
    made.changes.update(is_running=False)
    dist_info(made.site, "project", files={"_project.pth": f"{tmp_path}\n"})
    before = list(sys.path)
    extend_search_path(["project"], made.packages())
    assert sys.path == before


def test_code_is_named_and_not_run(made: Fabricated) -> None:
    lines = "import sys; sys.qq_was_run = True\n"
    dist_info(made.site, "starter", files={"starter.pth": lines, "starter.py": ""})
    dist_info(made.site, "plain", files={"plain.py": ""})
    packages = made.packages()
    extend_search_path(["starter", "plain"], packages)
    assert not hasattr(sys, "qq_was_run")
    code = startup_code(["starter", "plain", "nobody"], packages)
    assert code == {"starter": frozenset({("import sys; sys.qq_was_run = True",)})}
