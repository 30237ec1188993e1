"""From requirements to a plan: what comes, what goes for it, what breaks by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..environment import scan
from ..environment.entry_stamps import entry_stamps
from ..environment.versions import parse_version, same_version
from ..kernel import kernel_closure, loaded_modules
from .asked_for import AskedFor
from .easy_install import easy_install_edits
from .install_obstacles import Retyped, hopeless, kernel_reason, obstacle
from .install_plan import InstallAction, InstallPlan
from .install_target import install_target
from .resulting_state import ResultingState
from .surplus import surplus
from .uninstall_plan import UninstallPlan
from .verdicts import judge_files

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from threading import Event

    from ..engines import Pin
    from ..environment import InstalledDistribution, InstalledPackages
    from ..formats import InstallRequest
    from ..progress import OnProgress
    from .install_plan import ActionKind
    from .install_target import InstallTarget

__all__ = ["plan_install"]


def plan_install(
    requirements: str | Iterable[str] | InstallRequest,
    packages: InstalledPackages | None = None,
    upgrade: bool = False,
    force: bool = False,
    *,
    reinstall: bool = False,
    exact: bool = False,
    engine: str = "auto",
    on_progress: OnProgress | None = None,
    stop: Event | None = None,
) -> InstallPlan:
    """Say what installing these requirements would do. Changes nothing on disk.

    Where uv is asked, and has not been before, its empty ``.lock`` is in the prefix afterwards.

    Args:
        requirements: lines as in a requirements file, in one text or one by one; or a request
            that was read already.
        packages: where to install; this process's environment if None.
        upgrade: take the newest of what was asked for, also where an older one would do.
        force: override the protections that the plan names.
        reinstall: also what is there already in the right version.
        exact: take away what is neither asked for nor needed by it. What a kernel runs on stays,
            and so do pip, uv, editable installations, and what these need.
        engine: ``uv`` or ``pip``, or ``auto`` for uv where it can be used and else pip.
        on_progress: called in this thread.
        stop: set by another thread to cancel.

    Raises:
        BadRequest: the requirements cannot be understood.
        EngineMissing: there is neither uv nor pip.
        EngineFailed: there is no solution, or no network, or a package cannot be built.
        EngineStopped: ``stop`` was set.
    """
    request = _read(requirements)
    if packages is None:
        packages = scan()
    environment = packages.environment
    target = install_target(environment, user=request.user)
    # From before anybody is asked, so that what happens meanwhile is noticed.
    stamps = entry_stamps(site.path for site in environment.site_directories)
    reason = hopeless(environment, request)
    if reason is not None:
        return InstallPlan(
            environment=environment,
            root=target.root,
            request=request,
            engine="" if engine == "auto" else engine,
            actions=(),
            conflicts=(),
            removal=_removal((), (), target, packages, stamps),
            loaded_modules=(),
            touches_kernel=(),
            blocked=reason,
            force=force,
        )
    from ..engines import Job, find_engine

    upgrade, reinstall = upgrade or request.upgrade, reinstall or request.reinstall
    solver = find_engine(environment, engine, user=request.user)
    resolution = solver.resolve(
        Job(
            request,
            environment,
            upgrade=upgrade,
            reinstall=reinstall,
            whole=exact,
            on_progress=on_progress,
            stop=stop,
        )
    )
    asked = AskedFor(request, resolution.pins, packages)
    pins = resolution.pins
    coming = {pin.name for pin in pins}
    leaving = [copy for pin in pins for copy in target.copies(pin.name, packages)]
    state = ResultingState(packages, leaving, pins, target)
    notes = [*asked.left_out(), *_about(pins), *resolution.remarks]
    if exact:
        extra = surplus(
            asked.names,
            coming,
            state,
            resolution.needed,
            packages,
            target,
            dependencies=request.dependencies,
            nameless=asked.nameless,
        )
        leaving += extra.leaving
        state = ResultingState(packages, leaving, pins, target)
        notes += extra.notes
    notes += _about_other_copies(state)
    # That an extra goes which nobody wants is what an exact plan is for.
    conflicts = tuple(
        broken
        for broken in state.conflicts()
        if not (exact and broken.extra and broken.version is None)
    )
    notes += _about_needs(state, asked)
    stale = loaded_modules(state.replaced, packages)
    actions = tuple(_actions(pins, leaving, asked, state, packages, target, loaded=bool(stale)))
    removal = _removal(asked.names, leaving, target, packages, stamps)
    # Who needs whom takes longer to find out than all else, and what only adds can do without.
    closure = kernel_closure(packages) if state.replaced else {}
    touched = [copy for copy in state.replaced if copy.canonical_name in closure]
    again = Retyped(request, upgrade=upgrade, exact=exact)
    blocked = None
    if actions:
        blocked = obstacle(environment, target, request, actions, removal, again, force=force)
        if blocked is None and not force:
            blocked = kernel_reason(touched, closure, actions, again, breaks=bool(conflicts))
    return InstallPlan(
        environment=environment,
        root=target.root,
        request=request,
        engine=solver.name,
        actions=actions,
        conflicts=conflicts,
        removal=removal,
        loaded_modules=stale,
        touches_kernel=tuple(copy.canonical_name for copy in touched),
        blocked=blocked,
        force=force,
        notes=tuple(dict.fromkeys(notes)),
        # Who does nothing needs no reason.
        engine_notes=solver.notes if actions else (),
        log=resolution.log,
        satisfied=asked.satisfied(coming),
    )


def _read(requirements: str | Iterable[str] | InstallRequest) -> InstallRequest:
    from ..formats import InstallRequest, read_request_lines

    if isinstance(requirements, InstallRequest):
        return requirements
    return read_request_lines(requirements)


def _removal(
    names: Iterable[str],
    leaving: Collection[InstalledDistribution],
    target: InstallTarget,
    packages: InstalledPackages,
    stamps: frozenset[tuple[str, int, int, int]],
) -> UninstallPlan:
    """The files of what goes. Who depends on it is the whole plan's to say."""
    return UninstallPlan(
        environment=packages.environment,
        root=target.root,
        names=tuple(name for name in names if any(c.canonical_name == name for c in leaving)),
        distributions=tuple(leaving),
        files=judge_files(leaving, packages) if leaving else (),
        dependents=(),
        orphans=(),
        loaded_modules=(),
        blocked=None,
        edits=easy_install_edits(leaving, packages) if leaving else (),
        entries=stamps,
    )


def _actions(
    pins: Iterable[Pin],
    leaving: Iterable[InstalledDistribution],
    asked: AskedFor,
    state: ResultingState,
    packages: InstalledPackages,
    target: InstallTarget,
    *,
    loaded: bool,
) -> list[InstallAction]:
    replaced = {copy.canonical_name: copy for copy in state.replaced}

    def is_loaded(name: str) -> bool:
        return loaded and name in replaced and bool(loaded_modules([replaced[name]], packages))

    actions = []
    for pin in pins:
        old = target.copies(pin.name, packages)
        previous = old[0].version if old else None
        actions.append(
            InstallAction(
                kind=_kind(previous, pin),
                name=pin.name,
                version=pin.version,
                previous_version=previous,
                requested=asked.includes(pin),
                needed_by=pin.via or asked.needed_by(pin),
                pin=pin,
                loaded=is_loaded(pin.name),
            )
        )
    coming = {pin.name for pin in pins}
    for copy in {copy.canonical_name: copy for copy in reversed([*leaving])}.values():
        name = copy.canonical_name
        if name not in coming:
            actions.append(
                InstallAction(
                    "remove", name, None, copy.version, requested=False, loaded=is_loaded(name)
                )
            )
    return sorted(actions, key=lambda action: (not action.requested, action.name))


def _kind(previous: str | None, pin: Pin) -> ActionKind:
    if previous is None:
        return "install"
    # What only building tells is nearly always the same project again.
    if pin.version is None or same_version(previous, pin.version):
        return "reinstall"
    old, new = parse_version(previous), parse_version(pin.version)
    return "downgrade" if old is not None and new is not None and new < old else "upgrade"


def _about(pins: Sequence[Pin]) -> Iterator[str]:
    for pin in pins:
        if pin.yanked is not None:
            why = f": {pin.yanked}" if pin.yanked else "."
            yield f"{pin.name} {pin.version} was withdrawn by its authors (yanked){why}"
        version = parse_version(pin.version) if pin.version else None
        if version is not None and version.is_prerelease:
            yield f"{pin.name} {pin.version} is a pre-release."


def _about_other_copies(state: ResultingState) -> Iterator[str]:
    for name, copy in state.hidden.items():
        yield (
            f"{name} {copy.version} in {copy.site_directory} stays where it is; imports get the "
            "new one."
        )
    for name, copy in state.hiding.items():
        yield (
            f"Imports go on getting {name} {copy.version} in {copy.site_directory}, which is "
            "searched first."
        )


def _about_needs(state: ResultingState, asked: AskedFor) -> Iterator[str]:
    for lack in state.lacks(asked.names):
        found = f"is {lack.version}" if lack.version else "is not there"
        yield f"{lack.name} needs {lack.requirement}, and {lack.needs} {found}."
    for dependency in state.still_broken():
        source = dependency.source
        wanted = dependency.requirement.without_marker
        yield f"{source.name} {source.version} needs {wanted}, and has it neither now nor then."
