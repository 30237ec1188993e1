"""A plan held against the disk, immediately before it is carried out.

Every file must be what it was when the plan was made, and must lie where the plan says when no
link below its site directory or scheme directory is followed. What comes out is the shortest
list of moves: a directory in which nothing stays is one of them.
"""

from __future__ import annotations

import contextlib
import os
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..errors import PlanBlocked, PlanOutdated
from .moves import Move
from .newcomers import require_no_new_owner
from .planned_tree import Bases, PlannedDirectory, planned_tree
from .relocation import may_write
from .store import STAGED
from .times import Seen, look_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from ..plans.uninstall_plan import Edit, FileState, PlannedFile, UninstallPlan

__all__ = ["Survey", "survey"]

_COMPILED = "__pycache__"


@dataclass(frozen=True, slots=True)
class Survey:
    """What is to be moved, and the directories around it as they are now."""

    moves: tuple[Move, ...]
    staged: dict[str, Edit]
    """What has to be in the store before files move, by its name there."""
    directories: dict[str, Seen]
    """Every directory that will change, and those above it up to its base."""
    size: int
    files: int
    names: dict[str, set[str]] = field(default_factory=dict)
    """The files of directories that move whole, relative to them; by the name in the store."""


def survey(plan: UninstallPlan) -> Survey:
    """Return what carrying out ``plan`` moves. Changes nothing.

    Raises:
        PlanOutdated: the disk is not what it was when the plan was made.
        PlanBlocked: a file lies outside the root, or its directory may not be written to.
    """
    require_no_new_owner(plan)
    bases, tree = planned_tree(plan)
    staying = _staying(plan.files)
    info = {os.path.realpath(found.info_path) for found in plan.distributions if not found.linked}
    seen: dict[str, Seen] = {}
    # A path is longer than that of the directory that it lies in: the innermost come first.
    for path in sorted(tree, key=len, reverse=True):
        directory = tree[path]
        if path in bases.names:
            _check_entries_of_base(path, directory, tree, bases)
            if directory.files and _COMPILED not in directory.inner:
                with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                    names = os.listdir(os.path.join(path, _COMPILED))
                    _check_compiled(path, names, tree, staying)
            if (found := look_at(path)) is not None:
                seen[path] = found
        else:
            found = _check_directory(path, directory, tree, bases, info, staying)
            if found is not None:
                seen[path] = found
    moves, staged, known = _moves(tree, bases)
    _require_writable(moves, bases.root)
    return Survey(
        moves,
        staged,
        {_name(path, bases): found for path, found in seen.items()},
        sum(file.size for file in plan.files if file.goes),
        sum(file.goes for file in plan.files),
        known,
    )


def _staying(files: Iterable[PlannedFile]) -> set[str]:
    """Where the files are that stay, with every link above them resolved."""
    spots = set()
    homes: dict[str, str] = {}
    for file in files:
        if file.goes:
            continue
        if file.verdict == "missing" and os.path.lexists(file.path):
            raise _new(file.path)
        parent, _, name = os.fspath(file.path).rpartition(os.sep)
        if parent not in homes:
            homes[parent] = os.path.realpath(parent)
        spots.add(os.path.join(homes[parent], name))
    return spots


def _check_entries_of_base(
    path: str, directory: PlannedDirectory, tree: dict[str, PlannedDirectory], bases: Bases
) -> None:
    """A base can be large and never goes, so only what the plan names is looked at."""
    named: dict[str, PlannedFile | Edit] = {**directory.files, **directory.edits}
    for name, file in named.items():
        try:
            status = os.lstat(os.path.join(path, name))
            _check_file(file, status)
            if stat.S_ISDIR(status.st_mode):
                _check_empty(os.path.join(path, name), bases)
        except (FileNotFoundError, NotADirectoryError):
            raise _gone(file.path) from None
    for inner in directory.inner.values():
        try:
            mode = os.lstat(inner).st_mode
        except (FileNotFoundError, NotADirectoryError):
            raise _gone(inner) from None
        if not stat.S_ISDIR(mode):
            raise PlanOutdated(f"{inner} is no directory any more; make the plan again.")
        directory.count += tree[inner].count


def _check_directory(
    path: str,
    directory: PlannedDirectory,
    tree: dict[str, PlannedDirectory],
    bases: Bases,
    info: set[str],
    staying: set[str],
) -> Seen | None:
    """Compare with the plan; None where nothing stays, else how the directory is."""
    whole = True
    missing = directory.files.keys() | directory.inner.keys() | directory.edits.keys()
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                name = entry.name
                missing.discard(name)
                file = directory.files.get(name)
                if file is not None:
                    _check_file(file, _status(entry))
                    if entry.is_dir(follow_symlinks=False):
                        _check_empty(entry.path, bases)
                    else:
                        directory.count += 1
                elif name in directory.edits:
                    _check_file(directory.edits[name], _status(entry))
                    whole = False
                elif name in directory.inner:
                    if not entry.is_dir(follow_symlinks=False):
                        raise PlanOutdated(
                            f"{entry.path} is no directory any more; make the plan again."
                        )
                    inner = tree[directory.inner[name]]
                    whole = whole and inner.whole
                    directory.count += inner.count
                elif not (
                    entry.is_dir(follow_symlinks=False) and _holds_no_file(entry.path, bases)
                ):
                    whole = False
                    _check_stranger(entry, path, tree, info, staying)
        if missing:
            raise _gone(os.path.join(path, min(missing)))
        directory.whole = whole
        return None if whole else look_at(path)
    except (FileNotFoundError, NotADirectoryError):
        raise _gone(path) from None


def _check_file(file: PlannedFile | Edit, status: os.stat_result) -> None:
    state = file.state
    if state is None or (
        status.st_mtime_ns != state.mtime_ns
        or status.st_size != state.size
        or status.st_ino != state.inode
        or status.st_mode != state.mode
    ):
        raise PlanOutdated(f"{file.path} has changed since the plan was made; make it again.")


def _check_empty(path: str, bases: Bases) -> None:
    """A directory that the plan names by itself may only go where no file is in it."""
    if not _holds_no_file(path, bases):
        raise PlanOutdated(f"{path} holds a file that the plan does not know; make it again.")


def _check_stranger(
    entry: os.DirEntry[str],
    path: str,
    tree: dict[str, PlannedDirectory],
    info: set[str],
    staying: set[str],
) -> None:
    """What no file that goes accounts for stays, unless the plan would have named it."""
    if entry.path in staying:
        return
    if path in info:
        raise _new(entry.path)
    if entry.name == _COMPILED:
        _check_compiled(path, os.listdir(entry.path), tree, staying)
    elif os.path.basename(path) == _COMPILED:
        _check_compiled(os.path.dirname(path), [entry.name], tree, staying)


def _check_compiled(
    path: str, names: Iterable[str], tree: dict[str, PlannedDirectory], staying: set[str]
) -> None:
    """Modules of ``path`` that were compiled since the plan was made would stay behind."""
    sources = tree[path].files if path in tree else {}
    for name in names:
        stem, suffix = os.path.splitext(name)
        stem, tag = os.path.splitext(stem)
        stems = {stem, os.path.splitext(stem)[0]} if tag.startswith(".opt-") else {stem}
        compiled = os.path.join(path, _COMPILED, name)
        if (
            suffix == ".pyc"
            and not sources.keys().isdisjoint(f"{stem}.py" for stem in stems)
            and compiled not in staying
        ):
            raise _new(compiled)


def _holds_no_file(path: str, bases: Bases) -> bool:
    """Whether a directory consists of directories only, none of them one that always stays."""
    pending = [path]
    while pending:
        path = pending.pop()
        if path in bases.names:
            return False
        with os.scandir(path) as entries:
            for entry in entries:
                if not entry.is_dir(follow_symlinks=False):
                    return False
                pending.append(entry.path)
    return True


def _status(entry: os.DirEntry[str]) -> os.stat_result:
    # Windows leaves the inode out of what a directory listing gives.
    return os.lstat(entry.path) if os.name == "nt" else entry.stat(follow_symlinks=False)


def _moves(
    tree: dict[str, PlannedDirectory], bases: Bases
) -> tuple[tuple[Move, ...], dict[str, Edit], dict[str, set[str]]]:
    found: list[tuple[str, str, FileState | None, bool, int]] = []
    wholes: dict[tuple[str, str], str] = {}
    edits: list[tuple[str, str, Edit]] = []
    for path, directory in tree.items():
        if directory.whole:
            continue
        base, below = bases.split(path)
        prefix = f"{below}/" if below else ""
        for name, file in directory.files.items():
            is_directory = file.state is not None and stat.S_ISDIR(file.state.mode)
            state = None if is_directory else file.state
            found.append((base, prefix + name, state, is_directory, 0 if is_directory else 1))
        for name, inner in directory.inner.items():
            if tree[inner].whole:
                found.append((base, prefix + name, None, True, tree[inner].count))
                wholes[base, prefix + name] = inner
        edits += [(base, prefix + name, edit) for name, edit in directory.edits.items()]
    moves = [
        Move("out", base, path, str(number), directory, _state(state), files)
        for number, (base, path, state, directory, files) in enumerate(
            sorted(found, key=lambda item: item[:2])
        )
    ]
    names = {
        move.kept: set(_names_below(wholes[move.base, move.path], tree))
        for move in moves
        if (move.base, move.path) in wholes
    }
    staged = {}
    for base, path, edit in edits:
        number = len(moves)
        moves.append(Move("out", base, path, str(number), state=_state(edit.state), files=0))
        moves.append(Move("in", base, path, f"{number}{STAGED}", files=0))
        staged[f"{number}{STAGED}"] = edit
    return tuple(moves), staged, names


def _names_below(path: str, tree: dict[str, PlannedDirectory]) -> Iterator[str]:
    """The planned files in a directory, at any depth, relative to it."""
    start = len(path) + 1
    pending = [path]
    while pending:
        path = pending.pop()
        for name, file in tree[path].files.items():
            if file.state is None or not stat.S_ISDIR(file.state.mode):
                yield os.path.join(path, name)[start:]
        pending += tree[path].inner.values()


def _state(state: FileState | None) -> tuple[int, int, int] | None:
    return None if state is None else (state.mode, state.size, state.mtime_ns)


def _name(path: str, bases: Bases) -> str:
    base, below = bases.split(path)
    return "/".join(filter(None, (base, below)))


def _require_writable(moves: Iterable[Move], root: str) -> None:
    """All or nothing: no file moves where one of them cannot."""
    asked = set()
    for move in moves:
        place = os.path.join(root, move.name)
        # A directory is written to itself when its parent changes: its ".." does.
        for path in (
            (os.path.dirname(place), place) if move.directory else (os.path.dirname(place),)
        ):
            if path not in asked and not may_write(path):
                raise PlanBlocked(f"{path} may not be written to, so nothing was changed.")
            asked.add(path)


def _new(path: str | Path) -> PlanOutdated:
    return PlanOutdated(f"{path} is new since the plan was made; make it again.")


def _gone(path: str | Path) -> PlanOutdated:
    return PlanOutdated(f"{path} has gone since the plan was made; make it again.")
