"""What is wrong, told by severity, in text and in HTML."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from rich.cells import cell_len

from ipy_envtools.views import ProblemReport, static, text
from tests.builders import dist_info

from .test_static import Reader

if TYPE_CHECKING:
    from .conftest import Workshop


@pytest.fixture
def broken(workshop: Workshop) -> Workshop:
    """Errors, warnings and a note, of packages and of nobody."""
    site = workshop.site
    dist_info(site, "gone", "1.0", rows=["gone/missing.py,sha256=abc,3"])
    dist_info(site, "needy", "1.0", requires=["nosuch>=1"])
    dist_info(site, "share-a", "1.0", files={"shared/__init__.py": ""})
    dist_info(site, "share-b", "1.0", files={"shared/__init__.py": ""})
    dist_info(site, "six", "1.17.0")
    (site / "six-1.16.0.dist-info").symlink_to("six-1.17.0.dist-info")
    (site / "~umpy-1.0.dist-info").mkdir()
    return workshop


def plain(shown: str) -> str:
    return re.sub(r"\s+", " ", shown)


def test_problems_are_sorted_by_severity_then_by_package(broken: Workshop) -> None:
    report = ProblemReport(broken.scan())
    found = [(problem.severity, problem.kind) for problem in report]
    assert found == [
        ("error", "files-missing"),
        ("error", "dependency-missing"),
        ("warning", "leftover"),
        ("warning", "files-shared"),
        ("note", "alias"),
    ]
    assert len(report) == len(report.problems) == 5
    assert not report.is_clean
    assert set(report.problems) == set(broken.scan().problems)


def test_in_a_terminal_each_is_one_sentence_below_its_severity(broken: Workshop) -> None:
    shown = text.render(ProblemReport(broken.scan()), 80)
    lines = shown.splitlines()
    assert lines[0].startswith("2 errors, 2 warnings, 1 note in 6 packages · Python 3")
    titles = [line for line in lines if re.fullmatch(r"\d+ \w+", line)]
    assert titles == ["2 errors", "2 warnings", "1 note"]
    assert sum(line.startswith("  • ") for line in lines) == 5
    assert "• needy 1.0 needs nosuch>=1, which is not installed" in plain(shown)
    assert max(map(cell_len, lines)) <= 80


def test_paths_below_the_environment_are_short(broken: Workshop) -> None:
    shown = plain(text.render(ProblemReport(broken.scan(), ["share-a"]), 1000))
    assert f"({broken.site.relative_to(broken.venv.root)}/" in shown
    assert shown.count(str(broken.venv.root)) <= 1  # in the heading


def test_in_html_they_are_lists_and_each_package_is_set_off(broken: Workshop) -> None:
    html = static.render(ProblemReport(broken.scan()))
    read = Reader(html)
    assert read.tags.count("ul") == 3
    assert read.tags.count("li") == 5
    assert "<b>needy</b> 1.0 needs nosuch&gt;=1" in html
    assert "class" not in read.attributes


def test_with_names_it_is_about_these_packages(broken: Workshop) -> None:
    assert [p.kind for p in ProblemReport(broken.scan(), ["Gone"])] == ["files-missing"]
    # what two packages have together belongs to both
    for name in ("share-a", "share_b"):
        assert [p.kind for p in ProblemReport(broken.scan(), [name])] == ["files-shared"]


def test_notes_alone_are_clean(broken: Workshop) -> None:
    report = ProblemReport(broken.scan(), ["six"])
    assert len(report) == 1
    assert report.is_clean


def test_where_nothing_is_wrong_it_says_so(flask: Workshop) -> None:
    report = ProblemReport(flask.scan(), ["numpy"])
    assert not report.problems
    assert text.render(report, 80).startswith("No problems.")
    assert "No problems." in Reader(static.render(report)).text


def test_a_hundred_problems_are_all_there(workshop: Workshop) -> None:
    needs = [f"nosuch-{number:03}" for number in range(100)]
    dist_info(workshop.site, "needy", "1.0", requires=needs)
    shown = text.render(ProblemReport(workshop.scan()), 80)
    assert "100 errors" in shown
    assert all(name in shown for name in needs)
