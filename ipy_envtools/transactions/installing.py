"""From a plan to a filled stage, and what has to move for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..engines import EngineStopped, Job, find_engine
from ..environment import printable, scan
from ..environment.entry_stamps import entry_stamps
from ..environment.versions import same_version
from ..errors import PlanOutdated, TransactionFailed
from .journal import Change
from .placing import place
from .staging import STAGE, mark_requested, read_stage, staged_versions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from threading import Event

    from ..environment import InstalledDistribution
    from ..plans.install_plan import InstallPlan
    from ..progress import OnProgress
    from .store import Store
    from .survey import Survey

__all__ = ["Coming", "fill_stage"]


@dataclass(frozen=True, slots=True)
class Coming:
    """What is staged and ready to be moved in."""

    plan: InstallPlan
    survey: Survey
    """All moves: what goes, then what comes."""
    changes: tuple[Change, ...]

    def check(self) -> None:
        """Scan again, as anybody would, and compare with what was planned.

        Raises:
            TransactionFailed: the environment does not hold what it should.
        """
        copies = _copies_there(self.plan)
        for change in self.changes:
            versions = [copy.version for copy in copies.get(change.name, ())]
            if change.kind == "remove":
                fits = not versions
            else:
                fits = len(versions) == 1 and same_version(versions[0], change.version)
            if not fits:
                found = " and ".join(map(printable, versions)) or "nothing"
                wanted = "nothing" if change.kind == "remove" else change.version
                raise TransactionFailed(f"of {change.name} there would be {found} and not {wanted}")


def fill_stage(
    plan: InstallPlan,
    going: Survey,
    store: Store,
    identity: str,
    on_progress: OnProgress | None,
    stop: Event | None,
) -> Coming:
    """Have the engine fill the stage of a transaction, and see what it put there.

    Where that does not end well, the transaction's directory is deleted again.

    Raises:
        PlanOutdated: something that the plan installs was installed meanwhile.
        EngineFailed: the engine could not do it.
        EngineStopped: ``stop`` was set.
        TransactionFailed: what was staged is not what was planned.
        PlanBlocked: something is in the way of it.
    """
    directory = store.directory(identity)
    try:
        _require_unchanged(plan)
        copies: Mapping[str, InstalledDistribution] = {}
        pins = [action.pin for action in plan.actions if action.pin is not None]
        stage = Path(directory, STAGE)
        stage.mkdir()
        if pins:
            engine = find_engine(plan.environment, plan.engine)
            job = Job(plan.request, plan.environment, on_progress=on_progress, stop=stop)
            engine.fill(stage, pins, job)
            _require_unchanged(plan)  # it may have taken a while
            copies = staged_versions(plan, directory)
            mark_requested(plan, copies)
        files = read_stage(plan, directory, copies) if pins else []
        placed = place(plan, files, going, store.root, directory)
        if stop is not None and stop.is_set():
            raise EngineStopped("Stopped; nothing was changed.")
    except OSError as error:
        store.drop_unbegun(identity)
        raise TransactionFailed(f"Nothing was changed: {printable(str(error))}") from error
    except BaseException:
        store.drop_unbegun(identity)
        raise
    survey = replace(going, moves=placed.moves, directories=placed.directories)
    return Coming(plan, survey, tuple(_changes(plan, copies)))


def _require_unchanged(plan: InstallPlan) -> None:
    """What is to be replaced was compared file by file; here it is about what was not there."""
    sites = plan.environment.site_directories
    if plan.removal.entries == entry_stamps(site.path for site in sites):
        return
    copies = _copies_there(plan)
    for action in plan.actions:
        if action.kind == "install" and action.name in copies:
            there = copies[action.name][0]
            raise PlanOutdated(
                f"{printable(there.name)} {there.version} was installed meanwhile; "
                "make the plan again."
            )


def _copies_there(plan: InstallPlan) -> dict[str, list[InstalledDistribution]]:
    """The copies in the site directories that are installed into.

    A user's first package makes that directory, which the plan's environment does not know.
    """
    environment = plan.environment
    schemes = environment.user_schemes if plan.request.user else environment.schemes
    own = [schemes[key] for key in ("purelib", "platlib") if schemes[key].is_dir()]
    found: dict[str, list[InstalledDistribution]] = {}
    for copy in scan(paths=own) if own else ():
        found.setdefault(copy.canonical_name, []).append(copy)
    return found


def _changes(plan: InstallPlan, copies: Mapping[str, InstalledDistribution]) -> Iterator[Change]:
    for action in plan.actions:
        if action.kind == "remove":
            previous = action.previous_version or ""
            yield Change("remove", action.name, previous, previous)
        else:
            version = copies[action.name].version
            yield Change(action.kind, action.name, version, action.previous_version)
