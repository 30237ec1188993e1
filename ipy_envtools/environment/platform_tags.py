"""Which wheels an interpreter can load ("Platform compatibility tags" specification)."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from packaging.tags import Tag

    from .environment import Environment

__all__ = ["fits", "supported_tags", "tag_ranks"]

_LONGEST_TAG = 200  # characters; a compressed tag set multiplies out
_MOST_TAGS = 64


def supported_tags(environment: Environment) -> frozenset[Tag] | None:
    """Return the tags of wheels that an environment's Python can load; None if unknown.

    Directories without an interpreter are judged by this process's, as with markers.
    """
    ranks = tag_ranks(environment)
    return None if ranks is None else frozenset(ranks)


def tag_ranks(environment: Environment) -> Mapping[Tag, int] | None:
    """Return the same tags with their ranks: an installer prefers the lowest."""
    return _supported(
        environment.is_running or environment.kind == "paths",
        environment.version,
        environment.markers.get("implementation_name", ""),
        environment.platform,
        environment.abi_flags,
    )


@functools.lru_cache(maxsize=8)
def _supported(
    is_running: bool, version: str, implementation: str, platform: str, abi_flags: str
) -> Mapping[Tag, int] | None:
    import sysconfig

    from packaging import tags

    if is_running:
        return _ranked(tags.sys_tags())
    if implementation != "cpython" or platform != sysconfig.get_platform():
        return None  # only the interpreter itself could say
    python = tuple(int(part) for part in version.split(".")[:2])
    interpreter = f"cp{python[0]}{python[1]}"
    platforms = list(tags.platform_tags())
    return _ranked(
        [
            *tags.cpython_tags(python, [interpreter + abi_flags], platforms),
            *tags.compatible_tags(python, interpreter, platforms),
        ]
    )


def _ranked(tags: Iterable[Tag]) -> Mapping[Tag, int]:
    return {tag: rank for rank, tag in enumerate(dict.fromkeys(tags))}


def fits(wheel_tags: Iterable[str], supported: frozenset[Tag]) -> bool | None:
    """Whether any tag of a WHEEL file is among the supported ones; None where none is valid."""
    from packaging.tags import parse_tag

    verdict = None
    for text in list(wheel_tags)[:_MOST_TAGS]:
        if len(text) > _LONGEST_TAG:
            continue
        try:
            found = parse_tag(text)
        except ValueError:
            continue
        if found & supported:
            return True
        if found:
            verdict = False
    return verdict
