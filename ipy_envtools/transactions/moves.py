"""A transaction as a list of moves, carried out in order or taken back in reverse.

A move takes something out of the environment into the store, puts something staged in the store
into the environment, or makes a directory for that. Uninstalling is taking out only; changing a
text file is taking the old one out and putting a new one in; installing is all of it. Rolling
back, recovering and undoing are all the same walk backwards, and it looks at the disk, never at
a note of how far it got.
"""

from __future__ import annotations

import contextlib
import os
import stat
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from .relocation import Relocation, is_directory, is_reached_without_links
from .times import STORE_NAME
from .whole_directories import whole_directories

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = [
    "Failure",
    "FileState",
    "Move",
    "Mover",
    "is_as_put",
    "parents",
    "require_below",
    "state_of",
    "with_state",
]


FileState = tuple[int, int, int]
"""Mode, size in bytes, and modification time (ns)."""


@dataclass(frozen=True, slots=True)
class Move:
    """One file, link or whole directory, on its way between the environment and the store."""

    way: Literal["out", "in", "make"]
    base: str
    """The site directory or scheme directory that it lies in, relative to the root."""
    path: str
    """Relative to ``base``; no part of it but the last may be a symbolic link."""
    kept: str
    """Its place in the transaction's directory; empty for a directory that is made."""
    directory: bool = False
    state: FileState | None = None
    """Of a file as it moved, so that an undo sees a later change."""
    files: int = 1
    """How many files it moves."""
    loose: bool = False
    """Whether it was Python that made it and may do so again: it is only ever taken away."""
    mode: int = 0
    """Of a directory that is made."""

    def __post_init__(self) -> None:
        for text in filter(None, (self.base, self.path, self.kept)):
            require_below(text)
        if not self.path or bool(self.kept) == (self.way == "make"):
            raise ValueError("a move needs a path and, unless it makes, a place in the store")
        if self.kept.partition("/")[0] == "journal":
            raise ValueError("the journal is not among what is kept")

    @property
    def name(self) -> str:
        """The place in the environment, relative to the root."""
        return f"{self.base}/{self.path}" if self.base else self.path

    def to_json(self) -> dict[str, Any]:
        """The move as a value for the journal."""
        value: dict[str, Any] = {
            self.way: self.path,
            "base": self.base,
            "kept": self.kept,
            "files": self.files,
        }
        if self.directory:
            value["directory"] = True
        if self.state:
            value["state"] = self.state
        if self.loose:
            value["loose"] = True
        if self.mode:
            value["mode"] = self.mode
        return value

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Move:
        """The move that :meth:`to_json` described; ValueError where it leads elsewhere."""
        ways: tuple[Literal["out", "in", "make"], ...] = ("out", "in", "make")
        way = next(way for way in ways if way in value)
        state = value.get("state")
        return cls(
            way,
            value["base"],
            value[way],
            value["kept"],
            value.get("directory", False),
            (state[0], state[1], state[2]) if state else None,
            value["files"],
            value.get("loose", False),
            value.get("mode", 0),
        )


def require_below(name: str) -> None:
    """Refuse a relative path that may lead out of its directory, or into the store.

    Raises:
        ValueError: it does.
    """
    parts = f"/{name}/"  # a split would cost as much as the renaming of what is called so
    if "//" in parts or "/./" in parts or "/../" in parts or "\0" in parts:
        raise ValueError(f"{name!r} leads out of its directory")
    if os.sep != "/" and (os.sep in name or ":" in name):
        raise ValueError(f"{name!r} is not spelled as in a journal")
    if STORE_NAME in name.casefold() and STORE_NAME in name.casefold().split("/"):
        raise ValueError(f"{name!r} belongs to the store of earlier changes")


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that could not be brought back."""

    path: str
    """Where it belongs."""
    now: str
    """Where it is."""
    error: OSError


class Mover:
    """Carries out the moves of one transaction.

    Args:
        root: what the moves are relative to.
        directory: the transaction's directory in the store.
        moves: in the order of carrying them out.
        modes: how the directories in the environment were that may have to be made again.
        before_taking_apart: called once, before the first directory that cannot be moved whole.
        step: called after each move with its path and its number of files.
    """

    def __init__(
        self,
        root: str,
        directory: str,
        moves: Sequence[Move],
        modes: dict[str, int],
        before_taking_apart: Callable[[], None],
        step: Callable[[str, int], None],
    ) -> None:
        self._root = root
        self._inside_root = os.path.join(root, "")
        self._inside_directory = os.path.join(directory, "")
        self._moves = moves
        self._modes = modes
        self._step = step
        self._reached: dict[tuple[str, str], bool] = {}
        self._room: set[str] = set()
        self._relocation = Relocation(os.path.basename(directory), before_taking_apart)

    def place(self, move: Move) -> str:
        """Where the move begins or ends in the environment."""
        return self._inside_root + move.name

    def top(self, move: Move) -> str:
        """What is right in the base that the move is in, or is it."""
        return os.path.join(self._root, move.base, move.path.partition("/")[0])

    def kept(self, move: Move) -> str:
        """Where it ends or begins in the store."""
        return self._inside_directory + move.kept

    def is_in(self, move: Move) -> bool:
        """Whether what was put in is still there, as it was put.

        Somebody may since have moved its directory elsewhere and put a link there: what lies
        behind a link is not in the environment any more.
        """
        place = self.place(move)
        return self._is_where_it_was(move) and os.path.lexists(place) and is_as_put(place, move)

    def _is_where_it_was(self, move: Move) -> bool:
        parent = os.path.dirname(move.path)
        key = (move.base, parent)
        if key not in self._reached or not self._reached[key]:
            top = os.path.join(self._root, move.base)
            self._reached[key] = is_reached_without_links(top, parent)
        return self._reached[key]

    def unfinished_copy(self, move: Move) -> str:
        """What is left in the environment where putting a file in by copying it was killed."""
        return self._relocation.unfinished_copy(self.place(move))

    def forward(self) -> None:
        """Carry out every move; stops at the first error."""
        whole = whole_directories(self._moves, self.kept)
        came: set[str] = set()
        for move in self._moves:
            place, kept, name = self.place(move), self.kept(move), move.name
            if move.way == "out":
                self._relocation.move(place, kept)
            elif name.rpartition("/")[0] in came:
                came.add(name)
            elif move.way == "in":
                self._relocation.move(kept, place)
            elif not move.loose:
                if name in whole and self._relocation.move_whole(whole[name], place):
                    came.add(name)
                else:
                    self._relocation.make(place, move.mode)
            self._step(move.path, move.files)

    def backward(self, *, resuming: bool) -> None:
        """Take every move back, the last one first; stops at the first error.

        Args:
            resuming: whether an interrupted move may have left a thing in both places.
        """
        for move in reversed(self._moves):
            self._bring_back(move, resuming)
            self._step(move.path, move.files)

    def roll_back(self) -> list[Failure]:
        """Take every move back as far as that is possible, and say what is not."""
        failures = []
        for move in reversed(self._moves):
            try:
                self._bring_back(move, resuming=True)
            except OSError as error:
                here, there = self.kept(move), self.place(move)
                if move.way == "in":
                    here, there = there, here
                failures.append(Failure(there, here, error))
        return failures

    def reverse(self) -> list[Failure]:
        """Take back exactly what :meth:`backward` has done in this process."""
        return [Failure(*failed) for failed in self._relocation.reverse()]

    def _bring_back(self, move: Move, resuming: bool) -> None:
        place, kept = self.place(move), self.kept(move)
        if move.way != "out" and not self._is_where_it_was(move):
            return
        if move.way == "make":
            self._relocation.unmake(place)
        elif move.loose:
            if os.path.lexists(place) and not os.path.lexists(kept):
                self._relocation.move(place, kept)
        elif move.way == "in":
            if resuming:
                with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                    os.unlink(self.unfinished_copy(move))
            if self.is_in(move) and (resuming or not os.path.lexists(kept)):
                self._have_room_for(kept)
                self._relocation.move(place, kept, resuming=resuming)
        elif os.path.lexists(kept):
            self._make_parents(move)
            self._relocation.move(kept, place, resuming=resuming)

    def _have_room_for(self, kept: str) -> None:
        parent = os.path.dirname(kept)
        if parent not in self._room:
            os.makedirs(parent, exist_ok=True)
            self._room.add(parent)

    def _make_parents(self, move: Move) -> None:
        """Make the directories above a place again that have gone since."""
        missing = []
        name = os.path.dirname(move.path)
        while name and not is_directory(os.path.join(self._root, move.base, name)):
            missing.append(name)
            name = os.path.dirname(name)
        for name in reversed(missing):
            full = f"{move.base}/{name}" if move.base else name
            self._relocation.make(
                os.path.join(self._root, full), self._modes.get(full, stat.S_IRWXU | 0o055)
            )


def state_of(status: os.stat_result) -> FileState:
    """What a file is known again by."""
    return status.st_mode, status.st_size, status.st_mtime_ns


def with_state(move: Move, directory: str) -> Move:
    """A move that puts in what is staged in ``directory``, with the state to know it again by."""
    if move.way != "in" or move.directory or move.state:
        return move
    return replace(move, state=state_of(os.lstat(os.path.join(directory, move.kept))))


def is_as_put(path: str, move: Move) -> bool:
    """Whether a file is still the one that was put there; a directory is not looked into."""
    status = os.lstat(path)
    if move.state is None:
        return stat.S_ISDIR(status.st_mode)
    return state_of(status) == move.state


def parents(moves: Iterable[Move]) -> dict[str, str]:
    """Every directory that moves change, and those above it up to its base, with the base."""
    found: dict[str, str] = {}
    for move in moves:
        name = move.name
        while len(name) > len(move.base):
            name = name.rpartition("/")[0]
            if found.get(name) == move.base:
                break
            found[name] = move.base
    return found
