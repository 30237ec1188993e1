"""THINK: what would change. A plan is data; making one changes nothing on disk."""

from __future__ import annotations

from .repair import RepairPlan, plan_repair
from .undo import Conflict, Returning, UndoPlan, plan_undo
from .uninstall import plan_uninstall
from .uninstall_plan import Dependent, Edit, FileState, PlannedFile, UninstallPlan, Verdict

__all__ = [
    "Conflict",
    "Dependent",
    "Edit",
    "FileState",
    "PlannedFile",
    "RepairPlan",
    "Returning",
    "UndoPlan",
    "UninstallPlan",
    "Verdict",
    "plan_repair",
    "plan_undo",
    "plan_uninstall",
]
