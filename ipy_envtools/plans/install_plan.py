"""What an installation would do, as data."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from packaging.utils import canonicalize_name

from ..environment.printable import printable

if TYPE_CHECKING:
    from pathlib import Path

    from ..engines import Pin
    from ..environment import Environment, InstalledDistribution
    from ..formats.install_request import InstallRequest
    from .uninstall_plan import UninstallPlan

__all__ = ["ActionKind", "BrokenBy", "InstallAction", "InstallPlan"]

ActionKind = Literal["install", "upgrade", "downgrade", "reinstall", "remove"]

_DONE: dict[ActionKind, str] = {
    "install": "installed",
    "upgrade": "upgraded",
    "downgrade": "downgraded",
    "reinstall": "reinstalled",
    "remove": "removed",
}
_MOST_NAMED = 4
"""Packages of one kind of change; the others are counted."""
_PROJECT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")


@dataclass(frozen=True, slots=True)
class InstallAction:
    """What happens to one package."""

    kind: ActionKind
    name: str
    """Canonical."""
    version: str | None
    """The one that comes; None for ``remove``, and where only building it tells."""
    previous_version: str | None
    """The one that goes; None for ``install``."""
    requested: bool
    """Whether it was asked for, and does not only come along."""
    needed_by: tuple[str, ...] = ()
    """Canonical names of the packages that it comes along for."""
    pin: Pin | None = None
    """None for ``remove``."""
    loaded: bool = False
    """Whether this process has imported the version that goes."""

    @property
    def size(self) -> int | None:
        """Bytes to download; None where that is not known."""
        return self.pin.size if self.pin else None

    @property
    def sha256(self) -> str | None:
        """Of the file that is downloaded, hexadecimal; None where that is not known."""
        return self.pin.sha256 if self.pin else None

    @property
    def url(self) -> str | None:
        """Of the file that is downloaded, credentials masked; None where that is not known."""
        return self.pin.url if self.pin else None


@dataclass(frozen=True, slots=True)
class BrokenBy:
    """A requirement that nothing would fulfil any more, and what did until now."""

    distribution: InstalledDistribution
    """The installed package that stays and has it."""
    requirement: str
    """The Requires-Dist text, without its marker."""
    name: str
    """Canonical name of the package that it is about."""
    version: str | None
    """The version that would be there; None where none would."""
    extra: str | None = None
    """As in :class:`Dependent`."""


@dataclass(frozen=True, slots=True)
class InstallPlan:
    """What installing, upgrading or syncing would do. Making one changes nothing on disk."""

    environment: Environment
    root: Path
    """Root of the scheme that is installed into, the prefix or the user base."""
    request: InstallRequest
    engine: str
    """``uv`` or ``pip``: the one that made it carries it out. Empty where none was asked, because
    nothing can be installed there anyway."""
    actions: tuple[InstallAction, ...]
    """Those that were asked for first, then by name."""
    conflicts: tuple[BrokenBy, ...]
    """What would break, in the environment as it would be."""
    removal: UninstallPlan
    """The files of the copies that go."""
    loaded_modules: tuple[str, ...]
    """Modules that this process has imported of what goes, sorted."""
    touches_kernel: tuple[str, ...]
    """Canonical names of what goes or is replaced and this kernel runs on."""
    blocked: str | None
    """Why the plan may not be carried out and what to do instead; reflects ``force``."""
    force: bool = False
    """Whether protections are overridden: also files of other packages in the way."""
    notes: tuple[str, ...] = ()
    """Sentences for people about what comes and what stays, such as what was yanked."""
    engine_notes: tuple[str, ...] = ()
    """Why this engine, where another one would be expected."""
    log: str = ""
    """The engine's own words, credentials masked."""
    satisfied: tuple[str, ...] = ()
    """What was asked for and is there already, as METADATA spells it: ``Flask 3.1.0``."""

    def __repr__(self) -> str:
        kinds = Counter(action.kind for action in self.actions)
        said = ", ".join(f"{kind} {kinds[kind]}" for kind in _DONE if kind in kinds)
        blocked = ", blocked" if self.blocked else ""
        return f"<InstallPlan: {said or 'nothing to do'}{blocked}>"

    @property
    def safe(self) -> bool:
        """Whether it only adds packages, breaks nothing, and may be carried out."""
        return (
            all(action.kind == "install" for action in self.actions)
            and not self.conflicts
            and not self.touches_kernel
            and self.blocked is None
        )

    @property
    def size(self) -> int:
        """Bytes to download, as far as they are known."""
        return sum(action.size or 0 for action in self.actions)

    @property
    def summary(self) -> str:
        """What carrying it out will have done, one printable line for the history.

        ``Upgraded numpy 1.26.4 to 2.2.0; installed pandas 2.3.3, scipy 1.15.3 and 2 others``:
        named is what was asked for; what only comes along is counted, unless it is all.
        """
        parts = []
        for kind in dict.fromkeys(action.kind for action in self.actions):
            actions = [action for action in self.actions if action.kind == kind]
            named = [action for action in actions if action.requested][:_MOST_NAMED] or actions[:1]
            others = len(actions) - len(named)
            titles = [self._titled(action) for action in named]
            *before, last = [*titles, *([f"{others} other{'s'[: others > 1]}"] if others else [])]
            parts.append(f"{_DONE[kind]} {', '.join(before)}{' and ' if before else ''}{last}")
        said = "; ".join(parts) or "installed nothing"
        return printable(f"{said[0].upper()}{said[1:]}")

    def _titled(self, action: InstallAction) -> str:
        version = action.version or action.previous_version or ""
        if action.kind in ("upgrade", "downgrade"):
            version = f"{action.previous_version} to {action.version}"
        return f"{self._spelled(action.name)} {version}".rstrip()

    def _spelled(self, name: str) -> str:
        """A name as METADATA spells it, where something installed tells; else as it was asked."""
        for copy in self.removal.distributions:
            if copy.canonical_name == name:
                return copy.name
        for wanted in self.request.requirements:
            match = _PROJECT.match(wanted.text)
            if wanted.name == name and match and canonicalize_name(match[0]) == name:
                return match[0]
        return name
