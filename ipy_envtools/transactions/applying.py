"""Carrying out a plan: all of it, or nothing."""

from __future__ import annotations

import contextlib
import os
import time
from typing import TYPE_CHECKING

from ..errors import PlanBlocked, TransactionFailed
from ..plans.install_plan import InstallPlan
from ..plans.uninstall_plan import UninstallPlan
from .carrying_out import carry_out
from .installing import fill_stage
from .journal import Change, Journal
from .locks import locked, locked_for_uv
from .relocation import may_write
from .store import Store, kept_size, sync_directory
from .survey import Survey, survey
from .transaction import Transaction
from .unfinished import finished_journals

if TYPE_CHECKING:
    from threading import Event

    from ..progress import OnProgress

__all__ = ["apply"]


def apply(
    plan: UninstallPlan | InstallPlan,
    on_progress: OnProgress | None = None,
    *,
    stop: Event | None = None,
) -> Transaction:
    """Carry out ``plan`` and return the transaction, which can be undone.

    The plan is held against the disk first. For an installation an engine then fills a stage
    inside the store, and what it put there is held against the plan. Only then the intent is
    written and synced, and files are renamed: what goes into the store ``.ipy-envtools`` in the
    plan's root, what comes out of the stage. The number of syncs does not depend on the number
    of files, except that a file which lies on another file system costs one; files that come
    are as safe from a power failure as the engine leaves them. A program that takes no lock, as
    pip, may write into a directory just when it moves; that is seen, and everything moves back.

    Afterwards what is past the bounds of the store is deleted, oldest first, and
    ``Transaction.given_up`` names it; that this fails changes nothing about what was applied.

    Args:
        plan: what to do.
        on_progress: called in this thread, at most about ten times a second while files move.
        stop: set by another thread to cancel before files move.

    Raises:
        PlanBlocked: the plan may not be carried out, or not by this user, or another package's
            file is in the way of what was staged.
        PlanOutdated: the disk is not what it was when the plan was made.
        EngineFailed: the engine could not do it; nothing was changed.
        EngineStopped: ``stop`` was set; nothing was changed.
        TransactionFailed: something went wrong; ``paths`` names what could not be moved back.
        EnvToolsError: another program is changing the environment, or an earlier change of it
            was interrupted.
    """
    if plan.blocked is not None:
        raise PlanBlocked(plan.blocked)
    begun = time.perf_counter()
    removal = plan if isinstance(plan, UninstallPlan) else plan.removal
    store = Store(plan.root, plan.environment)
    with contextlib.ExitStack() as held:
        try:
            if isinstance(plan, InstallPlan):
                os.makedirs(store.root, exist_ok=True)  # a user's first package
            held.enter_context(locked_for_uv(store))
            found, journals = _prepare(removal, store, held)
            store.clear_away(journals)
            identity, started = store.new_transaction(journals)
        except OSError as error:
            raise TransactionFailed(f"Nothing was changed: {error}") from error
        coming = None
        if isinstance(plan, InstallPlan):
            coming = fill_stage(plan, found, store, identity, on_progress, stop)
            found = coming.survey
        journal = Journal(
            path=store.journal(identity),
            id=identity,
            started=started,
            summary=plan.summary,
            changes=coming.changes if coming else _removed(removal),
            size=found.size,
            files=found.files,
            moves=list(found.moves),
        )
        carry_out(store, journal, found, begun, on_progress, check=coming.check if coming else None)
        if coming:
            store.drop_staged(identity)
        gone = store.prune([*journals, journal])
        if gone:
            with contextlib.suppress(OSError):
                journal.note_given_up([each.summary for each in gone if kept_size(each)])
    return Transaction(store, journal)


def _removed(plan: UninstallPlan) -> tuple[Change, ...]:
    return tuple(
        Change("remove", each.canonical_name, each.version, each.version)
        for each in plan.distributions
    )


def _prepare(
    plan: UninstallPlan, store: Store, held: contextlib.ExitStack
) -> tuple[Survey, list[Journal]]:
    """Take the lock, be sure that the plan fits, and only then make the store."""
    if store.exists:
        with contextlib.suppress(FileNotFoundError):  # emptied by another process just now
            held.enter_context(locked(store))
            held.callback(store.discard_if_empty)
            journals = finished_journals(store)
            return survey(plan), journals
    journals = finished_journals(store)
    found = survey(plan)
    if not may_write(store.root):
        raise PlanBlocked(
            f"{store.root} may not be written to, so there is no place to keep what is taken out."
        )
    alone = store.make()
    held.enter_context(locked(store))
    held.callback(store.discard_if_empty)
    sync_directory(store.root)
    if not alone or store.identities():  # another process was faster, here or at the lock
        journals = finished_journals(store)
        found = survey(plan)
    return found, journals
