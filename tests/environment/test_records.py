"""RECORD is read row by row; a bad row costs one row."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipy_envtools.environment import scan
from ipy_envtools.environment.record import parse_record, recorded_paths, summarize

from ..builders import dist_info
from .looking import kinds, messages

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("text", "rows", "invalid"),
    [
        ("a.py,sha256=x,3\n", [("a.py", "sha256=x", 3)], 0),
        ("a.py,sha256=x,3\r\nb.py,,\r\n", [("a.py", "sha256=x", 3), ("b.py", "", None)], 0),
        ("\ufeffa.py,,", [("a.py", "", None)], 0),
        ("a.py", [("a.py", "", None)], 0),
        ('"a,b.py",sha256=x,3\n', [("a,b.py", "sha256=x", 3)], 0),
        ('"a""b.py",,\nc.py,,\n', [('a"b.py', "", None), ("c.py", "", None)], 0),
        ('"a\nb.py",,\nc.py,,\n', [("a\nb.py", "", None), ("c.py", "", None)], 0),
        ("a,b.py,sha256=x,3\n", [("a,b.py", "sha256=x", 3)], 0),
        ("a.py,,many\nb.py,,\n", [("a.py", "", None), ("b.py", "", None)], 1),
        ("a\0b,,\nc.py,,\n", [("c.py", "", None)], 1),
        ('"a.py,,\nb.py,,\nc.py,,\n', [("b.py", "", None), ("c.py", "", None)], 1),
        ("a.py,,99999999999999999999\n", [("a.py", "", None)], 1),
        ("a.py,,-3\n", [("a.py", "", None)], 1),
        ("a\x0cb\u2028.py,,\n", [("a\x0cb\u2028.py", "", None)], 0),
        ('"a\x0cb\u2028.py",,\n', [("a\x0cb\u2028.py", "", None)], 0),
        ("\n\n", [], 0),
        ("", [], 0),
    ],
)
def test_a_row_is_kept_as_far_as_it_is_understood(
    text: str, rows: list[tuple[str, str, int | None]], invalid: int
) -> None:
    content = text.encode()
    record = parse_record(content)
    assert [tuple(row) for row in record.rows] == rows
    assert len(record.invalid_rows) == invalid
    assert recorded_paths(content) == [path for path, _, _ in rows]


def test_bytes_that_are_no_utf8_name_the_file_that_they_name(site: Path) -> None:
    odd = os.fsdecode(b"caf\xe9.py")
    (site / odd).write_text("x")
    dist_info(site, "thing", rows=[f"{odd},,1"])
    packages = scan(paths=[site])
    assert (packages["thing"].size or 0) > 1
    assert packages.problems == ()


def test_sizes_are_summed_and_none_without_any() -> None:
    assert summarize(b'a,sha256=x,3\n"b,c",,4\r\nd,,\n').size == 7
    assert summarize(b"a,,\nb,,\n").size is None
    assert summarize(b"").size is None


_component = st.sampled_from(["a", "a.py", "ab", "b", "..", ".", "\u00e9", "c d", "C:", ""])
_path = st.lists(_component, min_size=1, max_size=3).map("/".join).filter(bool)
_size = st.sampled_from(["", "0", "12", "999"])


@given(st.lists(st.tuples(_path, st.sampled_from(["", "sha256=x"]), _size), max_size=12))
def test_a_summary_says_what_the_rows_say(rows: list[tuple[str, str, str]]) -> None:
    content = "".join(f"{','.join(row)}\n" for row in rows).encode()
    record, summary = parse_record(content), summarize(content)
    sizes = [row.size for row in record.rows if row.size is not None]
    first = {row.path.partition("/")[0] for row in record.rows}
    assert summary.size == (sum(sizes) if sizes else None)
    assert summary.top_components == first - {""}
    assert summary.reaches_out is not first.isdisjoint({"", ".", "..", "C:"})


def test_a_size_in_one_row_is_nothing_to_the_next_row() -> None:
    summary = summarize(b"a/b\n12\nc/d,sha256=x,3\n")
    assert (summary.size, summary.top_components) == (3, {"a", "12", "c"})


def test_many_rows_that_begin_alike_are_all_counted() -> None:
    summary = summarize(b"".join(b"thing/%d.py,,1\n" % i for i in range(5000)) + b"last.py,,1\n")
    assert (summary.size, summary.top_components) == (5001, {"thing", "last.py"})


def test_an_entry_without_record_is_reported_with_who_installed_it(site: Path) -> None:
    dist_info(site, "thing", record=False, installer="conda")
    packages = scan(paths=[site])
    assert packages["thing"].files is None
    assert packages["thing"].size is None
    (message,) = messages(packages, "record-missing")
    assert "conda" in message


def test_missing_files_are_counted_and_the_first_is_named(site: Path) -> None:
    dist_info(site, "thing", files={"thing/a.py": "", "thing/b.py": "", "thing/c.py": ""})
    for name in ("a.py", "b.py"):
        (site / "thing" / name).unlink()
    packages = scan(paths=[site])
    assert packages.quick_problems == ()
    (problem,) = packages.problems
    assert problem.kind == "files-missing"
    assert "2 files of thing 1.0 are missing" in problem.message
    assert "thing/a.py" in problem.message
    assert problem.paths[1:] == (site / "thing/a.py", site / "thing/b.py")


def test_compiled_files_come_and_go(site: Path) -> None:
    dist_info(site, "thing", rows=["thing/__pycache__/__init__.cpython-311.pyc,,"])
    assert scan(paths=[site]).problems == ()


def test_scripts_and_data_of_the_environment_are_inside(site: Path, tmp_path: Path) -> None:
    dist_info(site, "thing", scripts=["thing"], files={"../../../share/thing/data": "x"})
    assert scan(paths=[site]).problems == ()


@pytest.mark.parametrize(
    "row",
    ["../../../../outside.txt", "/etc/passwd", "thing/../../../../../outside", "../../../../../x"],
)
def test_rows_that_lead_outside_are_reported(site: Path, row: str) -> None:
    dist_info(site, "thing", rows=[f"{row},,"])
    (problem,) = scan(paths=[site]).problems
    assert problem.kind == "record-outside"
    assert "thing 1.0" in problem.message
    assert problem.paths[1].is_absolute()
    assert ".." not in problem.paths[1].parts


def test_a_neighbour_whose_path_begins_alike_is_outside(site: Path, tmp_path: Path) -> None:
    """A comparison of strings takes /x/venv2 for a part of /x/venv."""
    neighbour = tmp_path.with_name(f"{tmp_path.name}2")
    dist_info(site, "thing", rows=[f"{neighbour}/file,,"])
    assert kinds(scan(paths=[site])) == ["record-outside"]


@pytest.mark.parametrize("row", ["", ".", "./", "..", "../..", "thing", "thing/", "/"])
def test_rows_that_name_no_file_are_reported(site: Path, row: str) -> None:
    dist_info(site, "thing", rows=[f"{row},,"])
    assert kinds(scan(paths=[site])) == ["record-invalid"]


def test_files_of_two_packages_are_reported_once_for_both(site: Path) -> None:
    files = {"cv2/__init__.py": "", "cv2/cv2.py": "", "cv2/only.py": ""}
    dist_info(site, "opencv-a", files={**files, "cv2/a.py": ""})
    dist_info(site, "opencv-b", files=files)
    packages = scan(paths=[site])
    (problem,) = packages.problems
    assert problem.kind == "files-shared"
    assert "3 files" in problem.message
    assert packages.owners.of(site / "cv2" / "cv2.py") == (
        packages["opencv-a"],
        packages["opencv-b"],
    )
    assert packages.owners.of(site / "cv2" / "a.py") == (packages["opencv-a"],)
    assert packages.owners.of(site / "cv2" / "nobody.py") == ()
    assert len(packages.owners.shared) == 3


def test_one_file_in_two_spellings_is_one_file(site: Path) -> None:
    dist_info(site, "one", files={"pkg/a.py": ""})
    dist_info(site, "two", files={}, rows=["./pkg//x/../a.py,,", f"{site}/pkg/a.py,,"])
    assert kinds(scan(paths=[site])) == ["files-shared"]


def test_two_entries_of_one_project_share_no_file(site: Path) -> None:
    dist_info(site, "thing", "1.0")
    dist_info(site, "thing", "2.0")
    assert kinds(scan(paths=[site])) == ["duplicate"]
