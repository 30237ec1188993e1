"""Where pip and uv are right the scan agrees with them; where it differs, this says why.

The environment is a virtual one with ``--system-site-packages`` over the operating system's
Python, a user site, links, copies, and what else makes the tools differ. Another set of these
comparisons, on more than 350 real packages, is among the benchmarks.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from packaging.utils import canonicalize_name

from ipy_envtools.environment import InstalledPackages, scan

from ..builders import dist_info, egg_info

SYSTEM_PYTHON = Path("/usr/bin/python3")


def _can_run() -> bool:
    if sys.platform != "linux" or not SYSTEM_PYTHON.exists():
        return False
    command = [str(SYSTEM_PYTHON), "-c", "import pip, venv, sys; print(sys.version_info[1])"]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    return finished.returncode == 0 and int(finished.stdout) >= 10


pytestmark = pytest.mark.skipif(
    not _can_run(), reason="needs Debian's python3, python3-venv and python3-pip"
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("over-debian")
    command = [SYSTEM_PYTHON, "-m", "venv", "--without-pip", "--system-site-packages"]
    subprocess.run([*command, root / "venv"], check=True)
    (version,) = (root / "venv" / "lib").iterdir()
    site = version / "site-packages"
    user = root / "user" / "lib" / version.name / "site-packages"

    dist_info(site, "Flask", "3.0.0", requires=["werkzeug>=3", "click; sys_platform != 'none'"])
    dist_info(site, "werkzeug", "3.0.1", requested=False)
    dist_info(site, "six", "1.15.0", installer="uv")  # Debian has a newer one
    dist_info(user, "click", "8.1.0", requested=False)
    dist_info(user, "Flask", "2.0.0")
    egg_info(site, "Old.Style-thing", "0.3", requires_txt="six>=1\n[extra]\nclick\n")
    source = root / "source"
    (source / "src" / "edited").mkdir(parents=True)
    (source / "src" / "edited" / "__init__.py").write_text("")
    url = json.dumps({"url": source.as_uri(), "dir_info": {"editable": True}})
    pth = {"_edited.pth": f"{source / 'src'}\n"}
    dist_info(site, "edited", "0.1.dev0", files=pth, direct_url=url)
    egg_info(source / "src", "edited", None)
    legacy = root / "legacy"
    egg_info(legacy, "developed", None)
    (site / "developed.egg-link").write_text(f"{legacy}\n.")
    (site / "easy-install.pth").write_text(f"{legacy}\n")
    # What the tools do not agree on:
    (site / "linked-4.0.dist-info").symlink_to("werkzeug-3.0.1.dist-info")
    dist_info(root / "store", "bazel-like", "1.0")
    (site / "bazel_like-1.0.dist-info").symlink_to(root / "store" / "bazel_like-1.0.dist-info")
    dist_info(site, "twice", "2.0")
    dist_info(site, "twice", "1.0")  # its files are there now
    (site / "ghost-1.0.dist-info").mkdir()
    return root


@pytest.fixture(scope="module")
def variables(root: Path) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    return {**kept, "PYTHONUSERBASE": str(root / "user"), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


@pytest.fixture(scope="module")
def ours(root: Path, variables: dict[str, str]) -> InstalledPackages:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PYTHONPATH", raising=False)
        patch.setenv("PYTHONUSERBASE", variables["PYTHONUSERBASE"])
        return scan(root / "venv" / "bin" / "python")


def _json(command: list[str], variables: dict[str, str]) -> Any:
    finished = subprocess.run(
        command, env=variables, capture_output=True, text=True, check=False, timeout=120
    )
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout)


@pytest.fixture(scope="module")
def pip_list(root: Path, variables: dict[str, str]) -> list[dict[str, str]]:
    python = str(root / "venv" / "bin" / "python")
    command = [python, "-m", "pip", "list", "-v", "--format", "json"]
    return list(_json(command, variables))


@pytest.fixture(scope="module")
def inspected(root: Path, variables: dict[str, str]) -> list[dict[str, Any]]:
    python = str(root / "venv" / "bin" / "python")
    return list(_json([python, "-m", "pip", "inspect"], variables)["installed"])


def test_roles_tell_whose_each_directory_is(ours: InstalledPackages, root: Path) -> None:
    roles = [site.role for site in ours.environment.site_directories]
    assert roles[:4] == ["environment", "pth", "pth", "user"]
    assert set(roles[4:]) == {"parent"}
    assert ours["pip"].site.role == "parent"
    assert ours["click"].site.role == "user"
    assert ours.environment.kind == "venv"
    assert ours.environment.roots == (root / "venv", root / "user")


def test_every_package_that_pip_lists_is_active_in_the_same_version_and_place(
    ours: InstalledPackages, pip_list: list[dict[str, str]]
) -> None:
    differing = {
        item["name"]: (item["version"], item["location"])
        for item in pip_list
        if (ours[item["name"]].version, str(_pips_location(ours, item)))
        != (item["version"], item["location"])
    }
    # Of two entries in one directory pip takes the one that the directory happens to list first;
    # ours is the one whose RECORD agrees with the files.
    assert set(differing) <= {"twice"}
    assert ours["twice"].version == "1.0"


def _pips_location(ours: InstalledPackages, item: dict[str, str]) -> Path:
    """Where pip says that a package is: the source tree only for an ``.egg-link``."""
    found = ours[item["name"]]
    return found.location if found.kind == "egg-link" else found.site_directory


def test_what_pip_does_not_list_is_a_copy_or_a_link(
    ours: InstalledPackages, pip_list: list[dict[str, str]]
) -> None:
    theirs = {canonicalize_name(item["name"]) for item in pip_list}
    missing = {dist.canonical_name for dist in ours} - theirs
    # pip names an entry by its METADATA: the link's own name is not seen.
    assert missing <= {"linked", "ghost"}
    copies = [dist for dist in ours if not dist.active and not dist.linked]
    assert {(d.canonical_name, d.version) for d in copies} >= {
        ("flask", "2.0.0"),  # a virtual environment comes before user site
        ("twice", "2.0"),
    }
    assert ours["six"].site.role == "environment"


def test_editable_projects_are_those_of_pip(
    ours: InstalledPackages, pip_list: list[dict[str, str]]
) -> None:
    theirs = {
        canonicalize_name(item["name"]): item["editable_project_location"]
        for item in pip_list
        if item.get("editable_project_location")
    }
    assert {dist.canonical_name: str(dist.source) for dist in ours if dist.editable} == theirs
    assert set(theirs) == {"edited", "developed"}


def test_installers_and_requests_are_those_of_pip(
    ours: InstalledPackages, inspected: list[dict[str, Any]]
) -> None:
    for item in inspected:
        name, version = item["metadata"]["name"], item["metadata"]["version"]
        found = [dist for dist in ours.copies(name) if dist.version == version]
        if not found:
            continue
        assert (found[0].installer or "") == item.get("installer", "")
        # uv marks everything as requested, and where nobody wrote it down nobody knows:
        # pip says true and false there.
        if found[0].requested is not None:
            assert found[0].requested == item["requested"]


def test_requirements_are_those_of_pip(
    ours: InstalledPackages, inspected: list[dict[str, Any]]
) -> None:
    compared = 0
    for item in inspected:
        found = ours[item["metadata"]["name"]]
        theirs = item["metadata"].get("requires_dist")
        if found.kind == "dist-info" and found.version == item["metadata"]["version"]:
            assert list(found.requires) == (theirs or [])
            compared += 1
    assert compared > 10


def test_uv_lists_the_same_in_the_directories_that_it_looks_at(
    root: Path, variables: dict[str, str], ours: InstalledPackages
) -> None:
    """uv looks only at the virtual environment itself.

    It lists neither user site nor the parent, and leaves out entries that are links.
    """
    uv = shutil.which("uv", path=os.pathsep.join([str(Path(sys.executable).parent), os.defpath]))
    if uv is None:
        pytest.skip("uv is not installed")
    python = str(root / "venv" / "bin" / "python")
    command = [uv, "pip", "list", "--format", "json", "--python", python, "--offline"]
    theirs = {(item["name"], item["version"]) for item in _json(command, variables)}
    mine = {
        (dist.canonical_name, dist.version)
        for dist in ours
        if dist.site.role == "environment" and not dist.linked
    }
    names = {canonicalize_name(name) for name, _ in theirs}
    assert {(canonicalize_name(name), version) for name, version in theirs} <= mine
    # uv does not follow the .egg-link of a project whose egg-info has no version in its name.
    assert {name for name, _ in mine} - names <= {"developed"}
