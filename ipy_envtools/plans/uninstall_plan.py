"""What an uninstall would do, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ..environment.printable import printable

if TYPE_CHECKING:
    from pathlib import Path

    from ..environment import Environment, InstalledDistribution

__all__ = ["GOES", "Dependent", "Edit", "FileState", "PlannedFile", "UninstallPlan", "Verdict"]

Verdict = Literal[
    "remove",
    "modified",
    "compiled",
    "missing",
    "keep-shared",
    "keep-unrecorded",
    "refuse-outside",
    "refuse-directory",
    "refuse-protected",
]
"""What becomes of one file. The first three go; the others stay where they are."""

GOES: frozenset[Verdict] = frozenset({"remove", "modified", "compiled"})


@dataclass(frozen=True, slots=True)
class FileState:
    """What a file was when the plan was made, so that a later change is noticed (``os.lstat``)."""

    mode: int
    inode: int
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """One file and what the plan does with it."""

    path: Path
    """Absolute, in the environment's own spelling; its parent holds no symbolic link below
    the site directory or scheme directory that it lies in."""
    verdict: Verdict
    reason: str
    """Why, for every verdict but ``remove``; one printable line."""
    size: int
    """Bytes on disk; 0 where there is no such file."""
    scheme: str
    """Which of the environment's directories it lies in: a key of :func:`sysconfig.get_paths`."""
    distribution: str
    """Canonical name of the package whose RECORD names it."""
    state: FileState | None
    """None where there is no such file."""

    @property
    def goes(self) -> bool:
        """Whether carrying out the plan takes this file away."""
        return self.verdict in GOES


@dataclass(frozen=True, slots=True)
class Edit:
    """A text file that several packages have lines in, and that stays without some of them."""

    path: Path
    """Absolute, as in :class:`PlannedFile`."""
    removed: tuple[str, ...]
    """The lines that go, without their line ends; bytes that are no UTF-8 are escaped."""
    content: bytes
    """The whole file as it will be: every other byte is what it was."""
    scheme: str
    state: FileState
    """What the file was when the plan was made."""


@dataclass(frozen=True, slots=True)
class Dependent:
    """A package that stays and would no longer have what it needs."""

    distribution: InstalledDistribution
    requirement: str
    """The Requires-Dist text that nothing would fulfil any more, without its marker."""
    extra: str | None = None
    """The extra that needs it, where nobody is known to have asked for that extra: the package
    itself keeps working."""

    @property
    def name(self) -> str:
        """The project name, as METADATA spells it."""
        return self.distribution.name

    @property
    def canonical_name(self) -> str:
        """The normalised project name."""
        return self.distribution.canonical_name

    @property
    def version(self) -> str:
        """The version that is installed."""
        return self.distribution.version


@dataclass(frozen=True, slots=True)
class UninstallPlan:
    """What uninstalling some distributions would do. Making one changes nothing on disk."""

    environment: Environment
    root: Path
    """Root of the scheme that owns the files, the prefix or the user base; holds the store."""
    names: tuple[str, ...]
    """Canonical names that were asked for, before orphans and dependents widened the plan."""
    distributions: tuple[InstalledDistribution, ...]
    """Every copy that goes, those that were asked for first."""
    files: tuple[PlannedFile, ...]
    """Every file that RECORD names or that belongs to one, each once, sorted by path."""
    dependents: tuple[Dependent, ...]
    """What stays and would break."""
    orphans: tuple[InstalledDistribution, ...]
    """What stays and nothing would need any more."""
    loaded_modules: tuple[str, ...]
    """Modules of these distributions that this process has imported, sorted."""
    blocked: str | None
    """Why the plan may not be carried out and what to do instead; None where it may."""
    edits: tuple[Edit, ...] = ()
    """Files that lose some of their lines, sorted by path; none of them is among ``files``."""
    entries: frozenset[tuple[str, int, int, int]] | None = None
    """What said who owns which files when the plan was made, so that a newcomer is noticed."""
    mends: str = ""
    """What is mended where no package goes: ``2 leftovers, 1 ghost``."""

    def __repr__(self) -> str:
        said = f"remove {len(self.distributions)}" if self.distributions else ""
        said = said or (f"mend {self.mends}" if self.mends else "nothing to do")
        return f"<UninstallPlan: {said}{', blocked' if self.blocked else ''}>"

    @property
    def summary(self) -> str:
        """What carrying it out will have done, one printable line for the history."""
        if not self.distributions:
            return f"Repaired {self.mends or 'nothing'}"
        first, *others = self.distributions
        more = f" and {len(others)} other{'s' if len(others) > 1 else ''}" if others else ""
        return printable(f"Uninstalled {first.name} {first.version}{more}")

    @property
    def size(self) -> int:
        """Bytes on disk that go."""
        return sum(file.size for file in self.files if file.goes)

    @property
    def startup_files(self) -> tuple[Path, ...]:
        """Files that run in every start of Python (``.pth``, ``.start``) and go or change."""
        sites = {site.path for site in self.environment.site_directories}
        going = [
            file.path
            for file in self.files
            if file.goes and file.path.suffix in (".pth", ".start") and file.path.parent in sites
        ]
        return tuple(sorted((*going, *(edit.path for edit in self.edits))))
