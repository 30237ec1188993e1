"""``pylock.toml`` (PEP 751): what it pins for this environment, as requirements."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from ..environment import printable
from .install_request import BadRequest, WantedRequirement

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from packaging.pylock import Package

__all__ = ["parse_toml", "read_lock_file"]


def parse_toml(text: str) -> dict[str, Any]:
    """Read TOML, or raise ValueError."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    document: dict[str, Any] = tomllib.loads(text)
    return document


def read_lock_file(text: str, path: Path, shown: str) -> tuple[WantedRequirement, ...]:
    """Return a requirement for every package of a lock file, with its hashes.

    Markers stay with the requirements.

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
        raise BadRequest(f"{shown} is no valid lock file: {printable(str(error))}") from None
    return tuple(_wanted(package, path, shown) for package in lock.packages)


def _wanted(package: Package, path: Path, shown: str) -> WantedRequirement:
    marker = str(package.marker) if package.marker else ""
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
        place = (path.parent / directory.path).resolve().as_uri()
        editable = bool(directory.editable)
        text = place if editable else f"{name} @ {place}"
        return WantedRequirement(
            f"{text}{behind}", name, marker=marker, direct=True, editable=editable, origin=shown
        )
    if package.archive is not None:
        archive = package.archive
        place = archive.url or (path.parent / (archive.path or "")).resolve().as_uri()
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


def _hashes(tables: Any) -> Iterator[str]:
    table: Mapping[str, str]
    for table in tables:
        for algorithm, digest in table.items():
            yield f"{algorithm}:{digest}"
