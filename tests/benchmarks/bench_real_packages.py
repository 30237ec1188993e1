"""Every one of more than 150 real packages is uninstalled and taken back, one after another.

After each the tree is the one before it, and what has anything in common with the package can
be imported as it could: what shares a directory with it, what needs it, and what it needs.
Hashing everything after each would take hours. So each time the content of what had moved is
hashed, of everything else the identity, size, mode and time are compared, and the content of
all is hashed once at the end.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import stat
import subprocess
from collections import defaultdict
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from ipy_envtools.environment import scan
from ipy_envtools.plans import plan_uninstall
from ipy_envtools.transactions import apply, empty

from .environments import CACHE, BuiltEnvironment, clean_variables
from .report import Line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ipy_envtools.environment import InstalledDistribution, InstalledPackages
    from ipy_envtools.plans import UninstallPlan

    from .report import Report

COUNT = 160
STORE = ".ipy-envtools"

IMPORTING = """
import contextlib, importlib, io, json, os, sys, warnings

warnings.simplefilter("ignore")
working = []
for name in json.load(sys.stdin):
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        try:
            importlib.import_module(name)
        except BaseException:
            continue
    working.append(name)
print("\\nimported", json.dumps(working), flush=True)
os._exit(0)  # threads that some of them start are not waited for
"""

Looks = dict[str, tuple[int, ...]]


@pytest.fixture(scope="module")
def environment(real: BuiltEnvironment) -> Iterator[BuiltEnvironment]:
    """A copy, because every package in it will be moved."""
    place = CACHE / "real-packages"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    command = ["cp", "-a", "--reflink=auto", f"{real.prefix}/.", str(place)]
    subprocess.run(command, check=True)
    yield BuiltEnvironment(place)
    shutil.rmtree(place)


def test_every_real_package_can_be_uninstalled_and_taken_back(
    environment: BuiltEnvironment, report: Report
) -> None:
    packages = scan(environment.python)
    chosen = _chosen(packages)
    assert len(chosen) >= 150
    near = _near(packages)
    modules = {each.canonical_name: _modules(each) for each in packages}
    importable = _imported(environment, {name for names in modules.values() for name in names})

    contents = _contents(environment)
    before = _looks(environment)
    unchecked: set[str] = set()
    moved = 0
    for position, distribution in enumerate(chosen, 1):
        name = distribution.canonical_name
        plan = plan_uninstall(distribution, packages, force=True)
        assert plan.blocked is None, f"{name}: {plan.blocked}"
        leaving = [os.fspath(file.path) for file in plan.files if file.goes]
        transaction = apply(plan)
        _assert_only_the_plan_is_gone(environment, before, plan)
        transaction.undo()
        after = _looks(environment)
        assert _differences(before, after) == [], f"after {name} was uninstalled and taken back"
        wrong = [path for path in leaving if _content(path) != contents[path]]
        assert wrong == [], f"contents after {name} was taken back"
        moved += len(leaving)
        unchecked.update(module for other in near[name] for module in modules[other])
        # Several packages share one interpreter: starting and importing costs seconds.
        if position % 40 == 0 or position == len(chosen):
            expected = importable & unchecked
            missing = expected - _imported(environment, expected)
            assert missing == set(), f"cannot be imported any more, up to {name}"
            assert _differences(before, _looks(environment)) == []
            unchecked.clear()
    assert importable - _imported(environment, importable) == set()
    empty(environment.python)
    assert _contents(environment) == contents
    group = "real packages, each uninstalled and taken back"
    report.add(group, Line("packages", len(chosen), unit=""))
    report.add(group, Line("files moved out and back", moved, unit=""))
    report.add(group, Line("modules that can be imported as before", len(importable), unit=""))


def _chosen(packages: InstalledPackages) -> list[InstalledDistribution]:
    """What shares a directory with another first, then the largest and the smallest by turns."""
    found = [each for each in packages if each.active and not each.editable and each.files]
    tops: dict[str, set[str]] = defaultdict(set)
    for each in found:
        for top in _tops(each):
            tops[top].add(each.canonical_name)
    by_size = sorted(found, key=lambda each: len(each.files or ()))
    sharing = [each for each in by_size if any(len(tops[top]) > 1 for top in _tops(each))]
    by_turns = [each for pair in zip(by_size, reversed(by_size), strict=True) for each in pair]
    return list({each.canonical_name: each for each in [*sharing, *by_turns]}.values())[:COUNT]


def _near(packages: InstalledPackages) -> dict[str, set[str]]:
    """For each package those that share a directory with it, that it needs, or that need it."""
    near: dict[str, set[str]] = defaultdict(set)
    tops: dict[str, set[str]] = defaultdict(set)
    names = {each.canonical_name for each in packages}
    for each in packages:
        for top in _tops(each):
            tops[top].add(each.canonical_name)
        for text in each.requires:
            try:
                needed = str(canonicalize_name(Requirement(text).name))
            except InvalidRequirement:
                continue
            if needed in names:
                near[each.canonical_name].add(needed)
                near[needed].add(each.canonical_name)
    for together in tops.values():
        for name in together:
            near[name] |= together
    return near


def _tops(distribution: InstalledDistribution) -> set[str]:
    """The directories of the site directory that it has files in."""
    return {row.parts[0] for row in distribution.files or () if len(row.parts) > 1} - {
        "..",
        "__pycache__",
    }


def _modules(distribution: InstalledDistribution) -> set[str]:
    names = {name.replace("/", ".") for name in distribution.import_names}
    return {name for name in names if re.fullmatch(r"[A-Za-z_][\w.]*", name)}


def _imported(environment: BuiltEnvironment, names: Iterable[str]) -> set[str]:
    """Which of these modules can be imported, without writing anything into the environment."""
    finished = subprocess.run(
        [os.fspath(environment.python), "-B", "-c", IMPORTING],
        input=json.dumps(sorted(names)),
        env={**clean_variables(), "MPLBACKEND": "agg"},
        cwd=CACHE,
        capture_output=True,
        text=True,
        check=True,
    )
    line = next(
        line for line in reversed(finished.stdout.splitlines()) if line.startswith("imported ")
    )
    return set(json.loads(line.partition(" ")[2]))


def _looks(environment: BuiltEnvironment) -> Looks:
    """Type, mode, identity, size and time of everything but the store."""
    found: Looks = {}
    pending = [os.fspath(environment.prefix)]
    while pending:
        directory = pending.pop()
        status = os.stat(directory)
        found[directory] = (status.st_mode, status.st_mtime_ns)
        with os.scandir(directory) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    if entry.name != STORE:
                        pending.append(entry.path)
                    continue
                status = entry.stat(follow_symlinks=False)
                found[entry.path] = (
                    *(status.st_mode, status.st_ino, status.st_size),
                    status.st_mtime_ns,
                )
    return found


def _contents(environment: BuiltEnvironment) -> dict[str, str]:
    return {
        path: _content(path)
        for path, seen in _looks(environment).items()
        if not stat.S_ISDIR(seen[0])
    }


def _content(path: str) -> str:
    if os.path.islink(path):
        return os.readlink(path)
    with open(path, "rb") as file:
        return hashlib.blake2b(file.read(), digest_size=16).hexdigest()


def _assert_only_the_plan_is_gone(
    environment: BuiltEnvironment, before: Looks, plan: UninstallPlan
) -> None:
    """Files are compared whole; of directories only that none has come that was not there."""
    after = _looks(environment)
    leaving = {os.fspath(file.path) for file in plan.files if file.goes}
    files = {path: seen for path, seen in before.items() if not stat.S_ISDIR(seen[0])}
    left = {path: seen for path, seen in after.items() if not stat.S_ISDIR(seen[0])}
    assert left == {path: seen for path, seen in files.items() if path not in leaving}
    assert after.keys() <= before.keys()


def _differences(before: Looks, after: Looks) -> list[str]:
    if before == after:
        return []
    return sorted(
        path for path in before.keys() | after.keys() if before.get(path) != after.get(path)
    )
