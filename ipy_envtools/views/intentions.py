"""What people want when they click; whoever displays a live view carries it out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from threading import Event

    from ..environment import InstalledDistribution
    from ..plans.install_plan import InstallPlan
    from ..plans.undo_plan import UndoPlan
    from ..plans.uninstall_plan import UninstallPlan
    from ..progress import OnProgress
    from ..transactions import Transaction
    from .install_outcome import InstallOutcome
    from .listing import PackageListing

__all__ = ["Intentions"]


class Intentions(Protocol):
    """What a live view asks for; each may take long and is called in a thread.

    Whatever goes wrong is raised, as an :class:`~ipy_envtools.errors.EnvToolsError` where it has
    a sentence for the person at the keyboard; the view shows it in one line.
    """

    def rescan(self) -> PackageListing:
        """Look at the environment again, after something changed."""
        ...

    def plan_uninstall(
        self,
        distributions: Sequence[InstalledDistribution],
        *,
        orphans: bool,
        dependents: bool,
    ) -> UninstallPlan:
        """Say what uninstalling exactly these copies would do; changes nothing."""
        ...

    def apply(self, plan: UninstallPlan, on_progress: OnProgress) -> Transaction:
        """Carry a plan out."""
        ...

    def plan_line(self, line: str, on_progress: OnProgress, stop: Event) -> InstallPlan:
        """Say what ``%pkg install`` with this line would do; changes nothing.

        Raises:
            EngineStopped: ``stop`` was set.
        """
        ...

    def plan_upgrade(
        self, distribution: InstalledDistribution, on_progress: OnProgress, stop: Event
    ) -> InstallPlan:
        """Say what upgrading one package would do; changes nothing. Raises as above."""
        ...

    def install(self, plan: InstallPlan, on_progress: OnProgress, stop: Event) -> InstallOutcome:
        """Carry such a plan out. Raises as above, when all is as it was before."""
        ...

    def unfinished(self) -> Transaction | None:
        """Look for a change that was interrupted; nothing else may change until it is undone."""
        ...

    def plan_undo(self, transaction: Transaction) -> UndoPlan:
        """Say what taking a transaction back would do; changes nothing."""
        ...

    def undo(
        self, transaction: Transaction, on_progress: OnProgress, shown: UndoPlan
    ) -> Transaction:
        """Take a transaction back. Raises where more would happen than the plan says."""
        ...
