"""What tests look at."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ipy_envtools.environment import InstalledPackages

__all__ = ["kinds", "messages", "names_and_versions", "run_inside"]

_OUR_SOURCE = Path(__file__).parents[2]

_PREAMBLE = """
import sys
sys.path[:0] = {borrowed!r}
import packaging.markers, packaging.requirements, packaging.specifiers, packaging.tags
import json, difflib, zipfile, csv, configparser, hashlib, base64, ast
import ipy_envtools.environment
import ipy_envtools.environment.checks, ipy_envtools.environment.dependencies
import ipy_envtools.environment.file_owners, ipy_envtools.environment.startup_files
import ipy_envtools.environment.editables, ipy_envtools.environment.zipped_egg
del sys.path[:{number}]
sys.path_importer_cache.clear()
from ipy_envtools.environment import *
"""


def names_and_versions(packages: InstalledPackages) -> list[tuple[str, str]]:
    return [(distribution.canonical_name, distribution.version) for distribution in packages]


def kinds(packages: InstalledPackages) -> list[str]:
    """The kinds of all problems, sorted."""
    return sorted(problem.kind for problem in packages.problems)


def messages(packages: InstalledPackages, kind: str) -> list[str]:
    return [problem.message for problem in packages.problems if problem.kind == kind]


def run_inside(
    python: Path,
    code: str,
    *arguments: str,
    variables: dict[str, str] | None = None,
    directory: Path | None = None,
    prefix: Iterable[str] = (),
) -> str:
    """Run code in another interpreter, with this package importable there but not on its path."""
    import packaging

    borrowed = [str(_OUR_SOURCE), str(Path(packaging.__file__).parents[1])]
    program = _PREAMBLE.format(borrowed=borrowed, number=len(borrowed)) + code
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    finished = subprocess.run(
        [*prefix, str(python), "-c", program, *arguments],
        env={**kept, **(variables or {})},
        cwd=directory,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    print(finished.stderr, file=sys.stderr)
    return finished.stdout
