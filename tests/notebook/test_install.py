"""Installing from notebooks: through nbclient, by typing in JupyterLab, and by its buttons."""

from __future__ import annotations

import os
import re
import shutil
from typing import TYPE_CHECKING

import pytest
import uv
from nbclient.exceptions import CellExecutionError
from playwright.sync_api import expect

from ..builders import snapshot
from ..conftest import engine_variables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from nbformat import NotebookNode

    from ..index import Index
    from .environments import KernelEnvironment
    from .lab import Lab, NotebookPage

LOAD = "%load_ext ipy_envtools"
SHOW = "import demo_lib; print('got', demo_lib.__version__)"


@pytest.fixture
def use_index(index: Index, kernel_environment: KernelEnvironment, tmp_path: Path) -> Iterator[str]:
    """A cell that makes the kernel use the index, and uv; what a test installs goes afterwards."""
    for version in ("1.0", "2.0"):
        index.add(
            "demo-lib",
            version,
            requires=["demo-part>=1"],
            files={"demo_lib/__init__.py": f"__version__ = {version!r}\n"},
        )
    index.add("demo-part", "1.0", size=300_000)
    before = set(snapshot(kernel_environment.root))
    programs = os.path.dirname(uv.find_uv_bin())
    path = os.pathsep.join((programs, os.environ["PATH"]))
    variables = {**engine_variables(index, tmp_path), "PATH": path}
    yield f"import os; os.environ.update({variables!r})"
    for name in sorted(set(snapshot(kernel_environment.root)) - before, reverse=True):
        left = kernel_environment.root / name
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left)
        else:
            left.unlink(missing_ok=True)
    shutil.rmtree(kernel_environment.root / ".ipy-envtools", ignore_errors=True)


def said(notebook: NotebookNode) -> str:
    return str([output for cell in notebook.cells for output in cell.get("outputs", ())])


# --- where nobody can answer


def test_run_all_installs_in_one_cell_and_imports_in_the_next(
    run_notebook: Callable[..., NotebookNode], use_index: str
) -> None:
    notebook = run_notebook(LOAD, use_index, "%pkg install demo-lib", SHOW)
    assert "Installed demo-lib 2.0 and 1 other" in said(notebook)
    assert "got 2.0" in said(notebook)
    assert "widgets" not in notebook.metadata


def test_an_install_that_fails_stops_the_run(
    run_notebook: Callable[..., NotebookNode],
    use_index: str,
    kernel_environment: KernelEnvironment,
    tmp_path: Path,
) -> None:
    after = tmp_path / "after"
    with pytest.raises(CellExecutionError, match="EngineFailed: ") as failure:
        run_notebook(
            LOAD,
            use_index,
            "%pkg install demo-lib demo-nosuch",
            f"open({str(after)!r}, 'w').close()",
        )
    assert "demo-nosuch" in str(failure.value)
    assert not after.exists()
    assert not (kernel_environment.site / "demo_lib").exists()


def test_what_an_installer_said_stands_folded_below_the_error(
    run_notebook: Callable[..., NotebookNode], use_index: str
) -> None:
    notebook = run_notebook(LOAD, use_index, "%pkg install demo-nosuch", allow_errors=True)
    error, words = notebook.cells[-1].outputs[-2:]
    assert error.output_type == "error"
    assert len("".join(error.traceback).splitlines()) == 1
    assert words.data["text/html"].startswith("<details><summary>")


def test_a_plan_that_replaces_something_raises_where_nobody_answers(
    run_notebook: Callable[..., NotebookNode], use_index: str
) -> None:
    run_notebook(LOAD, use_index, "%pkg install demo-lib==1.0")
    with pytest.raises(CellExecutionError, match="add -y"):
        run_notebook(LOAD, use_index, "%pkg install -U demo-lib")
    notebook = run_notebook(LOAD, use_index, "%pkg install -U demo-lib -y", SHOW, "%pkg undo -y")
    assert "got 2.0" in said(notebook)
    assert "got 1.0" in said(run_notebook(LOAD, SHOW))


# --- typed in JupyterLab


def test_in_jupyterlab_the_next_cell_imports_what_was_installed(
    lab: Lab, use_index: str, kernel_environment: KernelEnvironment
) -> None:
    """The outcome stands alone when it is done, with Undo; no progress is left over."""
    with lab.notebook([LOAD, use_index, "%pkg install demo-lib", SHOW]) as notebook:
        expect(notebook.outputs.last).to_contain_text("got 2.0")
        expect(notebook.outputs.get_by_role("alert")).to_contain_text(
            re.compile(r"Installed demo-lib 2\.0 and 1 other in .* s\. Ready to import\.")
        )
        expect(notebook.outputs.locator(".envtools-progress")).to_have_count(0)
        notebook.screenshot("install-typed-light-1280")
        notebook.button("Undo").click()
        notebook.button("Remove demo-lib 2.0 and 1 other").click()  # it is loaded, so it asks
        expect(notebook.outputs.get_by_role("alert")).to_contain_text("Took out demo-lib 2.0")
        assert not (kernel_environment.site / "demo_lib").exists()


def test_in_jupyterlab_an_install_that_fails_stops_the_run(
    lab: Lab, use_index: str, kernel_environment: KernelEnvironment, tmp_path: Path
) -> None:
    after = tmp_path / "after"
    later = f"open({str(after)!r}, 'w').close()"
    cells = [LOAD, use_index, "%pkg install demo-lib demo-nosuch", later]
    with lab.notebook(cells) as notebook:
        expect(notebook.outputs.get_by_text("demo-nosuch").first).to_be_visible()
        expect(notebook.outputs.get_by_text("no package called demo-nosuch").first).to_be_visible()
        expect(notebook.outputs.locator("details")).to_have_count(1)
        notebook.screenshot("install-failed-light-1280")
    assert not after.exists()
    assert not (kernel_environment.site / "demo_lib").exists()


def start(notebook: NotebookPage) -> None:
    """Run all cells without waiting for the end, which needs an answer."""
    notebook.page.evaluate("() => { jupyterapp.commands.execute('notebook:run-all-cells') }")


@pytest.mark.parametrize("answer", ["y", "n"])
def test_a_plan_that_replaces_something_waits_for_the_answer(
    lab: Lab, run_notebook: Callable[..., NotebookNode], use_index: str, answer: str
) -> None:
    """Yes: the import behind it gets the new version. No: the run stops there."""
    run_notebook(LOAD, use_index, "%pkg install demo-lib==1.0")
    cells = [LOAD, use_index, "%pkg install -U demo-lib", SHOW]
    with lab.notebook(cells, execute=False) as notebook:
        start(notebook)
        question = notebook.outputs.locator(".jp-Stdin-input")
        expect(question).to_be_visible(timeout=30_000)
        expect(notebook.outputs.filter(has_text="1.0 → 2.0").first).to_be_visible()
        notebook.screenshot(f"install-question-{answer}-light-1280")
        plan = notebook.outputs.filter(has_text="1.0 → 2.0").first
        heading, first_cell = (
            plan.locator(part).first.bounding_box() for part in ("b", "td > span")
        )
        assert heading is not None
        assert first_cell is not None
        assert heading["x"] == first_cell["x"]
        notebook.page.set_viewport_size({"width": 800, "height": 900})
        notebook.screenshot(f"install-question-{answer}-light-800")
        question.fill(answer)
        question.press("Enter")
        notebook.wait_until_idle()
        if answer == "y":
            expect(notebook.outputs.last).to_contain_text("got 2.0")
        else:
            expect(notebook.outputs.last).to_contain_text("Declined: Nothing was changed.")
            expect(notebook.outputs.filter(has_text="got ")).to_have_count(0)


def test_stale_modules_are_named_with_a_button_that_restarts(
    lab: Lab, run_notebook: Callable[..., NotebookNode], use_index: str
) -> None:
    """The button opens JupyterLab's own question; the next run imports the new version."""
    run_notebook(LOAD, use_index, "%pkg install demo-lib==1.0")
    cells = [LOAD, use_index, SHOW, "%pkg install -U demo-lib -y"]
    with lab.notebook(cells) as notebook:
        expect(notebook.outputs.get_by_role("alert")).to_contain_text(
            "demo-lib 2.0 is installed, but this kernel still runs 1.0 (demo_lib)."
        )
        notebook.screenshot("install-stale-light-1280")
        notebook.button("Restart kernel").click()
        dialog = notebook.page.get_by_role("dialog")
        expect(dialog).to_contain_text("Restart")
        dialog.get_by_role("button", name="Confirm Kernel Restart").click()
        notebook.wait_until_idle()
        notebook.command("notebook:run-all-cells")
        notebook.wait_until_idle()
        expect(notebook.outputs.filter(has_text="got 2.0")).to_have_count(1)


# --- by buttons


@pytest.mark.parametrize("width", [1280, 800])
def test_the_browsers_box_plans_installs_and_undoes(
    lab: Lab, use_index: str, kernel_environment: KernelEnvironment, width: int
) -> None:
    """What one would type, pasted lines included; a click answers, and the kernel stays free."""
    with lab.notebook([LOAD, use_index, "%pkgs"], width=width) as notebook:
        view = notebook.outputs.locator(".envtools-browser")
        box = view.get_by_placeholder("Install, e.g. polars>=1")
        box.fill("pip install demo-nosuch")
        box.press("Enter")
        expect(view.get_by_role("alert")).to_contain_text("demo-nosuch", timeout=20_000)
        box.fill("pip install 'demo-lib<2'")
        view.get_by_role("button", name="Plan").click()
        plan = view.locator(".envtools-plan:visible")
        expect(plan).to_contain_text("Install 2 packages", timeout=20_000)
        expect(plan).to_contain_text("for demo-lib")
        notebook.screenshot(f"install-plan-light-{width}")
        plan.get_by_role("button", name="Cancel").click()
        expect(plan).to_have_count(0)
        assert not (kernel_environment.site / "demo_lib").exists()
        view.get_by_role("button", name="Plan").click()
        plan.get_by_role("button", name="Install", exact=True).click()
        expect(view.get_by_role("alert")).to_contain_text(
            "Installed demo-lib 1.0 and 1 other", timeout=20_000
        )
        notebook.screenshot(f"install-done-light-{width}")
        assert (kernel_environment.site / "demo_lib").exists()
        # a row's details hold Upgrade
        view.get_by_placeholder("Filter packages").fill("demo-lib")
        expect(view).to_contain_text("1–1 of 1")
        row = view.locator("summary").filter(has_text="demo-lib").first
        expect(row).to_contain_text(" B")  # measured: rows that are painted again fold
        row.click()
        where = view.locator(".envtools-details:visible code").filter(has_text="site-packages")
        assert where.evaluate("e => e.getClientRects().length") == 1
        notebook.screenshot(f"install-details-light-{width}")
        view.get_by_title("Upgrade demo-lib").click()
        expect(plan).to_contain_text("Upgrade demo-lib 1.0 to 2.0", timeout=20_000)
        notebook.use_theme("JupyterLab Dark")
        notebook.screenshot(f"install-upgrade-dark-{width}")
        notebook.use_theme("JupyterLab Light")
        plan.get_by_role("button", name="Install", exact=True).click()
        expect(view.get_by_role("alert")).to_contain_text("Upgraded demo-lib", timeout=20_000)
        view.get_by_role("button", name="Undo").click()
        view.get_by_role("button", name="Put demo-lib 2.0 back to 1.0").click()
        expect(view.get_by_role("alert")).to_contain_text("Put demo-lib 2.0 back to 1.0")
        assert "1.0" in (kernel_environment.site / "demo_lib" / "__init__.py").read_text()


def test_cancel_ends_what_a_button_started_while_the_kernel_stays_free(
    lab: Lab, use_index: str, index: Index, kernel_environment: KernelEnvironment
) -> None:
    """The download hangs; another cell still answers, and Cancel leaves everything as it was."""
    index.add("demo-slow", "1.0", size=400_000)
    index.faults["demo-slow"] = "hanging"
    cells = [LOAD, use_index, "%pkgs", "print(6 * 7)"]
    with lab.notebook(cells) as notebook:
        view = notebook.outputs.locator(".envtools-browser")
        view.get_by_placeholder("Install, e.g. polars>=1").fill("demo-slow")
        view.get_by_role("button", name="Plan").click()
        view.get_by_role("button", name="Install", exact=True).click(timeout=20_000)
        expect(view.locator(".envtools-progress")).to_contain_text("Installing demo-slow 1.0")
        notebook.page.evaluate(
            "() => { jupyterapp.shell.currentWidget.content.activeCellIndex = 3 }"
        )
        notebook.command("notebook:run-cell")
        expect(notebook.page.locator(".jp-InputPrompt").last).to_have_text("[5]:")
        notebook.screenshot("install-running-light-1280")
        view.get_by_role("button", name="Cancel").click()
        expect(view.get_by_role("alert")).to_contain_text("Cancelled; nothing was changed.")
        assert not (kernel_environment.site / "demo_slow").exists()


def test_an_interrupt_ends_what_a_cell_started(
    lab: Lab, use_index: str, index: Index, kernel_environment: KernelEnvironment
) -> None:
    """While the cell runs its progress is seen; the kernel's own interrupt ends it cleanly."""
    index.add("demo-slow", "1.0", size=400_000)
    index.faults["demo-slow"] = "hanging"
    with lab.notebook([LOAD, use_index, "%pkg install demo-slow"], execute=False) as notebook:
        start(notebook)
        progress = notebook.outputs.locator(".envtools-progress")
        expect(progress).to_contain_text("Installing demo-slow 1.0", timeout=30_000)
        notebook.screenshot("install-progress-light-1280")
        notebook.command("notebook:interrupt-kernel")
        expect(notebook.outputs.filter(has_text="everything is as it was before")).to_be_visible(
            timeout=20_000
        )
        expect(progress).to_have_count(0)
        assert not (kernel_environment.site / "demo_slow").exists()
