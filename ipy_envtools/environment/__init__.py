"""READ: what is installed. Changes nothing, and knows neither IPython nor any installer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .direct_url import DirectURL
from .distribution import InstalledDistribution
from .environment import Environment, find_environment
from .packages import InstalledPackages, scan
from .printable import printable
from .problems import Problem, ProblemKind, Severity
from .site_directories import Role, SiteDirectory

if TYPE_CHECKING:
    from .dependencies import Dependency, DependencyGraph
    from .file_owners import FileOwners
    from .startup_files import StartupFile

__all__ = [
    "Dependency",
    "DependencyGraph",
    "DirectURL",
    "Environment",
    "FileOwners",
    "InstalledDistribution",
    "InstalledPackages",
    "Problem",
    "ProblemKind",
    "Role",
    "Severity",
    "SiteDirectory",
    "StartupFile",
    "find_environment",
    "printable",
    "scan",
]

# What a list of names and versions does without: packaging's parsers take half of the import.
_LATER = {
    "Dependency": "dependencies",
    "DependencyGraph": "dependencies",
    "FileOwners": "file_owners",
    "StartupFile": "startup_files",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    value = getattr(importlib.import_module(f".{_LATER[name]}", __name__), name)
    globals()[name] = value
    return value
