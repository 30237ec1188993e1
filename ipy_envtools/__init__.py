"""What is really installed in this kernel's environment, and what happens if it changes.

In a notebook: ``%load_ext ipy_envtools``, then ``%pkgs`` and ``%pkg --help``. The Python names
below do the same without IPython.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .environment import Environment, InstalledDistribution, InstalledPackages, Problem, scan
    from .errors import (
        EnvironmentUnreadable,
        EnvToolsError,
        PlanBlocked,
        PlanOutdated,
        TransactionFailed,
        UndoConflict,
        UnknownPackage,
    )
    from .plans import InstallPlan, UninstallPlan, plan_install, plan_uninstall
    from .progress import Progress
    from .transactions import Transaction, apply, history

__all__ = [
    "EnvToolsError",
    "Environment",
    "EnvironmentUnreadable",
    "InstallPlan",
    "InstalledDistribution",
    "InstalledPackages",
    "PlanBlocked",
    "PlanOutdated",
    "Problem",
    "Progress",
    "Transaction",
    "TransactionFailed",
    "UndoConflict",
    "UninstallPlan",
    "UnknownPackage",
    "apply",
    "history",
    "load_ipython_extension",
    "plan_install",
    "plan_uninstall",
    "scan",
    "unload_ipython_extension",
]

_HOMES = {
    "Environment": "environment",
    "InstalledDistribution": "environment",
    "InstalledPackages": "environment",
    "Problem": "environment",
    "scan": "environment",
    "InstallPlan": "plans",
    "UninstallPlan": "plans",
    "plan_install": "plans",
    "plan_uninstall": "plans",
    "Transaction": "transactions",
    "apply": "transactions",
    "history": "transactions",
    "Progress": "progress",
}


def __getattr__(name: str) -> Any:
    """Import the room that a public name lives in when the name is first used."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f".{_HOMES.get(name, 'errors')}", __name__), name)
    globals()[name] = value
    return value


def load_ipython_extension(ipython: Any) -> None:
    """Add ``%pkgs`` and ``%pkg``; called by ``%load_ext ipy_envtools``."""
    from .magics import load

    load(ipython)


def unload_ipython_extension(ipython: Any) -> None:
    """Take back everything that loading added."""
    from .magics import unload

    unload(ipython)
