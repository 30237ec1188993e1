"""What pip answers, as values: its installation report.

https://pip.pypa.io/en/stable/reference/installation-report
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

from ..environment.credentials import mask_credentials
from ..environment.printable import printable
from ..environment.requirements import MarkerEnvironment, parse_requirement
from ..formats.direct_place import direct_place
from .engine import Pin

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from ..environment import Environment
    from ..formats.install_request import WantedRequirement

__all__ = ["planned_pins"]


def planned_pins(
    rows: Sequence[Mapping[str, Any]],
    requirements: Sequence[WantedRequirement],
    environment: Environment,
) -> list[Pin]:
    """Read the rows of a report.

    Args:
        rows: its list ``install``.
        requirements: what was asked for.
        environment: that it is for.
    """
    names = [canonicalize_name(row["metadata"]["name"]) for row in rows]
    unnamed = [wanted for wanted in requirements if wanted.direct and wanted.name not in names]
    named = {wanted.name: wanted for wanted in requirements if wanted.direct and wanted.name}
    directs = {
        name: (named.get(name) or _of_url(_url(row), unnamed)) if row.get("requested") else None
        for name, row in zip(names, rows, strict=True)
        if row.get("is_direct")
    }
    extras: dict[str, set[str]] = {name: set() for name in names}
    for name, asked in (*((each.name, each) for each in requirements), *directs.items()):
        if asked is not None and name in extras:  # older releases do not tell them
            extras[name] |= asked.extras
    needs = _needs(dict(zip(names, rows, strict=True)), extras, environment)
    pins = []
    for name, row in zip(names, rows, strict=True):
        download = row.get("download_info", {})
        archive = download.get("archive_info") or {}
        digests = dict(archive.get("hashes") or {})
        if not digests and "=" in archive.get("hash", ""):
            algorithm, _, digest = archive["hash"].partition("=")
            digests = {algorithm: digest}
        url = _url(row)
        direct = None
        if name in directs:
            asked = directs[name]
            direct = asked.text if asked else f"{name} @ {_whole_url(download)}"
        pins.append(
            Pin(
                name,
                str(row["metadata"]["version"]),
                direct=direct,
                commit=(download.get("vcs_info") or {}).get("commit_id"),
                editable=bool((download.get("dir_info") or {}).get("editable")),
                url=printable(mask_credentials(url)) or None,
                sha256=digests.get("sha256"),
                hashes=tuple(f"{algorithm}:{digest}" for algorithm, digest in digests.items()),
                requires=tuple(row["metadata"].get("requires_dist", ())),
                via=needs.get(name, ()),
                yanked="" if row.get("is_yanked") else None,
            )
        )
    return pins


def _url(row: Mapping[str, Any]) -> str:
    return str(row.get("download_info", {}).get("url", ""))


def _whole_url(download: Mapping[str, Any]) -> str:
    """The URL of PEP 508 that a direct URL of PEP 610 was."""
    url, vcs = str(download.get("url", "")), download.get("vcs_info")
    if vcs:
        url = f"{vcs['vcs']}+{url}"
    below = download.get("subdirectory")
    return f"{url}#subdirectory={below}" if below else url


def _of_url(url: str, unnamed: Sequence[WantedRequirement]) -> WantedRequirement | None:
    """Which of the requirements without a name led to a URL."""
    place = direct_place(url)
    found = (wanted for wanted in unnamed if direct_place(wanted.text) == place)
    return next(found, unnamed[0] if len(unnamed) == 1 else None)


def _needs(
    rows: Mapping[str, Mapping[str, Any]],
    asked: Mapping[str, Collection[str]],
    environment: Environment,
) -> dict[str, tuple[str, ...]]:
    """For each package of a report, the names of those in it that need it.

    Args:
        rows: of the report, by name.
        asked: the extras that were asked for, of each.
        environment: that they are for.
    """
    markers = MarkerEnvironment(environment.markers)
    parsed = {
        name: [
            requirement
            for text in row["metadata"].get("requires_dist", ())
            if (requirement := parse_requirement(text)) is not None
        ]
        for name, row in rows.items()
    }
    extras: dict[str, set[str]] = {
        name: {*asked[name], *map(canonicalize_name, row.get("requested_extras", ()))}
        for name, row in rows.items()
    }
    needs: dict[str, set[str]] = {}
    pending = list(rows)
    while pending:
        name = pending.pop()
        for requirement in parsed[name]:
            if requirement.name not in rows or requirement.name == name:
                continue
            try:
                holds_for = markers.extras_that_apply(requirement, extras[name])
            except ValueError:
                continue
            if holds_for is not None and not holds_for & extras[name]:
                continue
            needs.setdefault(requirement.name, set()).add(name)
            if not requirement.extras <= extras[requirement.name]:
                extras[requirement.name] |= requirement.extras
                pending.append(requirement.name)
    return {name: tuple(sorted(found)) for name, found in needs.items()}
