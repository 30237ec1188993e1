"""direct_url.json: where a distribution came from if not from an index (PEP 610)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from .credentials import mask_credentials
from .printable import printable
from .regular_files import read_regular_file

__all__ = ["DirectURL", "InvalidDirectURL", "parse_direct_url", "read_direct_url"]

_LIMIT = 1 << 20


class InvalidDirectURL(ValueError):
    """The file is not a direct URL of PEP 610."""


@dataclass(frozen=True, slots=True)
class DirectURL:
    """The origin of a distribution; texts are printable, credentials masked."""

    url: str
    editable: bool = False
    vcs: str | None = None
    """``git``, ``hg``, …; None for an archive or a directory."""
    commit: str | None = None
    requested_revision: str | None = None
    subdirectory: str | None = None


def read_direct_url(path: str) -> DirectURL:
    """Read direct_url.json.

    Raises:
        OSError: it cannot be read, is no regular file, or exceeds 1 MiB.
        InvalidDirectURL: its content is not what PEP 610 describes.
    """
    return parse_direct_url(read_regular_file(path, _LIMIT))


def parse_direct_url(content: bytes) -> DirectURL:
    """Read the content of a direct_url.json, or raise :class:`InvalidDirectURL`."""
    try:
        document: Any = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise InvalidDirectURL(f"not JSON: {printable(str(error))}") from None
    if not isinstance(document, dict) or not isinstance(document.get("url"), str):
        raise InvalidDirectURL('it has no "url"')

    def table(key: str) -> dict[str, Any]:
        value = document.get(key, {})
        if not isinstance(value, dict):
            raise InvalidDirectURL(f'"{key}" is not an object')
        return value

    def text(value: object) -> str | None:
        return printable(mask_credentials(value)) if isinstance(value, str) else None

    vcs = table("vcs_info")
    editable = table("dir_info").get("editable", False)
    if not isinstance(editable, bool):
        raise InvalidDirectURL('"editable" is neither true nor false')
    return DirectURL(
        url=text(document["url"]) or "",
        editable=editable,
        vcs=text(vcs.get("vcs")),
        commit=text(vcs.get("commit_id")),
        requested_revision=text(vcs.get("requested_revision")),
        subdirectory=text(document.get("subdirectory")),
    )
