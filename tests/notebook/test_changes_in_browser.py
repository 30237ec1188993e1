"""Changes in JupyterLab off the straight way: wider plans, conflicts, a killed kernel."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest
from nbclient.exceptions import DeadKernelError
from playwright.sync_api import expect

from ..builders import dist_info, snapshot
from ..interruptions import KILL, slow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from nbformat import NotebookNode

    from .environments import KernelEnvironment
    from .lab import Lab

LOAD = "%load_ext ipy_envtools"
SLOW = slow(0.02)


@pytest.fixture
def demo(kernel_environment: KernelEnvironment) -> Iterator[Path]:
    """One package, and one that needs it; whatever a test leaves of them goes."""
    site = kernel_environment.site
    before = set(snapshot(kernel_environment.root))
    dist_info(
        site,
        "demo-base",
        "1.5",
        files={"demo_base/__init__.py": "x = 1\n", "demo_base/data.txt": "data"},
    )
    dist_info(site, "demo-user", "2.0", requires=["demo-base>=1"])
    yield site
    for name in sorted(set(snapshot(kernel_environment.root)) - before, reverse=True):
        path = kernel_environment.root / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    shutil.rmtree(kernel_environment.root / ".ipy-envtools", ignore_errors=True)


def test_with_the_dependents_ticked_both_go_and_both_come_back(lab: Lab, demo: Path) -> None:
    """One box takes along what would break, one click takes both back."""
    with lab.notebook([LOAD, "%pkgs demo-"]) as notebook:
        view = notebook.outputs.locator(".envtools-browser")
        view.get_by_title("Uninstall demo-base").click()
        plan = view.locator(".envtools-plan:visible")
        expect(plan).to_contain_text("demo-user 2.0 needs demo-base>=1")
        plan.get_by_label("uninstall it too").first.check()
        plan.get_by_role("button", name="Uninstall 2 packages").click()
        expect(view.get_by_role("alert")).to_contain_text("Uninstalled demo-base 1.5 and 1 other")
        assert not (demo / "demo_base").exists()
        assert not (demo / "demo_user").exists()
        view.get_by_role("button", name="Undo").click()
        expect(view.get_by_role("alert")).to_contain_text("Brought back demo-base 1.5 and 1 other")
        assert (demo / "demo_base" / "data.txt").read_text() == "data"
        assert (demo / "demo_user").exists()


def test_an_undo_that_conflicts_lists_what_is_in_the_way(lab: Lab, demo: Path) -> None:
    """Nothing is touched until the other file is gone; then the same button does it."""
    mine = demo / "demo_base" / "data.txt"
    with lab.notebook([LOAD, "%pkgs demo-user"]) as notebook:
        view = notebook.outputs.locator(".envtools-browser")
        view.get_by_placeholder("Filter packages").fill("demo-base")
        expect(view.get_by_title("Uninstall demo-base")).to_be_visible()
        view.get_by_title("Uninstall demo-base").click()
        view.get_by_role("button", name="Uninstall demo-base 1.5").click()
        expect(view.get_by_role("alert")).to_contain_text("Uninstalled demo-base 1.5")
        mine.parent.mkdir()
        mine.write_text("mine")
        view.get_by_role("button", name="Undo").click()
        plan = view.locator(".envtools-plan:visible")
        expect(plan).to_contain_text("demo-base 1.5 cannot be brought back")
        expect(plan).to_contain_text("demo_base/data.txt something else is there now")
        expect(plan.get_by_role("button", name=re.compile("^Bring back"))).to_have_count(0)
        notebook.screenshot("undo-conflict-light-1280")
        assert mine.read_text() == "mine"
        assert not (demo / "demo_base" / "__init__.py").exists()
        mine.unlink()
        view.get_by_role("button", name="Undo").click()
        expect(view.get_by_role("alert")).to_contain_text("Brought back demo-base 1.5")
        assert mine.read_text() == "data"


def test_after_a_killed_kernel_the_list_offers_the_way_back(
    lab: Lab, run_notebook: Callable[..., NotebookNode], demo: Path
) -> None:
    """What was interrupted stands above the list; until it is undone nothing else changes."""
    places = (demo / "demo_base", demo / "demo_base-1.5.dist-info")
    before = [snapshot(place) for place in places]
    with pytest.raises(DeadKernelError):
        run_notebook(LOAD, KILL, "%pkg uninstall demo-base -y")
    assert [place.exists() for place in places].count(False) == 1
    with lab.notebook([LOAD, "%pkgs demo-user"]) as notebook:
        view = notebook.outputs.locator(".envtools-browser")
        expect(view.get_by_role("alert")).to_contain_text("Interrupted while changing demo-base")
        notebook.screenshot("interrupted-light-1280")
        view.get_by_title("Uninstall demo-user").click()
        expect(view.get_by_role("alert")).to_contain_text("Nothing else changes this environment")
        expect(view.locator(".envtools-plan:visible")).to_have_count(0)
        assert (demo / "demo_user").exists()
        view.get_by_role("button", name="Undo").click()
        expect(view.get_by_role("alert")).to_contain_text(
            "Rolled back; demo-base 1.5 is as it was before."
        )
        assert [snapshot(place) for place in places] == before


def test_a_long_change_says_how_far_it_is_and_an_interrupt_takes_it_back(
    lab: Lab, demo: Path
) -> None:
    """While the cell runs the line counts; the kernel's own interrupt button ends it."""
    files = {f"demo_flat_{number:03}.py": "" for number in range(400)}
    dist_info(demo, "demo-flat", "1.0", files=files)
    cells = [LOAD, SLOW, "%pkg uninstall demo-flat -y"]
    with lab.notebook(cells, execute=False) as notebook:
        # not awaited: the command ends when the last cell does
        notebook.page.evaluate("() => { jupyterapp.commands.execute('notebook:run-all-cells') }")
        line = notebook.outputs.filter(has_text="Uninstalling demo-flat 1.0…")
        expect(line).to_contain_text(re.compile(r"\d+ of 40\d files"))
        notebook.screenshot("progress-light-1280")
        notebook.command("notebook:interrupt-kernel")
        expect(notebook.outputs.last).to_contain_text(
            "Stopped, and everything is as it was before."
        )
        expect(line).to_have_count(0)
    assert all((demo / name).exists() for name in files)
    assert (demo / "demo_flat-1.0.dist-info" / "RECORD").exists()
