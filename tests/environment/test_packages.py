"""One index of everything that is installed."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from ipy_envtools import UnknownPackage
from ipy_envtools.environment import scan

from ..builders import dist_info, egg_info

if TYPE_CHECKING:
    from pathlib import Path


def test_all_copies_are_listed_sorted_by_canonical_name(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    dist_info(one, "zebra")
    dist_info(one, "Apple", "2.0")
    dist_info(two, "apple", "1.0")
    dist_info(two, "_middle")
    packages = scan(paths=[one, two])
    assert [(d.name, d.version, d.active) for d in packages] == [
        ("_middle", "1.0", True),
        ("Apple", "2.0", True),
        ("apple", "1.0", False),
        ("zebra", "1.0", True),
    ]
    assert len(packages) == 4
    assert [d.version for d in packages.copies("APPLE")] == ["2.0", "1.0"]
    assert packages.copies("missing") == ()


@pytest.mark.parametrize("spelled", ["Foo.Bar_Baz", "foo-bar-baz", "FOO__BAR.baz"])
def test_a_package_is_found_in_any_spelling(site: Path, spelled: str) -> None:
    dist_info(site, "Foo.Bar-Baz")
    packages = scan(paths=[site])
    assert packages[spelled].name == "Foo.Bar-Baz"
    assert spelled in packages


def test_an_unknown_name_is_a_key_error_with_close_matches(site: Path) -> None:
    dist_info(site, "flask")
    dist_info(site, "numpy")
    packages = scan(paths=[site])
    with pytest.raises(KeyError) as missing:
        packages["flsk"]
    assert isinstance(missing.value, UnknownPackage)
    assert missing.value.matches == ("flask",)
    assert str(missing.value) == "no package called 'flsk' is installed; did you mean flask?"
    assert "flsk" not in packages
    assert 3 not in packages


def test_a_scan_takes_an_environment_or_paths(site: Path) -> None:
    with pytest.raises(TypeError):
        scan("python", paths=[site])


def test_modules_are_found_by_what_was_recorded(site: Path) -> None:
    dist_info(site, "opencv-python", files={"cv2/__init__.py": "", "cv2/data/x.xml": ""})
    dist_info(site, "pillow", files={"PIL/__init__.py": "", "PIL/_imaging.abi3.so": ""})
    dist_info(site, "google-one", files={"google/one/__init__.py": ""})
    dist_info(site, "google-two", files={"google/two.py": ""})
    dist_info(site, "single", files={"single_module.py": "", "single-1.0.data/x/y.py": ""})
    packages = scan(paths=[site])

    def names(module: str) -> list[str]:
        return [distribution.name for distribution in packages.providers(module)]

    assert names("cv2") == ["opencv-python"]
    assert names("cv2.data") == ["opencv-python"]
    assert names("PIL.Image") == ["pillow"]
    assert names("pil") == []
    assert names("google") == ["google-one", "google-two"]
    assert names("google.one") == ["google-one"]
    assert names("google.two.deeper") == ["google-two"]
    assert names("google.three") == []
    assert names("single_module") == ["single"]
    assert names("opencv") == []
    assert packages["google-two"].import_names == ("google.two",)


def test_a_submodule_is_of_those_that_have_it(tmp_path: Path) -> None:
    site, later = tmp_path / "site", tmp_path / "later"
    shared = {"cv2/__init__.py": "", "cv2/mat.py": ""}
    dist_info(site, "opencv", files=shared)
    dist_info(site, "opencv-contrib", files={**shared, "cv2/aruco.abi3.so": "", "cv2/x/y.py": ""})
    dist_info(later, "opencv", "0.1", files={**shared, "cv2/removed.py": ""})
    source = tmp_path / "source"
    url = json.dumps({"url": f"file://{source}", "dir_info": {"editable": True}})
    dist_info(site, "editable", files={"e.pth": f"{source}\n"}, direct_url=url)
    (source / "cv2").mkdir(parents=True)
    (source / "cv2" / "__init__.py").write_text("")
    dist_info(site, "six", files={"six.py": ""})
    packages = scan(paths=[site, later])

    def names(module: str) -> list[str]:
        return [f"{d.name} {d.version}" for d in packages.providers(module)]

    both = ["editable 1.0", "opencv 1.0", "opencv-contrib 1.0", "opencv 0.1"]
    assert names("cv2") == both
    assert names("cv2.mat") == both
    assert names("cv2.aruco") == ["editable 1.0", "opencv-contrib 1.0"]
    assert names("cv2.x.y") == ["editable 1.0", "opencv-contrib 1.0"]
    assert names("cv2.x.z") == ["editable 1.0", "opencv-contrib 1.0"]
    assert names("cv2.removed") == both  # imports do not get the copy that has it
    assert names("cv2.made_at_run_time") == both
    assert names("six.moves.urllib") == ["six 1.0"]


def test_given_import_names_count_more_than_recorded_files(site: Path) -> None:
    dist_info(
        site,
        "thing",
        files={"real_name/__init__.py": "", "_private/__init__.py": ""},
        headers=["Import-Name: real_name", "Import-Namespace: shared"],
    )
    packages = scan(paths=[site])
    assert packages["thing"].import_names == ("real_name", "shared")
    assert packages.providers("_private") == ()
    assert len(packages.providers("shared")) == 1


def test_without_record_top_level_txt_tells_import_names(site: Path) -> None:
    info = egg_info(site, "thing")
    (info / "top_level.txt").write_text("thing\n_thing\n\n")
    packages = scan(paths=[site])
    assert packages["thing"].import_names == ("thing", "_thing")
    assert len(packages.providers("_thing")) == 1


def test_every_copy_that_may_provide_a_module_is_named_the_active_one_first(
    tmp_path: Path,
) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    dist_info(two, "anyio", "3.0")
    dist_info(one, "anyio", "4.0")
    packages = scan(paths=[one, two])
    assert [d.version for d in packages.providers("anyio")] == ["4.0", "3.0"]


def test_importing_and_scanning_load_nothing_that_is_not_needed_for_names() -> None:
    """The extension is loaded into every kernel: what it takes long to import comes later."""
    code = (
        "import sys; before = set(sys.modules)\n"
        "from ipy_envtools.environment import scan\n"
        "[(d.name, d.version, d.size) for d in scan(paths=[])]\n"
        "print(*sorted(set(sys.modules) - before))"
    )
    command = [sys.executable, "-c", code]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    loaded = set(answer.stdout.split())
    unwanted = {"tempfile", "zipfile", "json", "csv", "configparser", "difflib"}
    unwanted |= {"hashlib", "packaging.requirements", "packaging.markers"}
    assert "ipy_envtools.environment" in loaded
    assert not loaded & unwanted


def test_the_suffix_of_an_entry_is_read_in_any_case(site: Path) -> None:
    for name in ("One-1.0.Dist-Info", "two-2.0.EGG-INFO"):
        (site / name).mkdir()
        (site / name / "METADATA").write_text("Name: one\nVersion: 1.0\n")
        (site / name / "PKG-INFO").write_text("Name: two\nVersion: 2.0\n")
    found = [(copy.canonical_name, copy.version, copy.kind) for copy in scan(paths=[site])]
    assert found == [("one", "1.0", "dist-info"), ("two", "2.0", "egg-info")]
