"""Files that no RECORD names: they stay, and the plan says which ones."""

from __future__ import annotations

from tests.builders import egg_info

from .fabricated import Fabricated, going, verdicts


def _unrecorded(made: Fabricated, *names: str) -> set[str]:
    return {path for path, v in verdicts(made.plan(*names)).items() if v == "keep-unrecorded"}


def test_files_beside_and_below_the_packages_files_are_listed(made: Fabricated) -> None:
    made.add("foo", files={"foo/__init__.py": "", "foo/sub/a.py": ""})
    added = {"foo/settings.ini", "foo/sub/notes.txt", "foo/cache/deep/x.bin", "foo/sub/new/y"}
    for path in added:
        made.write(path, "mine")
    made.link("foo/link", "/nowhere")
    assert _unrecorded(made, "foo") == added | {"foo/link"}


def test_files_beside_top_level_modules_are_not(made: Fabricated) -> None:
    made.add("foo", files={"foo.py": "", "../../../share/foo.txt": ""}, scripts=["foo"])
    made.write("notes.txt")
    made.write("../../../bin/mine")
    made.write("../../../share/mine.txt")
    assert _unrecorded(made, "foo") == set()


def test_files_in_its_own_data_directory_are_listed_but_not_in_a_common_one(
    made: Fabricated,
) -> None:
    own = "../../../share/jupyter/labextensions/foo-bar"
    made.add("foo-bar", files={"../../../share/man/man1/foo.1": "", f"{own}/x.js": ""})
    made.write("../../../share/man/man1/mine.1")
    made.write(f"{own}/static/mine.js")
    assert _unrecorded(made, "foo-bar") == {f"{own}/static/mine.js"}


def test_a_neighbours_part_of_a_namespace_package_is_not_listed(made: Fabricated) -> None:
    made.add("google-one", files={"google/one/__init__.py": "", "google/version.py": ""})
    made.add("google-two", files={"google/two/__init__.py": ""})
    made.write("google/two/__pycache__/__init__.cpython-311.pyc")
    made.write("google/one/mine.txt")
    assert _unrecorded(made, "google-one") == {"google/one/mine.txt"}


def test_the_part_of_a_neighbour_without_a_list_of_files_is_not_listed_either(
    made: Fabricated,
) -> None:
    made.add("google-one", files={"google/one/__init__.py": "", "google/version.py": ""})
    egg_info(made.site, "google", files={"google/old/__init__.py": ""})
    assert _unrecorded(made, "google-one") == set()


def test_what_a_neighbour_recorded_in_the_same_directory_is_not_listed(made: Fabricated) -> None:
    made.add("one", files={"shared/one.py": "", "shared/__init__.py": ""})
    made.add("two", files={"shared/two.py": "", "shared/deep/x.py": "", "shared/__init__.py": ""})
    made.write("shared/__pycache__/two.cpython-311.pyc")
    made.write("shared/mine.txt")
    assert _unrecorded(made, "one") == {"shared/mine.txt"}


def test_leftover_compiled_files_are_listed(made: Fabricated) -> None:
    made.add("foo")
    made.write("foo/__pycache__/removed_long_ago.cpython-38.pyc")
    assert _unrecorded(made, "foo") == {"foo/__pycache__/removed_long_ago.cpython-38.pyc"}


def test_unrecorded_files_in_the_metadata_go(made: Fabricated) -> None:
    made.add("foo", extra_files={"uv_cache.json": "{}", "licenses/deep/LICENSE": "MIT"})
    made.link("foo-1.0.dist-info/linked", made.home)
    assert going(made.plan("foo")) >= {
        "foo-1.0.dist-info/uv_cache.json",
        "foo-1.0.dist-info/licenses/deep/LICENSE",
        "foo-1.0.dist-info/linked",
    }


def test_a_file_in_the_metadata_that_another_record_names_stays(made: Fabricated) -> None:
    made.add("foo", extra_files={"theirs.txt": ""})
    made.add("bar", rows=["foo-1.0.dist-info/theirs.txt,,"])
    plan = made.plan("foo")
    assert "foo-1.0.dist-info/theirs.txt" not in going(plan)
