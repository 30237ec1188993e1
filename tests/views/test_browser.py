"""The browser through its widgets' traits and clicks, on an environment that really changes."""

from __future__ import annotations

import re
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from ipywidgets import Button, Checkbox, Widget
from ipywidgets.widgets.widget import _instances

from ipy_envtools.errors import EnvToolsError
from ipy_envtools.progress import Progress
from ipy_envtools.views import listing as listing_module
from ipy_envtools.views.live import PackageBrowser
from ipy_envtools.views.live.models import models_of
from ipy_envtools.views.live.parts import is_shown
from tests.builders import dist_info, snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .conftest import Workshop

pytestmark = pytest.mark.usefixtures("no_widget_left")


class Person:
    """Looks at a browser and clicks in it."""

    def __init__(self, browser: PackageBrowser) -> None:
        self.browser = browser

    @property
    def shown_rows(self) -> list[Any]:
        return [row for row in self.browser.page.rows if row.distribution is not None]

    @property
    def names(self) -> list[str]:
        return [row.distribution.canonical_name for row in self.shown_rows]

    def row(self, name: str) -> Any:
        return next(r for r in self.shown_rows if r.distribution.canonical_name == name)

    def button(self, label: str) -> Button:
        """The one button that can be seen and says this."""
        found = [b for b in self._seen(self.browser.widget) if b.description == label]
        assert len(found) == 1, [b.description for b in self._seen(self.browser.widget)]
        return found[0]

    @property
    def labels(self) -> list[str]:
        return [button.description for button in self._seen(self.browser.widget)]

    def click(self, label: str) -> None:
        self.button(label).click()
        assert self.browser.join()

    def uninstall(self, name: str) -> None:
        self.row(name).uninstall.click()
        assert self.browser.join()

    @property
    def text(self) -> str:
        """All HTML that can be seen, without tags."""
        values = "\n".join(w.value for w in self._seen(self.browser.widget, "HTML"))
        return re.sub(r"<style>.*?</style>|<[^>]+>", "", values, flags=re.DOTALL)

    def _seen(self, widget: Widget, kind: str = "Button") -> Iterator[Any]:
        if not is_shown(widget):
            return
        if type(widget).__name__ == kind:
            yield widget
        for child in getattr(widget, "children", ()):
            yield from self._seen(child, kind)


@pytest.fixture
def person(flask: Workshop) -> Iterator[Person]:
    browser = PackageBrowser(flask.listing(loaded={"flask": ("flask",)}), flask)
    assert browser.join()
    yield Person(browser)
    assert browser.join()
    browser.close()


@pytest.fixture
def crowd(workshop: Workshop) -> Workshop:
    """Sixty packages, which are three pages."""
    for number in range(60):
        dist_info(workshop.site, f"pkg{number:02}", f"{60 - number}.0", installer="pip")
    return workshop


# --- models


def test_running_a_cell_fifty_times_leaks_no_model(flask: Workshop) -> None:
    counts = set()
    before = len(_instances)
    for _ in range(50):
        browser = PackageBrowser(flask.listing(), flask)
        browser.page.rows[0].uninstall.click()
        assert browser.join()
        counts.add(len(_instances) - before)
        browser.close()
        assert len(_instances) == before
    assert len(counts) == 1
    assert counts.pop() < 200


def test_the_number_of_models_does_not_depend_on_the_packages(
    flask: Workshop, tmp_path_factory: pytest.TempPathFactory
) -> None:
    before = len(_instances)
    small = PackageBrowser(flask.listing(), flask)
    number = len(_instances) - before
    for extra in range(100):
        dist_info(flask.site, f"extra{extra}", "1.0")
    large = PackageBrowser(flask.listing(), flask)
    assert len(_instances) - before == 2 * number
    small.close()
    large.close()


def test_only_core_widgets_are_used(person: Person) -> None:
    modules = {widget._model_module for widget in models_of(person.browser.widget)}
    assert modules <= {"@jupyter-widgets/base", "@jupyter-widgets/controls"}


def test_every_class_is_our_own(person: Person) -> None:
    for widget in models_of(person.browser.widget):
        for name in getattr(widget, "_dom_classes", ()):
            assert name.startswith("envtools-")


# --- looking


def test_the_header_says_whose_packages_these_are(person: Person) -> None:
    assert "This kernel" in person.text
    assert "6 packages" in person.text
    assert "All 6" in person.labels
    assert "Loaded 1" in person.labels


def test_typing_filters(person: Person) -> None:
    person.browser.filter.value = "FLASK"
    assert person.names == ["flask", "flask-docs", "flask-login"]
    person.browser.filter.value = "nosuch"
    assert person.names == []
    assert "No package matches “nosuch”." in person.text
    person.browser.filter.value = ""
    assert len(person.names) == 6


def test_a_click_on_a_title_sorts_and_a_second_one_turns_the_order_round(person: Person) -> None:
    assert "Name ▲" in person.labels
    person.click("Size")
    assert person.names[0] == "numpy"
    assert "Size ▼" in person.labels
    assert "Name" in person.labels
    person.click("Size ▼")
    assert person.names[-1] == "numpy"
    assert "Size ▲" in person.labels


def test_pages_turn_and_end(crowd: Workshop) -> None:
    person = Person(PackageBrowser(crowd.listing(), crowd))
    assert len(person.names) == 25
    assert "1–25 of 60" in person.text
    assert person.button("Previous").disabled
    person.click("Next")
    person.click("Next")
    assert person.names == [f"pkg{number}" for number in range(50, 60)]
    assert "51–60 of 60" in person.text
    assert person.button("Next").disabled
    person.browser.filter.value = "pkg1"
    assert "1–10 of 10" in person.text
    person.browser.close()


def test_the_chips_choose(person: Person, flask: Workshop) -> None:
    person.click("Loaded 1")
    assert person.names == ["flask"]
    assert "1–1 of 1 · loaded" in person.text
    person.click("All 6")
    assert len(person.names) == 6


def test_the_problems_chip_looks_at_the_files_and_shows_what_is_nobodys(flask: Workshop) -> None:
    dist_info(flask.site, "gone", "1.0", rows=["gone/missing.py,sha256=abc,3"])
    leftover = flask.site / "~umpy-1.0.dist-info"
    leftover.mkdir()
    person = Person(PackageBrowser(flask.listing(), flask))
    assert "gone" in person.names
    person.browser.join()
    assert "3 problems" in person.text
    person.click("Problems 3")
    assert "gone" in person.names
    assert "numpy" not in person.names
    assert "~umpy-1.0.dist-info" in person.text
    person.browser.close()


def test_problems_are_not_counted_before_anyone_has_looked(
    flask: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    dist_info(flask.site, "gone", "1.0", rows=["gone/missing.py,sha256=abc,3"])
    look, may_look = listing_module.PackageListing.look_for_problems, threading.Event()

    def wait_and_look(listing: listing_module.PackageListing) -> None:
        assert may_look.wait(10)
        look(listing)

    monkeypatch.setattr(listing_module.PackageListing, "look_for_problems", wait_and_look)
    person = Person(PackageBrowser(flask.listing(), flask))
    assert "Problems …" in person.labels
    person.button("Problems …").click()
    assert "Looking at every file" in person.text
    may_look.set()
    assert person.browser.join()
    assert "Problems 2" in person.labels
    assert "gone" in person.names
    person.browser.close()


def test_of_very_many_packages_the_files_are_looked_at_when_asked(
    flask: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing_module, "MOST_MEASURED", 0)
    person = Person(PackageBrowser(flask.listing(), flask))
    assert person.browser.join()
    assert "Not needed 0" in person.labels
    person.click("Problems …")
    assert "Problems 1" in person.labels
    person.browser.close()


def test_details_are_in_the_row_and_need_no_kernel(person: Person) -> None:
    html = person.row("flask").cells.value
    assert html.startswith("<details")
    assert "blinker ≥1.9" in html
    assert 'href="https://palletsprojects.com/"' in html


def test_controls_have_the_promised_names(person: Person) -> None:
    assert person.browser.filter.placeholder == "Filter packages"
    row = person.row("numpy")
    assert row.uninstall.description == "Uninstall"
    assert row.uninstall.tooltip == "Uninstall numpy"
    assert row.pick.tooltip == "Select numpy 2.2.0"


def test_hostile_text_is_escaped_in_every_widget(hostile: Workshop) -> None:
    browser = PackageBrowser(hostile.listing(), hostile)
    person = Person(browser)
    person.uninstall("evil")
    for widget in models_of(browser.widget):
        value = getattr(widget, "value", "")
        if isinstance(value, str) and "<style>" not in value:
            assert "<script" not in value
            assert "<i>pip" not in value
            assert "\x1b" not in value
            assert "\u202e" not in value
            assert "secret" not in value
            assert 'href="javascript' not in value
        assert not getattr(widget, "description_allow_html", False)
    assert "&lt;script&gt;" in person.row("evil").cells.value
    browser.close()


def test_another_python_is_looked_at_only(flask: Workshop) -> None:
    from ipy_envtools.environment import scan
    from ipy_envtools.views import PackageListing

    person = Person(PackageBrowser(PackageListing(scan(flask.venv.python)), flask))
    assert "Another Python" in person.text
    assert all(row.uninstall.disabled and row.pick.disabled for row in person.shown_rows)
    person.browser.close()


# --- uninstalling


def test_uninstall_and_undo_by_clicks(person: Person, flask: Workshop) -> None:
    before = snapshot(flask.site)
    person.uninstall("numpy")
    assert "Uninstall numpy 2.2.0?" in person.text
    assert (flask.site / "numpy").exists()
    person.click("Uninstall numpy 2.2.0")
    assert re.search(r"Uninstalled numpy 2\.2\.0 in \d+\.\d\d s\.", person.text)
    assert not (flask.site / "numpy").exists()
    assert "numpy" not in person.names
    assert "All 5" in person.labels
    person.click("Undo")
    assert "Brought back numpy 2.2.0." in person.text
    assert "numpy" in person.names
    assert "All 6" in person.labels
    assert "Undo" not in person.labels
    assert snapshot(flask.site) == before


def test_cancel_changes_nothing(person: Person, flask: Workshop) -> None:
    before = snapshot(flask.site)
    person.uninstall("numpy")
    person.click("Cancel")
    assert not person.browser.changes.panel.is_open
    assert snapshot(flask.site) == before


def test_several_are_picked_across_pages_and_filters(crowd: Workshop) -> None:
    person = Person(PackageBrowser(crowd.listing(), crowd))
    assert person.button("Uninstall selected…").disabled
    person.row("pkg03").pick.value = True
    person.click("Next")
    person.row("pkg30").pick.value = True
    person.browser.filter.value = "pkg0"
    assert person.row("pkg03").pick.value
    assert not person.row("pkg04").pick.value
    person.row("pkg04").pick.value = True
    person.click("Uninstall 3 selected…")
    assert crowd.planned[-1] == (("pkg03", "pkg04", "pkg30"), False, False)
    person.click("Uninstall 3 packages")
    assert "Uninstalled pkg03 57.0 and 2 others" in person.text
    assert "All 57" in person.labels
    assert "pkg03" not in person.names
    assert person.button("Uninstall selected…").disabled
    person.browser.close()


def test_filter_and_order_outlive_a_change(person: Person) -> None:
    person.browser.filter.value = "l"
    person.click("Version")
    person.uninstall("click")
    person.click("Uninstall click 8.2.0")
    assert person.names == ["flask-login", "flask-docs", "blinker", "flask"]
    assert "Version ▲" in person.labels


def test_an_error_is_one_line_that_is_announced(person: Person, flask: Workshop) -> None:
    def fail(_on_progress: object) -> None:
        raise EnvToolsError("numpy is <busy>")

    flask.before_change = fail
    person.uninstall("numpy")
    person.click("Uninstall numpy 2.2.0")
    line = person.browser.changes.line.text.value
    assert 'role="alert"' in line
    assert "numpy is &lt;busy&gt;" in line
    assert "numpy" in person.names
    first = line
    person.uninstall("numpy")
    person.click("Uninstall numpy 2.2.0")
    assert person.browser.changes.line.text.value != first


def test_a_plan_that_no_longer_fits_the_disk_is_made_again(person: Person, flask: Workshop) -> None:
    person.uninstall("numpy")
    (flask.site / "numpy" / "__init__.py").write_text("changed\n")
    person.click("Uninstall numpy 2.2.0")
    assert (flask.site / "numpy").exists()
    assert 'role="alert"' in person.browser.changes.line.text.value
    assert person.browser.changes.panel.is_open
    assert "1 file differs from what was installed" in person.text
    person.click("Uninstall numpy 2.2.0")
    assert not (flask.site / "numpy").exists()


# --- threads


def test_the_kernel_stays_usable_while_something_is_changed(
    person: Person, flask: Workshop
) -> None:
    started, go_on = threading.Event(), threading.Event()

    def slow(on_progress: Any) -> None:
        started.set()
        time.sleep(0.15)
        on_progress(Progress("moving", "numpy", 3, 10, "files"))
        assert go_on.wait(10)

    flask.before_change = slow
    person.uninstall("numpy")
    person.button("Uninstall numpy 2.2.0").click()
    assert started.wait(10)
    person.browser.filter.value = "flask"
    assert person.names == ["flask", "flask-docs", "flask-login"]
    deadline = time.monotonic() + 10
    while "3 of 10 files" not in person.text and time.monotonic() < deadline:
        time.sleep(0.01)
    assert "Uninstalling numpy 2.2.0… 3 of 10 files" in person.text
    person.row("flask").uninstall.click()
    assert not person.browser.changes.panel.is_open
    go_on.set()
    assert person.browser.join()
    assert "Uninstalled numpy 2.2.0" in person.text


def test_progress_is_shown_at_most_ten_times_a_second(person: Person, flask: Workshop) -> None:
    seen: list[str] = []
    line = person.browser.changes.line.text
    line.observe(lambda change: seen.append(change["new"]), "value")

    def busy(on_progress: Any) -> None:
        end = time.monotonic() + 0.5
        number = 0
        while time.monotonic() < end:
            number += 1
            on_progress(Progress("moving", "numpy", number, 10**9, "files"))

    flask.before_change = busy
    person.uninstall("numpy")
    person.click("Uninstall numpy 2.2.0")
    assert 2 <= sum("<progress" in value for value in seen) <= 7


def test_what_ends_after_the_view_was_closed_is_not_shown(flask: Workshop) -> None:
    go_on = threading.Event()
    flask.before_change = lambda _on_progress: go_on.wait(10)
    before = len(_instances)
    person = Person(PackageBrowser(flask.listing(), flask))
    person.uninstall("numpy")
    person.button("Uninstall numpy 2.2.0").click()
    person.browser.close()
    go_on.set()
    assert person.browser.join()
    assert len(_instances) == before
    assert not (flask.site / "numpy").exists()


def test_a_later_question_takes_the_place_of_an_earlier_one(flask: Workshop) -> None:
    numpy_may_go_on = threading.Event()
    flask.before_plan = lambda names: names == ("numpy",) and numpy_may_go_on.wait(10)
    browser = PackageBrowser(flask.listing(), flask)
    person = Person(browser)
    person.row("numpy").uninstall.click()
    person.row("blinker").uninstall.click()
    deadline = time.monotonic() + 10
    while "Uninstall blinker 1.9.0" not in person.labels and time.monotonic() < deadline:
        time.sleep(0.01)
    numpy_may_go_on.set()
    assert browser.join()
    assert "Uninstall blinker 1.9.0?" in person.text
    assert "Uninstall numpy 2.2.0" not in person.labels
    browser.close()


# --- many packages


def test_many_packages_are_listed_first_and_measured_then(
    flask: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing_module, "MOST_MEASURED", 3)
    listing = flask.listing()
    holding = threading.Event()
    measure = listing.measure
    monkeypatch.setattr(listing, "measure", lambda: (holding.wait(10), measure()))
    person = Person(PackageBrowser(listing, flask))
    assert "numpy" in person.names
    assert "60 kB" not in person.row("numpy").cells.value
    holding.set()
    assert person.browser.join()
    assert "60 kB" in person.row("numpy").cells.value
    person.browser.close()


def test_filtering_two_thousand_packages_takes_less_than_fifty_milliseconds(
    workshop: Workshop,
) -> None:
    for number in range(2000):
        info = workshop.site / f"pkg{number:04}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: pkg{number:04}\n\n")
    browser = PackageBrowser(workshop.listing(), workshop)
    assert browser.join()
    times = []
    for typed in ("1", "pkg12", "", "99", "pkg0*", "7"):
        start = time.perf_counter()
        browser.filter.value = typed
        times.append(time.perf_counter() - start)
    browser.close()
    assert sorted(times)[len(times) // 2] < 0.05


def test_the_boxes_and_buttons_of_a_row_are_made_once(crowd: Workshop) -> None:
    browser = PackageBrowser(crowd.listing(), crowd)
    boxes = [row.pick for row in browser.page.rows]
    number = len(_instances)
    browser.next.click()
    browser.filter.value = "pkg5"
    browser.filter.value = ""
    shown = [w for w in models_of(browser.page.widget) if isinstance(w, Checkbox)]
    assert {id(box) for box in shown} == {id(box) for box in boxes}
    assert len(_instances) == number
    browser.close()
