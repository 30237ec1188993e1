"""Where staged files go, what has to be made for them, and what is in their way."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ..environment import InstalledPackages, printable
from ..environment.compiled_files import CACHE, compiled_module
from ..errors import PlanBlocked
from ..plans.needed_files import NeededFiles
from ..plans.real_directories import RealDirectories
from ..plans.schemes import SchemeDirectories
from .moves import Move, parents
from .planned_tree import planned_tree
from .relocation import is_copy, is_directory, may_write
from .times import STORE_NAME, Seen, looks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..plans.install_plan import InstallPlan
    from .staging import StagedDirectory, StagedFile
    from .survey import Survey

__all__ = ["Placement", "place"]


@dataclass(frozen=True, slots=True)
class Placement:
    """All moves of an installation, and the directories around them as they are now."""

    moves: tuple[Move, ...]
    directories: dict[str, Seen]
    files: int
    """How many files are put in."""


def place(
    plan: InstallPlan, staged: Iterable[StagedDirectory], going: Survey, root: str, directory: str
) -> Placement:
    """Say how staged files get to their places. Changes nothing.

    A file that is there already with the same content stays: packages that share a namespace
    bring the same ``__init__.py``.

    Args:
        plan: what is carried out.
        staged: what an engine prepared.
        going: what moves out before.
        root: what moves are relative to.
        directory: the transaction's, in which the stage is.

    Raises:
        PlanBlocked: something is in the way, or a directory may not be written to.
    """
    placing = _Placing(plan, going, root)
    for each in staged:
        placing.add(each, os.path.join(directory, each.kept))
    if placing.in_the_way:
        if not plan.force:
            raise _blocked(placing.in_the_way, plan)
        _require_not_needed(placing.in_the_way, plan)
    outs = [*going.moves]
    for path in (*placing.in_the_way, *placing.compiled_before):
        outs.append(Move("out", *placing.split(path), str(len(outs))))
    refilled = parents(outs)
    shared = [
        Move("make", *placing.split(path), "", files=0, loose=True)
        for path in sorted(placing.shared, key=len)
    ]
    shared = [move for move in shared if move.name not in refilled]
    makes = [
        Move("make", *placing.split(path), "", files=0, mode=mode)
        for path, mode in placing.missing.items()
    ]
    compiled = [
        Move("make", *placing.split(path), "", files=0, loose=True)
        for path in placing.without_compiled
        if path not in placing.missing
    ]
    moves = (*outs, *shared, *makes, *compiled, *placing.ins)
    directories = {**looks(root, parents(moves)), **going.directories}
    for path in placing.receiving:
        if not may_write(path):
            raise PlanBlocked(f"{path} may not be written to, so nothing was changed.")
    return Placement(moves, directories, len(placing.ins))


@dataclass(slots=True)
class _Placing:
    """The state of one :func:`place`; all paths in it have their links resolved."""

    plan: InstallPlan
    going: Survey
    root: str
    ins: list[Move] = field(default_factory=list)
    missing: dict[str, int] = field(default_factory=dict)
    """Directories that have to be made, the outer first, and their modes."""
    in_the_way: dict[str, str] = field(default_factory=dict)
    """Files that are somebody else's, and the package that wants their place."""
    receiving: set[str] = field(default_factory=set)
    """Existing directories that something is put into."""
    without_compiled: dict[str, None] = field(default_factory=dict)
    """Where Python will put what it compiles, and nothing is yet."""
    compiled_before: dict[str, None] = field(default_factory=dict)
    """Compiled files of modules that come, although these modules are not there: they are not of
    what comes, so they make way for it, and an undo brings them back."""
    shared: set[str] = field(default_factory=set)
    """Existing directories with something in them, below a base, that something is put below.
    Whoever leaves last takes them along."""
    _bases: dict[str, str] = field(default_factory=dict)
    _leaving: set[str] = field(default_factory=set)
    _is_there: dict[str, bool] = field(default_factory=dict)
    _real: dict[str, str] = field(default_factory=dict)
    _compiled: dict[str, dict[str, list[str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = planned_tree(self.plan.removal)[0].names
        spelled = {name: path for path, name in names.items()}
        self._bases = {path: name for path, name in names.items() if os.path.isdir(path)}
        self._leaving = {
            os.path.normpath(os.path.join(spelled[move.base], move.path))
            for move in self.going.moves
            if move.way == "out"
        }

    def add(self, staged: StagedDirectory, kept: str) -> None:
        """Take in the files of one directory, which are in the directory ``kept`` now."""
        scheme = self._real.get(staged.scheme)
        if scheme is None:
            scheme = self._real[staged.scheme] = os.path.realpath(staged.scheme)
        parent = os.path.join(scheme, *staged.path.split("/")) if staged.path else scheme
        is_there = self._directory_is_there(parent, staged.files[0].distribution)
        base, below = self.split(parent)
        below = f"{below}/" if below else ""
        coming = [
            file
            for file in staged.files
            if not is_there or self._may_come(os.path.join(parent, file.name), file, kept)
        ]
        if not coming:
            return
        if is_there:
            self._receive(parent)
        else:
            self._make(parent, staged.mode)
        for file in coming:
            self.ins.append(
                Move("in", base, below + file.name, f"{staged.kept}/{file.name}", state=file.state)
            )
        modules = [file.name[: -len(".py")] for file in coming if file.name.endswith(".py")]
        if modules:
            compiled = os.path.join(parent, CACHE)
            if not is_there or compiled in self._leaving or not os.path.isdir(compiled):
                self.without_compiled[compiled] = None
            elif is_directory(compiled):
                for module in modules:
                    self._clear_compiled(compiled, module)

    def _may_come(self, target: str, file: StagedFile, kept: str) -> bool:
        """Whether a file has to be put where something may be; notes what is in the way of it."""
        if target not in self._leaving and os.path.lexists(target):
            if is_directory(target):
                raise PlanBlocked(
                    f"{file.distribution} has a file for {_shown(target)}, which is a "
                    "directory; nothing was changed."
                )
            if is_copy(os.path.join(kept, file.name), target):
                return False
            self.in_the_way[target] = file.distribution
        return True

    def split(self, path: str) -> tuple[str, str]:
        """The nearest existing base, relative to the root, and the way from there."""
        base = path
        while base not in self._bases:
            base = os.path.dirname(base)
        return self._bases[base], path[len(base) + 1 :].replace(os.sep, "/")

    def _directory_is_there(self, path: str, distribution: str) -> bool:
        """Whether a directory exists and stays; only real ones, below a base, will do."""
        known = self._is_there.get(path)
        if known is not None:
            return known
        if path in self._bases:
            found = True
        elif os.path.dirname(path) == path or os.path.basename(path) == STORE_NAME:
            raise PlanBlocked(
                f"{distribution} has a file for {_shown(path)}, where nothing may be put; "
                "nothing was changed."
            )
        elif (
            not self._directory_is_there(os.path.dirname(path), distribution)
            or path in self._leaving
        ):
            found = False
        else:
            try:
                mode = os.lstat(path).st_mode
            except FileNotFoundError:
                found = False
            else:
                found = stat.S_ISDIR(mode)
                if not found:
                    raise PlanBlocked(
                        f"{distribution} needs a directory at {_shown(path)}, and something "
                        "else is there; nothing was changed. Move it away first."
                    )
        self._is_there[path] = found
        return found

    def _make(self, path: str, mode: int) -> None:
        if path in self.missing or self._is_there.get(path):
            return
        outer = os.path.dirname(path)
        if self._is_there.get(outer):
            self._receive(outer)
        else:
            self._make(outer, mode)
        self.missing[path] = mode

    def _receive(self, path: str) -> None:
        """Note that something is put into an existing directory."""
        if path in self.receiving:
            return
        self.receiving.add(path)
        while path not in self._bases and path not in self.shared:
            if not os.listdir(path):
                return  # it was empty before, and will be again
            self.shared.add(path)
            path = os.path.dirname(path)

    def _clear_compiled(self, directory: str, module: str) -> None:
        """Let what was compiled from another source of this name make way."""
        found = self._compiled.get(directory)
        if found is None:
            found = self._compiled[directory] = {}
            with os.scandir(directory) as entries:
                for entry in entries:
                    stem = compiled_module(entry.name)
                    if stem is not None and entry.is_file(follow_symlinks=False):
                        found.setdefault(stem, []).append(entry.name)
        for name in sorted(found.get(module, ())):
            path = os.path.join(directory, name)
            if path not in self._leaving:
                self.compiled_before[path] = None
                self.receiving.add(directory)


def _require_not_needed(in_the_way: dict[str, str], plan: InstallPlan) -> None:
    """Force is for the files of other packages, not for those of the environment itself.

    Raises:
        PlanBlocked: one of them would be overwritten.
    """
    environment = plan.environment
    schemes = environment.user_schemes if plan.request.user else environment.schemes
    site = schemes["purelib"]
    real = RealDirectories()
    directories = SchemeDirectories(site, schemes, real)
    needed = NeededFiles(environment, directories, real)
    for path, wanting in in_the_way.items():
        home, name = directories.place(os.path.relpath(path, real(os.fspath(site))))
        why = "it lies outside of the environment"
        if home is not None:
            why = needed.why(home, name, os.lstat(path), "", None)
        if why:
            raise PlanBlocked(
                f"{wanting} would overwrite {_shown(path)}, and nothing may: {why}. Nothing was "
                "changed."
            )


def _blocked(in_the_way: dict[str, str], plan: InstallPlan) -> PlanBlocked:
    path, wanting = next(iter(in_the_way.items()))
    owners = InstalledPackages(plan.environment).owners.of(Path(path))
    whose = " and ".join(f"{printable(owner.name)} {owner.version}" for owner in owners)
    more = f" There are {len(in_the_way) - 1} more such files." if len(in_the_way) > 1 else ""
    return PlanBlocked(
        f"{wanting} would overwrite {_shown(path)}, which belongs to "
        f"{whose or 'no package'}; nothing was changed.{more} --force overwrites, and an undo "
        "brings back what was there."
    )


def _shown(path: str) -> str:
    return printable(path)
