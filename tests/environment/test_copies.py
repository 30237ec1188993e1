"""Of several copies of one project, the one that an import gets is active."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from ipy_envtools.environment import scan

from ..builders import Venv, dist_info, egg_info, metadata_text
from .looking import kinds, run_inside

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_the_later_directory_is_shadowed(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    dist_info(two, "anyio", "4.0")
    dist_info(one, "anyio", "3.0")
    packages = scan(paths=[one, two])
    assert packages["anyio"].version == "3.0"
    assert [copy.active for copy in packages.copies("anyio")] == [True, False]
    (problem,) = packages.problems
    assert problem.kind == "shadowed"
    for part in ("anyio 4.0", "3.0", str(one), str(two), "%pkg uninstall anyio"):
        assert part in problem.message


def test_in_one_directory_the_copy_is_live_whose_record_agrees_with_the_disk(site: Path) -> None:
    """What an interrupted upgrade leaves behind, the new metadata written before the files."""
    shared = {"thing/same.py": "same\n"}
    dist_info(site, "thing", "2.0", files={"thing/__init__.py": "the second version\n", **shared})
    dist_info(site, "thing", "1.0", files={"thing/__init__.py": "the first\n", **shared})
    packages = scan(paths=[site])
    assert packages["thing"].version == "1.0"
    (problem,) = [problem for problem in packages.problems if problem.kind == "duplicate"]
    assert "imports get 1.0" in problem.message
    assert "2.0" in problem.message


def test_files_of_one_size_are_told_apart_by_their_hash(site: Path) -> None:
    dist_info(site, "thing", "2.0", files={"thing/__init__.py": "version 2\n"})
    dist_info(site, "thing", "1.0", files={"thing/__init__.py": "version 1\n"})
    assert scan(paths=[site])["thing"].version == "1.0"
    (site / "thing/__init__.py").write_text("version 2\n")
    assert scan(paths=[site])["thing"].version == "2.0"


def test_without_sizes_the_copy_is_live_whose_files_are_there(site: Path) -> None:
    for version, own in (("1.0", "old"), ("2.0", "new")):
        info = dist_info(
            site, "thing", version, files={"thing/__init__.py": "", f"thing/{own}.py": ""}
        )
        rows = (info / "RECORD").read_text().splitlines()
        (info / "RECORD").write_text("".join(f"{row.partition(',')[0]},,\n" for row in rows))
    (site / "thing" / "new.py").unlink()
    assert scan(paths=[site])["thing"].version == "1.0"


def test_where_nothing_tells_them_apart_the_newer_version_is_live(site: Path) -> None:
    dist_info(site, "thing", "9.0", files={})
    dist_info(site, "thing", "10.0", files={})
    assert scan(paths=[site])["thing"].version == "10.0"


def test_an_empty_entry_is_live_only_where_there_is_nothing_else(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    (one / "thing-9.0.dist-info").mkdir(parents=True)
    dist_info(two, "thing", "1.0")
    packages = scan(paths=[one, two])
    assert packages["thing"].version == "1.0"
    (one / "other-1.0.dist-info").mkdir()
    assert scan(paths=[one, two])["other"].version == "1.0"


def test_a_copy_outside_the_search_path_is_not_imported(venv: Venv) -> None:
    """Two versions as eggs: easy-install.pth says which one counts."""
    for version in ("1.0", "2.0"):
        info = venv.site / f"thing-{version}-py3.egg" / "EGG-INFO"
        info.mkdir(parents=True)
        (info / "PKG-INFO").write_text(metadata_text("thing", version))
        (info.parent / "thing.py").write_text("")
    (venv.site / "easy-install.pth").write_text("./thing-1.0-py3.egg\n")
    packages = scan(venv.python)
    assert packages["thing"].version == "1.0"
    assert [site.path for site in packages.environment.site_directories] == [venv.site]


def test_an_egg_on_the_path_is_listed_although_its_directory_is_not_searched(
    venv: Venv, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "eggs"
    for name in ("named", "beside"):
        (elsewhere / f"{name}-1.0-py3.egg" / "EGG-INFO").mkdir(parents=True)
        (elsewhere / f"{name}-1.0-py3.egg" / "EGG-INFO" / "PKG-INFO").write_text(
            metadata_text(name, "1.0")
        )
    variables = {"PYTHONPATH": str(elsewhere / "named-1.0-py3.egg")}
    code = "print([(d.name, d.kind, d.site.role, d.site.only) for d in scan()])"
    answer = run_inside(venv.python, code, variables=variables)
    assert answer == "[('named', 'egg', 'pythonpath', ('named-1.0-py3.egg',))]\n"


def editable(site: Path, name: str, source: Path, **files: str) -> None:
    url = json.dumps({"url": f"file://{source}", "dir_info": {"editable": True}})
    dist_info(site, name, direct_url=url, files=files)


def test_the_egg_info_in_the_source_tree_of_an_editable_is_no_copy(
    venv: Venv, tmp_path: Path
) -> None:
    source = tmp_path / "project"
    egg_info(source / "src", "thing", None, files={"thing/__init__.py": ""})
    editable(venv.site, "thing", source, **{"__editable__.thing-1.0.pth": f"{source / 'src'}\n"})
    packages = scan(venv.python)
    assert [(d.name, d.kind, d.active, d.editable) for d in packages] == [
        ("thing", "dist-info", True, True)
    ]
    assert packages.problems == ()


def test_a_copy_in_an_earlier_directory_hides_an_editable_one(venv: Venv, tmp_path: Path) -> None:
    """The directory that a .pth adds comes behind site-packages, a finder behind everything."""
    later = tmp_path / "later"
    dist_info(later, "by-path", "9.0")
    dist_info(later, "by-finder", "9.0")
    source = tmp_path / "source"
    for name in ("by_path", "by_finder"):
        (source / name).mkdir(parents=True)
        (source / name / "__init__.py").write_text("")
    editable(venv.site, "by-path", source, **{"__editable__.by_path.pth": f"{source}\n"})
    finder = f"MAPPING: dict[str, str] = {{'by_finder': {str(source / 'by_finder')!r}}}\n"
    editable(
        venv.site,
        "by-finder",
        source,
        **{
            "__editable__.by_finder.pth": "import __editable___by_finder\n",
            "__editable___by_finder.py": finder,
        },
    )
    (venv.site / "zz-later.pth").write_text(f"{later}\n")
    packages = scan(venv.python)
    assert packages["by-path"].editable
    assert packages["by-path"].import_names == ("by_path",)
    assert not packages["by-finder"].editable
    assert packages["by-finder"].version == "9.0"


def test_many_links_and_many_entries_do_not_multiply(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(300):
        dist_info(site, f"real{number}", files={})
        (site / f"link{number}-1.0.dist-info").symlink_to(f"real{number}-1.0.dist-info")
    packages = scan(paths=[site])
    assert len(packages) == 600
    resolved: list[str] = []
    realpath = os.path.realpath

    def counting(path: str) -> str:
        resolved.append(path)
        return realpath(path)

    monkeypatch.setattr(os.path, "realpath", counting)
    assert kinds(packages).count("alias") == 300
    assert len(resolved) < 3_000
