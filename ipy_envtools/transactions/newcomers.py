"""What came after the plan was made may own a file that the plan takes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ..environment import InstalledPackages, printable
from ..environment.entry_stamps import entry_stamps
from ..errors import PlanOutdated
from ..plans.repair import plan_repair
from ..plans.verdicts import judge_files

if TYPE_CHECKING:
    from ..plans.uninstall_plan import UninstallPlan

__all__ = ["require_no_new_owner"]


def require_no_new_owner(plan: UninstallPlan) -> None:
    """Compare the lists of files of the packages that stay with those that the plan has read.

    Raises:
        PlanOutdated: one that is new or has changed names a file that the plan takes; or what
            the plan takes as remains has come to life again.
    """
    if plan.mends:
        _require_still_remains(plan)
    if plan.entries is None:
        return
    now = entry_stamps(site.path for site in plan.environment.site_directories)
    leaving = {os.fspath(copy.info_path) for copy in plan.distributions}
    if all(stamp[0] in leaving for stamp in now - plan.entries):
        return
    judged = judge_files(plan.distributions, InstalledPackages(plan.environment))
    still_goes = {file.path for file in judged if file.goes}
    for file in plan.files:
        if file.goes and file.path not in still_goes:
            raise PlanOutdated(
                f"A package that was installed or changed meanwhile owns "
                f"{printable(os.fspath(file.path))} as well; make the plan again."
            )


def _require_still_remains(plan: UninstallPlan) -> None:
    """Plan a repair again: what makes metadata a remainder is what is not there beside it."""
    again = plan_repair(InstalledPackages(plan.environment), plan.names)
    still_goes = {file.path for file in again.files if file.goes}
    for file in plan.files:
        if file.goes and file.path not in still_goes:
            raise PlanOutdated(
                f"{printable(os.fspath(file.path))} is no longer to be repaired; make the plan "
                "again."
            )
