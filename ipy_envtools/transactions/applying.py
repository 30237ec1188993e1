"""Carrying out a plan: all of it, or nothing."""

from __future__ import annotations

import contextlib
import importlib
import os
import time
from typing import TYPE_CHECKING

from ..errors import PlanBlocked, TransactionFailed
from ..plans.install_plan import InstallPlan
from ..plans.uninstall_plan import UninstallPlan
from .installing import fill_stage
from .journal import Change, Journal
from .locks import locked, locked_for_uv
from .meter import Meter
from .moves import Mover, with_state
from .relocation import give_owner_and_mode, may_write
from .rollback import failed, roll_back
from .store import Store, sync_directory
from .survey import Survey, survey
from .times import Seen, look_at_tree, looks
from .transaction import Transaction
from .unfinished import require_finished

if TYPE_CHECKING:
    from threading import Event

    from ..plans.uninstall_plan import Edit
    from ..progress import OnProgress
    from .installing import Coming

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
    are as safe from a power failure as the engine leaves them.

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
    store = Store(plan.root)
    with contextlib.ExitStack() as held:
        try:
            if isinstance(plan, InstallPlan):
                os.makedirs(store.root, exist_ok=True)  # a user's first package
            held.enter_context(locked_for_uv(store))
            found, journals = _prepare(removal, store, held)
            store.clear_away(journals)
            store.prune(journals)
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
        _carry_out(store, journal, found, begun, on_progress, coming)
        if coming:
            store.drop_staged(identity)
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
            journals = _finished(plan, store)
            return survey(plan), journals
    journals = _finished(plan, store)
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
        journals = _finished(plan, store)
        found = survey(plan)
    return found, journals


def _finished(plan: UninstallPlan, store: Store) -> list[Journal]:
    """The transactions in ``store``, when none there or elsewhere in the environment is open."""
    journals = store.outlines()
    require_finished(store, journals)
    for root in plan.environment.roots:
        other = Store(root)
        if other.root != store.root:
            require_finished(other, other.outlines())
    return journals


def _carry_out(
    store: Store,
    journal: Journal,
    found: Survey,
    begun: float,
    on_progress: OnProgress | None,
    coming: Coming | None,
) -> None:
    directory = store.directory(journal.id)
    noted = False

    def note() -> None:
        nonlocal noted
        if not noted:
            noted = True
            journal.note(_directories(store.root, journal))

    mover = Mover(
        store.root,
        directory,
        journal.moves,
        {name: seen.mode for name, seen in found.directories.items()},
        note,
        Meter(on_progress, "moving", sum(move.files for move in journal.moves)),
    )
    try:
        for name, edit in found.staged.items():
            _stage(os.path.join(directory, name), edit)
        journal.moves[:] = [with_state(move, directory) for move in journal.moves]
        journal.begin(found.directories)
        for path in (directory, store.path):
            sync_directory(path)
        mover.forward()
        sync_directory(directory)
        if coming:
            coming.check()
        after = looks(store.root, found.directories)
        journal.seconds = time.perf_counter() - begun
        journal.enter("applied", after)
    except BaseException as error:
        journal.seconds = None
        failures = roll_back(store, journal, mover)
        if failures or isinstance(error, Exception):
            raise failed(journal.summary, error, failures) from error
        raise
    finally:
        importlib.invalidate_caches()


def _stage(path: str, edit: Edit) -> None:
    """Write a file as it will be, with the owner and the mode of the one that it replaces."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        rest = memoryview(edit.content)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    give_owner_and_mode(path, os.lstat(edit.path))


def _directories(root: str, journal: Journal) -> dict[str, Seen]:
    """Every directory that is moved and may have to be taken apart."""
    found: dict[str, Seen] = {}
    for move in journal.moves:
        place = os.path.join(root, move.name)
        if move.directory and move.way == "out" and os.path.lexists(place):
            found.update(look_at_tree(place, move.name))
    return found
