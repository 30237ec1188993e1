from __future__ import annotations

import re
from datetime import datetime, timezone
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from rich.cells import cell_len

from ipy_envtools.transactions import apply
from ipy_envtools.views import PackageDetails, TransactionHistory, text
from ipy_envtools.views import listing as listing_module
from tests.builders import dist_info

if TYPE_CHECKING:
    from .conftest import Workshop

CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]")


def widest(shown: str) -> int:
    return max(map(cell_len, shown.splitlines()))


def everything(workshop: Workshop) -> list[Any]:
    packages = workshop.scan()
    names = [distribution.canonical_name for distribution in packages]
    return [
        packages,
        workshop.listing(problems_only=True),
        PackageDetails(packages, names),
        *(workshop.plan(name) for name in names),
        workshop.plan(*names, orphans=True, dependents=True),
    ]


def test_the_list_looks_like_this(flask: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(flask.venv.root.parent))
    listing = flask.listing(patterns=["flask"], loaded={"flask": ("flask",)})
    version = listing.environment.version
    lines = text.render(listing, 80).splitlines()
    assert lines[0] == f"Python {version} · venv · ~/venv · 3 of 6 packages"
    assert lines[1] == ""
    assert lines[2].split() == ["Name", "Version", "Size", "Needed", "by", "From", "State"]
    assert re.fullmatch(r" flask +3\.1\.0 +\d+ B +1 +pip +loaded", lines[3])
    assert re.fullmatch(r" Flask-Login +0\.6\.3 +\d+ B +– +uv", lines[5])


def test_the_plan_of_an_uninstall_says_what_matters(flask: Workshop) -> None:
    shown = text.render(flask.plan("flask"), 80)
    lines = shown.splitlines()
    assert lines[0] == "Uninstall flask 3.1.0"
    assert re.fullmatch(r"  goes +\d+ files, [\d.]+ k?B, the command flask", lines[1])
    assert "flask/py.typed (flask-docs" in lines[2]
    assert lines[3].startswith("  breaks    Flask-Login 0.6.3 needs Flask>=1.0.4: add --dependents")
    assert "  left over blinker, click (" in shown
    assert "): add --orphans to remove them" in re.sub(r"\s+", " ", shown)


def test_a_blocked_plan_says_why_and_nothing_else(flask: Workshop) -> None:
    dist_info(flask.site, "ipykernel", "7.4.0")
    shown = text.render(flask.plan("ipykernel"), 80)
    assert shown.splitlines()[0] == "ipykernel 7.4.0 stays"
    assert "%pkg uninstall ipykernel --force" in re.sub(r"\s+", " ", shown)
    assert "goes" not in shown


def test_several_packages_are_counted_and_named(flask: Workshop) -> None:
    shown = text.render(flask.plan("blinker", "click"), 80)
    assert shown.startswith("Uninstall 2 packages\n")
    assert "blinker 1.9.0, click 8.2.0" in shown
    wider = text.render(flask.plan("flask", orphans=True), 80)
    assert wider.startswith("Uninstall flask 3.1.0 and 2 others\n")


def test_a_transaction_says_how_to_take_it_back(flask: Workshop) -> None:
    transaction = apply(flask.plan("flask", orphans=True))
    shown = text.render(transaction, 80)
    assert re.fullmatch(
        r"Uninstalled flask 3\.1\.0 and 2 others in \d+\.\d\d s\. %pkg undo takes it back\.", shown
    )
    history = text.render(TransactionHistory([transaction]), 80)
    heads, change, summary = history.splitlines()
    assert heads.split() == ["When", "State", "Size", "Id"]
    assert change.endswith(transaction.id)
    assert " applied " in change
    assert summary == f"  {transaction.summary}"
    heads, change = text.render(TransactionHistory([transaction]), 120).splitlines()
    assert heads.split() == ["When", "What", "State", "Size", "Id"]
    assert transaction.summary in change
    undone = transaction.undo()
    assert text.render(undone, 80) == "Brought back flask 3.1.0 and 2 others."


def test_nothing_is_wider_than_the_terminal(flask: Workshop, hostile: Workshop) -> None:
    dist_info(
        flask.site,
        "a-package-with-a-very-long-name-that-nobody-would-ever-want-to-type-by-hand",
        "2026.11.22.dev20261122+local.version.with.many.parts",
        requires=["nosuch-" + "x" * 90, "numpy<1"],
        files={"x" * 150 + ".py": ""},
        scripts=["a-command-" + "y" * 90],
    )
    for width in (80, 60, 120):
        for shown in everything(hostile):
            rendered = text.render(shown, width)
            assert widest(rendered) <= width, rendered


def test_wide_characters_count_twice(workshop: Workshop) -> None:
    dist_info(workshop.site, "wide", "1.0", headers=[f"Summary: {'包' * 200}"])
    assert widest(text.render(PackageDetails(workshop.scan(), "wide"), 80)) <= 80


def test_hostile_text_is_shown_as_text(hostile: Workshop) -> None:
    for color in (False, True):
        for shown in everything(hostile):
            rendered = text.render(shown, 200, color=color)
            plain = re.sub(r"\x1b\[[\d;]*m", "", rendered) if color else rendered
            assert not CONTROL.search(plain)
            assert "secret" not in plain
    details = text.render(PackageDetails(hostile.scan(), "evil"), 200)
    assert "<script>alert(1)</script>[red]x[/red]:smile:" in details


def test_colour_comes_only_when_asked_for(flask: Workshop) -> None:
    assert "\x1b" not in text.render(flask.scan(), 80)
    assert "\x1b[" in text.render(flask.scan(), 80, color=True)


def test_a_named_package_is_described(flask: Workshop) -> None:
    shown = text.render(PackageDetails(flask.scan(), ["flask"]), 120)
    assert shown.startswith("flask 3.1.0")
    assert "A simple framework for building complex web applications. BSD-3-Clause" in shown
    assert "https://palletsprojects.com" in shown
    assert "blinker ≥1.9 ✓ · click ≥8.1.3 ✓" in shown
    assert re.search(r"Needed by +Flask-Login 0\.6\.3", shown)
    assert re.search(r"Import as +flask\n", shown)
    assert re.search(r"Where +lib/python3\.\d+/site-packages · \d+ files", shown)


def test_a_requirement_that_is_not_met_says_so(flask: Workshop) -> None:
    dist_info(flask.site, "needy", "1.0", requires=["numpy<2", "nosuch>=1", "click"])
    shown = text.render(PackageDetails(flask.scan(), "needy"), 100)
    assert "numpy <2 ✗ 2.2.0 is installed" in shown
    assert "nosuch ≥1 ✗ not installed" in shown
    assert "click ✓" in shown


def test_the_other_spelling_of_a_directory_is_named(workshop: Workshop) -> None:
    lib64 = workshop.venv.root / "lib64"
    if not lib64.exists():
        lib64.symlink_to("lib")
    alias = str(workshop.site).replace("/lib/", "/lib64/")
    (workshop.site / "again.pth").write_text(f"{alias}\n")
    dist_info(workshop.site, "six", "1.0")
    shown = text.render(PackageDetails(workshop.scan(), "six"), 120)
    assert "also spelled lib64/…" in shown
    assert text.render(workshop.scan(), 80).count("six") == 1


def test_unknown_names_have_no_details(flask: Workshop) -> None:
    with pytest.raises(KeyError):
        PackageDetails(flask.scan(), "flsk")


def test_an_empty_history_says_so() -> None:
    assert text.render(TransactionHistory([]), 80) == "Nothing has been changed here yet."


def test_a_long_history_fits() -> None:
    transaction: Any = SimpleNamespace(
        id="20261122-180000-abcd",
        state="interrupted",
        started=datetime(2026, 11, 22, 18, 0, tzinfo=timezone.utc),
        summary="Uninstall " + "a very long name " * 10,
        changes=(),
        seconds=None,
        size=3_100_000,
    )
    for width in (64, 80, 120):
        shown = text.render(TransactionHistory([transaction]), width)
        assert widest(shown) <= width
        assert transaction.id in shown
        assert "interrupted" in shown


def test_text_beside_a_live_view_does_not_wait_for_sizes(
    flask: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing_module, "MOST_MEASURED", 3)
    listing = flask.listing()
    shown = text.render_at_once(listing)
    assert not listing.is_measured
    assert "numpy" in shown
    assert "60 kB" not in shown
    assert widest(shown) <= 80
    listing.measure()
    assert "60 kB" in text.render_at_once(listing)


def test_what_has_no_rendering_is_refused() -> None:
    with pytest.raises(TypeError, match="no rendering of int"):
        text.render(3)
