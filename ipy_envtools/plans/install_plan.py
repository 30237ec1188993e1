"""What an installation would do, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path

    from ..engines import Pin
    from ..environment import Environment, InstalledDistribution
    from ..formats.install_request import InstallRequest
    from .uninstall_plan import UninstallPlan

__all__ = ["ActionKind", "BrokenBy", "InstallAction", "InstallPlan"]

ActionKind = Literal["install", "upgrade", "downgrade", "reinstall", "remove"]


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
    """``uv`` or ``pip``: the one that made it carries it out."""
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
    """Sentences for people: why this engine, what was yanked."""
    log: str = ""
    """The engine's own words, credentials masked."""

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
