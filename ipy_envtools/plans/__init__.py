"""THINK: what would change. A plan is data; making one changes nothing on disk."""

from __future__ import annotations

from .install import plan_install
from .install_plan import BrokenBy, InstallAction, InstallPlan
from .repair import RepairPlan, plan_repair
from .undo import plan_undo
from .undo_plan import Conflict, Lacking, Returning, SecondCopy, UndoPlan
from .uninstall import plan_uninstall
from .uninstall_plan import Dependent, Edit, FileState, PlannedFile, UninstallPlan, Verdict

__all__ = [
    "BrokenBy",
    "Conflict",
    "Dependent",
    "Edit",
    "FileState",
    "InstallAction",
    "InstallPlan",
    "Lacking",
    "PlannedFile",
    "RepairPlan",
    "Returning",
    "SecondCopy",
    "UndoPlan",
    "UninstallPlan",
    "Verdict",
    "plan_install",
    "plan_repair",
    "plan_undo",
    "plan_uninstall",
]
