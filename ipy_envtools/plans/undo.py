"""Planning to take a change back.

This room knows nothing of journals, so a plan is made from what a transaction says of itself.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ..environment import printable
from ..environment.versions import same_version
from ..kernel import loaded_modules
from .afterwards import Afterwards
from .coming_back import coming_back, copies_at
from .protection import read_only
from .undo_plan import Conflict, Returning, UndoPlan

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from ..environment import InstalledDistribution, InstalledPackages

__all__ = ["plan_undo"]

_GONE = "it has gone since: bring it back first, by hand where %pkg history lacks what took it"
_CHANGED = (
    "it has changed since: take that back first, by hand where %pkg history lacks what did it"
)


class _Change(Protocol):
    """What was done to one package."""

    @property
    def kind(self) -> str:
        """``remove``, ``install``, ``upgrade``, ``downgrade`` or ``reinstall``."""

    @property
    def name(self) -> str:
        """The canonical name."""

    @property
    def version(self) -> str:
        """The version that came, or the one that went."""

    @property
    def previous_version(self) -> str | None:
        """The version that was there before."""


class _Transaction(Protocol):
    """What a change says of itself."""

    @property
    def id(self) -> str:
        """Its name in the history."""

    @property
    def state(self) -> str:
        """``applied``; ``interrupted`` where it was neither finished nor taken back; else it is
        taken back."""

    @property
    def summary(self) -> str:
        """What it did, one printable line."""

    @property
    def changes(self) -> Sequence[_Change]:
        """The same, package by package."""

    @property
    def root(self) -> Path:
        """Root of the scheme that it changed, which its store is in."""

    @property
    def kept(self) -> Mapping[Path, Path]:
        """The place of each thing that comes back, and where it is kept until then."""

    @property
    def put_in(self) -> Collection[Path]:
        """The places that it put something into, files that it only changed included."""

    @property
    def conflicts(self) -> Sequence[Path]:
        """What stands in the way."""

    @property
    def moved_later(self) -> Mapping[Path, str]:
        """Which of them a later change moved, and its ID."""

    @property
    def files(self) -> int:
        """How many files it keeps."""

    @property
    def size(self) -> int:
        """Their bytes."""


def plan_undo(transaction: _Transaction, packages: InstalledPackages) -> UndoPlan:
    """Say what taking a transaction back would do. Changes nothing on disk.

    Args:
        transaction: what is taken back.
        packages: the environment as it is now.

    Raises:
        EnvToolsError: the transaction is no longer kept, or its journal cannot be read.
    """
    if transaction.state not in ("applied", "interrupted"):
        return _nothing_to_undo(transaction, packages)
    changes, kept = transaction.changes, transaction.kept
    put_in = frozenset(transaction.put_in)
    later = transaction.moved_later
    in_the_way = [
        Conflict(
            path,
            f"a later change moved it: first %pkg undo {later[path]}"
            if path in later
            else _reason(path, put_in, packages),
        )
        for path in transaction.conflicts
    ]
    # of what was interrupted nobody knows how far it came, only where it goes back to
    interrupted = transaction.state == "interrupted"
    goes = () if interrupted else tuple(copies_at(put_in, packages))
    found = () if interrupted else coming_back(kept, packages)
    coming = [copy for copy in found if _comes_back(copy, changes) or copy.info.metadata.names]
    remains = [copy for copy in coming if not _comes_back(copy, changes)]
    afterwards = Afterwards(packages, goes, coming, remains, kept)
    if not interrupted:
        in_the_way += _taken_along(put_in, goes, packages)
    conflicts = tuple(dict.fromkeys(in_the_way))
    blocked = None
    if conflicts:
        first = conflicts[0]
        more = f", and {len(conflicts) - 1} more" if len(conflicts) > 1 else ""
        blocked = f"It cannot be undone: {printable(str(first.path))} ({first.reason}){more}."
    elif reason := read_only(
        map(_beginning, (*kept, *put_in)), transaction.root, packages.environment
    ):
        blocked = f"It cannot be undone: {reason}"
    dependents = sorted(dict.fromkeys(afterwards.dependents()), key=lambda d: d.canonical_name)
    return UndoPlan(
        environment=packages.environment,
        transaction=transaction.id,
        summary=transaction.summary,
        interrupted=interrupted,
        changed=tuple(printable(f"{c.name} {c.version}".strip()) for c in changes),
        returning=tuple(_returning(changes, coming, goes)),
        goes=goes,
        comes_back=tuple(kept),
        files=transaction.files,
        size=transaction.size,
        conflicts=conflicts,
        dependents=tuple(dependents),
        lacking=tuple(dict.fromkeys(afterwards.lacking())),
        second_copies=tuple(afterwards.second_copies()),
        loaded_modules=loaded_modules(afterwards.replaced, packages),
        blocked=blocked,
    )


def _nothing_to_undo(transaction: _Transaction, packages: InstalledPackages) -> UndoPlan:
    return UndoPlan(
        environment=packages.environment,
        transaction=transaction.id,
        summary=transaction.summary,
        interrupted=False,
        changed=tuple(printable(f"{c.name} {c.version}".strip()) for c in transaction.changes),
        returning=(),
        goes=(),
        comes_back=(),
        files=0,
        size=0,
        conflicts=(),
        dependents=(),
        lacking=(),
        second_copies=(),
        loaded_modules=(),
        blocked=f"It is {transaction.state} already.",
    )


def _beginning(place: Path) -> Path:
    """The place, or the first of the directories above it that has to be made."""
    while not os.path.lexists(place.parent) and place.parent != place:
        place = place.parent
    return place


def _previous(change: _Change) -> str | None:
    """The version that an undo brings back; None where it brings none."""
    return change.version if change.kind == "remove" else change.previous_version


def _comes_back(copy: InstalledDistribution, changes: Sequence[_Change]) -> bool:
    """Whether the copy was a package, and not only metadata that a repair took away."""
    return any(_is_of(copy, change) for change in changes)


def _is_of(copy: InstalledDistribution, change: _Change) -> bool:
    """Whether ``change`` took this copy; not every kind of entry has a version in its name."""
    version = _previous(change)
    return (
        copy.canonical_name == change.name
        and version is not None
        and (not copy.version or same_version(copy.version, version))
    )


def _returning(
    changes: Sequence[_Change],
    coming: Sequence[InstalledDistribution],
    goes: Sequence[InstalledDistribution],
) -> Iterator[Returning]:
    for change in changes:
        version = _previous(change)
        if version is None:
            continue
        names = (copy.name for copy in coming if _is_of(copy, change))
        replaced = (copy.version for copy in goes if copy.canonical_name == change.name)
        yield Returning(change.name, version, next(names, ""), next(replaced, None))


def _taken_along(
    put_in: Collection[Path], goes: Collection[InstalledDistribution], packages: InstalledPackages
) -> Iterator[Conflict]:
    """What packages that stay have in directories that go: those are moved whole."""
    for place in sorted(put_in):
        for directory, _, names in os.walk(place) if not place.is_symlink() else ():
            for path in (Path(directory, name) for name in sorted(names)):
                staying = [owner for owner in packages.owners.of(path) if owner not in goes]
                if staying:
                    yield Conflict(path, _belongs_to(staying))


def _reason(path: Path, put_in: Collection[Path], packages: InstalledPackages) -> str:
    if not os.path.lexists(path):
        return _GONE if path in put_in else "it is no longer kept"
    if path in put_in:
        return _CHANGED
    owners = packages.owners.of(path)
    return _belongs_to(owners) if owners else "something else is there now"


def _belongs_to(owners: Iterable[InstalledDistribution]) -> str:
    names = " and ".join(f"{owner.name} {owner.version}" for owner in owners)
    return printable(f"it belongs to {names} now")
