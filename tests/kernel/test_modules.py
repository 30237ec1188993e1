"""Where an import would come from, without importing anything."""

from __future__ import annotations

import sys
from importlib.util import spec_from_file_location
from typing import TYPE_CHECKING

import pytest

from ipy_envtools.environment import scan
from ipy_envtools.kernel import find_module, similar_modules
from tests.builders import dist_info, egg_info

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ipy_envtools.kernel import ModuleOrigin


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A directory that imports look into before the environment's own."""
    site = tmp_path / "site"
    site.mkdir()
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.syspath_prepend(str(site))
    before = set(sys.modules)
    yield site
    for name in set(sys.modules) - before:
        del sys.modules[name]


@pytest.fixture
def here(site: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, which a kernel looks into first."""
    monkeypatch.syspath_prepend("")
    return site.parent / "here"


def find(name: str) -> ModuleOrigin:
    return find_module(name, scan())


def test_a_module_belongs_to_the_package_that_owns_its_file(site: Path) -> None:
    dist_info(site, "opencv-thing", "4.1", files={"qq_cv/__init__.py": "", "qq_cv/mat.py": ""})
    module = find("qq_cv")
    assert module.provider is not None
    assert module.provider.canonical_name == "opencv-thing"
    assert module.file == site / "qq_cv" / "__init__.py"
    assert not module.loaded
    assert module.shadowed_by is None
    assert find("qq_cv.mat").file == site / "qq_cv" / "mat.py"


def test_a_module_that_may_not_be_imported_is_not_loaded(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dist_info(site, "blocked", files={"qq_blocked.py": ""})
    monkeypatch.setitem(sys.modules, "qq_blocked", None)
    assert not find("qq_blocked").loaded


def test_nothing_is_imported_to_find_out_parents_neither(site: Path) -> None:
    dist_info(
        site,
        "deep",
        files={
            "qq_deep/__init__.py": "raise SystemExit('imported')",
            "qq_deep/inner/__init__.py": "raise SystemExit('imported')",
            "qq_deep/inner/leaf.py": "",
        },
    )
    before = set(sys.modules)
    module = find("qq_deep.inner.leaf")
    assert module.file == site / "qq_deep" / "inner" / "leaf.py"
    assert not {name for name in set(sys.modules) - before if name.startswith("qq_deep")}


def test_the_replacement_of_distutils_is_named_and_not_imported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if not any(type(finder).__module__ == "_distutils_hack" for finder in sys.meta_path):
        pytest.skip("this Python has no setuptools that replaces distutils")
    for name in [name for name in sys.modules if name.partition(".")[0] == "setuptools"]:
        monkeypatch.delitem(sys.modules, name)
    module = find("distutils")
    assert module.provider is not None
    assert module.provider.canonical_name == "setuptools"
    assert "setuptools" not in sys.modules


def test_a_loaded_module_says_from_where(site: Path) -> None:
    dist_info(site, "lived", files={"qq_lived.py": ""})
    __import__("qq_lived")
    module = find("qq_lived")
    assert module.loaded
    assert module.loaded_file == module.file == site / "qq_lived.py"


def test_what_is_loaded_and_what_an_import_finds_can_differ(site: Path) -> None:
    dist_info(site, "moved", files={"qq_moved.py": ""})
    __import__("qq_moved")
    (site / "qq_moved.py").rename(site / "gone.py")
    dist_info(site, "moved-too", files={"qq_moved/__init__.py": ""})
    module = find("qq_moved")
    assert module.loaded_file == site / "qq_moved.py"
    assert module.file == site / "qq_moved" / "__init__.py"
    assert module.provider is not None
    assert module.provider.canonical_name == "moved-too"


@pytest.mark.parametrize("own", ["qq_plot.py", "qq_plot/__init__.py"])
def test_a_file_in_the_working_directory_shadows(own: str, site: Path, here: Path) -> None:
    dist_info(site, "plotting", "2.0", files={"qq_plot/__init__.py": "", "qq_plot/line.py": ""})
    mine = here / own
    mine.parent.mkdir(exist_ok=True)
    mine.write_text("")
    module = find("qq_plot")
    assert module.file == module.shadowed_by == mine
    assert module.shadows == site / "qq_plot" / "__init__.py"
    assert module.provider is not None
    assert module.provider.canonical_name == "plotting"


def test_what_a_loaded_shadow_holds_is_in_the_way_too(site: Path, here: Path) -> None:
    dist_info(site, "drawing", files={"qq_draw/__init__.py": "", "qq_draw/line.py": ""})
    (here / "qq_draw").mkdir()
    for name in ("__init__.py", "line.py"):
        (here / "qq_draw" / name).write_text("")
    __import__("qq_draw")
    module = find("qq_draw.line")
    assert module.shadowed_by == here / "qq_draw" / "line.py"
    assert module.shadows == site / "qq_draw" / "line.py"


def test_the_standard_library_can_be_shadowed(here: Path) -> None:
    (here / "colorsys.py").write_text("")
    module = find("colorsys")
    assert module.shadowed_by == here / "colorsys.py"
    assert module.shadows is not None
    assert module.shadows.name == "colorsys.py"


def test_a_directory_without_init_shadows_nothing(site: Path, here: Path) -> None:
    dist_info(site, "data", files={"qq_data/__init__.py": ""})
    (here / "qq_data").mkdir()
    module = find("qq_data")
    assert module.file == site / "qq_data" / "__init__.py"
    assert module.shadowed_by is None


def test_what_is_only_in_the_working_directory_shadows_nothing(here: Path) -> None:
    (here / "qq_mine.py").write_text("")
    module = find("qq_mine")
    assert module.file == here / "qq_mine.py"
    assert module.shadowed_by is None
    assert module.provider is None


def test_an_editable_source_tree_is_no_shadow_of_itself(site: Path, here: Path) -> None:
    (here / "qq_dev").mkdir()
    (here / "qq_dev" / "__init__.py").write_text("")
    (site / "qq-dev.pth").write_text(f"{here}\n")
    dist_info(
        site,
        "qq-dev",
        files={"qq-dev.pth": f"{here}\n"},
        direct_url=f'{{"url": "{here.as_uri()}", "dir_info": {{"editable": true}}}}',
    )
    module = find("qq_dev")
    assert module.shadowed_by is None
    assert module.file == here / "qq_dev" / "__init__.py"
    assert module.provider is not None
    assert module.provider.canonical_name == "qq-dev"


def test_a_finder_that_leads_to_the_working_directory_is_no_other_place(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mapped = here / "qq_mapped.py"
    mapped.write_text("")

    class Finder:
        def find_spec(self, name: str, *_: object) -> object:
            return spec_from_file_location(name, mapped) if name == "qq_mapped" else None

    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Finder()])
    module = find("qq_mapped")
    assert module.file == mapped
    assert module.shadowed_by is None


def test_a_namespace_has_portions_and_several_packages(site: Path) -> None:
    dist_info(site, "cloud-a", files={"qq_cloud/a/__init__.py": ""})
    dist_info(site, "cloud-b", files={"qq_cloud/b.py": ""})
    module = find("qq_cloud")
    assert module.file is None
    assert module.directories == (site / "qq_cloud",)
    assert [copy.canonical_name for copy in module.providers] == ["cloud-a", "cloud-b"]
    inner = find("qq_cloud.b")
    assert inner.provider is not None
    assert inner.provider.canonical_name == "cloud-b"
    assert len(inner.providers) == 1


def test_two_packages_with_one_module_are_both_named(site: Path) -> None:
    for name in ("cv-full", "cv-headless"):
        dist_info(site, name, files={"qq_both/__init__.py": ""})
    assert {copy.canonical_name for copy in find("qq_both").providers} == {"cv-full", "cv-headless"}


def test_a_package_without_record_is_known_by_its_place(site: Path) -> None:
    egg_info(site, "old", files={"old/__init__.py": "", "old/inner.py": ""})
    module = find("old.inner")
    assert module.provider is not None
    assert module.provider.canonical_name == "old"


def test_a_backport_does_not_claim_what_python_has_itself(tmp_path: Path, site: Path) -> None:
    dist_info(site, "backport", files={"qq_x.py": ""}, headers=["Import-Name: colorsys"])
    module = find("colorsys")
    assert module.part_of_python
    assert module.provider is None


def test_files_that_are_gone_leave_the_package_that_recorded_them(site: Path) -> None:
    dist_info(site, "hollow", files={"qq_hollow/__init__.py": ""})
    (site / "qq_hollow" / "__init__.py").unlink()
    (site / "qq_hollow").rmdir()
    module = find("qq_hollow")
    assert module.is_known
    assert module.file is None
    assert module.provider is not None


@pytest.mark.parametrize("name", ["sys", "os", "os.path", "json.decoder"])
def test_python_itself_is_told_apart(name: str) -> None:
    module = find(name)
    assert module.part_of_python
    assert module.loaded
    assert module.provider is None


@pytest.mark.parametrize("name", ["qq_nowhere", "qq_nowhere.inner", "json.nowhere", "sys.nowhere"])
def test_what_nothing_brings_is_not_known(name: str) -> None:
    assert not find(name).is_known


def test_a_finder_that_fails_and_a_module_that_lies_stop_nothing(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        def find_spec(self, *_: object) -> None:
            raise RuntimeError

    class Liar:
        def __getattr__(self, name: str) -> object:
            raise ValueError(name)

    dist_info(site, "fine", files={"qq_fine/__init__.py": ""})
    monkeypatch.setattr(sys, "meta_path", [Broken(), *sys.meta_path])
    monkeypatch.setitem(sys.modules, "qq_fine", Liar())  # type: ignore[arg-type]
    module = find("qq_fine")
    assert module.loaded
    assert module.file == site / "qq_fine" / "__init__.py"
    assert not find("qq_fine.inner").is_known


def test_close_names_are_modules_and_a_project_leads_to_its_modules(site: Path) -> None:
    dist_info(site, "scikit-thing", files={"qqlearn/__init__.py": "", "qqlearn/linear.py": ""})
    packages = scan()
    assert similar_modules("scikit-thing", packages) == ("qqlearn",)
    assert similar_modules("scikit-thingy", packages) == ("qqlearn",)
    assert similar_modules("qqlaern", packages)[0] == "qqlearn"
    assert similar_modules("qqlearn.liner", packages) == ("qqlearn.linear",)
    assert similar_modules("qqlearn.qqqqqqq", packages) == ()
    assert similar_modules("numpy", packages) == ()  # neither enum nor runpy
