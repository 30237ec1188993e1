"""Environments made of plain files, plans for them, and pictures of whole trees."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from ipy_envtools.environment import Environment, SiteDirectory, scan
from ipy_envtools.plans.uninstall_plan import FileState, PlannedFile, UninstallPlan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ipy_envtools.environment import InstalledDistribution

PURELIB = "lib/python3.11/site-packages"
STORE = ".ipy-envtools"


class Link(str):
    """The target of a symbolic link, where a file's content is expected."""


class FabricatedEnvironment:
    """A directory that looks like a virtual environment, with packages that are only files."""

    def __init__(
        self, root: Path, *, scripts: Path | None = None, site: Path | None = None
    ) -> None:
        self.root = root
        self.site = site or root / PURELIB
        if self.site.exists():
            return
        self.site.mkdir(parents=True)
        (root / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.11.0\n")
        if scripts is None:
            (root / "bin").mkdir()
        else:
            (root / "bin").symlink_to(scripts)
        (root / "bin" / "python").symlink_to("/usr/bin/python3")

    @property
    def environment(self) -> Environment:
        """What the scanner would say of it."""
        return Environment(
            python=None,
            version="3.11.0",
            prefix=self.root,
            kind="venv",
            site_directories=(SiteDirectory(self.site, "environment"),),
            locked_reason=None,
            schemes={
                "purelib": self.site,
                "platlib": self.site,
                "scripts": self.root / "bin",
                "data": self.root,
            },
        )

    def install(
        self, name: str, version: str, files: Mapping[str, bytes | Link], *, modules: int = 0
    ) -> None:
        """Write a package: paths as RECORD spells them, relative to the site directory."""
        info = f"{name}-{version}.dist-info"
        contents: dict[str, bytes | Link] = {
            **files,
            f"{info}/METADATA": f"Name: {name}\nVersion: {version}\n".encode(),
            f"{info}/INSTALLER": b"pip\n",
        }
        for number in range(modules):
            contents[f"{name}/part{number // 20}/module{number}.py"] = b"value = %d\n" % number
        rows = io.StringIO()
        record = csv.writer(rows, lineterminator="\n")
        for path, content in contents.items():
            target = Path(os.path.normpath(self.site / path))
            target.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, Link):
                target.symlink_to(content)
                record.writerow((path, "", ""))
            else:
                target.write_bytes(content)
                digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest())
                record.writerow((path, f"sha256={digest.rstrip(b'=').decode()}", len(content)))
        record.writerow((f"{info}/RECORD", "", ""))
        with open(
            self.site / info / "RECORD", "w", encoding="utf-8", errors="surrogateescape"
        ) as file:
            file.write(rows.getvalue())

    def installed(self, name: str) -> InstalledDistribution:
        """The package as the scanner reads it."""
        return scan(paths=[self.site])[name]

    def plan(self, *names: str, blocked: str | None = None) -> UninstallPlan:
        """A plan in which every file that RECORD names goes."""
        files: dict[Path, PlannedFile] = {}
        distributions = tuple(self.installed(name) for name in names)
        for distribution in distributions:
            for row in distribution.files or ():
                path = Path(os.path.normpath(distribution.site_directory / row))
                files[path] = self.planned(path, distribution.canonical_name)
        return UninstallPlan(
            environment=self.environment,
            root=self.root,
            names=names,
            distributions=distributions,
            files=tuple(files[path] for path in sorted(files)),
            dependents=(),
            orphans=(),
            loaded_modules=(),
            blocked=blocked,
        )

    def planned(self, path: Path, distribution: str) -> PlannedFile:
        """A file that goes, as it is now; ``missing`` where it is not there."""
        scheme = "data"
        if path.is_relative_to(self.site):
            scheme = "purelib"
        elif path.is_relative_to(self.root / "bin"):
            scheme = "scripts"
        try:
            status = path.lstat()
        except FileNotFoundError:
            return PlannedFile(path, "missing", "not there", 0, scheme, distribution, None)
        state = FileState(status.st_mode, status.st_ino, status.st_size, status.st_mtime_ns)
        return PlannedFile(path, "remove", "", status.st_size, scheme, distribution, state)


Picture = dict[str, tuple[object, ...]]


def picture(*tops: Path, times: bool = True) -> Picture:
    """Names, types, modes, times, link targets and bytes of everything below, without the store."""
    found: Picture = {}
    for top in tops:
        pending = [os.fspath(top)]
        while pending:
            path = pending.pop()
            status = os.lstat(path)
            content: object = None
            if stat.S_ISLNK(status.st_mode):
                content = os.readlink(path)
            elif stat.S_ISREG(status.st_mode):
                content = Path(path).read_bytes()
            elif stat.S_ISDIR(status.st_mode):
                pending += [os.path.join(path, name) for name in os.listdir(path) if name != STORE]
            found[path] = (status.st_mode, status.st_mtime_ns if times else 0, content)
    return found


def differences(one: Picture, other: Picture) -> list[str]:
    """The paths at which two pictures differ, for a readable failure."""
    return sorted(path for path in one.keys() | other.keys() if one.get(path) != other.get(path))


def without(before: Picture, plan: UninstallPlan) -> set[str]:
    """The paths that are left when the plan's files, and directories empty by that, are gone."""
    left = set(before) - {os.fspath(file.path) for file in plan.files if file.goes}
    ends = {os.fspath(path) for path in plan.environment.schemes.values()}
    touched = {os.path.dirname(file.path) for file in plan.files if file.goes}
    while touched:
        path = max(touched, key=len)
        touched.remove(path)
        if path not in ends and not any(other.startswith(path + "/") for other in left):
            left.discard(path)
            touched.add(os.path.dirname(path))
    return left
