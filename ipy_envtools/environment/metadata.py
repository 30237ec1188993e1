"""Core metadata: the headers of METADATA or PKG-INFO, as far as they are needed.

``packaging.metadata`` is not used here because it goes through the email parser: for 350
distributions that takes ten times as long, and one undecodable byte fails the whole file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .credentials import mask_credentials
from .printable import printable

__all__ = ["EMPTY_METADATA", "END_OF_HEADERS", "HEADERS_LIMIT", "Metadata", "parse_metadata"]

HEADERS_LIMIT = 1 << 20
"""Bytes. The longest headers seen are 76 KB."""
END_OF_HEADERS = (b"\n\n", b"\n\r\n")
_END_OF_HEADERS = re.compile(rb"\n\r?\n")
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


@dataclass(frozen=True, slots=True)
class Metadata:
    """The headers that matter here. All texts are printable and hold no credentials."""

    names: tuple[str, ...] = ()
    """Every Name header; more than one is a mistake."""
    version: str | None = None
    summary: str | None = None
    license: str | None = None
    home_page: str | None = None
    requires: tuple[str, ...] = ()
    """Requires-Dist, as written."""
    requires_python: str | None = None
    extras: tuple[str, ...] = ()
    import_names: tuple[str, ...] | None = None
    """Import-Name and Import-Namespace (PEP 794); None where neither is given."""
    decodable: bool = True


EMPTY_METADATA = Metadata()


def parse_metadata(content: bytes) -> Metadata:
    """Read headers up to the first blank line; what is not understood is left out."""
    end = _END_OF_HEADERS.search(content)
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
    found = _headers(text.removeprefix("\ufeff"))

    def every(key: str) -> tuple[str, ...]:
        return tuple(map(_clean, found.get(key, ())))

    def first(key: str) -> str | None:
        values = found.get(key)
        value = _clean(values[0]) if values else ""
        return value if value and value != "UNKNOWN" else None

    import_names = None
    if "import-name" in found or "import-namespace" in found:
        values = (*every("import-name"), *every("import-namespace"))
        import_names = tuple(dict.fromkeys(v.partition(";")[0].strip() for v in values if v))
    return Metadata(
        names=tuple(name for name in every("name") if name),
        version=first("version"),
        summary=first("summary"),
        license=first("license-expression") or _first_line(found.get("license")),
        home_page=first("home-page") or _home_page(every("project-url")),
        requires=every("requires-dist"),
        requires_python=first("requires-python"),
        extras=every("provides-extra"),
        import_names=import_names,
        decodable=decodable,
    )


def _headers(text: str) -> dict[str, list[str]]:
    """Every value of the wanted headers, folded lines still apart."""
    found: dict[str, list[list[str]]] = {}
    value: list[str] | None = None
    for line in text.split("\n"):
        if line[:1] in (" ", "\t"):
            if value is not None:
                value.append(line)
            continue
        key, _, first = line.partition(":")
        header = _KEYS[key] if key in _KEYS else _header_called(key)
        if header is None:
            value = None
        else:
            value = [first]
            found.setdefault(header, []).append(value)
    return {key: ["\n".join(lines) for lines in values] for key, values in found.items()}


def _header_called(key: str) -> str | None:
    header = key.rstrip().lower()
    wanted = header if header in map(str.lower, _WANTED) else None
    if len(_KEYS) < 256 and len(key) < 64:
        _KEYS[key] = wanted
    return wanted


def _clean(value: str) -> str:
    if "\n" in value:
        value = " ".join(line.strip() for line in value.split("\n"))
    value = value.strip()
    if "://" in value:
        value = mask_credentials(value)
    return value if value.isprintable() else printable(value)


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
