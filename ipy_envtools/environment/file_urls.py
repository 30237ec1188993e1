"""``file:`` URLs (RFC 8089)."""

from __future__ import annotations

import os

__all__ = ["file_url_path"]


def file_url_path(url: str) -> str | None:
    """Return the path that a ``file:`` URL names; None for any other URL, and for no URL."""
    from urllib.parse import unquote, urlsplit

    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    path = unquote(parts.path, errors="surrogateescape") if parts.scheme == "file" else ""
    if os.name == "nt":
        path = path.lstrip("/")  # file:///C:/source
    return path if path and "\0" not in path else None
