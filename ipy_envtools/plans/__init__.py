"""THINK: what would change. A plan is data; making one changes nothing on disk."""

from __future__ import annotations

from .uninstall import plan_uninstall
from .uninstall_plan import Dependent, Edit, FileState, PlannedFile, UninstallPlan, Verdict

__all__ = [
    "Dependent",
    "Edit",
    "FileState",
    "PlannedFile",
    "UninstallPlan",
    "Verdict",
    "plan_uninstall",
]
