"""The journal of one transaction: lines of JSON that are only ever appended.

The first line is the format's version. Then come the transaction, its moves, the directories
as they were, and last a line with the phase ``applying``: from there on files move. Each later
phase is one more line. A line that a crash cut off can only be the last one and is ignored;
what is in it is always learnt again from the disk.

Paths are relative to the root that the store lies in, with ``/`` between parts. Bytes that are
no text are lone surrogates in them (PEP 383), which JSON's escapes carry. Only names, versions
and paths get in, so no URL and no credentials.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, get_args

from ..environment import printable
from ..errors import EnvToolsError
from .moves import Move, require_below
from .owner import Owner, this_process
from .times import Seen

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "FORMAT",
    "Change",
    "Journal",
    "JournalUnreadable",
    "Phase",
    "read_journal",
    "read_outline",
]

FORMAT = 1

Phase = Literal["applying", "applied", "undoing", "undone", "rolled-back"]
_PHASES = get_args(Phase)

_to_json = json.JSONEncoder(separators=(",", ":")).encode
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_NOT_OURS = (
    *(AttributeError, IndexError, KeyError, OverflowError, RecursionError, StopIteration),
    *(TypeError, ValueError),
)
"""What reading lines raises that this package has not written."""
_NONBLOCK = getattr(os, "O_NONBLOCK", 0)  # opening a FIFO would wait for ever


class JournalUnreadable(EnvToolsError):
    """A journal that this release cannot read; nothing may change the environment meanwhile."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a transaction does to one package."""

    kind: str
    """``remove``, ``install``, ``upgrade``, ``downgrade`` or ``reinstall``."""
    name: str
    """The canonical name."""
    version: str
    """The version that it is about: the one that comes, or the one that goes."""
    previous_version: str | None
    """The version that was there before; None where there was none."""


@dataclass(slots=True)
class Journal:
    """What is written in one journal, and where the next line goes."""

    path: str
    id: str
    started: datetime
    summary: str
    changes: tuple[Change, ...]
    size: int
    """Bytes of the files that are taken out."""
    files: int
    """How many of them there are."""
    moves: list[Move]
    phase: Phase = "applying"
    owner: Owner | None = None
    """Who wrote the last phase; None where that process has given up."""
    seconds: float | None = None
    """How long applying took."""
    seen: list[tuple[str, Seen]] = field(default_factory=list)
    """Directories and how they were, in the order of time."""
    given_up: list[str] = field(default_factory=list)
    """Summaries of earlier transactions whose undo was given up to stay within the bounds."""
    length: int = 0
    """Bytes up to the end of the last whole line."""

    def begin(self, directories: dict[str, Seen]) -> None:
        """Write the intent, so that it is on the disk before the first file moves."""
        head = {
            "id": self.id,
            "started": self.started.isoformat(),
            "summary": self.summary,
            "changes": [[c.kind, c.name, c.version, c.previous_version] for c in self.changes],
            "size": self.size,
            "files": self.files,
        }
        moves = [{"move": move.to_json()} for move in self.moves]
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NOFOLLOW, 0o666)
        os.close(descriptor)
        self._append({"format": FORMAT}, head, *moves, self._phase_line("applying", directories))

    def enter(self, phase: Phase, directories: dict[str, Seen], more: Iterable[Move] = ()) -> None:
        """Write that ``phase`` has begun or, for the last ones, is reached.

        Args:
            phase: the one.
            directories: how they are now.
            more: moves that came up since the others were written.
        """
        lines = [{"move": move.to_json()} for move in more]
        self._append(*lines, self._phase_line(phase, directories))
        self.phase = phase
        self.owner = this_process()

    def give_up(self) -> None:
        """Write that this process no longer works at a transaction that it could not finish."""
        self._append({**self._phase_line(self.phase, {}), "owner": None})
        self.owner = None

    def note(self, directories: dict[str, Seen]) -> None:
        """Write how directories look that are about to be taken apart."""
        self._append({"directories": _directories_to_json(directories), "at": time.time()})
        self.seen.extend(directories.items())

    def note_given_up(self, summaries: list[str]) -> None:
        """Write which earlier transactions were deleted when this one was carried out."""
        self._append({"given-up": summaries})
        self.given_up.extend(summaries)

    def _phase_line(self, phase: Phase, directories: dict[str, Seen]) -> dict[str, Any]:
        self.seen.extend(directories.items())
        return {
            "phase": phase,
            "owner": this_process().to_json(),
            "at": time.time(),
            "seconds": self.seconds,
            "directories": _directories_to_json(directories),
        }

    def _append(self, *lines: dict[str, Any]) -> None:
        data = "".join(f"{_to_json(line)}\n" for line in lines).encode()
        self._own_alone()
        descriptor = os.open(self.path, os.O_RDWR | _NOFOLLOW)
        try:
            # What a failed or killed write left behind would spoil the line that follows it.
            if os.fstat(descriptor).st_size != self.length:
                os.ftruncate(descriptor, self.length)
            os.lseek(descriptor, self.length, os.SEEK_SET)
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            os.fsync(descriptor)
        except BaseException:
            # It may be in the file all the same, and what it says will not be so.
            with contextlib.suppress(OSError):
                os.ftruncate(descriptor, self.length)
            raise
        finally:
            os.close(descriptor)
        self.length += len(data)

    def _own_alone(self) -> None:
        """Copy a journal that has another name too: what that name is for must not change."""
        if os.lstat(self.path).st_nlink == 1:
            return
        copy = f"{self.path}.new"
        with contextlib.suppress(FileNotFoundError):
            os.unlink(copy)
        with open(self.path, "rb") as here, open(copy, "xb") as there:
            there.write(here.read())
            there.flush()
            os.fsync(there.fileno())
        os.replace(copy, self.path)


def read_journal(path: str) -> Journal | None:
    """Read the journal at ``path``; None where its intent was never completely written.

    Raises:
        JournalUnreadable: another format, or damaged elsewhere than at its end.
    """
    return _read(path, outline=False)


def read_outline(path: str) -> Journal | None:
    """The same without ``moves`` and ``seen``, and so without noticing damage among them."""
    return _read(path, outline=True)


def _read(path: str, *, outline: bool) -> Journal | None:
    try:
        descriptor = os.open(path, os.O_RDONLY | _NOFOLLOW | _NONBLOCK)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unreadable(path, f"cannot be read ({error.strerror})") from error
    with open(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise _unreadable(path, "is no file")
        lines = file.read().split(b"\n")[:-1]
    if lines and not _is_json(lines[-1]):
        lines.pop()
    if not lines:
        return None
    number = 0
    try:
        if json.loads(lines[0])["format"] != FORMAT:
            raise JournalUnreadable(
                f"{printable(path)} was written in a format that this release of ipy-envtools "
                "does not know, so nothing is changed here. Use the release that wrote it, or a "
                "newer one."
            )
        if len(lines) == 1:
            return None
        number = 1
        journal = _begin(path, json.loads(lines[1]), sum(map(len, lines)) + len(lines))
        began = False
        for number in _order(lines, outline=outline):
            value = json.loads(lines[number])
            began = _take_in(journal, value) or began
            if outline and began:
                break
    except _NOT_OURS as error:
        raise _unreadable(path, f"is damaged at line {number + 1}") from error
    return journal if began else None


def _unreadable(path: str, what: str) -> JournalUnreadable:
    directory = printable(os.path.dirname(path))
    return JournalUnreadable(
        f"{printable(path)} {what}, so what happened here cannot be told and nothing is changed. "
        f"{directory} holds the files that were taken out; move it elsewhere to go on without it."
    )


def _order(lines: list[bytes], *, outline: bool) -> range:
    """Forwards to learn everything, backwards to learn how it ended."""
    return range(len(lines) - 1, 1, -1) if outline else range(2, len(lines))


def _begin(path: str, head: dict[str, Any], length: int) -> Journal:
    identity = os.path.basename(os.path.dirname(path))
    started = datetime.fromisoformat(head["started"])
    if head["id"] != identity or started.tzinfo is None:
        raise ValueError("this is the journal of another transaction")
    return Journal(
        path=path,
        id=identity,
        started=started,
        summary=printable(head["summary"]),
        changes=tuple(_change(*change) for change in head["changes"]),
        size=int(head["size"]),
        files=int(head["files"]),
        moves=[],
        length=length,
    )


def _change(kind: str, name: str, version: str, previous: str | None) -> Change:
    if not all(isinstance(text, str) for text in (kind, name, version, previous or "")):
        raise TypeError("a change is made of texts")
    return Change(kind, name, version, previous)


def _take_in(journal: Journal, value: dict[str, Any]) -> bool:
    """Learn from one line; whether it enters a phase."""
    if "move" in value:
        journal.moves.append(Move.from_json(value["move"]))
        return False
    journal.given_up.extend(map(printable, value.get("given-up", ())))
    for name, (mode, mtime_ns, entries) in value.get("directories", {}).items():
        if name:
            require_below(name)
        journal.seen.append((name, Seen(mode, mtime_ns, entries, value["at"])))
    if "phase" not in value:
        return False
    if value["phase"] not in _PHASES:
        raise ValueError(value["phase"])
    journal.phase = value["phase"]
    journal.owner = Owner.from_json(value["owner"]) if value["owner"] else None
    journal.seconds = value["seconds"]
    return True


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _directories_to_json(directories: dict[str, Seen]) -> dict[str, list[Any]]:
    return {name: [seen.mode, seen.mtime_ns, seen.entries] for name, seen in directories.items()}
