"""Directories are de-duplicated, entries never are; every directory is somebody's."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

import pytest

from ipy_envtools import EnvironmentUnreadable
from ipy_envtools.environment import scan

from ..builders import Venv, dist_info, egg_info, make_venv
from .looking import names_and_versions, run_inside

if TYPE_CHECKING:
    from pathlib import Path

    from ipy_envtools.environment import InstalledPackages

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="lib64 is a Linux convention")


def lib64(venv: Venv) -> Path:
    """``lib64 -> lib``, which ``python -m venv`` makes on 64-bit Linux."""
    link = venv.root / "lib64"
    if not link.is_symlink():
        link.symlink_to("lib")
    return link / venv.site.relative_to(venv.root / "lib")


def assert_once_with_alias(packages: InstalledPackages, venv: Venv, alias: Path) -> None:
    assert names_and_versions(packages) == [("anyio", "4.0.0"), ("sniffio", "1.3.0")]
    assert packages.problems == ()
    (directory,) = packages.environment.site_directories
    assert directory.role == "environment"
    assert {directory.path, *directory.aliases} == {venv.site, alias}


@pytest.fixture
def two(venv: Venv) -> Venv:
    dist_info(venv.site, "anyio", "4.0.0", requires=["sniffio>=1.1"])
    dist_info(venv.site, "sniffio", "1.3.0", requested=False)
    return venv


@linux_only
def test_lib_and_lib64_on_the_path_are_one_directory_when_pythonpath_names_the_link(
    two: Venv, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(lib64(two)))
    packages = scan(two.python)
    assert_once_with_alias(packages, two, lib64(two))
    # The first spelling in search order is the one to show.
    assert packages.environment.site_directories[0].path == lib64(two)


@linux_only
def test_lib_and_lib64_on_the_path_are_one_directory_when_a_pth_line_names_the_link(
    two: Venv, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHONPATH", raising=False)
    dist_info(two.site, "pointer", files={"pointer.pth": f"{lib64(two)}\n"})
    packages = scan(two.python)
    assert "pointer" in packages
    assert len(packages) == 3
    (directory,) = packages.environment.site_directories
    assert directory.path == two.site
    assert directory.aliases == (lib64(two),)


@linux_only
def test_the_running_interpreter_lists_each_package_once_with_lib64_on_its_path(two: Venv) -> None:
    code = """
import sys, json
sys.path += sys.argv[1:]
packages = scan()
site, = packages.environment.site_directories
print(json.dumps([[d.name for d in packages], str(site.path), list(map(str, site.aliases))]))
"""
    alias = lib64(two)
    answer = run_inside(two.python, code, str(alias), f"{alias}/", f"{alias}/../site-packages")
    names, path, aliases = json.loads(answer)
    assert names == ["anyio", "sniffio"]
    assert path == str(two.site)
    assert aliases == [str(alias)]


def test_given_directories_are_deduplicated_in_the_order_given(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    dist_info(first, "one")
    dist_info(second, "two")
    link = tmp_path / "link"
    link.symlink_to(second)
    packages = scan(paths=[link, first, second])
    environment = packages.environment
    assert environment.kind == "paths"
    assert environment.python is None
    assert environment.locked_reason
    assert [site.path for site in environment.site_directories] == [link, first]
    assert environment.site_directories[0].aliases == (second,)
    assert [dist.name for dist in packages] == ["one", "two"]
    again = scan(environment).environment.site_directories
    assert [(site.path, site.aliases) for site in again] == [(link, (second,)), (first, ())]


def test_a_given_directory_that_is_not_there_is_said_and_hides_no_other(tmp_path: Path) -> None:
    dist_info(tmp_path / "site", "one")
    (tmp_path / "file").write_text("")
    packages = scan(paths=[tmp_path / "typo", tmp_path / "site", tmp_path / "file"])
    assert [dist.name for dist in packages] == ["one"]
    assert packages.environment.missing == (tmp_path / "typo", tmp_path / "file")
    assert [site.path for site in packages.environment.site_directories] == [tmp_path / "site"]
    assert [(p.kind, p.paths) for p in packages.quick_problems] == [
        ("unreadable", (tmp_path / "typo",)),
        ("unreadable", (tmp_path / "file",)),
    ]
    assert f"{tmp_path / 'typo'} was given and is no directory" in packages.problems[0].message


@pytest.mark.parametrize("name", ["typo", "file"])
def test_nothing_but_missing_directories_is_no_empty_environment(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentUnreadable, match=f"there is no directory at .*{name}"):
        scan(paths=[tmp_path / name])
    assert len(scan(paths=[])) == 0


def test_a_given_directory_that_vanishes_is_said_at_the_next_look(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    environment = scan(paths=[tmp_path / "site"]).environment
    (tmp_path / "site").rmdir()
    (problem,) = scan(environment).problems
    assert problem.paths == (tmp_path / "site",)
    (tmp_path / "site").mkdir()
    assert scan(scan(environment).environment).problems == ()


def test_a_detour_through_a_link_leads_where_the_file_system_says(tmp_path: Path) -> None:
    dist_info(tmp_path / "real" / "site", "right")
    dist_info(tmp_path / "site", "wrong")
    (tmp_path / "real" / "inner").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real" / "inner")
    detour = f"{tmp_path}/link/../site"
    packages = scan(paths=[detour, tmp_path / "real" / "site"])
    assert [dist.name for dist in packages] == ["right"]
    (site,) = packages.environment.site_directories
    assert (str(site.path), site.aliases) == (detour, (tmp_path / "real" / "site",))


def test_a_linked_entry_keeps_its_own_name_when_the_old_name_is_the_link(site: Path) -> None:
    real = dist_info(site, "anyio", "4.0.0")
    (site / "anyio-3.7.0.dist-info").symlink_to(real.name)
    packages = scan(paths=[site])
    assert names_and_versions(packages) == [("anyio", "3.7.0"), ("anyio", "4.0.0")]
    assert packages["anyio"].version == "4.0.0"
    assert [problem.kind for problem in packages.problems] == ["alias"]


def test_a_link_under_another_name_is_listed_under_its_own(site: Path) -> None:
    real = dist_info(site, "anyio", "3.7.0")
    (site / "foo-1.0.dist-info").symlink_to(real.name)
    packages = scan(paths=[site])
    assert names_and_versions(packages) == [("anyio", "3.7.0"), ("foo", "1.0")]
    (alias,) = packages.problems
    assert (alias.kind, alias.name) == ("alias", "foo")


def test_a_linked_entry_keeps_its_own_name_when_the_new_name_is_the_link(site: Path) -> None:
    real = dist_info(site, "anyio", "3.7.0")
    (site / "anyio-4.0.0.dist-info").symlink_to(real.name)
    packages = scan(paths=[site])
    assert names_and_versions(packages) == [("anyio", "3.7.0"), ("anyio", "4.0.0")]
    linked = next(dist for dist in packages if dist.version == "4.0.0")
    assert linked.linked
    assert linked.info_path == site / "anyio-4.0.0.dist-info"
    assert not linked.active
    assert packages["anyio"].version == "3.7.0"
    (alias,) = packages.problems
    assert alias.kind == "alias"
    assert alias.name == "anyio"
    assert "4.0.0" in alias.message
    assert "3.7.0" in alias.message
    assert alias.paths == (linked.info_path, real)


def test_a_link_whose_own_name_is_no_entry_is_no_distribution(site: Path) -> None:
    real = dist_info(site, "anyio", "3.7.0")
    (site / "foo").symlink_to(real.name)
    packages = scan(paths=[site])
    assert names_and_versions(packages) == [("anyio", "3.7.0")]
    assert packages.problems == ()


def test_an_entry_that_is_a_link_to_a_directory_elsewhere_is_listed(
    site: Path, tmp_path: Path
) -> None:
    """Environments of Bazel and Spack consist of such links."""
    elsewhere = tmp_path / "store"
    real = dist_info(elsewhere, "Linked.Thing", "2.0")
    (site / real.name).symlink_to(real)
    (site / "linked_thing").symlink_to(elsewhere / "linked_thing")
    packages = scan(paths=[site])
    (found,) = packages
    assert (found.name, found.version, found.linked) == ("Linked.Thing", "2.0", True)
    assert found.site_directory == site
    assert packages.problems == ()


def test_a_link_to_an_entry_of_another_site_directory_is_an_alias(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    real = dist_info(one, "anyio", "3.7.0")
    two.mkdir()
    (two / "anyio-3.7.0.dist-info").symlink_to(real)
    packages = scan(paths=[one, two])
    assert len(packages) == 2
    assert [problem.kind for problem in packages.problems] == ["alias"]


def test_roles_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    venv = make_venv(tmp_path / "venv", system_site_packages=True)
    by_variable = tmp_path / "by variable"
    by_pth = tmp_path / "by pth"
    dist_info(by_variable, "by-variable")
    dist_info(by_pth, "by-pth")
    (venv.site / "more.pth").write_text(f"# a comment\n{by_pth}\n")
    base = tmp_path / "user"
    user = base / "lib" / venv.site.parent.name / "site-packages"
    dist_info(user, "by-user")
    monkeypatch.setenv("PYTHONUSERBASE", str(base))
    monkeypatch.setenv("PYTHONPATH", str(by_variable))
    packages = scan(venv.python)
    roles = {site.path: site.role for site in packages.environment.site_directories}
    parent = [path for path, role in roles.items() if role == "parent"]
    assert parent, "the parent of a venv with system site packages"
    assert all(path.is_relative_to(os.path.realpath(sys.base_prefix)) for path in parent)
    for path in parent:
        del roles[path]
    assert roles == {
        by_variable: "pythonpath",
        user: "user",
        venv.site: "environment",
        by_pth: "pth",
    }
    assert packages["by-pth"].site.added_by == venv.site / "more.pth"
    assert packages.environment.roots == (venv.root, base)


def test_pythonpath_is_not_the_parent_although_it_lies_in_its_prefix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The prefix of an operating system's Python is /usr, which holds more than Python."""
    base = tmp_path / "base"
    venv = make_venv(base / "environments" / "inner")
    below = base / "share" / "plugins"
    dist_info(below, "plugin")
    monkeypatch.setenv("PYTHONPATH", str(below))
    roles = [site.role for site in scan(venv.python).environment.site_directories]
    assert roles == ["pythonpath", "environment"]


def test_the_working_directory_is_skipped(venv: Venv, tmp_path: Path) -> None:
    project = tmp_path / "project"
    egg_info(project, "sources")
    code = """
import sys
sys.path.insert(0, ""); sys.path.insert(1, sys.argv[1])
print([d.name for d in scan()])
"""
    assert run_inside(venv.python, code, str(project), directory=project) == "[]\n"


@pytest.mark.parametrize("spelled", [".", "", "absolute"])
def test_the_working_directory_counts_if_pythonpath_names_it_too(
    venv: Venv, tmp_path: Path, spelled: str
) -> None:
    project = tmp_path / "project"
    egg_info(project, "sources")
    entry = str(project) if spelled == "absolute" else spelled
    variables = {"PYTHONPATH": f"{entry}{os.pathsep}/nowhere"}
    code = "print([(d.name, d.site.role) for d in scan()])"
    answer = run_inside(venv.python, code, variables=variables, directory=project)
    assert answer == "[('sources', 'pythonpath')]\n"


def test_the_working_directory_counts_if_a_pth_file_names_it_too(
    venv: Venv, tmp_path: Path
) -> None:
    project = tmp_path / "project"
    dist_info(project, "sources")
    (venv.site / "project.pth").write_text(f"{project}\n")
    code = "print([(d.name, d.site.role) for d in scan()])"
    answer = run_inside(venv.python, code, directory=project)
    assert answer == "[('sources', 'pth')]\n"


def test_the_directory_of_a_script_counts_as_put_on_the_path(venv: Venv, tmp_path: Path) -> None:
    scripts = tmp_path / "scripts"
    dist_info(scripts, "beside-the-script")
    code = "sys.path.insert(0, sys.argv[1]); print([(d.name, d.site.role) for d in scan()])"
    assert run_inside(venv.python, code, str(scripts)) == "[('beside-the-script', 'path')]\n"


def test_a_path_that_holds_anything_at_all_is_searched_for_directories(
    venv: Venv, tmp_path: Path
) -> None:
    """Missing first directories, files, zip files, numbers, NULs and relative paths."""
    relative = tmp_path / "relative"
    dist_info(relative, "by-relative-path")
    dist_info(tmp_path / "last", "in-the-last-directory")
    (tmp_path / "file").write_text("")
    (tmp_path / "bundle.zip").write_bytes(b"PK")
    code = f"""
import sys, pathlib
sys.path[:0] = ["/missing", None, 3, b"/bytes", pathlib.Path("/"), "{tmp_path}/file",
    "{tmp_path}/bundle.zip", "relative", "\\udcff", "~"]
sys.path += ["{tmp_path}/last", "nul\\0"]
print([d.name for d in scan()])
"""
    answer = run_inside(venv.python, code, directory=tmp_path)
    assert answer == "['by-relative-path', 'in-the-last-directory']\n"


def test_a_removed_working_directory_does_no_harm(venv: Venv, tmp_path: Path) -> None:
    dist_info(venv.site, "present")
    gone = tmp_path / "gone"
    gone.mkdir()
    code = """
import os, sys
os.rmdir(os.getcwd())
sys.path[:0] = ["", "relative", "relative/thing.egg"]
print([d.name for d in scan()])
"""
    assert run_inside(venv.python, code, directory=gone) == "['present']\n"


def test_the_copies_that_setuptools_carries_with_it_are_files_of_setuptools(venv: Venv) -> None:
    """Importing setuptools appends this directory to sys.path; nobody installed what is in it."""
    vendored = venv.site / "setuptools" / "_vendor"
    dist_info(vendored, "packaging", "24.2")
    dist_info(venv.site, "packaging", "26.0")
    code = "import sys; sys.path.append(sys.argv[1]); print([(d.name, d.version) for d in scan()])"
    assert run_inside(venv.python, code, str(vendored)) == "[('packaging', '26.0')]\n"


def test_a_virtual_environment_in_a_conda_prefix_is_a_virtual_environment(tmp_path: Path) -> None:
    venv = make_venv(tmp_path / "conda" / "venv")
    (tmp_path / "conda" / "conda-meta").mkdir()
    (venv.root / "conda-meta").mkdir()
    assert scan(venv.python).environment.kind == "venv"


def test_conda_is_known_by_conda_meta(tmp_path: Path) -> None:
    venv = make_venv(tmp_path / "env")
    (venv.root / "conda-meta").mkdir()
    code = """
import os
os.remove(os.path.join(sys.prefix, "pyvenv.cfg"))
print(find_environment().kind)
"""
    assert run_inside(venv.python, code) == "conda\n"


def test_an_interpreter_without_an_executable_is_an_environment(venv: Venv) -> None:
    """As in a program that embeds Python."""
    dist_info(venv.site, "present")
    code = """
for nothing in (None, ""):
    sys.executable = nothing
    from ipy_envtools.environment import interpreter
    interpreter._facts_of_this_process.cache_clear()
    packages = scan()
    print(packages.environment.python, len(packages), len(scan(packages.environment)))
"""
    assert run_inside(venv.python, code) == "None 1 1\n" * 2


@pytest.mark.skipif(os.name == "nt", reason="links")
def test_a_loop_of_links_on_the_path_is_reported(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    dist_info(tmp_path / "good", "good")
    packages = scan(paths=[tmp_path / "loop", tmp_path / "good"])
    assert [dist.name for dist in packages] == ["good"]
    (problem,) = packages.problems
    assert problem.kind == "unreadable"
    assert str(tmp_path / "loop") in problem.message
