"""Why a plan to install may not be carried out, and what to type instead."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from typing import TYPE_CHECKING

from ..environment import printable
from ..environment.requirements import MarkerEnvironment
from ..kernel.closure import KERNEL_ROOTS
from .install_target import has_user_site
from .protection import no_list_of_files, not_ours, read_only

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    from ..environment import Environment, InstalledDistribution
    from ..formats import InstallRequest
    from .install_plan import InstallAction
    from .install_target import InstallTarget
    from .uninstall_plan import UninstallPlan

__all__ = ["Retyped", "hopeless", "kernel_reason", "obstacle", "why_it_stays"]

_UNPACKED = 2
"""Times its download that a package takes at the very least: a wheel is a zip file."""

_LINE = re.compile(r"line \d+")
_LONGEST_LINE = 5  # requirements that are repeated in advice


class Retyped:
    """What to type to do the same with one more option."""

    def __init__(self, request: InstallRequest, *, upgrade: bool, exact: bool) -> None:
        words = [wanted.text for wanted in request.requirements]
        plain = not (
            exact
            or request.options
            or request.constraints
            or len(words) > _LONGEST_LINE
            or any(
                wanted.direct or wanted.hashes or not _is_typed(wanted.origin)
                for wanted in request.requirements
            )
        )
        switches = [
            *(["-U"] if upgrade else []),
            *([] if request.dependencies else ["--no-deps"]),
            *(["--pre"] if request.prereleases else []),
            *(["--user"] if request.user else []),
        ]
        self._line = " ".join([*map(shlex.quote, words), *switches]) if plain else None

    def with_option(self, purpose: str, option: str) -> str:
        """A sentence that ends in the command: ``To do it anyway: %pkg install flask --force``."""
        if self._line is None:
            return f"{purpose}, add {option}."
        return f"{purpose}: %pkg install {self._line} {option}"


def _is_typed(origin: str) -> bool:
    """Whether a requirement stood in a line or cell; what stood in a file is not repeated."""
    return not origin or _LINE.fullmatch(origin) is not None


def hopeless(environment: Environment, request: InstallRequest) -> str | None:
    """What stops it before an engine is asked."""
    if environment.kind == "paths":
        return environment.locked_reason
    if request.condition and not MarkerEnvironment(environment.markers).holds(request.condition):
        return (
            "The lock file is for other environments: it asks for "
            f"{printable(request.condition).strip('()')}, and this is Python {environment.version}."
        )
    if request.user and not has_user_site(environment):
        return (
            "This is a virtual environment, which does not look into the user site: leave --user "
            "out."
        )
    return None


def obstacle(
    environment: Environment,
    target: InstallTarget,
    request: InstallRequest,
    actions: Sequence[InstallAction],
    removal: UninstallPlan,
    again: Retyped,
    *,
    force: bool,
) -> str | None:
    """Return the first thing in the way but for the kernel's protection; None where nothing is."""
    if environment.externally_managed is not None and not force:
        return printable(f"{environment.locked_reason} {again.with_option(_ANYWAY, '--force')}")
    coming = {action.name: action.version for action in actions if action.kind != "remove"}
    found = (
        _not_writable(environment, target, request, again)
        or _irreplaceable(removal.distributions, environment, coming)
        or read_only(
            [
                *(file.path for file in removal.files if file.goes),
                *(edit.path for edit in removal.edits),
            ],
            removal.root,
            environment,
        )
        or _no_space(target.root, sum(action.size or 0 for action in actions))
    )
    return printable(found) if found else None


_ANYWAY = "To do it anyway"


def kernel_reason(
    touched: Iterable[InstalledDistribution],
    closure: Mapping[str, str],
    actions: Iterable[InstallAction],
    again: Retyped,
    *,
    breaks: bool,
) -> str | None:
    """Why a change of what the kernel runs on needs ``--force``; None where it does not.

    This extension may replace itself, and with it what only it needs: without it the kernel
    still starts. What others need too may come along for it where nothing ``breaks``.
    """
    changes = {action.name: action for action in actions}
    itself = "ipy-envtools" in changes
    going = {copy.canonical_name: copy.version for copy in touched}

    def may_change(name: str) -> bool:
        action = changes[name]
        comes_along = not action.requested and "ipy-envtools" in action.needed_by
        return closure[name] == "ipy-envtools" or (
            comes_along and not breaks and name not in KERNEL_ROOTS
        )

    protected = [name for name in going if not (itself and may_change(name))]
    if not protected:
        return None
    # The kernel's own parts say more than what they need.
    first = min(protected, key=lambda name: closure[name] != name)
    root = closure[first]
    runs = "it" if root == first else f"{root}, which needs it"
    others = [name for name in protected if name != first]
    more = f" The same goes for {_listed(others)}." if others else ""
    change = _change(first, going[first], changes[first])
    return printable(
        f"{change}: this notebook's kernel runs on {runs}, and cannot start again if the "
        f"change breaks it.{more} {again.with_option(_ANYWAY, '--force')}"
    )


def why_it_stays(copy: InstalledDistribution, environment: Environment) -> str | None:
    """Why a copy that nobody wants cannot go either; None where it can."""
    return not_ours(copy, environment) or no_list_of_files(copy)


def _change(name: str, version: str, action: InstallAction) -> str:
    if action.kind == "remove":
        return f"{name} {version} would go"
    if action.version == version:
        return f"{name} {version} again"
    return f"{name} {version} → {action.version or 'as built'}"


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:4])
    return f"{shown} and {len(names) - 4} more" if len(names) > 4 else shown


def _not_writable(
    environment: Environment, target: InstallTarget, request: InstallRequest, again: Retyped
) -> str | None:
    """The directories that every installation writes to: for the modules, and for the store."""
    for directory in (target.schemes.get("purelib", target.root), target.root):
        existing = _existing(directory)
        if os.access(existing, os.W_OK | os.X_OK):
            continue
        if not request.user and has_user_site(environment):
            way = again.with_option("To install for yourself alone", "--user")
        else:
            way = "Ask who administers it, or make an environment of your own: python -m venv .venv"
        return f"{existing} is read-only for you. {way}"
    return None


def _existing(directory: Path) -> Path:
    while not os.path.isdir(directory) and directory != directory.parent:
        directory = directory.parent
    return directory


def _irreplaceable(
    leaving: Collection[InstalledDistribution],
    environment: Environment,
    coming: Mapping[str, str | None],
) -> str | None:
    for copy in leaving:
        title = f"{copy.name} {copy.version}"
        elsewhere = not_ours(copy, environment)
        if elsewhere and environment.kind != "conda":
            return elsewhere
        if elsewhere:
            name = copy.canonical_name
            return (
                f"{title} was installed by conda, which keeps its own records and would not know "
                f"of another version: conda install {_pinned(name, coming.get(name), '=')}"
            )
        reason = no_list_of_files(copy)
        if reason is None:
            continue
        if copy.kind in ("egg-info-file", "egg-info"):
            return f"{title} cannot be replaced, because it has no list of its files. {_SETUPTOOLS}"
        name = copy.canonical_name
        lack = "has no RECORD" if copy.info.record_summary is None else "has an empty RECORD"
        if "RECORD" in copy.info.errors:
            lack = f"has a RECORD that cannot be read ({copy.info.errors['RECORD']})"
        pinned = _pinned(name, coming.get(name), "==")
        has_pip = any((site.path / "pip").is_dir() for site in environment.site_directories)
        first = "" if has_pip else "%pkg install pip, then "
        return (
            f"{title} {lack}, so nobody knows which files would have to go. To install over it: "
            f"{first}%pip install --ignore-installed --no-deps {pinned}"
        )
    return None


_SETUPTOOLS = "Uninstall it with the tool that installed it, then install the new one."


def _pinned(name: str, version: str | None, sign: str) -> str:
    return f"{name}{sign}{version}" if version else name


def _no_space(root: Path, download: int) -> str | None:
    if not download:
        return None
    try:
        free = shutil.disk_usage(_existing(root)).free
    except OSError:
        return None
    if free >= download * _UNPACKED:
        return None
    return (
        f"There is not enough space on the disk of {root}: {_megabytes(free)} are free, and at "
        f"least {_megabytes(download * _UNPACKED)} are needed. %pkg history --empty deletes what "
        "is kept for undoing."
    )


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB" if size < 10e6 else f"{size / 1e6:,.0f} MB"
