"""Plans to install, made up to be looked at: nothing is asked and nothing exists."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ipy_envtools.engines import Pin
from ipy_envtools.environment import Environment, scan
from ipy_envtools.formats import InstallRequest
from ipy_envtools.plans.install_plan import BrokenBy, InstallAction, InstallPlan
from ipy_envtools.plans.uninstall_plan import UninstallPlan
from tests.builders import dist_info

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["action", "broken", "made_up_plan", "mockup_plan"]

PLACE = Path("/home/me/projects/churn/.venv")


def made_up_plan(actions: Iterable[InstallAction] = (), **fields: Any) -> InstallPlan:
    """Return a plan for an environment that is this process's own."""
    environment = Environment(
        python=PLACE / "bin" / "python",
        version="3.11.7",
        prefix=PLACE,
        kind="venv",
        site_directories=(),
        locked_reason=None,
        schemes={},
        markers={},
        is_running=True,
    )
    values: dict[str, Any] = {
        "environment": environment,
        "root": PLACE,
        "request": InstallRequest(()),
        "engine": "uv",
        "actions": tuple(actions),
        "conflicts": (),
        "removal": UninstallPlan(environment, PLACE, (), (), (), (), (), (), None),
        "loaded_modules": (),
        "touches_kernel": (),
        "blocked": None,
    }
    return replace(InstallPlan(**values), **fields)


def action(
    kind: Any,
    name: str,
    version: str | None = "1.0",
    previous: str | None = None,
    *,
    size: int | None = None,
    asked: bool = False,
    needed_by: tuple[str, ...] = (),
    loaded: bool = False,
    **pin: Any,
) -> InstallAction:
    """Return what happens to one package."""
    made = None if kind == "remove" else Pin(name, version, size=size, **pin)
    return InstallAction(kind, name, version, previous, asked, needed_by, made, loaded)


def broken(
    site: Path,
    name: str = "numba",
    requirement: str = "numpy<1.27",
    *,
    by: str | None = "2.2.0",
    extra: str | None = None,
) -> BrokenBy:
    """Return a requirement of a package that stays; the package is written into ``site``."""
    dist_info(site, name, "0.58.1")
    copy = scan(paths=[site])[name]
    return BrokenBy(copy, requirement, "numpy", by, extra)


def mockup_plan(site: Path) -> InstallPlan:
    """Return the plan that the design shows."""
    return made_up_plan(
        (
            action("install", "pandas", "2.3.3", size=12_000_000, asked=True),
            action("install", "scikit-learn", "1.7.2", size=9_000_000, asked=True),
            action(
                "upgrade",
                "numpy",
                "2.2.0",
                "1.26.4",
                size=16_000_000,
                needed_by=("pandas",),
                loaded=True,
            ),
            action("install", "scipy", "1.15.3", size=20_000_000, needed_by=("scikit-learn",)),
        ),
        conflicts=(broken(site),),
        loaded_modules=("numpy", "numpy.linalg", *(f"numpy.m{n}" for n in range(130))),
    )
