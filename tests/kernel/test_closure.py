"""What this kernel runs on."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.requirements import Requirement

from ipy_envtools import scan
from ipy_envtools.formats.lock_file import parse_toml
from ipy_envtools.kernel import kernel_closure
from tests.plans.fabricated import Fabricated

PROJECT = Path(__file__).parents[2] / "pyproject.toml"


@pytest.fixture
def made(tmp_path: Path) -> Fabricated:
    """The environment that this process pretends to run in."""
    made = Fabricated(tmp_path)
    made.changes["is_running"] = True
    return made


def test_everything_that_the_roots_need_is_part_of_it(made: Fabricated) -> None:
    made.add("ipykernel", requires=["IPython>=7", "jupyter_client"])
    made.add("ipython", requires=["traitlets", "colorama; sys_platform == 'win32'"])
    made.add("jupyter-client", requires=["Traitlets", "missing-here"])
    made.add("ipywidgets", requires=["comm"])
    for name in ("traitlets", "comm", "colorama", "flask"):
        made.add(name)
    assert kernel_closure(made.packages()) == {
        "ipykernel": "ipykernel",
        "jupyter-client": "ipykernel",
        "ipython": "ipykernel",
        "traitlets": "ipykernel",
        "ipywidgets": "ipywidgets",
        "comm": "ipywidgets",
    }


def test_what_only_an_extra_needs_that_nobody_asked_for_is_not(made: Fabricated) -> None:
    made.add("ipykernel", requires=["tornado; extra == 'test'"], extras=["test"])
    made.add("ipython", requires=["jedi; extra == 'fast'"], extras=["fast"])
    made.add("ipywidgets", requires=["ipython[fast]"])
    made.add("tornado")
    made.add("jedi")
    closure = kernel_closure(made.packages())
    assert "tornado" not in closure
    assert closure["jedi"] in ("ipython", "ipywidgets")


def test_packages_that_need_each_other_end(made: Fabricated) -> None:
    made.add("ipython", requires=["a"])
    made.add("a", requires=["b", "ipython"])
    made.add("b", requires=["a"])
    assert set(kernel_closure(made.packages())) == {"ipython", "a", "b"}


def test_what_this_package_needs_is_part_of_it_also_where_it_is_not_installed(
    made: Fabricated,
) -> None:
    """Imported from a checkout, say: without these a change could not even be undone."""
    declared = parse_toml(PROJECT.read_text(encoding="utf-8"))["project"]["dependencies"]
    names = [Requirement(text).name for text in declared]
    for name in names:
        made.add(name)
    found = made.packages()
    assert kernel_closure(found).keys() >= set(names)
    assert kernel_closure(found)["filelock"] == "ipy-envtools"


def test_another_environments_kernel_is_not_this_one(made: Fabricated) -> None:
    made.add("ipykernel")
    made.changes["is_running"] = False
    assert kernel_closure(made.packages()) == {}


def test_this_environment_holds_what_its_kernel_runs_on() -> None:
    closure = kernel_closure(scan())
    assert {"ipykernel", "ipython", "ipywidgets", "traitlets", "pyzmq"} <= closure.keys()
    assert "pytest" not in closure
