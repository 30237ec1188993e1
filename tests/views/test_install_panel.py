"""Installing from the package browser: the box, the plan, how far it is, and how it went."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING

import pytest
from ipywidgets.widgets.widget import _instances

from ipy_envtools.engines import EngineFailed, EngineStopped
from ipy_envtools.progress import Progress
from ipy_envtools.transactions import apply
from ipy_envtools.views.install_outcome import InstallOutcome
from ipy_envtools.views.live import PackageBrowser
from ipy_envtools.views.live.parts import is_shown

from .install_plans import action, made_up_plan, mockup_plan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ipy_envtools.plans.install_plan import InstallPlan

    from .conftest import Workshop

pytestmark = pytest.mark.usefixtures("no_widget_left")


def plain(html: str) -> str:
    return re.sub(r"<[^>]+>", " ", html)


@pytest.fixture
def browser(flask: Workshop) -> Iterator[PackageBrowser]:
    """The index answers with the plan of the design."""
    plan = mockup_plan(flask.site.parent / "elsewhere")
    flask.install_plan = lambda _report, _stop: plan
    browser = PackageBrowser(flask.listing(), flask)
    assert browser.join()
    yield browser
    assert browser.join()
    browser.close()


def ask(browser: PackageBrowser, line: str) -> None:
    browser.install.value = line
    browser.plan.click()
    assert browser.join()


def test_the_box_shows_the_plan_and_changes_nothing(
    browser: PackageBrowser, flask: Workshop
) -> None:
    ask(browser, "pandas<3 scikit-learn")
    panel = browser.changes.install_panel
    assert flask.asked_for == ["pandas<3 scikit-learn"]
    said = plain(panel.text.value)
    assert "Install 3, upgrade 1 · 57 MB to download" in said
    assert "numba 0.58.1 would break" in said
    assert panel.confirm.description == "Install"
    assert panel.cancel.description == "Cancel"
    panel.cancel.click()
    assert not panel.is_open
    assert browser.install.placeholder == "Install, e.g. polars>=1"


def test_enter_in_the_box_is_the_button(browser: PackageBrowser, flask: Workshop) -> None:
    browser.install.value = "polars"
    browser.install._handle_msg(
        {
            "content": {"data": {"method": "custom", "content": {"event": "submit"}}},
            "buffers": [],
        }
    )
    assert browser.join()
    assert flask.asked_for == ["polars"]


def test_an_empty_box_asks_for_nothing(browser: PackageBrowser, flask: Workshop) -> None:
    ask(browser, "   ")
    assert flask.asked_for == []
    assert not browser.changes.install_panel.is_open


def test_upgrade_in_a_rows_details_plans_for_that_package(
    browser: PackageBrowser, flask: Workshop
) -> None:
    row = next(r for r in browser.page.rows if r.distribution.canonical_name == "flask")
    assert row.upgrade.tooltip == "Upgrade flask"
    row.upgrade.click()
    assert browser.join()
    assert flask.asked_for == ["flask"]
    assert browser.changes.install_panel.is_open


def test_install_shows_how_far_it_is_then_how_it_went(
    browser: PackageBrowser, flask: Workshop
) -> None:
    ask(browser, "pandas")
    panel = browser.changes.install_panel
    waiting, going = threading.Event(), threading.Event()

    def installing(plan: InstallPlan, report: object, _stop: threading.Event) -> InstallOutcome:
        assert callable(report)
        threading.Event().wait(0.15)
        report(Progress("downloading", "scipy", 8_000_000, 20_000_000, "bytes"))
        waiting.set()
        assert going.wait(10)
        return InstallOutcome(apply(flask.plan("numpy")), plan)

    flask.installing = installing
    panel.confirm.click()
    assert waiting.wait(10)
    said = plain(panel.text.value)
    assert "Installing 4 packages" in said
    assert "8.0 MB of 20 MB" in said
    assert not is_shown(panel.confirm)
    panel.log_button.click()
    assert "downloading scipy" in panel.log.value
    # the kernel is free, and what cannot be done now is not done
    browser.page.rows[0].uninstall.click()
    assert not browser.changes.panel.is_open
    going.set()
    assert browser.join()
    assert not panel.is_open
    line = browser.changes.line
    assert "this kernel still runs 1.26.4" in line.text.value
    assert is_shown(line.restart)
    assert 'data-commandlinker-command="kernelmenu:restart"' in line.restart.value
    assert is_shown(line.undo)
    assert "numpy" not in [
        r.distribution.canonical_name for r in browser.page.rows if r.distribution
    ]
    line.undo.click()
    assert browser.join()
    assert not is_shown(line.restart)


@pytest.mark.parametrize(("typed", "left"), [(None, ""), ("scipy", "scipy")])
def test_the_box_is_empty_afterwards_unless_something_else_is_in_it(
    browser: PackageBrowser, flask: Workshop, typed: str | None, left: str
) -> None:
    ask(browser, "pandas")
    assert browser.install.value == "pandas"
    flask.installing = lambda plan, *_: InstallOutcome(apply(flask.plan("numpy")), plan)
    if typed is not None:
        browser.install.value = typed
    browser.changes.install_panel.confirm.click()
    assert browser.join()
    assert browser.install.value == left


def test_cancel_stops_what_is_carried_out(browser: PackageBrowser, flask: Workshop) -> None:
    ask(browser, "pandas")
    panel = browser.changes.install_panel
    started = threading.Event()

    def installing(_plan: object, _report: object, stop: threading.Event) -> InstallOutcome:
        started.set()
        assert stop.wait(10)
        raise EngineStopped("stopped")

    flask.installing = installing
    panel.confirm.click()
    assert started.wait(10)
    panel.cancel.click()
    assert panel.cancel.disabled
    assert browser.join()
    assert "Cancelled; nothing was changed." in browser.changes.line.text.value
    assert not panel.is_open
    assert not browser.changes.is_busy


def test_cancel_gives_up_a_plan_that_is_being_made(
    browser: PackageBrowser, flask: Workshop
) -> None:
    started, stopped = threading.Event(), threading.Event()

    def planning(_report: object, stop: threading.Event) -> object:
        started.set()
        assert stop.wait(10)
        stopped.set()
        raise EngineStopped("stopped")

    flask.install_plan = planning  # type: ignore[assignment]
    browser.install.value = "pandas"
    browser.plan.click()
    assert started.wait(10)
    panel = browser.changes.install_panel
    assert "Working out what to install" in panel.text.value
    panel.cancel.click()
    assert stopped.wait(10)
    assert browser.join()
    assert not panel.is_open
    assert not browser.changes.line.is_shown


def test_a_failure_is_a_sentence_with_the_installers_words_folded(
    browser: PackageBrowser, flask: Workshop
) -> None:
    def planning(_report: object, _stop: threading.Event) -> object:
        raise EngineFailed("There is no package called polrs.", "  × No solution found\n  <b>x</b>")

    flask.install_plan = planning  # type: ignore[assignment]
    ask(browser, "polrs")
    said = browser.changes.line.text.value
    assert "There is no package called polrs." in said
    assert "<details><summary>" in said
    assert "No solution found\n  &lt;b&gt;" in said
    assert browser.install.value == "polrs"  # to be corrected


def test_nothing_to_do_is_said_in_the_line(browser: PackageBrowser, flask: Workshop) -> None:
    flask.install_plan = lambda _report, _stop: made_up_plan(satisfied=("flask 3.1.0",))
    ask(browser, "flask")
    assert "flask 3.1.0 is installed already." in browser.changes.line.text.value
    assert not browser.changes.install_panel.is_open


def test_a_blocked_plan_has_no_button_to_confirm(browser: PackageBrowser, flask: Workshop) -> None:
    blocked = made_up_plan(
        [action("install", "a")], blocked="It is read-only. Try %pkg install a --user"
    )
    flask.install_plan = lambda _report, _stop: blocked
    ask(browser, "a")
    panel = browser.changes.install_panel
    assert "<code>%pkg install a --user</code>" in panel.text.value
    assert not is_shown(panel.confirm)
    assert is_shown(panel.cancel)


def test_another_environment_has_no_box_and_no_upgrade(flask: Workshop) -> None:
    from dataclasses import replace

    from ipy_envtools.environment import InstalledPackages, find_environment
    from ipy_envtools.views import PackageListing

    other = replace(find_environment(flask.venv.python), is_running=False)
    browser = PackageBrowser(PackageListing(InstalledPackages(other)), flask)
    assert not is_shown(browser.install)
    assert not is_shown(browser.plan)
    assert not any(is_shown(row.upgrade) for row in browser.page.rows if row.distribution)
    browser.close()


def test_the_number_of_models_does_not_depend_on_the_plan(flask: Workshop) -> None:
    before = len(_instances)
    browser = PackageBrowser(flask.listing(), flask)
    number = len(_instances)
    many = [action("install", f"part-{n}") for n in range(300)]
    flask.install_plan = lambda _report, _stop: made_up_plan(many)
    ask(browser, "everything")
    assert len(_instances) == number
    browser.close()
    assert len(_instances) == before
