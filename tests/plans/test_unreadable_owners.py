"""Packages whose list of files is missing, cannot be read, or can be read in several ways."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from ipy_envtools.environment.record import RECORD_LIMIT
from tests.builders import dist_info, egg_info

from .fabricated import Fabricated, reasons, verdicts

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "record",
    [
        'foo/a".py,,\nshared/x.py,,\nfoo/b".py,,\n',  # pip: quotes within a field are characters
        '"foo/a.py,,\nshared/x.py,,\nfoo/b".py,,\n',  # pip: one name of three lines
        'shared/x.py",,\n',
        '"shared/x.py,,\n',
        "foo/a.py,,\rshared/x.py,,\r",
        "foo/a.py,,\x0bshared/x.py,,",
        "foo/a.py,,\u2028shared/x.py,,",
    ],
)
def test_what_any_reader_finds_in_another_record_stays(made: Fabricated, record: str) -> None:
    # Whether the quote belongs to the name is what readers do not agree on.
    files = ["shared/x.py", 'shared/x.py"'] if 'x.py"' in record else ["shared/x.py"]
    made.add("bar", files={"shared/y.py": "", **dict.fromkeys(files, "")})
    info = made.add("foo", record=False)
    (info / "RECORD").write_bytes(record.encode())
    found = verdicts(made.plan("bar"))
    assert found == {"shared/y.py": "remove", **dict.fromkeys(files, "keep-shared")}


def test_a_lone_quote_hides_no_file_of_the_package_itself(made: Fabricated) -> None:
    made.add("foo", files={"foo/x.py": ""}, rows=['foo/a".py,,', "foo/y.py,,", 'foo/b".py,,'])
    made.write("foo/y.py")
    made.write('foo/a".py')
    found = verdicts(made.plan("foo"))
    assert found == {
        "foo/x.py": "remove",
        "foo/y.py": "remove",
        'foo/a".py': "remove",
        'foo/b".py': "missing",
    }


def test_more_rows_than_can_be_held_are_searched_all_the_same(made: Fabricated) -> None:
    made.add("bar", files={"bar/__init__.py": "", "shared/x.py": "1"})
    info = made.add("foo", files={"shared/x.py": "1"})
    with open(info / "RECORD", "a") as record:
        record.writelines(f"foo/{number},,\n" for number in range(500_001))
    found = verdicts(made.plan("bar"))
    assert found == {"bar/__init__.py": "remove", "shared/x.py": "keep-shared"}
    blocked = made.plan("foo").blocked
    assert blocked is not None
    assert blocked.startswith("foo 1.0 has a RECORD that cannot be read (too many rows), so")


def test_a_list_of_an_old_package_may_be_as_long_as_a_record(made: Fabricated) -> None:
    made.add("bar", files={"shared/x.py": "1"})
    names = [f"../old/{'x' * 100}{number}.py" for number in range(12_000)]
    egg_info(made.site, "old", files={}, installed_files=[*names, "../shared/x.py"])
    info = made.site / "old-1.0.egg-info" / "installed-files.txt"
    assert info.stat().st_size > 1 << 20
    assert verdicts(made.plan("bar")) == {"shared/x.py": "keep-shared"}


def _is_too_large(info: Path) -> None:
    os.truncate(info / "RECORD", RECORD_LIMIT + 1)


def _is_a_directory(info: Path) -> None:
    (info / "RECORD").unlink()
    (info / "RECORD").mkdir()


def _is_gone(info: Path) -> None:
    (info / "RECORD").unlink()


@pytest.mark.parametrize("spoil", [_is_too_large, _is_a_directory, _is_gone])
@pytest.mark.parametrize("names", ["bmod\n", ""], ids=["top_level", "no-names"])
def test_what_a_package_without_a_list_is_imported_by_is_its_own(
    made: Fabricated, spoil: object, names: str
) -> None:
    files = {"bmod/__init__.py": "", "bmod/deep/x.py": ""}
    spoil(made.add("bmod", files=files, extra_files={"top_level.txt": names}))  # type: ignore[operator]
    made.add("liar", rows=["bmod/__init__.py,,", "bmod/deep/x.py,,", "bmod.py,,"])
    made.write("bmod.py")
    plan = made.plan("liar")
    found = verdicts(plan)
    assert {found.pop(path) for path in (*files, "bmod.py")} == {"keep-shared"}
    assert reasons(plan)["bmod/deep/x.py"] == "bmod also owns it"
    assert found == {"liar/__init__.py": "remove"} or not found


def test_an_egg_info_without_list_owns_its_module(made: Fabricated) -> None:
    egg_info(made.site, "Bmod", files={"bmod/__init__.py": "", "bmod/x.py": ""})
    made.add("liar", files={}, rows=["bmod/x.py,,"])
    assert verdicts(made.plan("liar")) == {"bmod/x.py": "keep-shared"}


def test_a_namespace_is_not_one_package_s_whoever_names_it(made: Fabricated) -> None:
    made.add("google-b", record=False, files={}, extra_files={"top_level.txt": "google\n"})
    made.add("google-a", files={"google/a/__init__.py": ""})
    assert verdicts(made.plan("google-a")) == {"google/a/__init__.py": "remove"}


def test_metadata_without_list_keeps_no_file_of_its_own_project(made: Fabricated) -> None:
    """What an interrupted upgrade left behind names the same modules."""
    made.add("foo", "2.0", files={"foo/__init__.py": ""})
    dist_info(made.site, "foo", "1.0", files={}, record=False)
    assert verdicts(made.plan("foo==2.0")) == {"foo/__init__.py": "remove"}


def test_names_that_are_no_modules_own_nothing(made: Fabricated) -> None:
    lines = "\n..\n/\n../..\nfoo/bar\n.\n"
    made.add("odd", record=False, files={}, extra_files={"top_level.txt": lines})
    made.add("foo", files={"foo/bar.py": "", "foo.py": ""})
    assert set(verdicts(made.plan("foo")).values()) == {"remove"}
