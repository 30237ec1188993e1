"""direct_url.json: where a distribution came from if not from an index (PEP 610)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .credentials import mask_credentials
from .file_urls import file_url_path
from .printable import printable

__all__ = ["DirectURL", "InvalidDirectURL", "parse_direct_url"]


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

    @property
    def file_path(self) -> str | None:
        """The path that a ``file:`` URL names; None for any other."""
        return file_url_path(self.url)


def parse_direct_url(content: bytes) -> DirectURL:
    """Read the content of a direct_url.json, or raise :class:`InvalidDirectURL`."""
    import json

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
