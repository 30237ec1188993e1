"""What METADATA and its neighbours tell."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from ..problems import Problem
from ..requirements import allows
from ..versions import same_version
from .wording import cut, listed, named, shown, way_out

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..distribution import InstalledDistribution
    from ..environment import Environment
    from ..packages import InstalledPackages

__all__ = ["problems_of_metadata"]


def problems_of_metadata(packages: InstalledPackages) -> Iterator[Problem]:
    """Metadata that is missing, unreadable, contradictory, or not for this Python."""
    environment = packages.environment
    python = environment.markers.get("python_full_version", "")
    for distribution in packages:
        info = distribution.info
        if distribution.kind == "egg-link" and info.directory is None:
            continue  # a dead link has no metadata to judge
        if packages.alias_target(distribution) is not None:
            continue  # what it leads to is judged under its own name
        metadata = info.metadata
        reason = info.errors.get(info.metadata_filename)
        if reason == "no such file":
            yield _without_metadata(distribution, environment)
        elif reason is not None:
            yield Problem(
                "unreadable",
                distribution.canonical_name,
                f"{info.metadata_filename} of {shown(distribution)} cannot be read "
                f"({cut(reason)}); {way_out(distribution, environment)}",
                (distribution.info_path,),
            )
        else:
            yield from _of_headers(distribution, environment)
        if not metadata.decodable:
            yield Problem(
                "unreadable",
                distribution.canonical_name,
                f"{info.metadata_filename} of {shown(distribution)} is not UTF-8, so some of it is "
                f"shown with replacement characters; {_upgrade(distribution, environment)}",
                (distribution.info_path,),
            )
        yield from _of_direct_url(distribution, environment)
        if distribution.kind == "dist-info" and reason is None:
            yield from _of_record_file(distribution, environment)
        wanted = metadata.requires_python
        if wanted and python and allows(wanted, python) is False:
            yield Problem(
                "python-incompatible",
                distribution.canonical_name,
                f"{shown(distribution)} needs Python {cut(wanted)}, and this is {python}; "
                f"{_upgrade(distribution, environment)}",
                (distribution.info_path,),
            )


def _upgrade(distribution: InstalledDistribution, environment: Environment) -> str:
    return way_out(distribution, environment, f"%pkg upgrade {named(distribution)} may mend it")


def _without_metadata(distribution: InstalledDistribution, environment: Environment) -> Problem:
    where = (distribution.info_path,)
    is_empty, reason = _look_into(distribution)
    if reason:
        return Problem(
            "unreadable",
            distribution.canonical_name,
            f"the entry of {shown(distribution)} cannot be read ({cut(reason)}), so what is in it "
            f"is not known; {way_out(distribution, environment)}",
            where,
        )
    if distribution.linked and not os.path.exists(distribution.info_path):
        return Problem(
            "ghost",
            distribution.canonical_name,
            f"the entry of {shown(distribution)} is a link that leads nowhere, so no such package "
            f"is there; {way_out(distribution, environment, 'remove the link')}",
            where,
        )
    if is_empty:
        return Problem(
            "ghost",
            distribution.canonical_name,
            f"the entry of {shown(distribution)} is empty: no such package is there, although "
            "pip may list it; "
            f"{way_out(distribution, environment, '%pkg repair removes the entry')}",
            where,
        )
    entry = cut(distribution.entry_name)
    again_or_remove = f"install it again, or remove {entry} if nothing uses it"
    return Problem(
        "metadata-missing",
        distribution.canonical_name,
        f"{shown(distribution)} has no {distribution.info.metadata_filename}, so what it needs is "
        f"not known; {way_out(distribution, environment, again_or_remove)}",
        where,
    )


def _look_into(distribution: InstalledDistribution) -> tuple[bool, str]:
    """Whether there is nothing in the entry; and, where nobody can say, why."""
    if distribution.kind not in ("dist-info", "egg-info"):
        return False, ""
    try:
        return not os.listdir(distribution.info_path), ""
    except (FileNotFoundError, NotADirectoryError):  # a link that leads to none
        return True, ""
    except OSError as error:
        return False, (error.strerror or str(error)).lower()


def _of_headers(distribution: InstalledDistribution, environment: Environment) -> Iterator[Problem]:
    metadata = distribution.info.metadata
    name = distribution.canonical_name
    if not metadata.names or not metadata.version:
        absent = [] if metadata.names else ["Name"]
        absent += [] if metadata.version else ["Version"]
        yield Problem(
            "metadata-missing",
            name,
            f"the metadata of {shown(distribution)} has no {' and no '.join(absent)}; "
            f"{way_out(distribution, environment)}",
            (distribution.info_path,),
        )
    names = metadata.names
    if len(names) > 1:
        yield Problem(
            "metadata-mismatch",
            name,
            f"the metadata of {shown(distribution)} has {len(names)} Name fields "
            f"({listed([cut(name, 40) for name in names])}); the entry's name counts, "
            f"{way_out(distribution, environment)}",
            (distribution.info_path,),
        )
    elif names and canonicalize_name(names[0]) != name and not distribution.linked:
        yield Problem(
            "metadata-mismatch",
            name,
            f"the metadata of {shown(distribution)} calls it {cut(names[0])}; the entry's name "
            f"counts, {way_out(distribution, environment)}",
            (distribution.info_path,),
        )
    # What a link leads to may be called otherwise: that it is an alias is said elsewhere, and to
    # install it again would write through the link.
    entry_version = None if distribution.linked else distribution.entry_version
    if entry_version and metadata.version and not same_version(entry_version, metadata.version):
        yield Problem(
            "metadata-mismatch",
            name,
            f"the entry of {named(distribution)} says version {cut(entry_version)} and its "
            f"metadata says {cut(metadata.version)}; the entry's counts, "
            f"{way_out(distribution, environment)}",
            (distribution.info_path,),
        )


def _of_direct_url(
    distribution: InstalledDistribution, environment: Environment
) -> Iterator[Problem]:
    info = distribution.info
    if info.direct_url is None and "direct_url.json" in info.errors:
        yield Problem(
            "direct-url-invalid",
            distribution.canonical_name,
            f"direct_url.json of {shown(distribution)} is not valid "
            f"({cut(info.errors['direct_url.json'])}), so where it came from is not known; "
            f"{way_out(distribution, environment)}",
            (distribution.info_path,),
        )


def _of_record_file(
    distribution: InstalledDistribution, environment: Environment
) -> Iterator[Problem]:
    if distribution.info.was_read("RECORD"):
        return
    path = f"{distribution.info.path}/RECORD"
    try:
        if stat.S_ISREG(os.stat(path).st_mode):
            return
        reason = "not a regular file"
    except FileNotFoundError:
        reason = ""
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
    where = (distribution.info_path,)
    if reason:
        yield Problem(
            "unreadable",
            distribution.canonical_name,
            f"RECORD of {shown(distribution)} cannot be read ({cut(reason)}); "
            f"{way_out(distribution, environment)}",
            where,
        )
        return
    by = f"{cut(distribution.installer, 30)} installed it: " if distribution.installer else ""
    either = f"{by}uninstall it with the tool that did, or install it again over itself"
    yield Problem(
        "record-missing",
        distribution.canonical_name,
        f"{shown(distribution)} has no RECORD, so nobody knows its files and it cannot be "
        f"uninstalled safely; {way_out(distribution, environment, either)}",
        where,
    )
