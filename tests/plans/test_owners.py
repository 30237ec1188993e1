"""Files that other packages own too: they stay."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from ipy_envtools.environment import SiteDirectory
from ipy_envtools.plans import plan_uninstall
from tests.builders import dist_info, egg_info

from .fabricated import Fabricated, going, names_of, reasons, verdicts

if TYPE_CHECKING:
    from pathlib import Path


def test_a_file_that_another_record_names_is_kept_and_says_whose_it_is(made: Fabricated) -> None:
    made.add("opencv-python-headless", files={"cv2/__init__.py": "", "cv2/one.py": "1"})
    made.add("OpenCV.contrib", files={"cv2/__init__.py": "", "cv2/two.py": "2"})
    plan = made.plan("opencv-python-headless")
    assert verdicts(plan) == {"cv2/__init__.py": "keep-shared", "cv2/one.py": "remove"}
    assert reasons(plan)["cv2/__init__.py"] == "OpenCV.contrib also owns it"


def test_several_owners_are_all_named(made: Fabricated) -> None:
    for name in ("one", "two", "three"):
        made.add(name, files={"shared.py": ""})
    assert reasons(made.plan("one"))["shared.py"] == "three and two also own it"


def test_removing_all_owners_in_one_plan_removes_the_file_once(made: Fabricated) -> None:
    made.add("one", files={"shared/__init__.py": "0123456789"}, installer=None, requested=False)
    made.add("two", files={"shared/__init__.py": "0123456789"}, installer=None, requested=False)
    plan = made.plan("one", "two")
    assert verdicts(plan) == {"shared/__init__.py": "remove"}
    assert plan.size == sum(os.path.getsize(made.site / path) for path in going(plan))


def test_the_compiled_file_of_a_shared_source_stays(made: Fabricated) -> None:
    made.add("one", files={"shared.py": ""}, rows=["__pycache__/shared.cpython-311.pyc,,"])
    made.add("two", files={"shared.py": ""})
    made.write("__pycache__/shared.cpython-311.pyc", "compiled")
    assert set(verdicts(made.plan("one")).values()) == {"keep-shared"}


@pytest.mark.parametrize(
    "row",
    [
        "./one.py", "../site-packages/one.py", "x/../one.py", ".//one.py", "one.py",
        "../../../lib64/python3.11/site-packages/one.py", '"one.py"',
    ],
)  # fmt: skip
def test_another_record_may_spell_the_path_differently(made: Fabricated, row: str) -> None:
    (made.root / "lib64").symlink_to("lib")
    made.add("one", files={"one.py": ""})
    made.add("two", rows=[f"{row},,"])
    assert verdicts(made.plan("one")) == {"one.py": "keep-shared"}


def test_another_record_may_lead_through_a_link_in_the_site_directory(made: Fabricated) -> None:
    made.add("one", files={"one/a.py": ""})
    made.link("alias", "one")
    made.add("two", rows=["alias/a.py,,"])
    assert verdicts(made.plan("one"))["one/a.py"] == "keep-shared"


def test_another_record_may_lead_through_a_link_at_any_depth(made: Fabricated) -> None:
    made.add("bar", files={"bar/x.py": "", "bar/y.py": "", "bar/sub/z.py": ""})
    made.add("foo", files={"foo/deep/__init__.py": ""}, rows=["foo/deep/link/x.py,,"])
    made.add("zoo", rows=["zoo/link/sub/z.py,,"], files={"zoo/__init__.py": ""})
    made.link("foo/deep/link", "../../bar")
    made.link("zoo/link", "../bar")
    plan = made.plan("bar")
    assert verdicts(plan) == {
        "bar/x.py": "keep-shared",
        "bar/y.py": "remove",
        "bar/sub/z.py": "keep-shared",
    }
    assert reasons(plan)["bar/x.py"] == "foo also owns it"


@pytest.mark.parametrize("link", ["link", "bar/link", "../../../share/link"])
def test_a_link_that_another_record_leads_through_stays(made: Fabricated, link: str) -> None:
    made.add("foo", files={"foo/x.py": ""}, rows=[f"{link}/x.py,,"])
    made.add("bar", files={"bar/__init__.py": ""}, rows=[f"{link},,"])
    (made.root / "share").mkdir(exist_ok=True)
    made.link(link, made.site / "foo")
    plan = made.plan("bar")
    assert set(verdicts(plan).values()) == {"remove", "keep-shared"}
    assert "bar/__init__.py" in going(plan)
    assert len([file for file in plan.files if file.verdict == "keep-shared"]) == 1


def test_a_record_that_changes_between_two_plans_is_read_again(made: Fabricated) -> None:
    made.add("bar", files={"bar/x.py": ""})
    info = made.add("foo", files={"foo/__init__.py": ""})
    made.link("foo/link", "../bar")
    packages = made.packages()
    assert verdicts(plan_uninstall("bar", packages)) == {"bar/x.py": "remove"}
    with open(info / "RECORD", "a") as record:
        record.write("foo/link/x.py,,\n")
    assert verdicts(plan_uninstall("bar", packages)) == {"bar/x.py": "keep-shared"}


def test_what_another_record_names_through_a_link_may_be_compiled(made: Fabricated) -> None:
    compiled = "__pycache__/x.cpython-311.pyc"
    made.add("bar", files={"bar/x.py": ""})
    made.write(f"bar/{compiled}", "compiled")
    made.add("foo", files={"foo/__init__.py": ""}, rows=[f"foo/link/{compiled},,"])
    made.link("foo/link", "../bar")
    assert verdicts(made.plan("bar")).get(f"bar/{compiled}") in (None, "keep-shared")
    assert f"bar/{compiled}" not in going(made.plan("bar"))


def test_another_record_may_name_the_file_by_its_absolute_path(made: Fabricated) -> None:
    made.add("one", files={"one.py": "", "../../../share/one": ""}, scripts=["one"])
    made.add("two", rows=[f"{made.site}/one.py,,", f"/{made.root}/share/one,,"])
    made.add("three", rows=["../../../bin/one,,"])
    assert set(verdicts(made.plan("one")).values()) == {"keep-shared"}


def test_a_record_that_is_not_utf8_or_starts_with_a_mark_counts_too(made: Fabricated) -> None:
    name = os.fsdecode(b"caf\xe9.py")
    made.add("one", files={name: "", "two.py": ""})
    made.add("two", rows=[f"{name},,"])
    record = made.site / "three-1.0.dist-info" / "RECORD"
    made.add("three", record=False)
    record.write_bytes(b"\xef\xbb\xbftwo.py,,\r\n")
    assert set(verdicts(made.plan("one")).values()) == {"keep-shared"}


def test_a_name_that_only_begins_alike_is_another_name(made: Fabricated) -> None:
    made.add("one", files={"one.py": "", "pkg/a.py": ""})
    made.add("two", files={"one.pyi": "", "pkg2/a.py": "", "pkg.py": "", "onepy/one.py": ""})
    assert set(verdicts(made.plan("one")).values()) == {"remove"}


def test_what_installed_files_txt_names_is_owned_as_well(made: Fabricated) -> None:
    made.add("one", files={"shared.py": "", "bin.py": ""})
    egg_info(made.site, "old", files={}, installed_files=["../shared.py", "PKG-INFO"])
    assert verdicts(made.plan("one")) == {"shared.py": "keep-shared", "bin.py": "remove"}


def test_metadata_of_another_package_is_its_own_whatever_a_record_says(made: Fabricated) -> None:
    made.add("two", record=False)
    egg_info(made.site, "three")
    (made.site / "four-1.0.egg-info").write_text("Name: four\n")
    rows = ["two-1.0.dist-info/METADATA,,", "three-1.0.egg-info/PKG-INFO,,", "four-1.0.egg-info,,"]
    made.add("one", rows=rows)
    found = verdicts(made.plan("one"), info=True)
    assert {found[row.rstrip(",")] for row in rows} == {"keep-shared"}


def test_a_package_in_another_directory_can_own_a_file_here(
    made: Fabricated, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "pythonpath"
    elsewhere.mkdir()
    made.more = (SiteDirectory(elsewhere, "pythonpath"),)
    made.add("one", files={"one.py": "", "other.py": ""})
    dist_info(elsewhere, "two", files={}, rows=[f"{made.site}/one.py,,", "other.py,,"])
    assert verdicts(made.plan("one")) == {"one.py": "keep-shared", "other.py": "remove"}


def test_a_site_directory_inside_another_one_shares_its_files(made: Fabricated) -> None:
    inner = made.site / "win32"
    inner.mkdir()
    made.more = (SiteDirectory(inner, "pth"),)
    made.add("one", files={"win32/api.py": "", "win32/two.py": ""})
    dist_info(inner, "two", files={"two.py": ""})
    assert verdicts(made.plan("one")) == {"win32/api.py": "remove", "win32/two.py": "keep-shared"}


def test_a_second_name_of_the_same_metadata_is_no_second_owner(made: Fabricated) -> None:
    """A link to a dist-info is one more name of one package: without it, it leads nowhere."""
    made.add("anyio", "3.7.0")
    made.link("anyio-4.0.0.dist-info", "anyio-3.7.0.dist-info")
    real = next(copy for copy in made.packages().copies("anyio") if not copy.linked)
    for asked in ("anyio", real):
        plan = made.plan(asked)
        assert "anyio/__init__.py" in going(plan)
        assert "anyio-4.0.0.dist-info" in going(plan)
        assert sorted(names_of(plan.distributions)) == ["anyio 3.7.0", "anyio 4.0.0"]


def test_taking_only_the_link_leaves_what_it_leads_to(made: Fabricated) -> None:
    made.add("anyio", "3.7.0")
    made.link("anyio-4.0.0.dist-info", "anyio-3.7.0.dist-info")
    link = next(copy for copy in made.packages().copies("anyio") if copy.linked)
    plan = made.plan(link)
    assert going(plan) == {"anyio-4.0.0.dist-info"}
    assert verdicts(plan)["anyio/__init__.py"] == "keep-shared"


def test_a_linked_entry_goes_as_a_link_when_its_files_lie_elsewhere(made: Fabricated) -> None:
    """Bazel and Spack make environments of links into a store that belongs to others."""
    store = made.home / "store"
    info = dist_info(store, "foo")
    made.link("foo-1.0.dist-info", info)
    made.link("foo", store / "foo")
    plan = made.plan("foo")
    assert going(plan) == {"foo-1.0.dist-info"}
    assert set(verdicts(plan, info=True).values()) == {"remove", "refuse-outside"}


def test_two_entries_of_one_project_own_their_files_together(made: Fabricated) -> None:
    """An interrupted upgrade: taking the stale one away must not take the live files."""
    made.add("foo", "1.0", files={"foo.py": "old\n", "old.py": ""})
    made.add("foo", "2.0", files={"foo.py": "new and longer\n"})
    plan = made.plan("foo==1.0")
    assert names_of(plan.distributions) == ["foo 1.0"]
    assert verdicts(plan) == {"foo.py": "keep-shared", "old.py": "remove"}
    both = made.plan("foo")
    assert sorted(names_of(both.distributions)) == ["foo 1.0", "foo 2.0"]
    assert set(verdicts(both)) == {"foo.py", "old.py"}
    assert "foo-1.0.dist-info/RECORD" in going(both) and "foo-2.0.dist-info/RECORD" in going(both)
