"""READ: what is installed. Changes nothing, and knows neither IPython nor any installer."""

from __future__ import annotations

from .dependencies import Dependency, DependencyGraph
from .direct_url import DirectURL
from .distribution import InstalledDistribution
from .environment import Environment, find_environment
from .packages import InstalledPackages, scan
from .printable import printable
from .problems import Problem, ProblemKind, Severity
from .site_directories import Role, SiteDirectory

__all__ = [
    "Dependency",
    "DependencyGraph",
    "DirectURL",
    "Environment",
    "InstalledDistribution",
    "InstalledPackages",
    "Problem",
    "ProblemKind",
    "Role",
    "Severity",
    "SiteDirectory",
    "find_environment",
    "printable",
    "scan",
]
