"""Why a copy may not be uninstalled here, and which command would do it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ..environment import printable
from ..kernel import kernel_closure
from .directories import Listings

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from ..environment import Environment, InstalledDistribution, InstalledPackages
    from .uninstall_plan import Edit, PlannedFile

__all__ = ["blocked_reason", "no_list_of_files", "not_ours", "read_only"]


def blocked_reason(
    distributions: Iterable[InstalledDistribution],
    files: Iterable[PlannedFile],
    edits: Iterable[Edit],
    packages: InstalledPackages,
    *,
    force: bool,
) -> str | None:
    """Return the first reason against taking these copies away; None where there is none.

    ``force`` overrides the protection of what the kernel runs on and EXTERNALLY-MANAGED, and
    nothing else.
    """
    environment = packages.environment
    if environment.kind == "paths":
        return environment.locked_reason
    distributions = tuple(distributions)
    if not distributions:
        return "Nothing was named that could be uninstalled."
    closure = {} if force else kernel_closure(packages)
    for distribution in distributions:
        reason = (
            not_ours(distribution, environment)
            or _managed(distribution, environment, force=force)
            or no_list_of_files(distribution)
            or _kernel(distribution, closure)
        )
        if reason:
            return printable(reason)
    if len({distribution.site.role for distribution in distributions}) > 1:
        return (
            "These packages lie in the environment and in user site, which are changed one after "
            "the other: uninstall them with two commands."
        )
    user = distributions[0].site.role == "user"
    root = environment.user_base if user and environment.user_base else environment.prefix
    paths = [file.path for file in files if file.goes]
    return read_only([*paths, *(edit.path for edit in edits)], root, environment)


def _title(distribution: InstalledDistribution) -> str:
    return f"{printable(distribution.name)} {printable(distribution.version)}"


def not_ours(distribution: InstalledDistribution, environment: Environment) -> str | None:
    """Why a copy is changed elsewhere and not here; None where it is this environment's own."""
    role = distribution.site.role
    title, name = _title(distribution), distribution.canonical_name
    where = printable(str(distribution.site_directory))
    if role == "parent":
        return (
            f"{title} belongs to the Python that this environment was made from ({where}). "
            f"Uninstall it there: python -m pip uninstall {name}, with that Python."
        )
    if role == "system":
        return (
            f"{title} belongs to the operating system ({where}). Its package manager removes it, "
            f"on Debian: apt remove python3-{name}"
        )
    if role == "pythonpath":
        return (
            f"{title} is in {where}, which PYTHONPATH adds and which belongs to no environment. "
            "Take it off PYTHONPATH, or delete it there."
        )
    if role == "pth":
        added_by = printable(str(distribution.site.added_by))
        return (
            f"{title} is in {where}, which {added_by} adds. It is changed where that directory "
            "belongs."
        )
    if role == "path":
        return f"{title} is in {where}, which belongs to no environment."
    if environment.kind == "conda" and _conda_owns(distribution, environment):
        return f"{title} was installed by conda, which keeps its own records: conda remove {name}"
    return None


def _conda_owns(distribution: InstalledDistribution, environment: Environment) -> bool:
    """Whether a ``conda-meta/*.json`` names the entry."""
    directory = os.path.join(environment.prefix, "conda-meta")
    entry = os.fsencode(distribution.entry_name)
    endings = (b"/" + entry + b"/", b"/" + entry + b'"')
    try:
        names = [name for name in os.listdir(directory) if name.endswith(".json")]
    except OSError:
        return False
    # There are hundreds, of megabytes each; most are called as the project is.
    project = distribution.canonical_name
    for name in sorted(names, key=lambda name: not name.startswith(project)):
        try:
            with open(os.path.join(directory, name), "rb") as file:
                content = file.read()
        except OSError:
            continue
        if b"\\\\" in content:
            content = content.replace(b"\\\\", b"/")
        if any(ending in content for ending in endings):
            return True
    return False


def _managed(
    distribution: InstalledDistribution, environment: Environment, *, force: bool
) -> str | None:
    if environment.externally_managed is None or force:
        return None
    return (
        f"{_title(distribution)} is in an environment that another tool manages "
        f"(EXTERNALLY-MANAGED). {environment.externally_managed} "
        f"To remove it anyway: %pkg uninstall {distribution.canonical_name} --force"
    )


def no_list_of_files(distribution: InstalledDistribution) -> str | None:
    """Why nobody knows which files a copy owns; None where it says so itself."""
    if distribution.kind in ("egg", "egg-link"):
        return None  # an egg holds its files, a link is the only one
    summary = distribution.info.record_summary
    if summary is not None and summary.top_components:
        return None
    title, name = _title(distribution), distribution.canonical_name
    filename = distribution.info.record_filename
    error = distribution.info.errors.get(filename)
    again = f"install it again over itself (%pip install --force-reinstall {name}), then uninstall"
    if distribution.kind == "egg-info-file":
        return (
            f"{title} was installed by distutils, which kept no list of its files. Uninstall it "
            "with the tool that installed it."
        )
    if summary is None and error:
        return (
            f"{title} has a {filename} that cannot be read ({error}), so nobody knows which files "
            f"are its own: {again}."
        )
    if distribution.kind == "egg-info":
        return f"{title} has no installed-files.txt, the list of its files: {again}."
    by = distribution.installer
    tool = f", or uninstall it with {by}, which installed it" if by and by != "pip" else ""
    lack = "has no RECORD" if summary is None else "has an empty RECORD"
    return f"{title} {lack}, so nobody knows which files are its own: {again}{tool}."


def _kernel(distribution: InstalledDistribution, closure: dict[str, str]) -> str | None:
    name = distribution.canonical_name
    if name not in closure or not distribution.active:
        return None
    root = closure[name]
    why = (
        "This notebook's kernel runs on it."
        if root == name
        else f"This notebook's kernel runs on {root}, which needs it."
    )
    return f"{why} To remove it anyway: %pkg uninstall {name} --force"


def read_only(paths: Iterable[Path], root: Path, environment: Environment) -> str | None:
    """Why these files may not be taken away by this user; None where they may.

    A directory that holds nothing else goes with them: then it is written to, and so is the one
    that it lies in.

    Args:
        paths: what goes, or is edited.
        root: of the scheme, where the store is.
        environment: whose directories never go.
    """
    going = {os.path.normpath(path) for path in paths}
    if not going:
        return None
    store = os.path.join(root, ".ipy-envtools")
    keeps = store if os.path.isdir(store) else os.fspath(root)
    if not _may_write(keeps):
        return f"{_is_read_only(keeps)[:-1]}, and what goes is kept there to be undone. {_INSTEAD}"
    ends = {os.fspath(root), *map(os.fspath, environment.roots)}
    for schemes in (environment.schemes, environment.user_schemes):
        ends.update(map(os.fspath, schemes.values()))
    for site in environment.site_directories:
        ends.update(map(os.fspath, (site.path, *site.aliases)))
    written = _Written(going, ends)
    for directory in sorted({path.rpartition(os.sep)[0] for path in going}):
        denied = written.denied_above(directory)
        if denied is not None:
            return f"{_is_read_only(denied)} {_INSTEAD}"
    return None


class _Written:
    """Which directories are written to when files go."""

    def __init__(self, going: set[str], ends: set[str]) -> None:
        self._going = going
        self._ends = ends
        self._listings = Listings()
        self._writable: dict[str, bool] = {}
        self._whole: dict[str, bool] = {}

    def denied_above(self, directory: str) -> str | None:
        """The first unwritable directory, from one that loses a file upwards."""
        while self._may_write(directory):
            above = os.path.dirname(directory)
            if directory in self._ends or above == directory:
                return None
            # Whether it goes whole takes a look at all that it holds, so that comes last.
            if self._may_write_all_above(above) or not self._goes(directory):
                return None
            directory = above
        return directory

    def _may_write_all_above(self, directory: str) -> bool:
        while self._may_write(directory):
            above = os.path.dirname(directory)
            if directory in self._ends or above == directory:
                return True
            directory = above
        return False

    def _may_write(self, directory: str) -> bool:
        if directory not in self._writable:
            self._writable[directory] = _may_write(directory)
        return self._writable[directory]

    def _goes(self, directory: str) -> bool:
        """Whether nothing stays in a directory."""
        if directory in self._ends:
            return False
        if directory not in self._whole:
            self._whole[directory] = all(
                self._goes(path) if is_directory else path in self._going
                for name, is_directory in self._listings(directory).items()
                for path in (os.path.join(directory, name),)
            )
        return self._whole[directory]


def _may_write(directory: str) -> bool:
    effective = os.access in os.supports_effective_ids
    return os.access(directory, os.W_OK | os.X_OK, effective_ids=effective)


def _is_read_only(directory: str) -> str:
    return f"{printable(directory)} is read-only for you."


_INSTEAD = "Ask who administers it, or make an environment of your own: python -m venv .venv"
