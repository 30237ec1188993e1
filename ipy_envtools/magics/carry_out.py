"""Carrying out what people typed or clicked: the one place that changes an environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import EnvToolsError, PlanOutdated

if TYPE_CHECKING:
    from collections.abc import Sequence
    from threading import Event

    from ..environment import InstalledDistribution
    from ..formats import InstallRequest
    from ..plans import InstallPlan, UndoPlan, UninstallPlan
    from ..progress import OnProgress
    from ..transactions import Transaction
    from ..views import PackageListing
    from ..views.install_outcome import InstallOutcome
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

    def plan_install(
        self,
        request: InstallRequest,
        *,
        upgrade: bool = False,
        exact: bool = False,
        on_progress: OnProgress | None = None,
        stop: Event | None = None,
    ) -> InstallPlan:
        """Ask uv or pip what has to be installed; changes nothing.

        Raises:
            EnvToolsError: an earlier change was interrupted, which has to be put right first.
            EngineFailed: there is no solution, or no network, or a package cannot be built.
        """
        from ..environment import scan
        from ..plans import plan_install
        from ..transactions.locks import no_uv_lock_left

        self.require_finished()
        packages = scan()
        with no_uv_lock_left(packages.environment.prefix):
            return plan_install(
                request,
                packages,
                upgrade=upgrade,
                force=self._force,
                exact=exact,
                engine=self._session.settings.engine,
                on_progress=on_progress,
                stop=stop,
            )

    def apply(self, plan: UninstallPlan, on_progress: OnProgress | None = None) -> Transaction:
        """Carry a plan out."""
        from ..transactions import apply

        return apply(plan, on_progress)

    def plan_line(self, line: str, on_progress: OnProgress, stop: Event) -> InstallPlan:
        """Plan what would be typed behind ``%pkg install``, or a pasted line of pip."""
        from .installing import read_box

        return self.plan_install(read_box(line), on_progress=on_progress, stop=stop)

    def plan_upgrade(
        self, distribution: InstalledDistribution, on_progress: OnProgress, stop: Event
    ) -> InstallPlan:
        """Plan to upgrade one package to the newest that fits."""
        from ..formats import read_request

        request = read_request([distribution.canonical_name])
        return self.plan_install(request, upgrade=True, on_progress=on_progress, stop=stop)

    def install(
        self,
        plan: InstallPlan,
        on_progress: OnProgress | None = None,
        stop: Event | None = None,
    ) -> InstallOutcome:
        """Carry a plan to install out, and look at what it brought."""
        from ..environment import scan
        from ..kernel import extend_search_path, startup_code
        from ..transactions import apply
        from ..views.install_outcome import InstallOutcome

        names = [action.name for action in plan.actions]
        before = startup_code(names, scan())
        transaction = apply(plan, on_progress, stop=stop)
        packages = scan()
        extend_search_path(names, packages)
        now = startup_code(names, packages)
        not_run = [name for name in now if now[name] != before.get(name)]
        return InstallOutcome.of(transaction, plan, packages, not_run)

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

    def undo(
        self,
        transaction: Transaction,
        on_progress: OnProgress | None = None,
        shown: UndoPlan | None = None,
    ) -> Transaction:
        """Take a transaction back.

        Args:
            transaction: what is taken back.
            on_progress: called while files move.
            shown: the plan that was agreed to.

        Raises:
            PlanOutdated: more would happen than ``shown`` says, because something else changed
                the environment meanwhile.
            UndoConflict: it is not possible; nothing was touched.
        """
        if shown is not None and self.plan_undo(transaction).says_more_than(shown):
            raise PlanOutdated(
                "Something else changed this environment since the plan was shown, and the undo "
                "would do more than it says. Nothing was touched; ask for it again."
            )
        from ..environment import scan
        from ..kernel import extend_search_path

        undone = transaction.undo(on_progress)
        extend_search_path([change.name for change in undone.changes], scan())
        return undone
