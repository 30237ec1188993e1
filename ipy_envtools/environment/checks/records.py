"""What RECORDs, and the files that they name, tell."""

from __future__ import annotations

import os
import stat
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from ..problems import Problem
from .wording import (
    counted,
    cut,
    files_again,
    is_managed_elsewhere,
    listed,
    shown,
    the_first_of,
    way_out,
    way_out_in,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..distribution import InstalledDistribution
    from ..environment import Environment
    from ..packages import InstalledPackages

__all__ = ["problems_of_records"]

_SHARED_NAME = 40  # characters; a message has room for five


def problems_of_records(packages: InstalledPackages) -> Iterator[Problem]:
    """Rows that are no rows, files that are missing or outside, and files of two owners."""
    inside = _inside(packages.environment)
    for distribution in packages:
        if distribution.kind == "dist-info" and packages.alias_target(distribution) is None:
            yield from _of_record(distribution, inside, packages.environment)
    yield from _of_sharing(packages)


def _inside(environment: Environment) -> tuple[str, ...]:
    """The directories that files of an environment lie in, each with a separator at its end."""
    paths = {
        *environment.schemes.values(),
        *environment.user_schemes.values(),
        *(site.path for site in environment.site_directories),
    }
    if environment.kind == "paths":
        paths.update(
            filter(None, (_scheme_root(site.path) for site in environment.site_directories))
        )
    else:
        paths.add(environment.prefix)
    return tuple(os.path.join(os.path.normpath(path), "") for path in paths)


def _scheme_root(site_directory: Path) -> Path | None:
    """The prefix that a directory called ``lib/python3.x/site-packages`` belongs to."""
    parts = [part.lower() for part in site_directory.parts[-3:]]
    if parts[-2:] == ["lib", "site-packages"]:  # Windows
        return site_directory.parents[1]
    if len(parts) == 3 and parts[0].startswith("lib") and parts[1].startswith(("python", "pypy")):
        return site_directory.parents[2]
    return None


def _of_record(
    distribution: InstalledDistribution, inside: tuple[str, ...], environment: Environment
) -> Iterator[Problem]:
    record = distribution.record
    name = distribution.canonical_name
    where = distribution.info_path
    if record is None:
        reason = distribution.info.errors.get("RECORD")
        # What is no file at all was found without reading it.
        if reason is not None and os.path.isfile(where / "RECORD"):
            yield Problem(
                "unreadable",
                name,
                f"RECORD of {shown(distribution)} cannot be read ({cut(reason)}); "
                f"{way_out(distribution, environment)}",
                (where,),
            )
        return
    again = way_out(distribution, environment, files_again(distribution))
    invalid = list(record.invalid_rows)
    outside: list[str] = []
    missing: list[str] = []
    for row, path in zip(record.rows, distribution.paths_of(record), strict=True):
        if not path.startswith(inside):
            if not row.path.strip("/.\\"):
                invalid.append(row.path or "an empty path")
            elif not is_managed_elsewhere(distribution):  # whose directories are others
                outside.append(path)
            continue
        try:
            status = os.lstat(path)
        except FileNotFoundError:
            # Compiled files come and go, and operating systems put scripts elsewhere.
            if not row.path.endswith(".pyc") and not is_managed_elsewhere(distribution):
                missing.append(path)
        except (OSError, ValueError):
            missing.append(path)
        else:
            if stat.S_ISDIR(status.st_mode):
                invalid.append(f"{row.path}, a directory")
    if invalid:
        yield Problem(
            "record-invalid",
            name,
            f"RECORD of {shown(distribution)} has "
            f"{counted(len(invalid), 'row that names', 'rows that name')} no file"
            f"{the_first_of(len(invalid), invalid[0])}; {again}",
            (where,),
        )
    if outside:
        yield Problem(
            "record-outside",
            name,
            f"RECORD of {shown(distribution)} names "
            f"{counted(len(outside), 'file', 'files')} outside the environment"
            f"{the_first_of(len(outside), outside[0])}; an uninstall does not touch "
            f"{'it' if len(outside) == 1 else 'them'}, {again}",
            (where, *map(Path, outside)),
        )
    if missing:
        first = os.path.relpath(missing[0], distribution.site_directory)
        yield Problem(
            "files-missing",
            name,
            f"{counted(len(missing), 'file', 'files')} of {shown(distribution)} "
            f"{'is' if len(missing) == 1 else 'are'} missing"
            f"{the_first_of(len(missing), first)}; {again}",
            (where, *map(Path, missing)),
        )


def _of_sharing(packages: InstalledPackages) -> Iterator[Problem]:
    by_owners: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for path, owners in packages.owners.shared.items():
        by_owners[tuple(sorted({owner.canonical_name for owner in owners}))].append(path)
    for names, paths in sorted(by_owners.items()):
        short = [cut(name, _SHARED_NAME) for name in names]
        yield Problem(
            "files-shared",
            names[0],
            f"{listed(short)} own {counted(len(paths), 'file', 'files')} together"
            f"{the_first_of(len(paths), paths[0])}, so only the one installed last is whole; "
            f"{way_out_in(packages.environment, _all_but_one(short))}",
            (*(packages[name].info_path for name in names), *map(Path, paths)),
        )


def _all_but_one(owners: list[str]) -> str:
    if len(owners) == 2:
        return f"%pkg uninstall {owners[0]} or {owners[1]}"
    return f"keep one and uninstall the {len(owners) - 1:,} others with %pkg uninstall"
