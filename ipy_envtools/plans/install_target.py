"""Where an installation puts files: the environment's own directories, or user site's."""

from __future__ import annotations

import site
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..environment.site_directories import directory_identity

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ..environment import Environment, InstalledDistribution, InstalledPackages
    from ..environment.site_directories import DirectoryIdentity

__all__ = ["InstallTarget", "has_user_site", "install_target"]


@dataclass(frozen=True, slots=True)
class InstallTarget:
    """The scheme that is installed into. Copies in its site directories are replaced, others are
    at most hidden."""

    root: Path
    """The prefix or the user base."""
    schemes: Mapping[str, Path]
    """By the keys of :func:`sysconfig.get_paths`."""
    position: float
    """Where imports come across it, counted in the environment's site directories."""
    site_directories: frozenset[DirectoryIdentity]

    def holds(self, copy: InstalledDistribution) -> bool:
        """Whether a copy lies in one of its site directories."""
        return directory_identity(str(copy.site_directory)) in self.site_directories

    def copies(self, name: str, packages: InstalledPackages) -> tuple[InstalledDistribution, ...]:
        """All copies of a project that would be replaced, the active one first.

        Two entries in one directory own the same files, and which of purelib and platlib the
        new version goes to only its wheel says.
        """
        found = [copy for copy in packages.copies(name) if self.holds(copy)]
        return tuple(sorted(found, key=lambda copy: not copy.active))


def install_target(environment: Environment, *, user: bool) -> InstallTarget:
    """Return where packages go, into the environment itself or to the user's own directory."""
    schemes = environment.user_schemes if user else environment.schemes
    root = (user and environment.user_base) or environment.prefix
    own = {
        identity
        for key in ("purelib", "platlib")
        if key in schemes and (identity := directory_identity(str(schemes[key]))) is not None
    }
    sites = environment.site_directories
    positions = [
        place for place, one in enumerate(sites) if directory_identity(str(one.path)) in own
    ]
    # User site is not searched before it exists; then it comes in front of the environment.
    missing = next(
        (place - 0.5 for place, one in enumerate(sites) if user and one.role == "environment"),
        float(len(sites)),
    )
    return InstallTarget(root, schemes, min(positions, default=missing), frozenset(own))


def has_user_site(environment: Environment) -> bool:
    """Whether ``--user`` means anything: virtual environments do not look there by default."""
    if environment.user_base is None or "purelib" not in environment.user_schemes:
        return False
    if environment.is_running:
        return bool(site.ENABLE_USER_SITE)
    return environment.kind != "venv" or any(
        one.role == "user" for one in environment.site_directories
    )
