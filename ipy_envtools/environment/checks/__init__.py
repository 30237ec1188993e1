"""What is wrong in an environment: one module for each place that tells."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from .bounds import without_repetition
from .compiled_files import problems_of_compiled_files
from .copies import problems_of_copies
from .dependencies import problems_of_dependencies
from .editables import problems_of_editables
from .entries import problems_of_directories, problems_of_entries
from .leftovers import problems_of_leftovers
from .metadata import problems_of_metadata
from .platform import problems_of_platform
from .records import problems_of_records
from .small_files import problems_of_small_files
from .startup import problems_of_startup_files

if TYPE_CHECKING:
    from ..packages import InstalledPackages
    from ..problems import Problem

__all__ = ["quick_problems", "thorough_problems"]


def quick_problems(packages: InstalledPackages) -> tuple[Problem, ...]:
    """Return what directories, entries, metadata and the dependency graph tell."""
    found = chain(
        problems_of_directories(packages),
        problems_of_entries(packages),
        problems_of_metadata(packages),
        problems_of_editables(packages),
        problems_of_copies(packages),
        problems_of_dependencies(packages),
    )
    return tuple(without_repetition(found))


def thorough_problems(packages: InstalledPackages) -> tuple[Problem, ...]:
    """Return what every RECORD, the files that it names, and other files tell."""
    found = chain(
        problems_of_leftovers(packages),
        problems_of_records(packages),
        problems_of_small_files(packages),
        problems_of_platform(packages),
        problems_of_startup_files(packages),
        problems_of_compiled_files(packages),
    )
    return tuple(without_repetition(found))
