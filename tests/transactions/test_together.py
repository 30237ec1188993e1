"""Two kernels, or a kernel and uv, change one environment at once; each is a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from uv import find_uv_bin

from ipy_envtools.environment import find_environment, scan
from ipy_envtools.errors import EnvToolsError, PlanOutdated
from ipy_envtools.plans import plan_uninstall
from ipy_envtools.transactions import apply, history, locks

from ..builders import dist_info, make_venv, wheel
from .builders import differences, picture

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ipy_envtools.plans import UninstallPlan

    from ..builders import Venv

KERNEL = """
import sys
import ipy_envtools as envtools

python, name = sys.argv[1:]
plan = envtools.plan_uninstall(name, envtools.scan(python))
print("planned", flush=True)
sys.stdin.readline()
try:
    print(envtools.apply(plan).state)
except envtools.EnvToolsError as error:
    print(type(error).__name__)
"""

BACKEND = """
import pathlib, shutil, time

def build_wheel(directory, *_):
    pathlib.Path("begun").touch()
    while not pathlib.Path("go").exists():
        time.sleep(0.01)
    name = "slow-1.0-py3-none-any.whl"
    shutil.copy(name, directory)
    return name
"""


@pytest.fixture
def venv(tmp_path: Path) -> Venv:
    venv = make_venv(tmp_path / "env")
    for name in ("first", "second", "third", "fourth"):
        files = {f"{name}/part{number}.py": "" for number in range(200)}
        dist_info(venv.site, name, files={**files, f"shared/{name}.py": ""})
    return venv


def kernel(venv: Venv, name: str) -> subprocess.Popen[str]:
    """A process that has made its plan and waits for a line before it carries it out."""
    process = subprocess.Popen(
        [sys.executable, "-c", KERNEL, str(venv.python), name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "planned\n"
    return process


def run_at_once(*kernels: subprocess.Popen[str]) -> list[str]:
    for process in kernels:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    return [process.communicate()[0].strip() for process in kernels]


def uv(venv: Venv, *arguments: str) -> subprocess.Popen[bytes]:
    command = [find_uv_bin(), "pip", *arguments, "--offline", "--python", str(venv.python)]
    return subprocess.Popen(command, stderr=subprocess.PIPE)


def install(venv: Venv, *arguments: str) -> None:
    process = uv(venv, "install", *arguments)
    _, errors = process.communicate()
    assert process.returncode == 0, errors.decode()


def wait_for(there: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not there():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def plan(venv: Venv, name: str) -> UninstallPlan:
    return plan_uninstall(name, scan(venv.python))


def test_of_two_kernels_that_uninstall_the_same_the_later_is_told_that_its_plan_is_outdated(
    venv: Venv,
) -> None:
    before = picture(venv.root)
    outcomes = run_at_once(kernel(venv, "first"), kernel(venv, "first"))
    assert sorted(outcomes) == ["PlanOutdated", "applied"]
    history(venv.python)[0].undo()
    assert differences(before, picture(venv.root)) == []


def test_two_kernels_that_uninstall_different_packages_lose_nothing(venv: Venv) -> None:
    before = picture(venv.root)
    outcomes = run_at_once(kernel(venv, "first"), kernel(venv, "second"))
    assert outcomes == ["applied", "applied"]
    assert {each.canonical_name for each in scan(venv.python)} == {"third", "fourth"}
    for transaction in history(venv.python):
        transaction.undo()
    assert differences(before, picture(venv.root)) == []


def test_a_kernel_is_told_to_wait_while_uv_installs(
    venv: Venv, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """uv holds its lock while it builds; the build waits here for as long as it takes."""
    install(venv, str(wheel(tmp_path, "earlier")))  # which makes uv's lock
    source = tmp_path / "source"
    source.mkdir()
    wheel(source, "slow")
    (source / "backend.py").write_text(BACKEND)
    (source / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
        '[project]\nname = "slow"\nversion = "1.0"\n'
    )
    waiting = plan(venv, "first")
    before = picture(venv.site)
    process = uv(venv, "install", str(source))
    try:
        wait_for((source / "begun").exists)
        monkeypatch.setattr(locks, "WAIT_SECONDS", 0.1)
        with pytest.raises(EnvToolsError, match=rf"^uv \(process {process.pid}\) is changing"):
            apply(waiting)
        assert differences(before, picture(venv.site)) == []
    finally:
        (source / "go").touch()
        _, errors = process.communicate()
    assert process.returncode == 0, errors.decode()
    assert apply(waiting).state == "applied"
    assert scan(venv.python)["slow"].version == "1.0"


def test_uv_waits_while_a_kernel_uninstalls(venv: Venv, tmp_path: Path) -> None:
    install(venv, str(wheel(tmp_path, "earlier")))
    started: list[subprocess.Popen[bytes]] = []

    def start(_: object) -> None:
        if not started:
            started.append(uv(venv, "install", str(wheel(tmp_path, "later"))))
            time.sleep(0.3)
        assert started[0].poll() is None
        assert not list(venv.site.glob("later-*"))

    assert apply(plan(venv, "first"), on_progress=start).state == "applied"
    _, errors = started[0].communicate()
    assert started[0].returncode == 0, errors.decode()
    names = {each.canonical_name for each in scan(venv.python)}
    assert names == {"second", "third", "fourth", "earlier", "later"}


def test_what_uv_has_upgraded_since_the_plan_is_not_uninstalled(venv: Venv, tmp_path: Path) -> None:
    outdated = plan(venv, "first")
    install(venv, str(wheel(tmp_path, "first", "2.0")))
    before = picture(venv.root)
    with pytest.raises(PlanOutdated):
        apply(outdated)
    assert differences(before, picture(venv.root)) == []


def test_kernels_and_uv_changing_things_all_the_time_lose_nothing(
    venv: Venv, tmp_path: Path
) -> None:
    install(venv, str(wheel(tmp_path, "earlier")))
    before = {path: seen for path, seen in picture(venv.site).items() if "first" in path}
    kernels = [kernel(venv, name) for name in ("first", "second", "third")]
    later = [f"later{number}" for number in range(4)]
    tools = [uv(venv, "install", str(wheel(tmp_path, name))) for name in later]
    assert run_at_once(*kernels) == ["applied"] * 3
    for tool in tools:
        _, errors = tool.communicate()
        assert tool.returncode == 0, errors.decode()
    assert {each.canonical_name for each in scan(venv.python)} == {"fourth", "earlier", *later}
    for transaction in history(find_environment(venv.python)):
        transaction.undo()
    after = {path: seen for path, seen in picture(venv.site).items() if "first" in path}
    assert differences(before, after) == []
    assert {each.canonical_name for each in scan(venv.python)} == {
        *("first", "second", "third", "fourth", "earlier"),
        *later,
    }
    for copy in scan(venv.python):
        assert all((copy.site_directory / os.fspath(row)).exists() for row in copy.files or ())
