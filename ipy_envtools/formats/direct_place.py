"""Where a direct requirement leads, however it is spelled."""

from __future__ import annotations

import re
from urllib.parse import unquote

__all__ = ["direct_place"]

_EXTRAS = re.compile(r"\[[\w\s,.-]*\]$")


def direct_place(text: str) -> str:
    """Return the URL in a direct requirement, fit to be compared with that of a direct_url.json.

    Without name, extras, marker, fragment, credentials, and what of a repository is checked out.
    """
    url = text.partition(" ;")[0].strip()
    if " @ " in url:
        url = url.partition(" @ ")[2].strip()
    url = _EXTRAS.sub("", url.partition("#")[0])
    scheme, mark, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    if "+" in scheme:
        scheme = scheme.partition("+")[2]
        path = path.rpartition("@")[0] or path
    place = unquote(f"{scheme}{mark}{host.rpartition('@')[2]}{slash}{path}")
    return place.rstrip("/").removesuffix(".git")
