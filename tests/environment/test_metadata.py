"""Headers are read as far as they can be understood."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ipy_envtools.environment import scan
from ipy_envtools.environment.metadata import parse_metadata

from ..builders import dist_info
from .looking import kinds

if TYPE_CHECKING:
    from pathlib import Path


def test_only_headers_count() -> None:
    metadata = parse_metadata(b"Name: one\nVersion: 1\n\nName: two\nSummary: in the text\n")
    assert metadata.names == ("one",)
    assert metadata.summary is None


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_way_to_end_a_line_is_understood(end: str) -> None:
    text = end.join(["Name: one", "Version: 1", "Summary: a", "  b", "\tc", "Requires-Dist: d"])
    metadata = parse_metadata(text.encode())
    assert (metadata.names, metadata.version) == (("one",), "1")
    assert metadata.summary == "a b c"
    assert metadata.requires == ("d",)


def test_a_licence_in_the_headers_is_named_by_its_first_line() -> None:
    text = "Name: one\nLicense: MIT License\n  Permission is hereby granted\n        \n  to all\n"
    metadata = parse_metadata(f"{text}Version: 2\n\n".encode())
    assert metadata.license == "MIT License"
    assert metadata.version == "2"


def test_header_names_are_read_in_any_case_and_after_a_byte_order_mark() -> None:
    metadata = parse_metadata("\ufeffNAME: one\nversion : 1\nrequires-DIST: x\n".encode())
    assert (metadata.names, metadata.version, metadata.requires) == (("one",), "1", ("x",))


def test_a_line_without_a_colon_is_no_header_and_hides_none() -> None:
    metadata = parse_metadata(b"Requires-Dist\n  a\nName: one\nClassifier: x\nSummary: b\n")
    assert (metadata.names, metadata.requires, metadata.summary) == (("one",), (), "b")


def test_one_text_to_be_cleaned_changes_no_other() -> None:
    url = "Requires-Dist: a @ https://u:p@h/a.whl \n"
    text = "Requires-Dist: b\n  ; extra == 'x'\nRequires-Dist: c\x1b[1m\nRequires-Dist:  d  \n"
    cleaned = ("b ; extra == 'x'", "c\ufffd[1m", "d")
    assert parse_metadata(text.encode()).requires == cleaned
    assert parse_metadata(f"{url}{text}".encode()).requires == (
        "a @ https://***@h/a.whl",
        *cleaned,
    )


def test_the_home_page_is_the_best_known_project_url() -> None:
    text = "Project-URL: Changes, https://c/\nProject-URL: Source Code, https://u:p@s/\n"
    assert parse_metadata(text.encode()).home_page == "https://***@s/"
    assert parse_metadata(f"{text}Home-page: https://h/\n".encode()).home_page == "https://h/"
    assert parse_metadata(f"{text}Home-page: UNKNOWN\n".encode()).home_page == "https://***@s/"


def test_import_names_that_are_given_count() -> None:
    metadata = parse_metadata(b"Name: x\nImport-Name: a ; private\nImport-Namespace: b.c\n")
    assert metadata.import_names == ("a", "b.c")


def test_bytes_that_are_no_utf8_are_reported_and_the_rest_is_read(site: Path) -> None:
    info = dist_info(site, "thing", "1.0", requires=["six"])
    content = (info / "METADATA").read_bytes()
    (info / "METADATA").write_bytes(b"Summary: caf\xe9\n" + content)
    packages = scan(paths=[site])
    (found,) = packages
    assert found.summary == "caf\ufffd"
    assert found.requires == ("six",)
    assert "unreadable" in kinds(packages)


def test_a_description_that_is_no_utf8_is_nobodys_problem(site: Path) -> None:
    info = dist_info(site, "thing", record=False)
    with (info / "METADATA").open("ab") as file:
        file.write(b"caf\xe9\n")
    assert kinds(scan(paths=[site])) == ["record-missing"]


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ("Version: 1.0", "metadata-missing"),
        ("Name: thing", "metadata-missing"),
        ("", "metadata-missing"),
        ("Name:\nVersion: 1.0", "metadata-missing"),
        ("Name: other\nVersion: 1.0", "metadata-mismatch"),
        ("Name: thing\nName: Thing\nVersion: 1.0", "metadata-mismatch"),
        ("Name: thing\nVersion: 2.0", "metadata-mismatch"),
        ("Name: Thing\nVersion: 1", None),
        ("Name: thing\nVersion: 1.0.0", None),
    ],
)
def test_metadata_that_contradicts_its_entry_is_reported_and_the_entry_counts(
    site: Path, headers: str, kind: str | None
) -> None:
    info = dist_info(site, "thing", "1.0", record=False)
    (info / "METADATA").write_text(f"{headers}\n\n")
    packages = scan(paths=[site])
    (found,) = packages
    assert (found.canonical_name, found.version) == ("thing", "1.0")
    assert [k for k in kinds(packages) if k != "record-missing"] == ([kind] if kind else [])


def test_both_versions_are_in_the_text_where_they_differ(site: Path) -> None:
    info = dist_info(site, "thing", "1.0", record=False)
    (info / "METADATA").write_text("Name: thing\nVersion: 2.0\n\n")
    (problem,) = [p for p in scan(paths=[site]).problems if p.kind == "metadata-mismatch"]
    assert "1.0" in problem.message
    assert "2.0" in problem.message


def test_long_hostile_headers_take_linear_time(site: Path) -> None:
    """Each of these made a careless pattern take minutes."""
    blank = " " * 150_000
    info = dist_info(site, "thing", "1.0", record=False)
    (info / "METADATA").write_text(
        "Name: thing\nVersion: 1.0\n"
        f"Summary: a\n {blank}b\n {blank}\n"
        f"License: =?{'token' * 20_000}\n"
        f"Requires-Dist: a{blank}!\n"
        f"Requires-Dist: a; {'(' * 5_000}python_version > '3'\n"
        f"Requires-Dist: a>={'1' * 5_000}\n"
        f"Requires-Dist: a; python_version >= '{'1' * 5_000}'\n"
        f"Requires-Dist: a; {blank} and extra == 'b'\n"
        f"Requires-Dist: {'a' * 100_000}\n"
        f"Requires-Python: >={'1' * 5_000}\n"
        f"{'name ' * 10_000}\n"
    )
    packages = scan(paths=[site])
    (found,) = packages
    assert found.summary == "a b"
    assert "requirement-invalid" in kinds(packages)
