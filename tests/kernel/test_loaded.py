"""Which imported modules belong to which package, on real modules."""

from __future__ import annotations

import importlib
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ipy_envtools import scan
from ipy_envtools.environment import SiteDirectory
from ipy_envtools.kernel import loaded_modules, loaded_packages
from tests.builders import dist_info, egg_info, metadata_text
from tests.plans.fabricated import Fabricated

if TYPE_CHECKING:
    from collections.abc import Iterator

EXTENSION = sysconfig.get_config_var("EXT_SUFFIX")


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fabricated]:
    """An environment whose site directory this process imports from, until the test ends."""
    made = Fabricated(tmp_path)
    made.changes.update(is_running=True, suffixes=(EXTENSION, ".py"))
    before = set(sys.modules)
    monkeypatch.syspath_prepend(made.site)
    yield made
    for name in set(sys.modules) - before:
        if str(tmp_path) in str(getattr(sys.modules[name], "__file__", None) or "") or not hasattr(
            sys.modules[name], "__file__"
        ):
            del sys.modules[name]


def _import(*names: str) -> None:
    importlib.invalidate_caches()
    for name in names:
        importlib.import_module(name)


def _loaded(made: Fabricated) -> dict[str, tuple[str, ...]]:
    found = loaded_packages(made.packages())
    for name, modules in found.items():
        assert loaded_modules([made.packages()[name]], made.packages()) == modules
    return found


def test_a_package_and_its_submodules_are_found_under_another_name(made: Fabricated) -> None:
    made.add("scikit-knife", files={"skknife/__init__.py": "", "skknife/blade.py": ""})
    made.add("not-imported")
    assert _loaded(made) == {}
    _import("skknife.blade")
    assert _loaded(made) == {"scikit-knife": ("skknife", "skknife.blade")}


def test_a_top_level_module_is_found(made: Fabricated) -> None:
    made.add("sixteen", files={"sixteen_mod.py": "", "sixteen_other.py": ""})
    _import("sixteen_mod")
    assert _loaded(made) == {"sixteen": ("sixteen_mod",)}


def test_parts_of_a_namespace_package_are_told_apart(made: Fabricated) -> None:
    made.add("ns-one", files={"nspace/one/__init__.py": "", "nspace/one/a.py": ""})
    made.add("ns-two", files={"nspace/two/__init__.py": ""})
    _import("nspace.one.a")
    assert _loaded(made) == {"ns-one": ("nspace.one", "nspace.one.a")}
    _import("nspace.two")
    assert _loaded(made)["ns-two"] == ("nspace.two",)


def test_a_shared_init_of_an_old_namespace_package_belongs_to_all_its_owners(
    made: Fabricated,
) -> None:
    init = "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n"
    made.add("old-one", files={"oldns/__init__.py": init, "oldns/one.py": ""})
    made.add("old-two", files={"oldns/__init__.py": init, "oldns/two.py": ""})
    _import("oldns.one")
    assert _loaded(made) == {"old-one": ("oldns", "oldns.one"), "old-two": ("oldns",)}


def test_extension_modules_are_found(made: Fabricated) -> None:
    source = importlib.import_module("_json").__file__ if not _is_builtin("_json") else None
    if source is None:
        pytest.skip("this Python has no extension module to copy")
    made.add("fast", files={f"fast/_json{EXTENSION}": Path(source).read_bytes()})
    made.add("flat", files={f"_flat{EXTENSION}": b""})
    spec = importlib.util.spec_from_file_location(
        "fast._json", made.site / f"fast/_json{EXTENSION}"
    )
    assert spec is not None
    sys.modules["fast._json"] = importlib.util.module_from_spec(spec)
    assert _loaded(made) == {"fast": ("fast._json",)}


def _is_builtin(name: str) -> bool:
    return getattr(importlib.import_module(name), "__file__", None) is None


def test_a_module_under_a_foreign_name_belongs_to_whose_file_it_is(made: Fabricated) -> None:
    """As setuptools, which brings its own distutils."""
    made.add("bringer", files={"bringer/__init__.py": "", "bringer/_vendored.py": ""})
    _import("bringer._vendored")
    sys.modules["vendored_alias"] = sys.modules.pop("bringer._vendored")
    assert _loaded(made) == {"bringer": ("bringer", "vendored_alias")}


def test_a_module_of_the_same_name_from_elsewhere_is_another_one(
    made: Fabricated, monkeypatch: pytest.MonkeyPatch
) -> None:
    made.add("helpers", files={"helpers_mod.py": ""})
    elsewhere = made.home / "notebooks"
    elsewhere.mkdir()
    (elsewhere / "helpers_mod.py").write_text("")
    monkeypatch.syspath_prepend(elsewhere)
    _import("helpers_mod")
    assert _loaded(made) == {}


@pytest.mark.parametrize("first", ["lib", "lib64"])
def test_modules_imported_through_another_spelling_of_the_directory_count(
    made: Fabricated, monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    (made.root / "lib64").symlink_to("lib")
    made.add("spelled", files={"spelled_mod.py": ""})
    other = made.root / "lib64" / "python3.11" / "site-packages"
    shown, imported = (made.site, other) if first == "lib" else (other, made.site)
    aliases = (imported,) if first == "lib" else ()
    made.changes["site_directories"] = (SiteDirectory(shown, "environment", aliases),)
    monkeypatch.setattr(sys, "path", [str(imported), *sys.path])
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if entry != str(shown)])
    _import("spelled_mod")
    assert (sys.modules["spelled_mod"].__file__ or "").startswith(f"{imported}/")
    assert _loaded(made) == {"spelled": ("spelled_mod",)}


def test_an_editable_installation_is_found_in_its_source_tree(
    made: Fabricated, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = made.home / "project" / "src"
    (source / "edited").mkdir(parents=True)
    (source / "edited" / "__init__.py").write_text("")
    (source / "edited" / "part.py").write_text("")
    (made.home / "project" / "conftest_like.py").write_text("")
    made.add(
        "edited",
        files={"_edited.pth": f"{source}\n"},
        direct_url=f'{{"url": "file://{source.parent}", "dir_info": {{"editable": true}}}}',
    )
    for path in (source, source.parent):
        monkeypatch.syspath_prepend(path)
    _import("edited.part", "conftest_like")
    assert _loaded(made) == {"edited": ("edited", "edited.part")}


def test_an_editable_of_unknown_names_is_all_in_its_tree_but_for_what_is_installed_there(
    made: Fabricated, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A virtual environment often lies in the project that it is for."""
    (made.home / "pyproject.toml").write_text("")
    (made.home / "surprising").mkdir()
    (made.home / "surprising" / "__init__.py").write_text("")
    made.add("dependency", files={"installed_dependency.py": ""})
    made.add(
        "project",
        files={"_project.pth": f"{made.home}\n"},
        direct_url=f'{{"url": "file://{made.home}", "dir_info": {{"editable": true}}}}',
    )
    monkeypatch.syspath_prepend(made.home)
    _import("surprising", "installed_dependency")
    assert _loaded(made) == {"dependency": ("installed_dependency",), "project": ("surprising",)}


def test_a_module_named_as_an_editable_package_may_be_another_one(
    made: Fabricated, monkeypatch: pytest.MonkeyPatch
) -> None:
    egg_info(made.home / "checkout", "namesake", None, files={"namesake.py": ""})
    made.write("namesake.egg-link", f"{made.home / 'checkout'}\n.")
    (made.home / "notebooks").mkdir()
    (made.home / "notebooks" / "namesake.py").write_text("")
    monkeypatch.syspath_prepend(made.home / "notebooks")
    _import("namesake")
    assert _loaded(made) == {}


def test_a_finder_of_an_editable_installation_is_followed(
    made: Fabricated, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = made.home / "project"
    (project / "lib" / "flat").mkdir(parents=True)
    (project / "lib" / "flat" / "__init__.py").write_text("")
    (project / "lib" / "single.py").write_text("")
    (project / "lib" / "noise.py").write_text("")
    library = project / "lib"
    finder = f"MAPPING = {{'flat': '{library}/flat', 'single': '{library}/single'}}\n"
    made.add(
        "mapped",
        files={"__editable__.mapped-1.0.pth": "import __editable___mapped_1_0_finder\n",
               "__editable___mapped_1_0_finder.py": finder},
        direct_url=f'{{"url": "file://{project}", "dir_info": {{"editable": true}}}}',
        extra_files={"top_level.txt": "flat\nsingle\n"},
    )  # fmt: skip
    monkeypatch.syspath_prepend(project / "lib")
    _import("flat", "single", "noise")
    assert _loaded(made) == {"mapped": ("flat", "single")}


def test_a_development_link_is_followed(made: Fabricated, monkeypatch: pytest.MonkeyPatch) -> None:
    source = made.home / "checkout"
    egg_info(source, "linked", None, files={"linked/__init__.py": ""})
    made.write("linked.egg-link", f"{source}\n.")
    monkeypatch.syspath_prepend(source)
    _import("linked")
    assert _loaded(made) == {"linked": ("linked",)}


def test_eggs_are_found(made: Fabricated, monkeypatch: pytest.MonkeyPatch) -> None:
    egg = made.site / "hatched-1.0-py3.11.egg"
    (egg / "EGG-INFO").mkdir(parents=True)
    (egg / "EGG-INFO" / "PKG-INFO").write_text(metadata_text("hatched", "1.0"))
    (egg / "hatched.py").write_text("")
    monkeypatch.syspath_prepend(egg)
    _import("hatched")
    assert _loaded(made) == {"hatched": ("hatched",)}


def test_a_package_without_a_list_of_files_is_known_by_its_names(made: Fabricated) -> None:
    egg_info(made.site, "oldie", files={"oldie/__init__.py": "", "oldie/a.py": ""})
    _import("oldie.a")
    assert _loaded(made) == {"oldie": ("oldie", "oldie.a")}


def test_only_the_active_copy_counts(made: Fabricated, monkeypatch: pytest.MonkeyPatch) -> None:
    made.add("twice", "1.0", files={"twice.py": ""})
    second = made.home / "second"
    dist_info(second, "twice", "0.9", files={"twice.py": ""})
    made.more = (SiteDirectory(second, "pythonpath"),)
    _import("twice")
    packages = made.packages()
    assert loaded_packages(packages) == {"twice": ("twice",)}
    assert loaded_modules(packages.copies("twice")[1:], packages) == ()
    del sys.modules["twice"]
    monkeypatch.syspath_prepend(second)
    _import("twice")
    assert loaded_packages(made.packages()) == {}


def test_modules_that_misbehave_are_passed_over(made: Fabricated) -> None:
    class Lazy:
        @property
        def __file__(self) -> str:
            raise ImportError("not now")

    class Odd:
        __file__ = 42

    made.add("fine", files={"fine_mod.py": ""})
    _import("fine_mod")
    sys.modules.update({"lazy_mod": Lazy(), "odd_mod": Odd(), "none_mod": None})  # type: ignore[dict-item]
    try:
        assert _loaded(made) == {"fine": ("fine_mod",)}
    finally:
        for name in ("lazy_mod", "odd_mod", "none_mod"):
            sys.modules.pop(name, None)


def test_another_environment_has_nothing_loaded(made: Fabricated) -> None:
    made.add("fine", files={"fine_mod.py": ""})
    _import("fine_mod")
    made.changes["is_running"] = False
    packages = made.packages()
    assert loaded_packages(packages) == {}
    assert loaded_modules(packages, packages) == ()


def test_this_process_has_loaded_pytest() -> None:
    packages = scan()
    found = loaded_packages(packages)
    assert "pytest" in found["pytest"]
    assert "_pytest.config" in found["pytest"]
    assert "packaging.utils" in found["packaging"]
    assert "packaging.utils" in loaded_modules([packages["packaging"]], packages)
