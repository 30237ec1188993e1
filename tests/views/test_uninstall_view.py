"""The plan panel and the line of a transaction, as a typed ``%pkg uninstall`` shows them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from ipywidgets.widgets.widget import _instances

from ipy_envtools.transactions import apply
from ipy_envtools.views.live import TransactionView, UninstallView
from ipy_envtools.views.live.parts import is_shown
from tests.builders import dist_info

if TYPE_CHECKING:
    from .conftest import Workshop

pytestmark = pytest.mark.usefixtures("no_widget_left")


def plain(html: str) -> str:
    return re.sub(r"<[^>]+>", "", html)


def test_the_panel_says_what_the_plan_says(flask: Workshop) -> None:
    view = UninstallView(flask.plan("flask"), flask)
    panel = view.changes.panel
    assert plain(panel.title.value) == "Uninstall flask 3.1.0?"
    assert re.search(r"\d+ files, [\d.]+ k?B, and the command flask", plain(panel.before.value))
    assert "show files" in panel.before.value
    assert "flask/py.typed (flask-docs" in plain(panel.before.value)
    assert "Flask-Login 0.6.3 needs Flask&gt;=1.0.4" in plain(panel.breaks.value)
    assert "blinker, click · " in plain(panel.left_over.value)
    assert panel.confirm.description == "Uninstall flask 3.1.0"
    assert panel.dependents.description == "uninstall it too"
    assert panel.orphans.description == "uninstall them too"
    assert "--orphans" not in panel.left_over.value
    view.close()


def test_ticks_make_the_plan_again_and_can_be_taken_back(flask: Workshop) -> None:
    view = UninstallView(flask.plan("flask"), flask)
    panel = view.changes.panel
    panel.orphans.value = True
    assert view.join()
    assert flask.planned[-1] == (("flask",), True, False)
    assert panel.confirm.description == "Uninstall 3 packages"
    assert "blinker, click" in plain(panel.left_over.value)
    assert is_shown(panel.orphans)
    panel.dependents.value = True
    assert view.join()
    assert panel.confirm.description == "Uninstall 4 packages"
    assert "Flask-Login 0.6.3" in plain(panel.breaks.value)
    assert "blinker, click" in plain(panel.left_over.value)
    panel.orphans.value = panel.dependents.value = False
    assert view.join()
    assert panel.confirm.description == "Uninstall flask 3.1.0"
    view.close()


def test_ticks_give_the_same_plan_as_the_flags(flask: Workshop) -> None:
    view = UninstallView(flask.plan("flask"), flask)
    panel = view.changes.panel
    panel.orphans.value = panel.dependents.value = True
    assert view.join()
    typed = flask.plan("flask", orphans=True, dependents=True)
    assert panel.plan is not None
    assert set(panel.plan.distributions) == set(typed.distributions)
    view.close()


def test_a_plan_that_was_typed_with_flags_begins_with_ticks(flask: Workshop) -> None:
    plan = flask.plan("flask", orphans=True)
    view = UninstallView(plan, flask, orphans=True)
    assert view.join()
    panel = view.changes.panel
    assert panel.orphans.value
    assert panel.confirm.description == "Uninstall 3 packages"
    assert "blinker, click" in plain(panel.left_over.value)
    panel.orphans.value = False
    assert view.join()
    assert panel.confirm.description == "Uninstall flask 3.1.0"
    view.close()


def test_a_blocked_plan_has_no_button_that_confirms(flask: Workshop) -> None:
    dist_info(flask.site, "ipykernel", "7.4.0")
    view = UninstallView(flask.plan("ipykernel"), flask)
    panel = view.changes.panel
    assert plain(panel.title.value) == "ipykernel 7.4.0 stays"
    assert "<code>%pkg uninstall ipykernel --force</code>" in panel.before.value
    assert not is_shown(panel.confirm)
    panel.confirm.click()
    assert view.join()
    assert (flask.site / "ipykernel").exists()
    view.close()


def test_a_tick_that_blocks_the_plan_can_be_cleared_again(flask: Workshop) -> None:
    dist_info(flask.site, "ipykernel", "7.4.0", requires=["nothing-yet"])
    dist_info(flask.site, "tool", "1.0")
    dist_info(flask.site, "ipython", "9.0", requires=["flask"])
    plan = flask.plan("flask", force=True)
    flask.force = False
    view = UninstallView(plan, flask)
    panel = view.changes.panel
    panel.dependents.value = True
    assert view.join()
    assert not is_shown(panel.confirm)
    assert is_shown(panel.dependents)
    view.close()


def test_cancelling_says_that_nothing_was_changed(flask: Workshop) -> None:
    view = UninstallView(flask.plan("flask"), flask)
    view.changes.panel.cancel.click()
    assert not view.changes.panel.is_open
    assert "Cancelled; nothing was changed." in view.changes.line.text.value
    view.close()


def test_confirming_uninstalls_and_undo_brings_back(flask: Workshop) -> None:
    view = UninstallView(flask.plan("flask"), flask)
    view.changes.panel.orphans.value = True
    assert view.join()
    view.changes.panel.confirm.click()
    assert view.join()
    line = view.changes.line
    assert re.search(r"Uninstalled flask 3\.1\.0 and 2 others in \d+\.\d\d s\.", line.text.value)
    assert 'role="alert"' in line.text.value
    assert not (flask.site / "blinker").exists()
    assert (flask.site / "flask" / "py.typed").exists()
    line.undo.click()
    assert view.join()
    assert "Brought back flask 3.1.0 and 2 others." in line.text.value
    assert (flask.site / "blinker").exists()
    view.close()


def test_an_undo_that_is_not_possible_lists_what_stands_in_the_way(flask: Workshop) -> None:
    transaction = apply(flask.plan("numpy"))
    view = TransactionView(transaction, flask)
    (flask.site / "numpy").mkdir()
    (flask.site / "numpy" / "__init__.py").write_text("another\n")
    view.changes.line.undo.click()
    assert view.join()
    shown = view.changes.line.text.value
    assert 'role="alert"' in shown
    assert "numpy/__init__.py" in shown
    assert is_shown(view.changes.line.undo)
    assert (flask.site / "numpy" / "__init__.py").read_text() == "another\n"
    view.close()


def test_views_close_all_their_models(flask: Workshop) -> None:
    before = len(_instances)
    for _ in range(5):
        view = UninstallView(flask.plan("flask"), flask)
        assert len(_instances) > before
        view.close()
        assert len(_instances) == before
