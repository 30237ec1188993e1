"""What somebody wants installed, as values: requirements, constraints and where to look."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..environment.credentials import mask_credentials
from ..environment.printable import printable
from ..errors import EnvToolsError

__all__ = ["BadRequest", "InstallRequest", "WantedRequirement", "quoted"]

_LONGEST_QUOTED = 100  # characters


class BadRequest(EnvToolsError):
    """What was asked for cannot be understood, or not be done here; nothing was run."""


def quoted(text: str) -> str:
    """What somebody wrote, fit for a sentence: one line, not long, without credentials."""
    shown = printable(mask_credentials(text))
    return f"“{shown if len(shown) <= _LONGEST_QUOTED else shown[:_LONGEST_QUOTED] + '…'}”"


@dataclass(frozen=True, slots=True)
class WantedRequirement:
    """One requirement that was asked for by name, URL or path."""

    text: str
    """As it was written, without options; what an engine is given. May hold credentials."""
    name: str | None
    """Canonical; None where only building it tells (a path, an archive's URL)."""
    extras: frozenset[str] = frozenset()
    """Canonical."""
    specifier: str = ""
    marker: str = ""
    """PEP 508; empty where it always holds."""
    direct: bool = False
    """A URL, a repository or a path: not to be looked for in an index."""
    directory: bool = False
    """A project's directory on this machine, and no archive."""
    editable: bool = False
    hashes: tuple[str, ...] = ()
    """``algorithm:digest``, as in ``--hash`` of a requirements file."""
    origin: str = ""
    """Where it was read, such as ``requirements.txt, line 3``; empty for a typed one."""

    def __repr__(self) -> str:
        return f"<WantedRequirement {printable(mask_credentials(self.text))}>"


@dataclass(frozen=True, slots=True)
class InstallRequest:
    """All of one line or cell, requirements files read."""

    requirements: tuple[WantedRequirement, ...]
    constraints: tuple[str, ...] = field(default=(), repr=False)
    """Files or URLs, given on to the engine. May hold credentials."""
    options: tuple[str, ...] = field(default=(), repr=False)
    """Words that uv and pip both know: where to look for packages and which kinds to take.
    May hold credentials."""
    files: tuple[str, ...] = field(default=(), repr=False)
    """URLs of wheels and source distributions that no index has to name, each with its hash as
    fragment. May hold credentials."""
    prereleases: bool = False
    dependencies: bool = True
    """False for ``--no-deps``."""
    condition: str = ""
    """PEP 508 marker of the environments that it is meant for; empty where it is for all."""
    user: bool = False
    """Whether it goes to the user site."""
    upgrade: bool = False
    """``-U`` among the words of a ``pip install`` line."""
    reinstall: bool = False
    """``--force-reinstall`` among them."""
