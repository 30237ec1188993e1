"""What loading costs, whether re-running leaks, and how long a person waits for the list."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

import nbformat
import pytest

from ..notebook.conftest import browser as browser  # the same one, of the same set-up
from ..notebook.lab import Lab, running_lab
from .environments import BuiltEnvironment, fabricated_environment, server_environment
from .kernels import running_kernel, write_kernelspec
from .report import Line
from .timing import interleaved, measured

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from .report import Report

    Hold = Callable[[str, Line], None]

_LOAD = "%load_ext ipy_envtools"
_COUNT_MODELS = "from ipywidgets.widgets import widget; print(len(widget._instances))"

_ROWS_ARE_VISIBLE = """async () => {
    const start = performance.now();
    const elapsed = new Promise(resolve => {
        const look = () => {
            const rows = document.querySelectorAll('.jp-OutputArea-output .envtools-row');
            const shown = [...rows].some(row => row.offsetHeight > 0 && row.innerText.trim());
            if (shown) resolve(performance.now() - start);
            else requestAnimationFrame(look);
        };
        look();
    });
    window.jupyterapp.commands.execute('notebook:run-cell');
    return await elapsed;
}"""


def test_loading_the_extension_takes_60_ms_without_widgets_and_rich(
    hold: Hold, report: Report, real: BuiltEnvironment
) -> None:
    """In a process that has IPython's shell, as every kernel has."""
    loads = [measured(real, "load") for _ in range(12)][1:]
    for load in loads:
        roots = {name.partition(".")[0] for name in load["imported"]}
        assert not roots & {"ipywidgets", "rich"}
    first_use = statistics.median(load["first use"] for load in loads)
    report.add("notebook", Line("importing the scanner at its first use", first_use))
    median = statistics.median(load["load_ext"] for load in loads)
    hold("notebook", Line("%load_ext ipy_envtools", median, bar=60))


def test_running_the_list_fifty_times_leaves_as_many_models_as_running_it_once(
    hold: Hold, real: BuiltEnvironment, tmp_path: Path
) -> None:
    with running_kernel(real, tmp_path) as run:
        run(_LOAD)
        run("%pkgs")
        once = int(run(_COUNT_MODELS))
        for _ in range(49):
            run("%pkgs")
        fifty = int(run(_COUNT_MODELS))
    assert once > 25, "a page of rows has more models than this: was a widget made at all?"
    line = Line(
        "live models after 50 runs", fifty, unit="", against="after one", theirs=once, bar=1
    )
    hold("notebook", line)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Lab]:
    """JupyterLab with kernels of 50 and of 2,000 packages, each in an environment of its own."""
    directory = tmp_path_factory.mktemp("lab")
    for count in (50, 2000):
        write_kernelspec(directory / "specs", f"packages-{count}", fabricated_environment(count))
    python = server_environment().python
    with running_lab(python, directory / "specs", directory, browser) as lab:
        yield lab


def test_two_thousand_packages_are_visible_about_as_soon_as_fifty(
    hold: Hold, report: Report, lab: Lab
) -> None:
    """From running ``%pkgs`` to rows that can be read; the first time in its kernel, and again."""
    times = interleaved(
        {str(count): lambda count=count: _run_to_visible(lab, count) for count in (50, 2000)},
        rounds=5,
    )
    many, few = times["2000"], times["50"]
    line = Line(
        "2,000 packages, run to visible",
        many["first"],
        against="50 packages",
        theirs=few["first"],
        bar=1.5,
    )
    again = Line(
        "the same, run again", many["again"], against="50 packages again", theirs=few["again"]
    )
    report.add("notebook", again)
    hold("notebook", line)


def _run_to_visible(lab: Lab, count: int) -> dict[str, float]:
    """A new notebook and kernel for every sample, because a kernel scans cold only once."""
    name = f"packages-{count}.ipynb"
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in (_LOAD, "%pkgs")],
        metadata={"kernelspec": {"name": f"packages-{count}", "display_name": "measured"}},
    )
    nbformat.write(notebook, lab.root / name)
    page = lab.browser.new_page(viewport={"width": 1280, "height": 900})
    try:
        opened = lab.open(page, name, execute=False)
        opened.command("notebook:run-cell-and-select-next")
        opened.wait_until_idle()
        first = float(page.evaluate(_ROWS_ARE_VISIBLE))
        opened.wait_until_idle()
        opened.command("notebook:clear-cell-output")
        again = float(page.evaluate(_ROWS_ARE_VISIBLE))
    finally:
        page.close()
        lab.delete_sessions()
    return {"first": first, "again": again}
