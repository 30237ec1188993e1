"""A fabricated environment: the directories of a virtual environment, without an interpreter."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ipy_envtools.environment import Environment, InstalledPackages, SiteDirectory
from ipy_envtools.plans import plan_uninstall
from tests.builders import dist_info, snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ipy_envtools.environment import InstalledDistribution
    from ipy_envtools.plans import PlannedFile, UninstallPlan

__all__ = ["LIBRARY", "Fabricated", "as_another_user", "going", "names_of", "reasons", "verdicts"]

LIBRARY = "lib/python3.11"


@dataclass
class Fabricated:
    """Directories and files of an environment below ``root``, which is a directory in ``home``."""

    home: Path

    def __post_init__(self) -> None:
        self.root = self.home / "env"
        self.site = self.root / LIBRARY / "site-packages"
        self.scripts = self.root / "bin"
        self.site.mkdir(parents=True)
        self.scripts.mkdir()
        (self.root / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.11.0\n")
        (self.scripts / "python3.11").write_bytes(b"\x7fELF")
        (self.scripts / "python").symlink_to("python3.11")
        (self.scripts / "activate").write_text("# to be sourced\n")
        self.stdlib = self.home / "base" / LIBRARY
        self.stdlib.mkdir(parents=True)
        self.more: tuple[SiteDirectory, ...] = ()
        self.before: tuple[SiteDirectory, ...] = ()
        self.changes: dict[str, Any] = {}

    @property
    def schemes(self) -> dict[str, Path]:
        return {
            "purelib": self.site,
            "platlib": self.site,
            "scripts": self.scripts,
            "data": self.root,
            "stdlib": self.stdlib,
            "platstdlib": self.root / LIBRARY,
            "include": self.home / "base" / "include" / "python3.11",
        }

    @property
    def environment(self) -> Environment:
        values: dict[str, Any] = {
            "python": self.scripts / "python",
            "version": "3.11.0",
            "prefix": self.root,
            "kind": "venv",
            "site_directories": (
                *self.before,
                SiteDirectory(self.site, "environment", writable=True),
                *self.more,
            ),
            "locked_reason": None,
            "schemes": self.schemes,
            "markers": {"python_version": "3.11", "sys_platform": "linux"},
        }
        return Environment(**{**values, **self.changes})

    def packages(self) -> InstalledPackages:
        return InstalledPackages(self.environment)

    def add(self, name: str, version: str = "1.0", **parts: Any) -> Path:
        """Put a package into the site directory; see :func:`tests.builders.dist_info`."""
        return dist_info(self.site, name, version, **parts)

    def plan(
        self, *names: str | InstalledDistribution, check: bool = True, **how: bool
    ) -> UninstallPlan:
        """Plan an uninstall, and make sure that planning changes nothing."""
        before = snapshot(self.home) if check else None
        plan = plan_uninstall(names, self.packages(), **how)
        assert before is None or snapshot(self.home) == before
        return plan

    def write(self, path: str, content: str | bytes = "") -> Path:
        """Write a file at a path relative to the site directory."""
        target = Path(os.path.normpath(self.site / path))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
        return target

    def link(self, path: str, target: str | Path) -> Path:
        """Make a symbolic link at a path relative to the site directory."""
        link = Path(os.path.normpath(self.site / path))
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(target)
        return link


def _relative(plan: UninstallPlan, file: PlannedFile) -> str:
    site = plan.environment.schemes["purelib"]
    return os.path.relpath(file.path, site)


def verdicts(plan: UninstallPlan, *, info: bool = False) -> dict[str, str]:
    """Verdicts by paths relative to the site directory; without the packages' metadata."""
    found = {_relative(plan, file): file.verdict for file in plan.files}
    assert len(found) == len(plan.files), "a file has two verdicts"
    return {path: found[path] for path in found if info or "-info/" not in path}


def reasons(plan: UninstallPlan) -> dict[str, str]:
    """Reasons by paths relative to the site directory."""
    return {_relative(plan, file): file.reason for file in plan.files}


def going(plan: UninstallPlan) -> set[str]:
    """Paths of the files that go, relative to the site directory."""
    return {_relative(plan, file) for file in plan.files if file.goes}


def names_of(distributions: Iterable[InstalledDistribution]) -> list[str]:
    """Canonical names and versions."""
    return [f"{copy.canonical_name} {copy.version}" for copy in distributions]


def as_another_user(home: Path, say: Callable[[], str]) -> str:
    """What ``say`` returns for a user who owns ``home``: root may write anywhere."""
    if os.getuid():
        return say()
    nobody = 65534
    for path in (home, *home.rglob("*")):
        os.chown(path, nobody, nobody, follow_symlinks=False)
    for directory in home.parents:
        if directory.name.startswith("pytest-"):
            directory.chmod(0o755)
    say()  # imports what it needs while it still may
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover
        try:
            os.setuid(nobody)
            os.write(writer, say().encode())
        finally:
            os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    with os.fdopen(reader, encoding="utf-8") as answer:
        return answer.read()
