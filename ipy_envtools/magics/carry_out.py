"""Carrying out what people typed or clicked: the one place that changes an environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import EnvToolsError, PlanOutdated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..environment import InstalledDistribution
    from ..plans import UndoPlan, UninstallPlan
    from ..progress import OnProgress
    from ..transactions import Transaction
    from ..views import PackageListing
    from .session import Session

__all__ = ["CarryOut"]


class CarryOut:
    """The intentions of live views and of lines, carried out in one session.

    ``force`` is what the line said: a click never overrides a protection.
    """

    def __init__(self, session: Session, *, force: bool = False) -> None:
        self._session = session
        self._force = force

    def rescan(self) -> PackageListing:
        """Scan again, after something changed."""
        return self._session.list_packages()

    def plan_uninstall(
        self,
        distributions: Sequence[str | InstalledDistribution],
        *,
        orphans: bool = False,
        dependents: bool = False,
    ) -> UninstallPlan:
        """Plan against a fresh scan, which sees what changed since the view was made.

        Raises:
            EnvToolsError: an earlier change was interrupted, which has to be put right first.
        """
        from ..environment import scan
        from ..plans import plan_uninstall

        self.require_finished()
        packages = scan()
        for copy in distributions:
            if not isinstance(copy, str) and copy not in packages:
                raise PlanOutdated(
                    f"{copy.name} {copy.version} is not there any more: something else "
                    "changed this environment. Run %pkgs again."
                )
        return plan_uninstall(
            distributions, packages, orphans=orphans, dependents=dependents, force=self._force
        )

    def apply(self, plan: UninstallPlan, on_progress: OnProgress | None = None) -> Transaction:
        """Carry a plan out."""
        from ..transactions import apply

        return apply(plan, on_progress)

    def plan_undo(self, transaction: Transaction) -> UndoPlan:
        """Say what taking a transaction back would do now.

        Raises:
            EnvToolsError: another change was interrupted, which has to be put right first.
        """
        from ..environment import scan
        from ..plans import plan_undo

        if transaction.state != "interrupted":
            self.require_finished()
        return plan_undo(transaction, scan())

    def unfinished(self) -> Transaction | None:
        """Look for a change that was interrupted; nothing else may change until it is undone."""
        from .recovery import interrupted

        return interrupted()

    def require_finished(self) -> None:
        """Refuse to plan a change while an earlier one is neither here nor there.

        Raises:
            EnvToolsError: in one line, with the way out.
        """
        transaction = self.unfinished()
        if transaction is not None:
            from ..views.transaction import outcome

            raise EnvToolsError(f"{outcome(transaction)} %pkg undo does that.")

    def undo(self, transaction: Transaction, on_progress: OnProgress | None = None) -> Transaction:
        """Take a transaction back."""
        return transaction.undo(on_progress)
