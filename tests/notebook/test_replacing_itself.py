"""A kernel that upgrades the very extension it does this with, and what that runs on."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import nbclient
import nbformat
import pytest
import uv

from ..builders import snapshot, wheel
from ..conftest import engine_variables
from .environments import CHECKOUT, KERNEL, KernelEnvironment, make_environment, write_kernelspec
from .lab import write_notebook

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from nbformat import NotebookNode

    from ..index import Index

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

LOAD = "%load_ext ipy_envtools"
POISON = "raise ImportError('a file of the new release is run')\n"
RUN_BY = ("packaging", "filelock", "rich")


def sources(site: Path, module: str) -> dict[str, str | bytes]:
    """The files of an importable package, as a wheel has them."""
    return {
        path.relative_to(site).as_posix(): path.read_bytes()
        for path in (site / module).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }


def requirements() -> list[str]:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    return list(project["project"]["dependencies"])


@pytest.fixture
def kernel(tmp_path: Path) -> KernelEnvironment:
    """A kernel with this package in it as a user has it: installed from a wheel."""
    own = wheel(
        tmp_path / "own",
        "ipy-envtools",
        "0.1.0",
        files=sources(CHECKOUT, "ipy_envtools"),
        requires=requirements(),
    )
    root = tmp_path / "venv"
    python = make_environment(root, "ipykernel", str(own))
    return write_kernelspec(root, python)


@pytest.fixture
def run(
    kernel: KernelEnvironment, index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., NotebookNode]:
    """Run cells in a new kernel that knows the index; nobody can answer."""
    monkeypatch.setenv("JUPYTER_PATH", str(kernel.kernelspecs))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    programs = os.path.dirname(uv.find_uv_bin())
    path = os.pathsep.join((programs, os.environ["PATH"]))
    for name, value in {**engine_variables(index, tmp_path), "PATH": path}.items():
        monkeypatch.setenv(name, value)

    def run(*cells: str) -> NotebookNode:
        place = tmp_path / "notebook.ipynb"
        write_notebook(place, cells)
        notebook = nbformat.read(place, as_version=4)
        client = nbclient.NotebookClient(
            notebook,
            kernel_name=KERNEL,
            timeout=120,
            allow_errors=True,
            resources={"metadata": {"path": str(tmp_path)}},
        )
        return client.execute()

    return run


def said(notebook: NotebookNode) -> list[str]:
    """What each cell put out."""
    return [str(cell.get("outputs", "")) for cell in notebook.cells]


def tree(kernel: KernelEnvironment) -> dict[str, tuple[object, ...]]:
    """The environment without what Python compiles by itself."""
    seen = snapshot(kernel.root)
    return {
        name: look[:2] if look[0] == "directory" else look
        for name, look in seen.items()
        if "__pycache__" not in name
    }


def offer(index: Index, kernel: KernelEnvironment, name: str, *, works: bool) -> None:
    """Version 99 of a package that the kernel runs on, with a file that tells it."""
    module = name.replace("-", "_")
    files = sources(kernel.site, module)
    if not works:
        files = {path: POISON for path in files if path.endswith(".py")}
    requires = requirements() if name == "ipy-envtools" else []
    index.add(name, "99.0", files={**files, f"{module}/of_99.py": ""}, requires=requires)


def test_an_upgrade_of_this_extension_completes_and_says_to_restart(
    kernel: KernelEnvironment, index: Index, run: Callable[..., NotebookNode]
) -> None:
    """Every file of the new release refuses to run, so none of them is looked at before that."""
    offer(index, kernel, "ipy-envtools", works=False)
    before = tree(kernel)
    _, upgraded, listed, undone, again = said(
        run(LOAD, "%pkg upgrade ipy-envtools -y", "%pkgs", "%pkg undo -y", "%pkg history")
    )
    assert "ipy-envtools 99.0 is installed, but this kernel still runs 0.1.0" in upgraded
    assert "Restart" in upgraded
    assert "99.0" in listed
    for output in (upgraded, listed, undone, again):
        assert "ImportError" not in output
        assert "Traceback" not in output
        assert "'error'" not in output
    assert "Upgraded ipy-envtools" in again
    assert tree(kernel) == before


def test_what_this_extension_runs_on_is_replaced_by_force_and_comes_back(
    kernel: KernelEnvironment, index: Index, run: Callable[..., NotebookNode]
) -> None:
    for name in RUN_BY:
        offer(index, kernel, name, works=False)
    before = tree(kernel)
    _, refused, upgraded, listed, undone = said(
        run(
            LOAD,
            f"%pkg upgrade {' '.join(RUN_BY)} -y",
            f"%pkg upgrade {' '.join(RUN_BY)} -y --force",
            "%pkgs",
            "%pkg undo -y",
        )
    )
    assert "PlanBlocked" in refused
    assert "--force" in refused
    assert "Upgraded" in upgraded
    assert "this kernel still runs" in upgraded
    for output in (upgraded, listed, undone):
        assert "a file of the new release" not in output
        assert "'error'" not in output
    assert tree(kernel) == before


def test_the_new_release_takes_back_its_own_upgrade(
    kernel: KernelEnvironment, index: Index, run: Callable[..., NotebookNode]
) -> None:
    offer(index, kernel, "ipy-envtools", works=True)
    before = tree(kernel)
    run(LOAD, "%pkg upgrade ipy-envtools -y")
    _, new, undone, listed = said(
        run(LOAD, "import ipy_envtools.of_99; print('it is new')", "%pkg undo -y", "%pkgs")
    )
    assert "it is new" in new
    assert "'error'" not in undone + listed
    assert tree(kernel) == before
    assert "'error'" not in "".join(said(run(LOAD, "%pkgs", "%pkg history")))


def test_this_extension_takes_itself_out_and_brings_itself_back(
    kernel: KernelEnvironment, run: Callable[..., NotebookNode]
) -> None:
    before = tree(kernel)
    _, uninstalled, listed, undone = said(
        run(LOAD, "%pkg uninstall ipy-envtools -y --force", "%pkgs", "%pkg undo -y")
    )
    assert "Uninstalled ipy-envtools 0.1.0" in uninstalled
    for output in (uninstalled, listed, undone):
        assert "'error'" not in output
    assert tree(kernel) == before
