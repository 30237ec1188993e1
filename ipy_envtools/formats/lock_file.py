"""``pylock.toml`` (PEP 751): what it pins for this environment, as requirements."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from ..environment import printable
from ..environment.credentials import mask_credentials
from .install_request import BadRequest, WantedRequirement
from .local_source import check_local_source
from .toml_text import parse_toml
from .wanted import check_url

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from pathlib import Path

    from packaging.pylock import Package, Pylock

__all__ = ["read_lock_file"]

_PYPI = "https://pypi.org/simple"
_OF_PYPI = "://files.pythonhosted.org/"
_CHOICE = re.compile(
    r"""["'](?P<name>[^"']*)["'] (?P<not>not )?in (?P<what>extras|dependency_groups)"""
)


class LockFile(NamedTuple):
    """What a lock file asks for."""

    requirements: tuple[WantedRequirement, ...]
    """One for every package, with its hashes and its marker."""
    options: tuple[str, ...]
    """Where to look as well: the indexes that were locked from, the directories of its files."""
    files: tuple[str, ...]
    """URLs of files that are on no index that it names."""
    condition: str
    """PEP 508 marker of the environments that it is for; empty where it is for all."""


def read_lock_file(text: str, path: Path, shown: str) -> LockFile:
    """Read a lock file.

    What it pins may come from any of the places that are known: its hashes decide.

    Raises:
        BadRequest: it is no lock file, or packaging is older than 26.
    """
    try:
        from packaging.pylock import Pylock, PylockValidationError
    except ImportError:
        raise BadRequest(
            f"reading {shown} needs packaging 26 or newer; upgrade packaging first"
        ) from None
    try:
        lock = Pylock.from_dict(parse_toml(text))
    except (ValueError, PylockValidationError) as error:
        reason = printable(mask_credentials(str(error)))
    else:
        groups = frozenset(map(str, lock.default_groups or ()))
        wanted = tuple(_wanted(package, path, shown, groups) for package in lock.packages)
        places = tuple(_places(lock.packages, path, shown))
        files = tuple(_elsewhere(lock.packages, shown))
        return LockFile(wanted, places, files, _condition(lock))
    raise BadRequest(f"{shown} is no valid lock file: {reason}")


def _condition(lock: Pylock) -> str:
    said = [
        f"python_full_version {each.operator} '{each.version}'"
        for each in lock.requires_python or ()
    ]
    if lock.environments:
        said.append(" or ".join(f"({marker})" for marker in lock.environments))
    return " and ".join(f"({each})" for each in said)


def _chosen(marker: str, groups: Collection[str]) -> str:
    """Decide what engines cannot: no extra is chosen, and of the groups those by default."""

    def decide(match: re.Match[str]) -> str:
        chosen = match["what"] == "dependency_groups" and match["name"] in groups
        return (
            "python_version >= '0'" if chosen is not bool(match["not"]) else "python_version < '0'"
        )

    return _CHOICE.sub(decide, marker)


def _wanted(package: Package, path: Path, shown: str, groups: Collection[str]) -> WantedRequirement:
    marker = _chosen(str(package.marker), groups) if package.marker else ""
    behind = f" ; {marker}" if marker else ""
    name = str(package.name)
    if package.vcs is not None:
        vcs = package.vcs
        place = vcs.url or (path.parent / (vcs.path or "")).as_uri()
        fragment = f"#subdirectory={vcs.subdirectory}" if vcs.subdirectory else ""
        text = f"{name} @ {vcs.type}+{place}@{vcs.commit_id}{fragment}"
        return WantedRequirement(f"{text}{behind}", name, marker=marker, direct=True, origin=shown)
    if package.directory is not None:
        directory = package.directory
        editable = bool(directory.editable)
        place = _lying_there(package, directory.path, path, shown)
        text = place if editable else f"{name} @ {place}"
        return WantedRequirement(
            f"{text}{behind}",
            name,
            marker=marker,
            direct=True,
            directory=True,
            editable=editable,
            origin=shown,
        )
    if package.archive is not None:
        archive = package.archive
        place = archive.url or _lying_there(package, archive.path or "", path, shown)
        text = f"{name} @ {place}{behind}"
        hashes = tuple(_hashes([archive.hashes]))
        return WantedRequirement(
            text, name, marker=marker, direct=True, hashes=hashes, origin=shown
        )
    files = [*(package.wheels or ()), *([package.sdist] if package.sdist else ())]
    if package.version is None:
        raise BadRequest(f"{shown} gives no version for {name}")
    return WantedRequirement(
        f"{name}=={package.version}{behind}",
        name,
        specifier=f"=={package.version}",
        marker=marker,
        hashes=tuple(dict.fromkeys(_hashes(file.hashes for file in files))),
        origin=shown,
    )


def _lying_there(package: Package, written: str, lock: Path, shown: str) -> str:
    """The URL of a path that begins where the lock file is."""
    found = (lock.parent / written).resolve()
    if package.marker is None:  # else it may be for another machine
        check_local_source(os.fspath(found), written, f" ({shown})")
    return found.as_uri()


def _places(packages: Iterable[Package], path: Path, shown: str) -> Iterator[str]:
    indexes: dict[str, None] = {}
    directories: dict[str, None] = {}
    for package in packages:
        # PyPI is either looked at anyway, or another index stands in its place.
        if package.index is not None and package.index.rstrip("/") != _PYPI:
            check_url(package.index, f" ({shown})")
            indexes[package.index] = None
        for file in (*(package.wheels or ()), *([package.sdist] if package.sdist else ())):
            if file.path is not None:
                directories[os.fspath((path.parent / file.path).resolve().parent)] = None
    for index in indexes:
        yield from ("--extra-index-url", index)
    for directory in directories:
        yield from ("--find-links", directory)


def _elsewhere(packages: Iterable[Package], shown: str) -> Iterator[str]:
    """What pip and uv lock has the URL of each file, and not that of the index."""
    for package in packages:
        for file in (*(package.wheels or ()), *([package.sdist] if package.sdist else ())):
            if package.index is None and file.path is None and file.url is not None:
                check_url(file.url, f" ({shown})")
                if _OF_PYPI not in file.url:
                    digest = next(_hashes([file.hashes]), "").replace(":", "=")
                    yield f"{file.url.partition('#')[0]}#{digest}"


def _hashes(tables: Any) -> Iterator[str]:
    table: Mapping[str, str]
    for table in tables:
        for algorithm, digest in table.items():
            yield f"{algorithm}:{digest}"
