"""An undo plan in all renderings, and the Undo button that asks where something breaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from ipywidgets.widgets.widget import _instances

from ipy_envtools.transactions import apply
from ipy_envtools.views import static, text
from ipy_envtools.views.live import TransactionView
from ipy_envtools.views.live.parts import is_shown
from tests.builders import dist_info

if TYPE_CHECKING:
    from ipy_envtools.progress import OnProgress

    from .conftest import Workshop

RENDERINGS = (lambda plan: text.render(plan, 100), static.render)


@pytest.mark.parametrize("render", RENDERINGS)
def test_it_says_what_comes_back(flask: Workshop, render: object) -> None:
    transaction = apply(flask.plan("flask", orphans=True))
    shown = render(flask.plan_undo(transaction))  # type: ignore[operator]
    assert "Bring back flask 3.1.0 and 2 others" in shown
    assert "flask 3.1.0, blinker 1.9.0, click 8.2.0" in shown
    assert f"{transaction.files} files" in shown


@pytest.mark.parametrize("render", RENDERINGS)
def test_it_lists_what_is_in_the_way(flask: Workshop, render: object) -> None:
    transaction = apply(flask.plan("numpy"))
    dist_info(flask.site, "numpy", "9.0", files={"numpy/__init__.py": "other"})
    shown = render(flask.plan_undo(transaction))  # type: ignore[operator]
    assert "numpy 2.2.0 cannot be brought back" in shown
    assert "site-packages/numpy/__init__.py" in shown
    assert "it belongs to numpy 9.0 now" in shown


@pytest.mark.parametrize("render", RENDERINGS)
def test_many_conflicts_are_counted(flask: Workshop, render: object) -> None:
    files = {f"wide/m{number:02}.py": "" for number in range(40)}
    dist_info(flask.site, "wide", files=files)
    transaction = apply(flask.plan("wide"))
    dist_info(flask.site, "wide", "2.0", files=dict.fromkeys(files, "new"))
    assert "and 28 more" in render(flask.plan_undo(transaction))  # type: ignore[operator]


def test_start_up_files_are_named_in_every_rendering(flask: Workshop) -> None:
    dist_info(flask.site, "hook", files={"hook.pth": "import sys\n", "hook.py": ""})
    plan = flask.plan("hook")
    for render in RENDERINGS:
        shown = render(plan)
        assert "hook.pth" in shown
        assert "read whenever this Python starts" in " ".join(shown.split())


def test_undo_acts_at_once_where_nothing_breaks(flask: Workshop) -> None:
    view = TransactionView(apply(flask.plan("numpy")), flask)
    view.changes.line.undo.click()
    assert view.join()
    assert (flask.site / "numpy" / "__init__.py").exists()
    assert not view.changes.undo_panel.is_open
    assert "Brought back numpy 2.2.0" in view.changes.line.text.value
    view.close()


def test_undo_that_is_not_possible_shows_the_list_and_no_button_for_it(flask: Workshop) -> None:
    view = TransactionView(apply(flask.plan("numpy")), flask)
    mine = flask.site / "numpy" / "__init__.py"
    mine.parent.mkdir()
    mine.write_text("mine")
    view.changes.line.undo.click()
    assert view.join()
    panel = view.changes.undo_panel
    assert panel.is_open
    assert "something else is there now" in panel.text.value
    assert not is_shown(panel.confirm)
    assert mine.read_text() == "mine"
    mine.unlink()
    view.changes.line.undo.click()
    assert view.join()
    assert not panel.is_open
    assert "Brought back numpy 2.2.0" in view.changes.line.text.value
    view.close()


class TestUndoThatBreaksSomething:
    @pytest.fixture
    def view(self, flask: Workshop) -> TransactionView:
        """An undo that puts an older copy before the one that a newer package needs."""
        later = flask.venv.root / "later"
        (flask.site / "later.pth").write_text(f"{later}\n")
        dist_info(flask.site, "dep", "1.0", files={"dep.py": ""})
        transaction = apply(flask.plan("dep"))
        dist_info(later, "dep", "2.0", files={"dep.py": ""})
        dist_info(flask.site, "user", requires=["dep>=2"])
        view = TransactionView(transaction, flask)
        view.changes.line.undo.click()
        assert view.join()
        yield view
        view.close()

    def test_it_asks_and_says_what_breaks(self, view: TransactionView, flask: Workshop) -> None:
        panel = view.changes.undo_panel
        assert panel.is_open
        assert "user 1.0 needs <code>dep&gt;=2</code>" in panel.text.value
        assert panel.confirm.description == "Bring back dep 1.0"
        assert not (flask.site / "dep.py").exists()
        panel.confirm.click()
        assert view.join()
        assert (flask.site / "dep.py").exists()
        assert not panel.is_open

    def test_cancel_leaves_everything_and_offers_it_again(
        self, view: TransactionView, flask: Workshop
    ) -> None:
        view.changes.undo_panel.cancel.click()
        assert not view.changes.undo_panel.is_open
        assert not (flask.site / "dep.py").exists()
        assert is_shown(view.changes.line.undo)


class TestAnInterruptedChange:
    @pytest.fixture
    def interrupted(self, flask: Workshop, monkeypatch: pytest.MonkeyPatch) -> Workshop:
        """A change that could be neither finished nor taken back."""
        import os

        real = os.rename

        def fail(here: str, there: str) -> None:
            if "numpy-2.2.0" in here and ".ipy-envtools" in there:
                blocker = flask.site / "numpy"
                blocker.mkdir()
                (blocker / "__init__.py").write_text("mine")
                raise OSError(5, "the disk is broken")
            real(here, there)

        with monkeypatch.context() as patched:
            patched.setattr(os, "rename", fail)
            with pytest.raises(Exception, match="not everything could be moved back"):
                apply(flask.plan("numpy"))
        return flask

    def test_a_plan_in_the_browser_says_so_and_offers_the_way_back(
        self, interrupted: Workshop
    ) -> None:
        from ipy_envtools.errors import EnvToolsError
        from ipy_envtools.views.live import PackageBrowser

        transaction = interrupted.unfinished()
        assert transaction is not None
        interrupted.before_plan = lambda _names: _raise(EnvToolsError("Interrupted before."))
        browser = PackageBrowser(interrupted.listing(), interrupted)
        row = next(row for row in browser.page.rows if is_shown(row.widget))
        row.uninstall.click()
        assert browser.join()
        assert not browser.changes.panel.is_open
        assert "Interrupted before." in browser.changes.line.text.value
        assert is_shown(browser.changes.line.undo)
        mine = interrupted.site / "numpy" / "__init__.py"
        mine.unlink()
        browser.changes.line.undo.click()
        assert browser.join()
        assert "numpy 2.2.0 is as it was before" in browser.changes.line.text.value
        assert mine.read_text() == "x" * 60_000
        assert interrupted.unfinished() is None
        browser.close()

    @pytest.mark.parametrize("render", RENDERINGS)
    def test_the_plan_says_that_it_goes_back_to_the_beginning(
        self, interrupted: Workshop, render: object
    ) -> None:
        (interrupted.site / "numpy" / "__init__.py").unlink()
        transaction = interrupted.unfinished()
        assert transaction is not None
        shown = render(interrupted.plan_undo(transaction))  # type: ignore[operator]
        assert "Put numpy 2.2.0 back as it was" in shown


def _raise(error: Exception) -> None:
    raise error


def test_an_undo_leaves_no_models_behind(flask: Workshop) -> None:
    before = len(_instances)

    def wait(_on_progress: OnProgress) -> None:
        pass

    flask.before_change = wait
    view = TransactionView(apply(flask.plan("numpy")), flask)
    view.changes.line.undo.click()
    assert view.join()
    view.close()
    assert len(_instances) == before
