"""Core metadata: the headers of METADATA or PKG-INFO, as far as they are needed.

``packaging.metadata`` is not used here because it goes through the email parser: for 350
distributions that takes ten times as long, and one undecodable byte fails the whole file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .credentials import mask_credentials
from .printable import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["EMPTY_METADATA", "END_OF_HEADERS", "HEADERS_LIMIT", "Metadata", "parse_metadata"]

HEADERS_LIMIT = 1 << 20
"""Bytes. The longest headers seen are 76 KB."""
END_OF_HEADERS = re.compile(rb"\n\r?\n")
_WANTED = (
    "Name",
    "Version",
    "Summary",
    "License",
    "License-Expression",
    "Home-page",
    "Project-URL",
    "Requires-Dist",
    "Requires-Python",
    "Provides-Extra",
    "Import-Name",
    "Import-Namespace",
)
_KEYS: dict[str, str | None] = {key: key.lower() for key in _WANTED}
"""Every spelling met so far to the header that it stands for; None for headers of no interest."""
# Lines with other initials, such as the many Classifiers, cost no more than the look at those.
_INITIALS = "".join(sorted({key[0] for key in _WANTED} | {key[0].lower() for key in _WANTED}))
_HEADER = re.compile(rf"\n([{_INITIALS}][^:\n]*):(.*(?:\n[ \t].*)*)")


@dataclass(frozen=True, slots=True)
class Metadata:
    """The headers that matter here. All public texts are printable and hold no credentials."""

    names: tuple[str, ...] = ()
    """Every Name header; more than one is a mistake."""
    version: str | None = None
    summary: str | None = None
    license: str | None = None
    requires: tuple[str, ...] = ()
    """Requires-Dist, as written."""
    requires_python: str | None = None
    extras: tuple[str, ...] = ()
    import_names: tuple[str, ...] | None = None
    """Import-Name and Import-Namespace (PEP 794); None where neither is given."""
    decodable: bool = True
    _home_pages: tuple[str, ...] = field(default=(), repr=False)
    _project_urls: tuple[str, ...] = field(default=(), repr=False)

    @property
    def home_page(self) -> str | None:
        """Home-page, else the best-known Project-URL; chosen late, because lists do not show it."""
        return _first(self._home_pages) or _home_page(_cleaned(self._project_urls))


EMPTY_METADATA = Metadata()


def parse_metadata(content: bytes) -> Metadata:
    """Read headers up to the first blank line; what is not understood is left out."""
    end = END_OF_HEADERS.search(content)
    if end:
        content = content[: end.start()]
    decodable = True
    try:
        text = content.decode()
    except UnicodeDecodeError:
        decodable = False
        text = content.decode(errors="surrogateescape")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    found: dict[str, list[str]] = {}
    for key, value in _HEADER.findall("\n" + text.removeprefix("\ufeff")):
        header = _KEYS[key] if key in _KEYS else _header_called(key)
        if header in found:
            found[header].append(value)
        elif header is not None:
            found[header] = [value]

    def every(key: str) -> tuple[str, ...]:
        return _cleaned(found[key]) if key in found else ()

    def first(key: str) -> str | None:
        return _first(found[key]) if key in found else None

    import_names = None
    if "import-name" in found or "import-namespace" in found:
        values = (*every("import-name"), *every("import-namespace"))
        import_names = tuple(dict.fromkeys(v.partition(";")[0].strip() for v in values if v))
    return Metadata(
        names=tuple([name for name in every("name") if name]),
        version=first("version"),
        summary=first("summary"),
        license=first("license-expression") or _first_line(found.get("license")),
        requires=every("requires-dist"),
        requires_python=first("requires-python"),
        extras=every("provides-extra"),
        import_names=import_names,
        decodable=decodable,
        _home_pages=tuple(found.get("home-page", ())),
        _project_urls=tuple(found.get("project-url", ())),
    )


def _header_called(key: str) -> str | None:
    header = key.rstrip().lower()
    wanted = header if header in map(str.lower, _WANTED) else None
    if len(_KEYS) < 256 and len(key) < 64:
        _KEYS[key] = wanted
    return wanted


def _cleaned(values: Sequence[str]) -> tuple[str, ...]:
    together = "".join(values)
    is_url = "@" in together or "://" in together
    if not is_url and together.isprintable():  # and so not folded either
        return tuple(map(str.strip, values))
    return tuple(map(_clean, values))


def _clean(value: str) -> str:
    if "\n" in value:
        value = " ".join(line.strip() for line in value.split("\n"))
    value = value.strip()
    if "@" in value or "://" in value:
        value = mask_credentials(value)
    return value if value.isprintable() else printable(value)


def _first(values: Sequence[str]) -> str | None:
    value = _clean(values[0]) if values else ""
    return value if value and value != "UNKNOWN" else None


def _first_line(values: list[str] | None) -> str | None:
    """A licence header often holds the whole licence: its first line names it."""
    line = values[0].strip().partition("\n")[0].strip() if values else ""
    return _clean(line) if line and line != "UNKNOWN" else None


_HOME_LABELS = ("homepage", "home", "source", "repository", "sourcecode", "documentation")


def _home_page(project_urls: tuple[str, ...]) -> str | None:
    """Choose among Project-URLs by the well-known labels ("Well-known Project URLs")."""
    urls: dict[str, str] = {}
    for label_and_url in project_urls:
        label, _, url = label_and_url.partition(",")
        urls.setdefault(re.sub(r"[\W_]", "", label).lower(), url.strip())
    for label in _HOME_LABELS:
        if label in urls:
            return urls[label]
    return next(iter(urls.values()), None)
