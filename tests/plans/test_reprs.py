"""A plan by itself, as a cell shows it where the extension is not loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IPython.lib.pretty import pretty

from ipy_envtools import plan_install, plan_uninstall
from ipy_envtools.formats import read_request

from .installing import make_place

if TYPE_CHECKING:
    from pathlib import Path

    from ..index import Index


def test_a_plan_to_install_says_how_many_of_each(tmp_path: Path, index: Index) -> None:
    place = make_place(tmp_path / "env", "uv")
    place.add("there", "1.0")
    for name in ("there", "part", "app"):
        index.add(name, "2.0", requires=["part"] if name == "app" else [])
    plan = place.plan("there>=2", "app")
    assert pretty(plan) == repr(plan) == "<InstallPlan: install 2, upgrade 1>"
    assert repr(place.plan("there")) == "<InstallPlan: nothing to do>"
    refused = plan_install(read_request(["app", "--user"]), place.packages())
    assert repr(refused) == "<InstallPlan: nothing to do, blocked>"


def test_a_plan_to_uninstall_says_how_many_go(tmp_path: Path) -> None:
    place = make_place(tmp_path / "env", "uv")
    place.add("one")
    place.add("two", requires=["one"])
    packages = place.packages()
    assert pretty(plan_uninstall(["one", "two"], packages)) == "<UninstallPlan: remove 2>"
    assert repr(plan_uninstall([], packages)).startswith("<UninstallPlan: nothing to do")


def test_credentials_are_in_no_repr() -> None:
    secret = "https://me:sesame@example.org/simple"
    request = read_request(
        ["flask", f"app @ {secret}/app.zip", "--index-url", secret, "-c", secret]
    )
    assert "app @ https://" in repr(request)
    assert "sesame" not in repr(request)
