"""What an engine is asked, and what it answers. uv and pip are alike behind this."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from ..errors import EnvToolsError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from threading import Event

    from ..environment import Environment
    from ..formats.install_request import InstallRequest
    from ..progress import OnProgress

__all__ = ["Engine", "EngineFailed", "EngineMissing", "EngineStopped", "Job", "Pin", "Resolution"]


class EngineMissing(EnvToolsError):
    """Neither uv nor pip can be used here; the text says why, and what to install."""


class EngineFailed(EnvToolsError):
    """An engine could not do it. The text is one sentence for people."""

    def __init__(self, message: str, log: str = "") -> None:
        super().__init__(message)
        self.log = log
        """The engine's own words, credentials masked, printable, several lines."""


class EngineStopped(EnvToolsError):
    """Somebody cancelled it; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Pin:
    """One distribution that is to be installed, exactly."""

    name: str
    """Canonical."""
    version: str | None
    """None where only building it tells."""
    direct: str | None = field(default=None, repr=False)
    """What was asked for where that is a URL, a repository or a path; None for an index.
    May hold credentials."""
    commit: str | None = None
    """Of a repository, where the engine tells it: that is what is installed."""
    editable: bool = False
    url: str | None = None
    """Of the file that is downloaded, credentials masked; None where it is not known."""
    sha256: str | None = None
    """Hexadecimal; of the file at ``url``."""
    hashes: tuple[str, ...] = ()
    """All that may be accepted when it is downloaded, as ``algorithm:digest``."""
    size: int | None = None
    """Bytes to download; None where it is not known."""
    requires: tuple[str, ...] | None = None
    """Requires-Dist texts where the engine tells them."""
    via: tuple[str, ...] = ()
    """Canonical names of the packages that need it; empty where only the request does."""
    yanked: str | None = None
    """Why its author withdrew it (PEP 592), possibly empty; None where it is not."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """What has to be installed so that the request is fulfilled; nothing where it is already."""

    pins: tuple[Pin, ...]
    """Sorted by name."""
    log: str = ""
    """The engine's own words, as in :class:`EngineFailed`."""
    remarks: tuple[str, ...] = ()
    """Sentences for people: what the engine found strange."""
    needed: frozenset[str] | None = None
    """Canonical names of all that the request needs, whether it changes or not; None where that
    was not asked, or the engine does not tell it."""


@dataclass(frozen=True, slots=True)
class Job:
    """What an engine is to work out and to install, and how it is followed."""

    request: InstallRequest
    """What is wanted."""
    environment: Environment
    """Where; it is only read."""
    upgrade: bool = False
    """Take the newest of what was asked for, also where an older one would do."""
    reinstall: bool = False
    """Also what is there already in the right version."""
    whole: bool = False
    """Tell in ``Resolution.needed`` what is needed of what is there already."""
    on_progress: OnProgress | None = None
    """Called in the thread that the engine is asked in."""
    stop: Event | None = None
    """Set by another thread to cancel."""


class Engine(Protocol):
    """uv or pip. Neither method writes into the environment."""

    @property
    def name(self) -> str:
        """``uv`` or ``pip``."""

    @property
    def version(self) -> str:
        """Its own version."""

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences for people, such as why it is not uv; complete after :meth:`resolve`."""

    def resolve(self, job: Job) -> Resolution:
        """Find exact versions that fulfil the request beside what is installed.

        Raises:
            EngineFailed: there is no solution, or no network, or a package cannot be built.
            EngineStopped: ``stop`` was set.
        """

    def fill(self, stage: Path, pins: Sequence[Pin], job: Job) -> None:
        """Install exactly these pins below ``stage``, an empty directory, as if it were a prefix.

        Scripts start the environment's own interpreter. Raises as :meth:`resolve`.
        """
