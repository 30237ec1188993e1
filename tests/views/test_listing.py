from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ipy_envtools.environment.problems import PROBLEM_KINDS
from ipy_envtools.views import SORT_KEYS, PackageListing
from ipy_envtools.views.rows import PROBLEM_BADGES
from tests.builders import dist_info

if TYPE_CHECKING:
    from ipy_envtools.views.listing import SortKey

    from .conftest import Workshop


def names(listing: PackageListing) -> list[str]:
    return [distribution.canonical_name for distribution in listing]


def test_it_behaves_like_the_packages_that_it_shows(flask: Workshop) -> None:
    listing = flask.listing(patterns=["flask"])
    assert names(listing) == ["flask", "flask-docs", "flask-login"]
    assert len(listing) == 3
    assert listing["FLASK_login"].version == "0.6.3"
    assert listing["numpy"].version == "2.2.0"
    assert "numpy" in listing
    assert "nosuch" not in listing
    assert [d.canonical_name for d in listing.required_by("flask")] == ["flask-login"]
    assert listing.problems == listing.packages.problems
    assert listing.environment.prefix == flask.venv.root
    with pytest.raises(KeyError):
        listing["nosuch"]


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (["FLASK_*"], ["flask-docs", "flask-login"]),
        (["lask"], ["flask", "flask-docs", "flask-login"]),
        (["flask.login"], ["flask-login"]),
        (["*er", "num"], ["blinker", "numpy"]),
        (["[bc]l*"], ["blinker", "click"]),
        (["", "  "], ["blinker", "click", "flask", "flask-docs", "flask-login", "numpy"]),
        (["nosuch"], []),
    ],
)
def test_patterns_match_in_any_case_and_spelling(
    flask: Workshop, patterns: list[str], expected: list[str]
) -> None:
    assert names(flask.listing(patterns=patterns)) == expected


@pytest.mark.parametrize(
    ("key", "first", "last"),
    [
        ("name", "blinker", "numpy"),
        ("version", "flask-login", "click"),
        ("size", "numpy", "flask-docs"),
        ("needed-by", None, None),
        ("from", "blinker", "flask-login"),
    ],
)
def test_each_key_sorts(flask: Workshop, key: SortKey, first: str | None, last: str | None) -> None:
    order = names(flask.listing(sort=key))
    assert len(order) == 6
    if first is not None:
        assert (order[0], order[-1]) == (first, last)
    else:
        assert set(order[:3]) == {"blinker", "click", "flask"}


def test_versions_sort_as_versions(workshop: Workshop) -> None:
    for name, version in (("a", "10.0"), ("b", "9.1"), ("c", "9.1rc1")):
        dist_info(workshop.site, name, version)
    assert names(workshop.listing(sort="version")) == ["c", "b", "a"]


def test_the_worst_state_comes_first(flask: Workshop) -> None:
    dist_info(flask.site, "broken", "1.0", requires=["nosuch"])
    listing = flask.listing(sort="state", loaded={"numpy": ("numpy",)})
    assert names(listing)[:2] == ["broken", "numpy"]


def test_an_unknown_key_is_refused_with_the_known_ones(flask: Workshop) -> None:
    with pytest.raises(ValueError, match="name, version, size, needed-by, from, state"):
        flask.listing(sort="siez")
    assert SORT_KEYS == ("name", "version", "size", "needed-by", "from", "state")


def test_only_packages_with_problems_are_shown_when_asked(flask: Workshop) -> None:
    dist_info(flask.site, "broken", "1.0", requires=["nosuch"])
    dist_info(flask.site, "gone", "1.0", rows=["gone/missing.py,sha256=abc,3"])
    listing = flask.listing(problems_only=True)
    shown = names(listing)
    assert {"broken", "gone"} <= set(shown)
    assert "numpy" not in shown
    assert listing.heading.problems
    assert all(listing.problems_of(distribution) for distribution in listing)


def test_a_row_says_size_dependents_installer_and_state(flask: Workshop) -> None:
    listing = flask.listing(loaded={"flask": ("flask",)})
    listing.measure()
    row = listing.row(listing["flask"])
    assert (row.name, row.version, row.installer) == ("flask", "3.1.0", "pip")
    assert row.needed_by_text == "1"
    assert row.state_text == "loaded"
    assert row.size is not None
    assert row.size > 300
    assert listing.row(listing["numpy"]).needed_by_text == "–"


def test_rows_are_there_at_once_and_measured_later(flask: Workshop) -> None:
    listing = flask.listing()
    assert listing.row(listing["numpy"]).size_text == ""
    listing.measure()
    assert listing.row(listing["numpy"]).size_text == "60 kB"


def test_each_copy_says_what_it_is_to_the_others(workshop: Workshop) -> None:
    other = workshop.venv.root / "other"
    other.mkdir()
    (workshop.site / "other.pth").write_text(f"{other}\n")
    dist_info(workshop.site, "numpy", "2.2.0")
    dist_info(other, "numpy", "1.26.4")
    dist_info(workshop.site, "six", "1.0")
    stale = dist_info(workshop.site, "six", "0.9")
    (workshop.site / "six-link").symlink_to(stale)
    listing = workshop.listing()
    listing.measure()
    states = {(row.name, row.version): row.state_text for row in listing.rows}
    assert states["numpy", "2.2.0"] == "shadows 1.26.4 in other.pth's directory"
    assert states["numpy", "1.26.4"] == "shadowed by 2.2.0"
    assert "duplicate" in states["six", "0.9"]
    assert "duplicate" in states["six", "1.0"]


def test_the_heading_counts_what_is_shown(flask: Workshop) -> None:
    whole = flask.listing()
    whole.measure()
    assert whole.heading.title == "This kernel"
    assert whole.heading.count == "6 packages"
    assert whole.heading.size
    some = flask.listing(patterns=["flask"])
    some.measure()
    assert some.heading.count == "3 of 6 packages"
    assert some.heading.size == ""


def test_every_kind_of_problem_has_a_badge() -> None:
    said_by_copies = {"alias", "duplicate", "shadowed"}
    assert set(PROBLEM_BADGES) == set(PROBLEM_KINDS) - said_by_copies
