"""What runs inside the measured environment: one measurement in one fresh process.

Usage: ``python measured.py VERB [NAME]``. Prints a JSON object. Importing is not timed, because a
kernel that has loaded the extension has done it; ``load_ext`` measures it on its own.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def names() -> object:
    """Names and versions: what ``uv pip list`` prints."""
    from ipy_envtools.environment import scan

    return [(found.canonical_name, found.version) for found in scan()]


def first_page() -> object:
    """Everything that the browser's first page shows, of all packages."""
    from ipy_envtools.environment import scan

    packages = scan()
    rows = [
        (
            found.name,
            found.version,
            found.installer,
            found.size,
            len(packages.required_by(found.canonical_name)),
        )
        for found in packages
    ]
    return rows, packages.quick_problems


def dependency_problems() -> object:
    """Metadata, dependency graph and its problems: ``uv pip list`` and ``uv pip check``."""
    from ipy_envtools.environment import scan

    packages = scan()
    rows = [(found.name, found.version, found.summary, found.requires) for found in packages]
    return rows, packages.graph, packages.quick_problems


def owners() -> object:
    """Sizes, the owners of every file, and which files have two of them."""
    from ipy_envtools.environment import scan

    packages = scan()
    return [found.size for found in packages], packages.owners, packages.owners.shared


def all_problems() -> object:
    """The same and whether every file is there: ``%pkg check``."""
    from ipy_envtools.environment import scan

    packages = scan()
    return [found.size for found in packages], packages.problems


MEASUREMENTS: tuple[Callable[[], object], ...] = (
    names,
    first_page,
    dependency_problems,
    owners,
    all_problems,
)


def import_everything() -> None:
    """Import what the measurements import on their way, so that only work is timed."""
    import ipy_envtools.environment as environment

    prefix = f"{environment.__name__}."
    for module in pkgutil.walk_packages(environment.__path__, prefix):
        if not module.name.endswith("_probe"):  # it is a program for other interpreters
            importlib.import_module(module.name)


def timed(measurement: Callable[[], object]) -> dict[str, Any]:
    """Milliseconds of the first and of the second call in this process."""
    import_everything()
    gc.collect()
    start = time.perf_counter()
    result = measurement()
    between = time.perf_counter()
    again = measurement()
    end = time.perf_counter()
    del result, again
    return {"first": (between - start) * 1e3, "second": (end - between) * 1e3}


def allocated(measurement: Callable[[], object]) -> dict[str, Any]:
    """KiB a package that Python allocates at most, what stays in caches included."""
    import tracemalloc

    import_everything()
    gc.collect()
    tracemalloc.start()
    result = measurement()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del result
    return {"peak": peak / 1024 / _count()}


def grown(measurement: Callable[[], object]) -> dict[str, Any]:
    """KiB a package that the process is larger at its largest than before, as Linux counts."""
    import_everything()
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # the largest so far is what it is now
    before = _largest()
    result = measurement()
    after = _largest()
    del result
    return {"grown": (after - before) / _count()}


def _largest() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))


def _count() -> int:
    from ipy_envtools.environment import scan

    return len(scan())


def facts() -> list[dict[str, Any]]:
    """What the scan says about each package, to be compared with what others say."""
    from ipy_envtools.environment import scan

    packages = scan()
    problems = packages.quick_problems
    return [
        {
            "name": found.name,
            "canonical_name": found.canonical_name,
            "version": found.version,
            "info_path": str(found.info_path),
            "editable": found.editable,
            "installer": found.installer,
            "requested": found.requested,
            "requires": found.requires,
            "required_by": [by.canonical_name for by in packages.required_by(found.name)],
            "dependency_problems": [
                problem.message
                for problem in problems
                if problem.name == found.canonical_name and problem.kind.startswith("dependency")
            ],
        }
        for found in packages
    ]


def change(name: str) -> dict[str, Any]:
    """Plan, uninstall, undo, uninstall again and empty the store: milliseconds and syncs.

    The plan is made from nothing, scan included, as ``%pkg uninstall`` makes it.
    """
    import_everything()
    import ipy_envtools as envtools
    from ipy_envtools.transactions import empty

    syncs = _CountedSyncs()
    taken: dict[str, Any] = {}

    def step(what: str, action: Callable[[], Any]) -> Any:
        syncs.reset()
        start = time.perf_counter()
        result = action()
        taken[what] = (time.perf_counter() - start) * 1e3
        taken[f"{what} syncs"] = syncs.count
        taken[f"{what} syncing"] = syncs.milliseconds
        return result

    plan = step("plan", lambda: envtools.plan_uninstall(name))
    transaction = step("apply", lambda: envtools.apply(plan))
    taken["files"] = transaction.files
    step("undo", transaction.undo)
    envtools.apply(envtools.plan_uninstall(name))
    step("empty", empty)
    return taken


def install(engine: str, *requirements: str) -> dict[str, Any]:
    """Plan and carry out an installation: milliseconds of each, and of undoing it."""
    import_everything()
    import ipy_envtools as envtools

    syncs = _CountedSyncs()
    start = time.perf_counter()
    plan = envtools.plan_install(requirements, engine=engine)
    planned = time.perf_counter()
    transaction = envtools.apply(plan)
    applied = time.perf_counter()
    count = syncs.count
    transaction.undo()
    return {
        "plan": (planned - start) * 1e3,
        "apply": (applied - planned) * 1e3,
        "both": (applied - start) * 1e3,
        "undo": (time.perf_counter() - applied) * 1e3,
        "syncs": count,
        "packages": len(plan.actions),
    }


class _CountedSyncs:
    """Counts and times what goes through ``os.fsync``, the only sync that is used."""

    def __init__(self) -> None:
        self._fsync = os.fsync
        os.fsync = self._counted
        self.reset()

    def reset(self) -> None:
        self.count = 0
        self.milliseconds = 0.0

    def _counted(self, descriptor: int) -> None:
        start = time.perf_counter()
        self._fsync(descriptor)
        self.count += 1
        self.milliseconds += (time.perf_counter() - start) * 1e3


def load_extension() -> dict[str, Any]:
    """Milliseconds that ``%load_ext`` takes where IPython's shell runs, and what it imported."""
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    shell.run_line_magic("load_ext", "storemagic")  # the magic itself, once
    before = set(sys.modules)
    start = time.perf_counter()
    shell.run_line_magic("load_ext", "ipy_envtools")
    elapsed = (time.perf_counter() - start) * 1e3
    imported = sorted(set(sys.modules) - before)
    start = time.perf_counter()
    import_everything()
    import_time = (time.perf_counter() - start) * 1e3
    return {"load_ext": elapsed, "imported": imported, "first use": import_time}


if __name__ == "__main__":
    verb, *arguments = sys.argv[1:]
    chosen = {measurement.__name__: measurement for measurement in MEASUREMENTS}
    verbs: dict[str, Callable[..., object]] = {
        "time": lambda name: timed(chosen[name]),
        "allocated": lambda name: allocated(chosen[name]),
        "grown": lambda name: grown(chosen[name]),
        "facts": facts,
        "change": change,
        "install": install,
        "load": load_extension,
    }
    print(json.dumps(verbs[verb](*arguments)))
