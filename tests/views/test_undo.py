"""An undo plan in all renderings, and the Undo button that asks where something breaks."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from ipywidgets.widgets.widget import _instances

from ipy_envtools.errors import TransactionFailed
from ipy_envtools.plans import UndoPlan, plan_undo
from ipy_envtools.transactions import Change, apply, history
from ipy_envtools.views import static, text, undo
from ipy_envtools.views.live import TransactionView
from ipy_envtools.views.live.parts import is_shown
from ipy_envtools.views.phrase import plain_text
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

    def test_an_undo_that_stops_half_way_offers_the_way_back_of_what_is_left(
        self, flask: Workshop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        view = TransactionView(apply(flask.plan("numpy")), flask)
        stop_after_one_rename(monkeypatch)
        view.changes.line.undo.click()
        assert view.join()
        monkeypatch.undo()
        left = flask.unfinished()
        assert left is not None
        assert left.state == "interrupted"
        assert "the disk is broken" in view.changes.line.text.value
        assert is_shown(view.changes.line.undo)
        view.changes.line.undo.click()
        assert view.join()
        assert "Rolled back; numpy 2.2.0 is as it was before." in view.changes.line.text.value
        assert (flask.site / "numpy" / "__init__.py").read_text() == "x" * 60_000
        assert flask.unfinished() is None
        view.close()

    def test_the_undo_of_another_change_offers_that_way_back_first(
        self, flask: Workshop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        older = apply(flask.plan("numpy"))
        view = TransactionView(apply(flask.plan("click")), flask)
        with monkeypatch.context() as patched:
            stop_after_one_rename(patched)
            with pytest.raises(TransactionFailed):
                older.undo()
        view.changes.line.undo.click()
        assert view.join()
        assert not (flask.site / "click").exists()
        view.changes.line.undo.click()
        assert view.join()
        assert "Rolled back; numpy 2.2.0 is as it was before." in view.changes.line.text.value
        view.close()


def stop_after_one_rename(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing be moved any more, neither forwards nor backwards, once one thing was."""
    import os

    real = os.rename
    moved = []

    def rename(here: str, there: str) -> None:
        if moved:
            raise OSError(5, "the disk is broken")
        real(here, there)
        moved.append(here)

    monkeypatch.setattr(os, "rename", rename)


def test_what_was_undone_elsewhere_is_said_and_not_offered_again(flask: Workshop) -> None:
    transaction = apply(flask.plan("numpy"))
    view = TransactionView(transaction, flask)
    history(flask.venv.python)[0].undo()
    view.changes.line.undo.click()
    assert view.join()
    assert "is undone already" in view.changes.line.text.value
    assert not is_shown(view.changes.line.undo)
    view.close()


# --- what comes back and lacks something, or is a second copy


@pytest.mark.parametrize("render", RENDERINGS)
def test_it_says_what_would_be_lacking(flask: Workshop, render: object) -> None:
    apply(flask.plan("blinker"))
    transaction = apply(flask.plan("flask"))
    dist_info(flask.site, "click", "7.0", files={"click_seven.py": ""})
    apply(flask.plan("click==8.2.0"))
    shown = " ".join(render(flask.plan_undo(transaction)).split())  # type: ignore[operator]
    shown = shown.replace("<code>", "").replace("</code>", "").replace("&gt;", ">")
    assert "flask 3.1.0 needs blinker>=1.9, which is not there" in shown
    assert "flask 3.1.0 needs click>=8.1.3, but click 7.0 is there" in shown


@pytest.mark.parametrize("render", RENDERINGS)
def test_it_says_that_there_will_be_a_second_copy(flask: Workshop, render: object) -> None:
    transaction = apply(flask.plan("numpy"))
    dist_info(flask.site, "numpy", "9.0", files={"numpy_nine.py": ""})
    shown = " ".join(render(flask.plan_undo(transaction)).split())  # type: ignore[operator]
    assert "numpy 2.2.0 beside numpy 9.0 in" in shown
    assert "uninstall one of them then" in shown


def test_the_undo_button_asks_where_something_would_be_lacking(flask: Workshop) -> None:
    apply(flask.plan("blinker"))
    view = TransactionView(apply(flask.plan("flask")), flask)
    view.changes.line.undo.click()
    assert view.join()
    assert view.changes.undo_panel.is_open
    assert "needs <code>blinker&gt;=1.9</code>, which is not there" in (
        view.changes.undo_panel.text.value
    )
    assert not (flask.site / "flask" / "__init__.py").exists()
    view.close()


# --- what was installed or upgraded


def change(flask: Workshop, *changes: Change, **parts: object) -> UndoPlan:
    """The plan to take back a change that put things in."""
    said = {"id": "1", "state": "applied", "summary": "Changed", "files": 0, "size": 0}
    rest = {"kept": {}, "put_in": (), "conflicts": (), "moved_later": {}}
    transaction = SimpleNamespace(
        **{**said, **rest, "changes": changes, "root": flask.venv.root, **parts}
    )
    return plan_undo(transaction, flask.scan())


@pytest.mark.parametrize("render", RENDERINGS)
def test_the_undo_of_an_upgrade_names_both_versions(flask: Workshop, render: object) -> None:
    plan = change(
        flask,
        Change("upgrade", "flask-login", "0.6.3", "0.5"),
        put_in=(flask.site / "Flask_Login-0.6.3.dist-info",),
        files=4,
        size=2000,
    )
    shown = " ".join(render(plan).split())  # type: ignore[operator]
    assert "Put flask-login 0.6.3 back to 0.5" in shown
    assert "flask-login 0.6.3 to 0.5" in shown
    assert "4 files, 2.0 kB" in shown
    assert "Flask-Login 0.6.3 · " in shown
    assert undo.doing(plan) == "Putting flask-login 0.6.3 back to 0.5"


@pytest.mark.parametrize("render", RENDERINGS)
def test_the_undo_of_an_installation_says_what_goes(flask: Workshop, render: object) -> None:
    plan = change(
        flask,
        Change("install", "numpy", "2.2.0", None),
        put_in=(flask.site / "numpy-2.2.0.dist-info",),
    )
    shown = " ".join(render(plan).split())  # type: ignore[operator]
    assert "Remove numpy 2.2.0" in shown
    assert "numpy 2.2.0 · 60 kB" in shown
    assert "0 files" not in shown
    assert undo.question(plan) == "Remove numpy 2.2.0?"
    assert undo.doing(plan) == "Removing numpy 2.2.0"


def test_the_undo_of_several_changes_counts_the_packages(flask: Workshop) -> None:
    changes = (Change("upgrade", "flask", "3.1.0", "3.0"), Change("remove", "old", "1.0", "1.0"))
    plan = change(flask, *changes, put_in=(flask.site / "flask-3.1.0.dist-info",))
    assert undo.title(plan) == "Put 2 packages back as they were"
    said = {fact.label: plain_text(fact.value) for fact in undo.facts(plan)}
    assert said["Returns"] == "old 1.0"
    assert said["Goes back"] == "flask 3.1.0 to 3.0"
    same = Change("reinstall", "flask", "3.1.0", "3.1.0")
    plan = change(flask, same, put_in=(flask.site / "flask-3.1.0.dist-info",))
    assert undo.title(plan) == "Put flask 3.1.0 back as it was"
    plan = change(flask, changes[0], state="interrupted")
    assert undo.title(plan) == "Put flask 3.1.0 back as it was"


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
