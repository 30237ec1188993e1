"""A copy of the real environment whose packages are uninstalled and put back, again and again.

The whole environment is copied once. For each sample only the files of the package in question
are copied anew from a snapshot: new inodes, no links to anything, compiled, everything else in
place and unchanged. What the copying left to write is written before the time is taken, because
it would otherwise be paid for by the first tool that asks for a sync.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .environments import CACHE, BuiltEnvironment, clean_variables

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["ChangingEnvironment", "changing_copy"]


@dataclass(frozen=True)
class ChangingEnvironment:
    """The copy, and where the snapshots of its changing packages lie."""

    environment: BuiltEnvironment
    snapshots: Path

    def put_back(self, package: str) -> None:
        """Copy the package's files into place where a tool took them out, and let them settle."""
        _remove_leftovers(self.environment.prefix, self.snapshots / package)
        _copy(self.snapshots / package, self.environment.prefix)
        os.sync()

    def file_count(self, package: str) -> int:
        return sum(len(files) for _, _, files in os.walk(self.snapshots / package))


@contextlib.contextmanager
def changing_copy(real: BuiltEnvironment, packages: Iterable[str]) -> Iterator[ChangingEnvironment]:
    """Copy the environment, compile the packages, and take a snapshot of the files of each."""
    place = CACHE / "changing"
    shutil.rmtree(place, ignore_errors=True)
    environment = BuiltEnvironment(place / "environment")
    environment.prefix.mkdir(parents=True)
    _copy(real.prefix, environment.prefix)
    changing = ChangingEnvironment(environment, place / "snapshots")
    for package in packages:
        _take_snapshot(environment, package, changing.snapshots / package)
    yield changing
    shutil.rmtree(place)


def _remove_leftovers(prefix: Path, snapshot: Path) -> None:
    """Remove what still stands at the places that the snapshot fills."""
    for directory, _, files in os.walk(snapshot):
        for name in files:
            found = prefix / os.path.relpath(os.path.join(directory, name), snapshot)
            found.unlink(missing_ok=True)


def _take_snapshot(environment: BuiltEnvironment, package: str, snapshot: Path) -> None:
    site_packages = environment.site_packages
    info = next(site_packages.glob(f"{package}-*.dist-info"))
    paths = [line.rsplit(",", 2)[0] for line in (info / "RECORD").read_text().splitlines()]
    files = [Path(os.path.normpath(site_packages / path)) for path in paths]
    sources = [os.fspath(file) for file in files if file.suffix == ".py"]
    subprocess.run(
        [os.fspath(environment.python), "-m", "compileall", "-q", "-i", "-"],
        input="\n".join(sources),
        text=True,
        env=clean_variables(),
        stdout=subprocess.DEVNULL,
        check=False,  # templates that are no Python end in .py, too
    )
    for file in (*files, *(_compiled(Path(source)) for source in sources)):
        if file and file.exists():
            goal = snapshot / file.relative_to(environment.prefix)
            goal.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file, goal, follow_symlinks=False)


def _compiled(source: Path) -> Path | None:
    return next((source.parent / "__pycache__").glob(f"{source.stem}.*.pyc"), None)


def _copy(source: Path, goal: Path) -> None:
    """Copy a tree's content with all its modes and times, files as files of their own."""
    command = ["cp", "-a", "--reflink=auto", f"{source}/.", os.fspath(goal)]
    subprocess.run(command, check=True)
