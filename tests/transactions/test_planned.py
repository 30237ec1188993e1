"""From a real virtual environment through a real plan, to the disk and back."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from typing import TYPE_CHECKING

import pytest

from ipy_envtools.environment import scan
from ipy_envtools.errors import PlanBlocked, PlanOutdated
from ipy_envtools.plans import plan_uninstall
from ipy_envtools.transactions import apply, history

from .builders import FabricatedEnvironment, Link, differences, picture, without

if TYPE_CHECKING:
    from pathlib import Path

    from ipy_envtools.environment import InstalledPackages


@pytest.fixture
def real(tmp_path: Path) -> FabricatedEnvironment:
    """A virtual environment, with ``lib64`` where ``python -m venv`` makes it."""
    root = tmp_path / "env"
    venv.create(root, symlinks=True, with_pip=False)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    environment = FabricatedEnvironment(root, site=root / "lib" / version / "site-packages")
    environment.install(
        "alpha",
        "1.0",
        {
            "alpha/__init__.py": b"import shared.alpha\n",
            "alpha/template.txt": b"text",
            "shared/alpha.py": b"",
            "shared/common.py": b"both",
            "alpha_start.pth": b"# a comment\n",
            "alpha/link": Link("__init__.py"),
            "../../../bin/alpha": b"#!/bin/sh\n",
            "../../../share/alpha/notes": b"",
        },
    )
    environment.install("beta", "2.0", {"shared/beta.py": b"", "shared/common.py": b"both"})
    command = [root / "bin" / "python", "-m", "compileall", "-q", environment.site]
    subprocess.run(command, check=True, timeout=60)
    return environment


def scanned(real: FabricatedEnvironment) -> InstalledPackages:
    return scan(environment=real.root / "bin" / "python")


def test_a_planned_uninstall_takes_what_the_plan_says_and_undo_brings_it_back(
    real: FabricatedEnvironment,
) -> None:
    before = picture(real.root.parent)
    plan = plan_uninstall(["alpha"], packages=scanned(real))
    assert plan.blocked is None
    transaction = apply(plan)
    now = picture(real.root.parent)
    assert set(now) == without(before, plan)
    assert not (real.site / "alpha").exists()
    assert (real.site / "shared" / "common.py").exists()
    assert [path.name for path in real.site.rglob("*.pyc") if "alpha" in str(path)] == []
    assert list(scanned(real).copies("alpha")) == []
    assert history(real.root / "bin" / "python") == [transaction]
    transaction.undo()
    assert differences(before, picture(real.root.parent)) == []
    assert scanned(real)["alpha"].version == "1.0"


def test_two_owners_of_one_file_in_any_order(real: FabricatedEnvironment) -> None:
    before = picture(real.root.parent)
    first = apply(plan_uninstall(["alpha"], packages=scanned(real)))
    second = apply(plan_uninstall(["beta"], packages=scanned(real)))
    assert not (real.site / "shared").exists()
    first.undo()
    second.undo()
    assert differences(before, picture(real.root.parent)) == []


def test_a_module_that_is_compiled_after_planning_makes_the_plan_outdated(
    real: FabricatedEnvironment,
) -> None:
    plan = plan_uninstall(["alpha"], packages=scanned(real))
    command = [real.root / "bin" / "python", "-O", "-m", "compileall", "-q", real.site / "alpha"]
    subprocess.run(command, check=True, timeout=60)
    with pytest.raises(PlanOutdated, match=r"opt-1\.pyc is new"):
        apply(plan)
    before = picture(real.root.parent)
    transaction = apply(plan_uninstall(["alpha"], packages=scanned(real)))
    assert not (real.site / "alpha").exists()
    transaction.undo()
    assert differences(before, picture(real.root.parent)) == []


def test_directories_cannot_be_applied_to(real: FabricatedEnvironment) -> None:
    before = picture(real.root.parent)
    with pytest.raises(PlanBlocked, match="without an interpreter"):
        apply(plan_uninstall(["alpha"], packages=scan(paths=[real.site])))
    assert differences(before, picture(real.root.parent)) == []


def test_uv_and_this_package_do_not_meet(
    real: FabricatedEnvironment, tmp_path: Path, uv: str
) -> None:
    """uv uninstalls one package in a process of its own while this one uninstalls another."""
    packages = scanned(real)
    plan = plan_uninstall(["alpha"], packages=packages)
    command = [uv, "pip", "uninstall", "beta", "--python", str(real.root / "bin" / "python")]
    environ = {**os.environ, "UV_CACHE_DIR": str(tmp_path / "cache"), "UV_OFFLINE": "1"}
    started = subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL)
    try:
        transaction = apply(plan)
    except PlanOutdated:
        started.wait(timeout=60)
        transaction = apply(plan_uninstall(["alpha"], packages=scanned(real)))
    assert started.wait(timeout=60) == 0
    assert list(scanned(real)) == []
    transaction.undo()
    assert (real.site / "alpha" / "__init__.py").exists()
    assert [each.canonical_name for each in scanned(real)] == ["alpha"]


@pytest.fixture
def uv() -> str:
    """The uv beside this python."""
    path = os.path.join(os.path.dirname(sys.executable), "uv")
    return path if os.path.exists(path) else "uv"
