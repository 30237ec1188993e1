"""A virtual environment that plans to install are made for, with uv or with pip."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ipy_envtools import plan_install
from ipy_envtools.environment import InstalledPackages, find_environment
from tests.archives import add_pip
from tests.builders import Venv, dist_info, make_venv, snapshot

if TYPE_CHECKING:
    from pathlib import Path

    from ipy_envtools import InstallPlan
    from ipy_envtools.plans import BrokenBy, InstallAction

__all__ = ["Place", "changes", "conflicts", "make_place"]


@dataclass
class Place:
    """A virtual environment, the engine that plans for it, and what is pretended of it."""

    venv: Venv
    engine: str
    pretended: dict[str, Any] = field(default_factory=dict)

    def add(self, name: str, version: str = "1.0", **parts: Any) -> Path:
        """Put a package there; see :func:`tests.builders.dist_info`."""
        return dist_info(self.venv.site, name, version, **parts)

    def packages(self) -> InstalledPackages:
        """Scan it."""
        environment = find_environment(self.venv.python)
        return InstalledPackages(replace(environment, **self.pretended))

    def plan(self, *requirements: str, **how: Any) -> InstallPlan:
        """Plan, and make sure that nothing is changed by it."""
        before = snapshot(self.venv.root)
        how = {"engine": self.engine, **how}
        plan = plan_install(requirements, self.packages(), **how)
        assert snapshot(self.venv.root) == before
        for text in (
            plan.summary,
            *([plan.blocked] if plan.blocked else []),
            *plan.notes,
            *plan.engine_notes,
        ):
            assert text.isprintable()
        assert plan.engine == self.engine
        return plan


def make_place(root: Path, engine: str) -> Place:
    """An environment with nothing in it but, for pip, pip."""
    venv = make_venv(root)
    (venv.root / ".lock").touch()  # uv's, which it makes when it looks
    if engine == "pip":
        add_pip(venv)
    return Place(venv, engine)


def changes(plan: InstallPlan) -> list[str]:
    """``upgrade flask 3.0 → 3.1 *``, in the plan's order; a star where it was asked for."""
    return [_change(action) for action in plan.actions]


def _change(action: InstallAction) -> str:
    versions = [v for v in (action.previous_version, action.version) if v is not None]
    star = [" *"] if action.requested else []
    return f"{action.kind} {action.name} {' → '.join(dict.fromkeys(versions))}{''.join(star)}"


def conflicts(plan: InstallPlan) -> list[str]:
    """``login 1.0: werkzeug<3, extra x``."""
    return [_conflict(broken) for broken in plan.conflicts]


def _conflict(broken: BrokenBy) -> str:
    extra = f", extra {broken.extra}" if broken.extra else ""
    found = broken.version or "none"
    return f"{broken.distribution.name}: {broken.requirement}{extra} (gets {found})"
