"""What to do is said for the environment that it is about, not for the one that it is said in."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from ipy_envtools.environment import InstalledPackages, scan

from ..builders import Venv, dist_info, egg_info
from .looking import kinds, messages

if TYPE_CHECKING:
    from pathlib import Path


def test_a_command_names_the_python_of_another_environment(venv: Venv) -> None:
    dist_info(venv.site, "needy", requires=["missing>=1", "no requirement!"])
    dist_info(venv.site, "one", files={"shared.py": ""})
    dist_info(venv.site, "two", files={"shared.py": ""})
    (venv.site / "ghost-1.0.dist-info").mkdir()
    packages = scan(venv.python)
    python = str(venv.python)
    assert (
        f'uv pip install --python {python} "missing>=1"'
        in messages(packages, "dependency-missing")[0]
    )
    assert (
        f"uv pip install --python {python} -U needy" in messages(packages, "requirement-invalid")[0]
    )
    assert f"uv pip uninstall --python {python} one" in messages(packages, "files-shared")[0]
    assert f"in a kernel of {python}, %pkg repair" in messages(packages, "ghost")[0]
    assert not any("%pkg install" in problem.message for problem in packages.problems)


def test_here_the_magics_do_it(venv: Venv) -> None:
    dist_info(venv.site, "needy", requires=["missing>=1"])
    here = replace(scan(venv.python).environment, is_running=True)
    assert '%pkg install "missing>=1"' in messages(InstalledPackages(here), "dependency-missing")[0]


def test_missing_files_come_back_by_a_command_that_really_installs(venv: Venv) -> None:
    origin = {"url": "https://example.org/built.whl", "archive_info": {}}
    for name, more in (("gone", {}), ("built", {"direct_url": json.dumps(origin)})):
        dist_info(venv.site, name, "1.5+cu.1", rows=[f"{name}/missing.py,,"], **more)
    here = replace(scan(venv.python).environment, is_running=True)
    built, gone = sorted(messages(InstalledPackages(here), "files-missing"))
    assert gone.endswith('; %pkg install --force-reinstall "gone==1.5+cu.1"')
    assert built.endswith("; install it again from where it came")
    (theirs,) = (m for m in messages(scan(venv.python), "files-missing") if "gone" in m)
    assert f'uv pip install --python {venv.python} --force-reinstall "gone' in theirs


def test_a_locked_environment_is_left_to_what_manages_it(venv: Venv) -> None:
    dist_info(venv.site, "needy", requires=["missing>=1"])
    (venv.site / "ghost-1.0.dist-info").mkdir()
    for running in (True, False):
        locked = replace(
            scan(venv.python).environment,
            is_running=running,
            locked_reason="no",
            externally_managed="no",
        )
        for problem in InstalledPackages(locked).problems:
            assert "leave that to what manages it" in problem.message
            assert "%pkg" not in problem.message
            assert "uv pip" not in problem.message


def with_parent(*paths: Path) -> InstalledPackages:
    """The last of these directories is the parent's."""
    found = scan(paths=paths).environment
    *own, parent = found.site_directories
    return InstalledPackages(
        replace(found, site_directories=(*own, replace(parent, role="parent")))
    )


def test_a_parent_s_files_are_not_measured_by_the_child_s_directories(tmp_path: Path) -> None:
    own, parent = tmp_path / "own", tmp_path / "parent"
    own.mkdir()
    dist_info(parent, "thing", rows=["../../scripts/thing,,", "/opt/thing,,"])
    assert kinds(with_parent(own, parent)) == []
    assert kinds(scan(paths=[own, parent])) == ["record-outside"]


def test_two_descriptions_of_one_version_in_a_parent_are_no_duplicate(tmp_path: Path) -> None:
    own, parent = tmp_path / "own", tmp_path / "parent"
    own.mkdir()
    dist_info(parent, "thing")
    egg_info(parent, "thing", None)
    assert kinds(with_parent(own, parent)) == []
    assert kinds(scan(paths=[own, parent])) == ["duplicate"]
    dist_info(parent, "thing", "2.0")
    assert "duplicate" in kinds(with_parent(own, parent))


def test_the_hidden_copy_is_the_one_that_is_named(tmp_path: Path) -> None:
    own, later = tmp_path / "own", tmp_path / "later"
    dist_info(own, "thing", "2.0")
    dist_info(later, "thing", "1.0")
    (said,) = messages(scan(paths=[own, later]), "shadowed")
    assert "%pkg uninstall thing==1.0 takes it away" in said
    (said,) = messages(with_parent(own, later), "shadowed")
    assert "%pkg" not in said
    assert "what manages" in said


def test_a_version_that_names_the_other_copy_is_not_advised(tmp_path: Path) -> None:
    own, later = tmp_path / "own", tmp_path / "later"
    dist_info(own, "thing", "1.0")
    dist_info(later, "thing", "1.0")
    (said,) = messages(scan(paths=[own, later]), "shadowed")
    assert "%pkg uninstall" not in said


def test_a_link_to_nowhere_is_called_one(site: Path) -> None:
    (site / "linked-1.0.dist-info").symlink_to("nowhere")
    (said,) = messages(scan(paths=[site]), "ghost")
    assert "a link that leads nowhere" in said
    assert "empty" not in said


def test_what_names_no_package_is_not_to_be_installed_again(site: Path) -> None:
    (site / "..-1.0.dist-info").mkdir()
    (said,) = messages(scan(paths=[site]), "invalid-name")
    assert "install" not in said
