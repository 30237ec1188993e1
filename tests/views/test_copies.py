"""Several copies of one package: which one import gets, why, and which one an uninstall takes."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

import pytest

from ipy_envtools.plans import plan_uninstall
from ipy_envtools.views import PackageDetails, static, text
from ipy_envtools.views.live import PackageBrowser
from tests.builders import dist_info

from .test_browser import Person
from .test_static import Reader

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Workshop

pytestmark = pytest.mark.usefixtures("no_widget_left")


@pytest.fixture
def shadowed(workshop: Workshop, tmp_path: Path) -> Workshop:
    """numpy in the environment, and an older one in a directory that a .pth file adds."""
    extra = tmp_path / "extra"
    extra.mkdir()
    (workshop.site / "extra.pth").write_text(f"{extra}\n")
    dist_info(workshop.site, "numpy", "2.2.0")
    dist_info(extra, "numpy", "1.26.4")
    return workshop


@pytest.fixture
def duplicate(workshop: Workshop) -> Workshop:
    """Two numpys in one directory; the files are those of the older one."""
    dist_info(workshop.site, "numpy", "2.2.0")
    dist_info(workshop.site, "numpy", "1.26.4")
    return workshop


def details(workshop: Workshop) -> str:
    return re.sub(r"\s+", " ", text.render(PackageDetails(workshop.scan(), "numpy"), 80))


def test_details_say_which_copy_import_gets_and_why(shadowed: Workshop) -> None:
    said = details(shadowed)
    assert re.search(r"2\.2\.0 in lib/python3\.\d+/site-packages, the one that import gets", said)
    assert "import gets: imports look there first" in said
    # a long path may break anywhere
    assert "/extra,neverimported" in said.replace(" ", "")
    page = static.render(PackageDetails(shadowed.scan(), "numpy"))
    assert "imports look there first" in Reader(page).text


def test_a_duplicate_is_told_by_its_record(duplicate: Workshop) -> None:
    assert duplicate.scan()["numpy"].version == "1.26.4"
    said = details(duplicate)
    assert "1.26.4 in lib/" in said
    assert "the one that import gets: its RECORD fits the files that are there best" in said
    assert "2.2.0 in lib/" in said


@pytest.mark.parametrize(
    ("active", "other", "reason"),
    [
        (("2.0", {"files": {}}), ("1.0", {"files": {}}), "nothing on disk tells them apart"),
        (("1.0", {"files": {}}), ("2.0", {"files": {}, "rows": ["x.py,,3"]}), "are not there"),
        (("1.0.0", {"files": {}}), ("1.0", {"files": {}}), "nothing tells them apart"),
    ],
)
def test_the_reason_is_what_decided(
    workshop: Workshop,
    active: tuple[str, dict[str, Any]],
    other: tuple[str, dict[str, Any]],
    reason: str,
) -> None:
    for version, parts in (active, other):
        dist_info(workshop.site, "numpy", version, **parts)
    assert workshop.scan()["numpy"].info_path.name == f"numpy-{active[0]}.dist-info"
    said = details(workshop)
    assert reason in said
    assert "fits the files" not in said


def test_eggs_of_which_the_search_path_names_one(workshop: Workshop) -> None:
    for version in ("1.0", "2.0"):
        info = workshop.site / f"numpy-{version}-py3.egg" / "EGG-INFO"
        info.mkdir(parents=True)
        (info / "PKG-INFO").write_text(f"Name: numpy\nVersion: {version}\n\n")
    (workshop.site / "easy-install.pth").write_text("./numpy-1.0-py3.egg\n")
    assert "the one that import gets: imports look there first" in details(workshop)


def test_a_copy_without_metadata_is_no_rival(workshop: Workshop) -> None:
    dist_info(workshop.site, "numpy", "1.26.4")
    (workshop.site / "numpy-2.2.0.dist-info").mkdir()
    assert "the one that import gets: another one has no METADATA" in details(workshop)


def test_a_single_copy_needs_no_explanation(workshop: Workshop) -> None:
    dist_info(workshop.site, "numpy", "2.2.0")
    assert "import gets" not in details(workshop)


def test_a_row_s_button_names_the_copy_that_it_takes(shadowed: Workshop) -> None:
    dist_info(shadowed.site, "six", "1.17.0")
    person = Person(PackageBrowser(shadowed.listing(), shadowed))
    tooltips = [row.uninstall.tooltip for row in person.shown_rows]
    assert tooltips == [
        "Uninstall numpy 2.2.0 in this environment",
        "Uninstall numpy 1.26.4 in extra.pth's directory",
        "Uninstall six",
    ]
    assert len({row.pick.tooltip for row in person.shown_rows}) == 3
    person.browser.close()


def test_two_copies_of_one_version_can_be_told_apart(shadowed: Workshop, tmp_path: Path) -> None:
    dist_info(tmp_path / "extra", "six", "1.0")
    dist_info(shadowed.site, "six", "1.0")
    person = Person(PackageBrowser(shadowed.listing(), shadowed))
    tooltips = [row.uninstall.tooltip for row in person.shown_rows]
    assert len(set(tooltips)) == 4
    person.browser.close()


def test_the_plan_of_a_shadowed_copy_names_it_and_leaves_the_other(
    shadowed: Workshop, tmp_path: Path
) -> None:
    person = Person(PackageBrowser(shadowed.listing(), shadowed))
    hidden = next(row for row in person.shown_rows if not row.distribution.active)
    hidden.uninstall.click()
    assert person.browser.join()
    assert "numpy 1.26.4 in extra.pth's directory" in html.unescape(person.text)
    assert person.browser.changes.panel.title.value.count("2.2.0") == 0
    person.browser.close()


def test_the_plan_of_a_duplicate_names_it_and_takes_only_its_entry(duplicate: Workshop) -> None:
    person = Person(PackageBrowser(duplicate.listing(), duplicate))
    hidden = next(row for row in person.shown_rows if not row.distribution.active)
    hidden.uninstall.click()
    assert person.browser.join()
    assert "Uninstall numpy 2.2.0 in this environment?" in person.text
    person.click("Uninstall numpy 2.2.0 in this environment")
    assert (duplicate.site / "numpy" / "__init__.py").read_text() == "__version__ = '1.26.4'\n"
    assert not (duplicate.site / "numpy-2.2.0.dist-info").exists()
    assert person.names == ["numpy"]
    person.browser.close()


def test_a_typed_plan_names_the_copy_too(duplicate: Workshop) -> None:
    packages = duplicate.scan()
    hidden = next(copy for copy in packages.copies("numpy") if not copy.active)
    plan = plan_uninstall([hidden], packages)
    assert text.render(plan, 80).startswith("Uninstall numpy 2.2.0 in this environment\n")
    assert "numpy 2.2.0 in this environment" in Reader(static.render(plan)).text
