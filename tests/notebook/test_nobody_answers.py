"""The same notebooks where nobody can answer: nbclient, nbconvert, and the tour."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import nbformat
import pytest
import uv
from nbclient.exceptions import CellExecutionError
from nbconvert import HTMLExporter

from ..builders import dist_info, snapshot
from .environments import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from nbformat import NotebookNode

    from .environments import KernelEnvironment

LOAD = "%load_ext ipy_envtools"


@pytest.fixture
def demo(kernel_environment: KernelEnvironment) -> Path:
    """One package that can go."""
    info = dist_info(kernel_environment.site, "demo-batch", "2.0")
    yield info
    for path in (info, info.parent / "demo_batch"):
        for inside in sorted(path.rglob("*"), reverse=True):
            inside.rmdir() if inside.is_dir() else inside.unlink()
        if path.exists():
            path.rmdir()


def outputs_of(notebook: NotebookNode) -> list[NotebookNode]:
    return [output for cell in notebook.cells for output in cell.get("outputs", ())]


def test_an_uninstall_without_y_raises_and_says_to_add_it(
    run_notebook: Callable[..., NotebookNode], demo: Path
) -> None:
    with pytest.raises(CellExecutionError, match="add -y"):
        run_notebook(LOAD, "%pkg uninstall demo-batch")
    assert demo.exists()


def test_with_y_it_goes_through_and_undo_brings_it_back(
    run_notebook: Callable[..., NotebookNode], demo: Path
) -> None:
    before = snapshot(demo)
    gone = "import importlib.util; print(importlib.util.find_spec('demo_batch') is None)"
    notebook = run_notebook(LOAD, "%pkg uninstall demo-batch -y", gone, "%pkg undo -y", gone)
    said = str(outputs_of(notebook))
    assert "Uninstalled demo-batch 2.0" in said
    assert "Brought back demo-batch 2.0" in said
    assert [o.text for o in outputs_of(notebook) if o.output_type == "stream"] == [
        "True\n",
        "False\n",
    ]
    assert snapshot(demo) == before


def test_no_widget_is_made_and_the_page_asks_nothing_of_the_network(
    run_notebook: Callable[..., NotebookNode], demo: Path
) -> None:
    """nbconvert's own page names a few addresses; what matters is that no output adds to them."""
    notebook = run_notebook(
        LOAD, "%pkgs", "%pkg show demo-batch", "%pkg uninstall demo-batch --dry-run"
    )
    assert "widgets" not in notebook.metadata
    for output in outputs_of(notebook):
        assert set(output.get("data", {})) <= {"text/html", "text/plain"}
    page, _ = HTMLExporter().from_notebook_node(notebook)
    assert "<table" in page
    assert "demo-batch" in page
    for cell in notebook.cells:
        cell.outputs = []
    without_outputs, _ = HTMLExporter().from_notebook_node(notebook)
    assert requests_of(page) == requests_of(without_outputs)
    assert page.count("<script") == without_outputs.count("<script")


def requests_of(page: str) -> set[str]:
    """The addresses that a browser fetches by itself; a link to click is not one."""
    return set(
        re.findall(
            r"""(?:\bsrc\s*=|<link[^>]*href\s*=|url\(|@import)\s*["']?(\w+:?//[^"')\s]+)""", page
        )
    )


def test_in_a_real_kernel_a_mistake_is_one_line(run_notebook: Callable[..., NotebookNode]) -> None:
    notebook = run_notebook(
        LOAD,
        "%pkg uninstal flask",
        "%pkgs --sort siez",
        "%pkg uninstall ipykernel -y",
        "%pkg uninstall ipykernel",
        allow_errors=True,
    )
    said = [
        re.sub(r"\x1b\[[\d;]*m", "", "".join(output.get("traceback", ()) or output.get("text", "")))
        for output in outputs_of(notebook)
    ]
    assert [text.strip().count("\n") for text in said] == [0, 0, 0, 0]
    for text, answer in zip(said, ["uninstall?", "size?", "--force", "--force"], strict=True):
        assert answer in text


def test_ipywidgets_is_not_imported(run_notebook: Callable[..., NotebookNode], demo: Path) -> None:
    notebook = run_notebook(
        LOAD,
        "import sys; sys.modules.pop('ipywidgets', None);",
        "%pkgs",
        "%pkg uninstall demo-batch -y",
        "%pkg undo -y",
        "print('ipywidgets' in sys.modules)",
    )
    assert outputs_of(notebook)[-1].text == "False\n"


def test_the_tour_runs_without_a_click_and_leaves_everything_as_it_was(
    run_notebook: Callable[..., NotebookNode],
    kernel_environment: KernelEnvironment,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # the README's command for the tour installs uv beside the kernel
    monkeypatch.setenv("PATH", os.path.dirname(uv.find_uv_bin()), prepend=os.pathsep)
    tour = nbformat.read(CHECKOUT / "notebooks" / "tour.ipynb", as_version=4)
    ignored = (".ipy-envtools", "__pycache__", ".lock")
    before = {
        name: seen[-1]
        for name, seen in snapshot(kernel_environment.root, ignore=ignored).items()
        if seen[0] != "directory"
    }
    notebook = run_notebook(*(cell.source for cell in tour.cells if cell.cell_type == "code"))
    after = {
        name: seen[-1]
        for name, seen in snapshot(kernel_environment.root, ignore=ignored).items()
        if seen[0] != "directory"
    }
    assert after == before
    said = str(outputs_of(notebook))
    assert "Installed tour-postcard 1.0" in said
    assert "Uninstalled" in said
    assert "Brought back" in said


def test_the_tour_is_stored_without_outputs() -> None:
    tour = nbformat.read(CHECKOUT / "notebooks" / "tour.ipynb", as_version=4)
    nbformat.validate(tour)
    assert not outputs_of(tour)
