"""The verdict on each row of RECORD."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from ipy_envtools.environment import SiteDirectory
from ipy_envtools.plans import plan_uninstall
from tests.builders import dist_info, record_row

from .fabricated import LIBRARY, Fabricated, going, reasons, verdicts

if TYPE_CHECKING:
    from pathlib import Path


def test_what_record_names_goes_and_the_entry_goes_whole(made: Fabricated) -> None:
    made.add("foo", files={"foo/__init__.py": "x = 1\n", "foo/data.txt": "d"}, scripts=["foo"])
    made.write("foo-1.0.dist-info/licenses/LICENSE", "not recorded")
    plan = made.plan("foo")
    assert plan.blocked is None
    assert set(verdicts(plan, info=True).values()) == {"remove"}
    assert going(plan) == {
        "foo/__init__.py",
        "foo/data.txt",
        "../../../bin/foo",
        "foo-1.0.dist-info/INSTALLER",
        "foo-1.0.dist-info/METADATA",
        "foo-1.0.dist-info/RECORD",
        "foo-1.0.dist-info/REQUESTED",
        "foo-1.0.dist-info/WHEEL",
        "foo-1.0.dist-info/licenses/LICENSE",
    }
    assert plan.size == sum(os.path.getsize(made.site / path) for path in going(plan))


def test_a_file_says_which_of_the_directories_it_lies_in(made: Fabricated) -> None:
    made.add("foo", files={"foo.py": "", "../../../share/foo/x": "1"}, scripts=["foo"])
    schemes = {file.path.name: file.scheme for file in made.plan("foo").files}
    assert (schemes["foo.py"], schemes["foo"], schemes["x"]) == ("purelib", "scripts", "data")


def test_platlib_that_is_a_directory_of_its_own_is_named_as_such(made: Fabricated) -> None:
    platlib = made.root / "lib64" / "python3.11" / "site-packages"
    made.changes["schemes"] = {**made.schemes, "platlib": platlib}
    dist_info(
        platlib,
        "foo",
        files={"foo/_c.so": "", "../../../lib/python3.11/site-packages/foo_py.py": ""},
    )
    made.more = (SiteDirectory(platlib, "environment", writable=True),)
    plan = made.plan("foo")
    schemes = {file.path.name: (file.verdict, file.scheme) for file in plan.files}
    assert schemes["_c.so"] == ("remove", "platlib")
    assert schemes["foo_py.py"] == ("remove", "purelib")
    assert schemes["METADATA"] == ("remove", "platlib")
    assert plan.blocked is None


@pytest.mark.parametrize(
    "row", ["../../../share/jupyter/kernels/foo/kernel.json", "../../../etc/foo/foo.conf",
            "../../../include/site/python3.11/foo/foo.h", "../../../share/man/man1/foo.1"]
)  # fmt: skip
def test_files_in_the_data_scheme_go(made: Fabricated, row: str) -> None:
    made.add("foo", files={row: "content"})
    assert verdicts(made.plan("foo")) == {row: "remove"}


def test_a_file_that_is_not_there_is_missing_and_has_no_size(made: Fabricated) -> None:
    made.add("foo", rows=["foo/gone.py,sha256=AAAA,12"])
    plan = made.plan("foo")
    assert verdicts(plan)["foo/gone.py"] == "missing"
    file = next(file for file in plan.files if file.path.name == "gone.py")
    assert (file.size, file.state) == (0, None)


@pytest.mark.parametrize(
    ("content", "digest", "verdict"),
    [
        ("x = 1\n", "true", "remove"),
        ("x = 2\n", "true", "modified"),  # as long as it was
        ("x = 1 # and more\n", "true", "modified"),
        ("x = 2\n", "", "remove"),  # nothing is known, nothing is said
        ("x = 2\n", "sha1024=AAAA", "remove"),
        ("x = 1\n", "md5=4c8b3a2b7b5a0dbec07f6f9d0e9cf8c5", "modified"),
    ],
)
def test_a_file_that_differs_from_its_hash_goes_as_modified(
    made: Fabricated, content: str, digest: str, verdict: str
) -> None:
    row = record_row("foo.py", b"x = 1\n") if digest == "true" else f"foo.py,{digest},"
    made.add("foo", files={}, rows=[row])
    made.write("foo.py", content)
    plan = made.plan("foo")
    assert verdicts(plan) == {"foo.py": verdict}
    assert (reasons(plan)["foo.py"] != "") == (verdict == "modified")


def test_hashes_may_be_hexadecimal_padded_or_of_other_algorithms(made: Fabricated) -> None:
    import base64
    import hashlib

    content = b"x = 1\n"
    sha256 = hashlib.sha256(content)
    made.add(
        "foo",
        files={},
        rows=[
            f"a.py,sha256={sha256.hexdigest()},6",
            f"b.py,sha256={base64.urlsafe_b64encode(sha256.digest()).decode()},6",
            f"c.py,sha512={base64.urlsafe_b64encode(hashlib.sha512(content).digest()).decode()},6",
            f"d.py,blake2b={base64.urlsafe_b64encode(hashlib.blake2b(b'?').digest()).decode()},6",
        ],
    )
    for name in "abcd":
        made.write(f"{name}.py", content)
    found = verdicts(made.plan("foo"))
    assert found == {"a.py": "remove", "b.py": "remove", "c.py": "remove", "d.py": "modified"}


def test_a_large_file_is_read_to_its_end(made: Fabricated) -> None:
    content = b"\0" * (5 << 20)
    made.add("foo", files={"foo/weights.bin": content})
    with open(made.site / "foo/weights.bin", "r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"\1")
    assert verdicts(made.plan("foo"))["foo/weights.bin"] == "modified"


@pytest.mark.parametrize(
    "row", ["", ".", "./", "/", "..", "../", "../..", "foo/", ".//", "./..", "//"]
)
def test_a_row_that_names_no_file_is_refused(made: Fabricated, row: str) -> None:
    made.add("foo", rows=[f"{row},,"])
    made.add("bar")
    plan = made.plan("foo")
    found = [file for file in plan.files if not file.goes]
    if row == "":  # no row at all
        assert len(found) <= 1
    assert {file.verdict for file in found} <= {"refuse-directory"}
    assert not any("bar" in path for path in going(plan))


def test_odd_names_are_names(made: Fabricated) -> None:
    names = [
        "...",
        " ",
        ".hidden",
        "..two",
        "-r",
        "%s",
        "a b.py",
        "foo.dist-info.py",
        "C:x",
        "a\\b",
    ]
    made.add("foo", files=dict.fromkeys(names, "x"))
    assert verdicts(made.plan("foo")) == dict.fromkeys(names, "remove")


def test_a_row_that_names_a_directory_is_refused(made: Fabricated) -> None:
    made.add("bar")
    made.add("foo", rows=["bar,,", "foo,,", f"../../../{LIBRARY},,"])
    found = verdicts(made.plan("foo"))
    assert (found["bar"], found["foo"], found["../"[:-1]]) == ("refuse-directory",) * 3
    assert found["foo/__init__.py"] == "remove"


def test_rows_that_lead_out_of_the_environment_are_refused(
    made: Fabricated, tmp_path: Path
) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("precious")
    twin = tmp_path / "env2" / "x.py"
    twin.parent.mkdir()
    twin.write_text("precious")
    rows = [f"{outside},,", f"{'../' * 4}outside.txt,,", f"{twin},,", f"{'../' * 40}etc/passwd,,"]
    made.add("foo", rows=rows)
    plan = made.plan("foo")
    refused = {str(file.path) for file in plan.files if file.verdict == "refuse-outside"}
    assert refused == {str(outside), str(twin), "/etc/passwd"}
    assert "foo/__init__.py" in going(plan)


def test_an_absolute_row_inside_the_environment_is_that_file(made: Fabricated) -> None:
    made.add("foo", files={}, rows=[f"{made.site}/foo.py,,", f"{made.scripts}/foo,,"])
    made.write("foo.py")
    made.write("../../../bin/foo")
    assert verdicts(made.plan("foo")) == {"foo.py": "remove", "../../../bin/foo": "remove"}


def test_a_file_behind_a_linked_directory_is_refused(made: Fabricated, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    target.mkdir()
    (target / "x.py").write_text("precious")
    made.link("foo/linked", target)
    made.link("foo/near", "../bar")
    made.write("foo/real/b.py")
    made.link("foo/twin", "real")
    made.add("bar")
    made.add(
        "foo",
        rows=[
            "foo/linked/x.py,,",
            "foo/near/__init__.py,,",
            "foo/near/../foo/a.py,,",
            "foo/twin/b.py,,",
        ],
    )
    plan = made.plan("foo")
    refused = {file.path.name for file in plan.files if file.verdict == "refuse-outside"}
    assert refused == {"x.py", "__init__.py", "a.py", "b.py"}
    assert going(plan) >= {"foo/__init__.py"}
    assert not any("bar" in path or "linked" in path for path in going(plan))


def test_a_link_goes_as_a_link(made: Fabricated, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    target.mkdir()
    (target / "x.py").write_text("precious")
    made.link("foo/directory", target)
    made.link("foo/file.py", target / "x.py")
    made.link("foo/nowhere", "nowhere-at-all")
    made.add("foo", rows=["foo/directory,,", "foo/file.py,sha256=AAAA,8", "foo/nowhere,,"])
    plan = made.plan("foo")
    assert {p for p in going(plan) if "-info" not in p} == {
        "foo/__init__.py", "foo/directory", "foo/file.py", "foo/nowhere",
    }  # fmt: skip


def test_rows_through_the_link_that_venv_makes_are_the_same_files(made: Fabricated) -> None:
    (made.root / "lib64").symlink_to("lib")
    made.add("foo", files={}, rows=[
        "../../../lib64/python3.11/site-packages/foo.py,,", "../../../lib64/foo/x,,",
        "foo.py,,", "./foo.py,,", "../site-packages/foo.py,,", "bar/../foo.py,,",
    ])  # fmt: skip
    made.write("foo.py")
    made.write("../../foo/x")
    assert verdicts(made.plan("foo")) == {"foo.py": "remove", "../../foo/x": "remove"}


def test_a_site_directory_that_is_a_link_itself_still_leads_to_scripts_as_text(
    tmp_path: Path,
) -> None:
    made = Fabricated(tmp_path)
    real = tmp_path / "elsewhere" / "packages"
    real.parent.mkdir()
    made.site.rename(real)
    made.site.symlink_to(real)
    made.add("foo")
    made.write("../../../bin/foo", "#!")
    record = made.site / "foo-1.0.dist-info" / "RECORD"
    record.write_text(record.read_text() + "../../../bin/foo,,\n../site-packages,,\n")
    plan = made.plan("foo")
    found = verdicts(plan)
    assert found["../../../bin/foo"] == "remove"
    assert found["foo/__init__.py"] == "remove"
    assert found["."] == "refuse-protected"  # the link that is the site directory


def test_what_is_neither_file_nor_link_is_refused(made: Fabricated) -> None:
    made.add("foo", rows=["foo/pipe,sha256=AAAA,1"])
    os.mkfifo(made.site / "foo" / "pipe")
    plan = plan_uninstall("foo", made.packages())
    assert verdicts(plan)["foo/pipe"] == "refuse-protected"


def test_a_record_that_is_not_utf8_is_read(made: Fabricated) -> None:
    name = os.fsdecode(b"foo/caf\xe9.txt")
    made.write(name, "x")
    made.add("foo", rows=[f"{name},,"])
    assert verdicts(made.plan("foo"))[name] == "remove"


def test_a_record_with_quotes_commas_and_carriage_returns_is_read(made: Fabricated) -> None:
    made.add("foo", files={}, record=False)
    made.write("foo/a, b.txt")
    made.write('foo/"c".txt')
    made.write("foo/d\ne.txt")
    rows = ['"foo/a, b.txt",,', '"foo/""c"".txt",,', '"foo/d\ne.txt",,', ""]
    (made.site / "foo-1.0.dist-info" / "RECORD").write_bytes("\r\n".join(rows).encode())
    assert set(verdicts(made.plan("foo"))) == {"foo/a, b.txt", 'foo/"c".txt', "foo/d\ne.txt"}


def test_rows_with_impossible_names_are_missing(made: Fabricated) -> None:
    long = "x" * 300
    made.add("foo", rows=[f"foo/{long}.py,,", f"{'a/' * 2500}b.py,,", "foo/x\0y,,"])
    plan = made.plan("foo")
    odd = [file for file in plan.files if "-info" not in str(file.path) and not file.goes]
    assert {file.verdict for file in odd} == {"missing"}
    assert len(odd) == 2


def test_a_file_named_by_two_rows_is_one_file(made: Fabricated) -> None:
    made.add("foo", rows=["foo/__init__.py,,", "foo//__init__.py,,", "foo/./__init__.py,,"])
    plan = made.plan("foo")
    assert [file.path.name for file in plan.files].count("__init__.py") == 1
    assert plan.size == sum(os.path.getsize(made.site / path) for path in going(plan))


def test_reasons_are_one_printable_line(made: Fabricated) -> None:
    made.add(
        "foo", rows=["foo/\x1b[31mred.py,,", "../../../../\x1b]0;x\x07,,", "bar/__init__.py,,"]
    )
    made.add("bar", headers=["Summary: \x1b[31m"])
    for file in made.plan("foo").files:
        assert file.reason.isprintable()
        assert (file.reason != "") or file.verdict == "remove"
