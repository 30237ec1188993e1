"""``--user``, with a Python outside of virtual environments and a user base of the test's own."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ipy_envtools import plan_install
from ipy_envtools.engines import EngineMissing
from ipy_envtools.environment import InstalledPackages, find_environment
from ipy_envtools.formats import read_request

from ..builders import dist_info
from .installing import changes

if TYPE_CHECKING:
    from ipy_envtools import InstallPlan

    from ..index import Index


@pytest.fixture
def base(tmp_path: Path, index: Index, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user base with app 2.0 in it; the index has app 1.0 and 2.0."""
    base = tmp_path / "home" / ".local"
    monkeypatch.setenv("PYTHONUSERBASE", str(base))
    monkeypatch.delenv("PYTHONNOUSERSITE", raising=False)
    environment = find_environment(_outside())
    if not InstalledPackages(environment).copies("pip"):
        pytest.skip("this Python has no pip")
    for version in ("1.0", "2.0"):
        index.add("app-of-a-test", version)
    dist_info(environment.user_schemes["purelib"], "app-of-a-test", "2.0")
    return base


def _outside() -> Path:
    return Path(sys.base_prefix, "bin", "python3")


def _plan(*words: str, **how: Any) -> InstallPlan:
    packages = InstalledPackages(find_environment(_outside()))
    return plan_install(read_request([*words, "--user"]), packages, **how)


def test_pip_does_it_also_where_uv_could_be_had(base: Path) -> None:
    assert shutil.which("uv", path=str(Path(sys.executable).parent))
    plan = _plan("app-of-a-test<2")
    assert plan.engine == "pip"
    assert plan.root == base
    assert changes(plan) == ["downgrade app-of-a-test 2.0 → 1.0 *"]
    assert all(base in file.path.parents for file in plan.removal.files)
    assert plan.notes == ()


def test_what_is_there_already_is_not_installed_again(base: Path) -> None:
    plan = _plan("app-of-a-test", upgrade=True)
    assert plan.actions == ()
    assert plan.satisfied == ("app-of-a-test 2.0",)
    assert changes(_plan("app-of-a-test", reinstall=True)) == ["reinstall app-of-a-test 2.0 *"]
    assert plan.root == base


@pytest.mark.usefixtures("base")
def test_uv_by_order_cannot_and_says_what_to_do() -> None:
    with pytest.raises(EngineMissing) as refusal:
        _plan("app-of-a-test", engine="uv")
    assert str(refusal.value) == (
        "uv does not install into the user site; leave --user out, or let pip do it: "
        "%config EnvTools.engine = 'pip'"
    )
