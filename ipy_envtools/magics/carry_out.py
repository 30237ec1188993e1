"""Carrying out what people typed or clicked: the one place that changes an environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import PlanOutdated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..environment import InstalledDistribution
    from ..plans import UninstallPlan
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
        """Plan against a fresh scan, which sees what changed since the view was made."""
        from ..environment import scan
        from ..plans import plan_uninstall

        packages = scan()
        for copy in distributions:
            if not isinstance(copy, str) and copy not in packages:
                raise PlanOutdated(
                    f"{copy.canonical_name} {copy.version} is not there any more: something else "
                    "changed this environment. Run %pkgs again."
                )
        return plan_uninstall(
            distributions, packages, orphans=orphans, dependents=dependents, force=self._force
        )

    def apply(self, plan: UninstallPlan, on_progress: OnProgress | None = None) -> Transaction:
        """Carry a plan out."""
        from ..transactions import apply

        return apply(plan, on_progress)

    def undo(self, transaction: Transaction, on_progress: OnProgress | None = None) -> Transaction:
        """Take a transaction back."""
        return transaction.undo(on_progress)
