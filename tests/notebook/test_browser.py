"""The package browser in JupyterLab 4, with the kernel in another environment than the server."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from ..builders import dist_info, make_venv, snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Locator

    from .environments import KernelEnvironment
    from .lab import Lab

LOAD = "%load_ext ipy_envtools"
SHOW = "%pkgs"


@pytest.fixture
def demo(kernel_environment: KernelEnvironment) -> Iterator[Path]:
    """Thirty packages, a command, one that needs another, and one that is left over with it."""
    site = kernel_environment.site
    before = snapshot(kernel_environment.root)
    for number in range(30):
        dist_info(site, f"zz-filler-{number:02}", "1.0")
    dist_info(
        site,
        "demo-web",
        "3.1.0",
        files={
            "demo_web/__init__.py": "__version__ = '3.1.0'\n",
            "demo_web/data.bin": b"x" * 50_000,
        },
        requires=["demo-left-over>=1"],
        headers=["Summary: A framework for the tests.", "Home-page: https://demo.example"],
        scripts=["demo-web"],
    )
    dist_info(site, "demo-left-over", "1.4", requested=False)
    dist_info(site, "demo-login", "0.6.3", requires=["Demo_Web>=1.0.4"])
    yield site
    _forget(kernel_environment, before)


def _forget(environment: KernelEnvironment, before: dict[str, tuple[object, ...]]) -> None:
    import shutil

    for name in sorted(set(snapshot(environment.root)) - set(before), reverse=True):
        path = environment.root / name
        if path.is_dir() and not path.is_symlink():
            path.rmdir()
        else:
            path.unlink()
    shutil.rmtree(environment.root / ".ipy-envtools", ignore_errors=True)


def show_only(view: Locator, pattern: str, number: int) -> None:
    """Type into the filter box and wait for the answer: rows are re-used, not made anew."""
    view.get_by_placeholder("Filter packages").fill(pattern)
    expect(view.locator(".envtools-row:visible summary").first).to_contain_text(pattern)
    expect(view.get_by_text(f"1–{min(number, 25)} of {number}")).to_be_visible()


def test_the_whole_way_from_the_list_to_uninstalled_and_back(lab: Lab, demo: Path) -> None:
    """Run the cell, filter, sort, page, open details, uninstall by clicks, undo by a click.

    Guards the set-up that hubs have: the server knows nothing of this package, so a widget that
    brought its own front-end module would show an error here.
    """
    package = demo / "demo_web" / "__init__.py"
    with lab.notebook([LOAD, SHOW]) as notebook:
        view = notebook.outputs.locator(".envtools-browser")
        expect(view).to_be_visible()
        expect(view.get_by_text("This kernel", exact=True)).to_be_visible()
        expect(view.get_by_role("button", name=re.compile(r"^All \d+"))).to_be_visible()
        notebook.screenshot("browser-light-1280")

        first_page = view.locator(".envtools-row:visible").first
        notebook.button("Next").click()
        expect(view.get_by_text(re.compile(r"^26–50 of \d+"))).to_be_visible()
        notebook.button("Previous").click()
        expect(view.get_by_text(re.compile(r"^1–25 of \d+"))).to_be_visible()
        expect(first_page).to_be_visible()

        notebook.button("Size", exact=False).first.click()
        expect(notebook.button("Size ▼")).to_be_visible()

        show_only(view, "demo", 3)
        rows = view.locator(".envtools-row:visible summary")
        expect(rows).to_have_count(3)
        expect(rows.first).to_contain_text("demo-web")

        rows.first.click()
        expect(view.get_by_text("A framework for the tests.")).to_be_visible()
        expect(view.get_by_role("link", name="demo.example")).to_have_attribute(
            "href", "https://demo.example"
        )
        notebook.screenshot("details-light-1280")
        rows.first.click()

        view.get_by_title("Uninstall demo-web").click()
        plan = view.locator(".envtools-plan:visible")
        expect(plan.get_by_text("Uninstall demo-web 3.1.0?")).to_be_visible()
        expect(plan).to_contain_text("demo-login 0.6.3 needs Demo_Web>=1.0.4")
        expect(plan).to_contain_text("demo-left-over")
        expect(plan).to_contain_text("the command demo-web")
        notebook.screenshot("plan-light-1280")
        assert package.exists()

        plan.get_by_role("button", name="Uninstall demo-web 3.1.0").click()
        expect(view.get_by_role("alert")).to_contain_text("Uninstalled demo-web 3.1.0")
        expect(view.get_by_text("1–2 of 2")).to_be_visible()
        assert not package.exists()
        assert not (demo.parents[2] / "bin" / "demo-web").exists()
        notebook.screenshot("uninstalled-light-1280")

        view.get_by_role("button", name="Undo").click()
        expect(view.get_by_role("alert")).to_contain_text("Brought back demo-web 3.1.0")
        expect(view.get_by_text("1–3 of 3")).to_be_visible()
        assert package.read_text() == "__version__ = '3.1.0'\n"
        assert (demo.parents[2] / "bin" / "demo-web").exists()


def test_ticks_widen_the_plan_and_the_button_counts(lab: Lab, demo: Path) -> None:
    """What would break and what is left over can be taken along, and the button says how many."""
    with lab.notebook([LOAD, SHOW]) as notebook:
        view = notebook.outputs.locator(".envtools-browser")
        show_only(view, "demo-web", 1)
        view.get_by_title("Uninstall demo-web").click()
        plan = view.locator(".envtools-plan:visible")
        expect(plan.get_by_role("button", name="Uninstall demo-web 3.1.0")).to_be_visible()
        plan.get_by_label("uninstall it too").nth(1).check()
        expect(plan.get_by_role("button", name="Uninstall 2 packages")).to_be_visible()
        plan.get_by_label("uninstall it too").first.check()
        expect(plan.get_by_role("button", name="Uninstall 3 packages")).to_be_visible()
        notebook.screenshot("plan-wide-light-1280")
        plan.get_by_role("button", name="Cancel").click()
        expect(plan).to_be_hidden()
    assert (demo / "demo_web" / "__init__.py").exists()


def test_several_can_be_picked_and_uninstalled_together(lab: Lab, demo: Path) -> None:
    """The boxes of rows that are out of sight stay ticked, and one plan takes them all."""
    with lab.notebook([LOAD, SHOW]) as notebook:
        view = notebook.outputs.locator(".envtools-browser")
        for name in ("zz-filler-03", "zz-filler-07"):
            show_only(view, name, 1)
            view.locator(".envtools-row:visible input[type=checkbox]").check()
        show_only(view, "zz-filler", 30)
        notebook.button("Uninstall 2 selected…").click()
        view.get_by_role("button", name="Uninstall 2 packages").click()
        expect(view.get_by_role("alert")).to_contain_text("Uninstalled")
        expect(view.get_by_text("1–25 of 28")).to_be_visible()
    assert not (demo / "zz_filler_03").exists()
    assert not (demo / "zz_filler_07").exists()
    assert (demo / "zz_filler_04").exists()


def test_what_the_kernel_runs_on_has_no_confirm_button(lab: Lab, demo: Path) -> None:
    """A blocked plan says why and what to do instead."""
    with lab.notebook([LOAD, SHOW]) as notebook:
        view = notebook.outputs.locator(".envtools-browser")
        show_only(view, "ipykernel", 1)
        view.get_by_title("Uninstall ipykernel").click()
        plan = view.locator(".envtools-plan:visible")
        expect(plan).to_contain_text(re.compile(r"ipykernel \S+ stays"))
        expect(plan).to_contain_text("kernel runs on it")
        expect(plan).to_contain_text("%pkg uninstall ipykernel --force")
        expect(plan.get_by_role("button", name=re.compile("^Uninstall"))).to_have_count(0)
        notebook.screenshot("blocked-light-1280")


def test_a_typed_uninstall_asks_with_buttons(lab: Lab, demo: Path) -> None:
    """The cell ends, the cells behind it run, and the buttons still work afterwards."""
    with lab.notebook([LOAD, "%pkg uninstall demo-login", "print('went on')"]) as notebook:
        expect(notebook.outputs.get_by_text("went on")).to_be_visible()
        notebook.button("Uninstall demo-login 0.6.3").click()
        expect(notebook.outputs.get_by_role("alert")).to_contain_text("Uninstalled demo-login")
        assert not (demo / "demo_login").exists()
        notebook.button("Undo").click()
        expect(notebook.outputs.get_by_role("alert")).to_contain_text("Brought back demo-login")
        assert (demo / "demo_login").exists()


@pytest.mark.parametrize("width", [1280, 800])
@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_it_fits_the_page_in_light_and_dark(lab: Lab, demo: Path, theme: str, width: int) -> None:
    """Nothing is cut off at the side, and the colours follow the theme."""
    with lab.notebook([LOAD, SHOW], width=width) as notebook:
        notebook.use_theme(f"JupyterLab {theme}")
        view = notebook.outputs.locator(".envtools-browser")
        show_only(view, "demo", 3)
        view.get_by_title("Uninstall demo-web").click()
        expect(view.locator(".envtools-plan:visible")).to_be_visible()
        overflow = view.evaluate("element => element.scrollWidth - element.clientWidth")
        assert overflow <= 1
        colour = view.evaluate("element => getComputedStyle(element).color")
        brightness = sum(map(int, re.findall(r"\d+", colour)[:3])) / 3
        assert (brightness > 128) == (theme == "Dark")
        notebook.screenshot(f"plan-{theme.lower()}-{width}")
        notebook.use_theme("JupyterLab Light")


def test_a_saved_notebook_shows_the_static_table_without_running(lab: Lab, demo: Path) -> None:
    """Opened again with no model behind the widget, the table of the mime bundle stands there."""
    with lab.notebook([LOAD, "%pkgs demo"]) as notebook:
        expect(notebook.outputs.locator(".envtools-browser")).to_be_visible()
        notebook.save()
        name = notebook.path.name
    page = lab.browser.new_page(viewport={"width": 1280, "height": 900})
    try:
        saved = lab.open(page, name, execute=False)
        table = saved.outputs.locator("table")
        expect(table).to_be_visible()
        expect(table).to_contain_text("demo-web")
        expect(saved.outputs.locator(".envtools-browser")).to_have_count(0)
        without_model = saved.outputs.filter(has_text="model not found")
        expect(without_model).to_have_count(1, timeout=20_000)
        expect(without_model).to_be_hidden()
        saved.screenshot("saved-without-kernel")
    finally:
        page.close()
        lab.delete_sessions()


def test_running_a_cell_again_leaks_no_models(lab: Lab, demo: Path) -> None:
    """Every widget, layout and style of the run before is closed."""
    count = "import ipywidgets; print('models', len(ipywidgets.widgets.widget._instances))"
    with lab.notebook([LOAD, SHOW, count, *[SHOW] * 5, count]) as notebook:
        found = notebook.outputs.filter(has_text=re.compile(r"models \d+"))
        expect(found).to_have_count(2)
        # not the inner text: what is scrolled out of sight has none
        first, last = (found.nth(index).text_content() for index in (0, 1))
        assert first
        assert first == last


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_what_is_wrong_is_readable_and_gives_no_secret_away(
    lab: Lab, demo: Path, theme: str
) -> None:
    """The check report, one package's details and the list; then what the saved notebook holds."""
    origin = "https://me:hunter2@demo.example/x.git?token=hunter2"
    dist_info(
        demo,
        "demo-broken",
        "1.0",
        requires=["demo-nowhere>=2", "demo-web<1", f"demo-private @ {origin}"],
        rows=["demo_broken/missing.py,sha256=abc,3"],
        headers=[f"Home-page: {origin}"],
        direct_url=f'{{"url": "{origin}", "vcs_info": {{"vcs": "git", "commit_id": "1"}}}}',
    )
    dist_info(demo, "demo-web", "3.0.0", files={})
    (demo / "~emo-1.0.dist-info").mkdir()
    strict = "try:\n    get_ipython().run_line_magic('pkg', 'check demo-broken --strict')\n"
    strict += "except Exception as error:\n    print('raised', error)"
    cells = [LOAD, "%pkg check", "%pkg which IPython.core", "%pkg show demo-broken", SHOW, strict]
    with lab.notebook(cells, height=1200) as notebook:
        notebook.use_theme(f"JupyterLab {theme}")
        report = notebook.outputs.filter(has=notebook.page.locator("ul")).first
        expect(report).to_contain_text("demo-broken 1.0 needs demo-nowhere>=2")
        expect(report).to_contain_text("~emo-1.0.dist-info")
        expect(notebook.outputs.get_by_text(re.compile("^raised 4 errors"))).to_be_attached()
        notebook.screenshot(f"check-{theme.lower()}-1280")
        view = notebook.outputs.locator(".envtools-browser")
        view.scroll_into_view_if_needed()
        view.get_by_role("button", name=re.compile(r"^Problems \d")).click()
        expect(view.get_by_text("~emo-1.0.dist-info")).to_be_visible()
        show_only(view, "demo-broken", 1)
        view.locator(".envtools-row:visible summary").click()
        expect(view.locator(".envtools-details:visible")).to_contain_text("needs demo-nowhere>=2")
        notebook.screenshot(f"problems-{theme.lower()}-1280")
        notebook.use_theme("JupyterLab Light")
        notebook.save()
        saved = notebook.path.read_text()
    assert "demo.example" in saved
    assert "hunter2" not in saved


def test_another_python_is_looked_at_only(lab: Lab, demo: Path, tmp_path: Path) -> None:
    """Its browser says whose packages these are, and none of its buttons changes anything."""
    other = make_venv(tmp_path / "other")
    dist_info(other.site, "far-away", "7.0")
    with lab.notebook([LOAD, f"%pkgs --python {other.python}"]) as notebook:
        view = notebook.outputs.locator(".envtools-browser")
        expect(view.get_by_text("Another Python", exact=True)).to_be_visible()
        expect(view.locator(".envtools-header")).to_contain_text("other/bin/python")
        expect(view.locator(".envtools-row:visible summary")).to_contain_text("far-away")
        button = view.get_by_role("button", name="Uninstall", exact=True)
        expect(button).to_be_disabled()
        expect(view.locator(".envtools-row:visible input[type=checkbox]")).to_be_disabled()
        expect(view.get_by_role("button", name=re.compile("^Loaded"))).to_have_count(0)
        notebook.screenshot("another-python-light-1280")
