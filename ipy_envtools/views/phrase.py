"""What is said, before it is known where: runs of text with a meaning instead of a colour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from ..environment.credentials import mask_credentials
from ..environment.printable import printable

__all__ = ["Fact", "Phrase", "Span", "Tone", "join", "link", "plain_text", "say"]

Tone = Literal["plain", "strong", "muted", "code", "good", "notice", "warning", "error"]
"""What a run of text means. Renderings add a colour or a weight; the words say it already."""


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text; whoever wrote it, it is printable and holds no credentials of a URL."""

    text: str
    tone: Tone = "plain"
    url: str | None = None
    """Where it leads; only ever ``http`` or ``https`` (see :func:`link`)."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", printable(mask_credentials(self.text)))


Phrase = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """One labelled line of a description."""

    label: str
    value: Phrase
    short_label: str = ""
    """What a terminal calls it, where that differs."""
    typed: Phrase = ()
    """The value where one types instead of clicking, if that is said differently."""
    items: tuple[Phrase, ...] = ()
    """More than fits into the line; folded away where a rendering can fold."""
    items_label: str = ""


def say(*parts: str | Span | Phrase) -> Phrase:
    """Put a phrase together."""
    spans: list[Span] = []
    for part in parts:
        if isinstance(part, str):
            spans.append(Span(part))
        elif isinstance(part, Span):
            spans.append(part)
        else:
            spans.extend(part)
    return tuple(spans)


def join(phrases: list[Phrase] | tuple[Phrase, ...], separator: str = " · ") -> Phrase:
    """Put phrases behind each other with a muted separator between them."""
    spans: list[Span] = []
    for phrase in phrases:
        if spans:
            spans.append(Span(separator, "muted"))
        spans.extend(phrase)
    return tuple(spans)


def plain_text(phrase: Phrase) -> str:
    """Return the text alone."""
    return "".join(span.text for span in phrase)


def link(url: str) -> Span:
    """Return a link that shows host and path, or plain text where following it is not safe.

    Only ``http`` and ``https`` lead somewhere: ``javascript:`` and ``data:`` run what a package
    says. Credentials are masked in what is shown, and such a URL is no link.
    """
    masked = printable(mask_credentials(url.strip()))
    try:
        parts = urlsplit(masked)
        host = parts.hostname
    except ValueError:
        return Span(masked)
    if parts.scheme not in ("http", "https") or not host or "***" in masked or " " in masked:
        return Span(masked)
    path = parts.path.rstrip("/")
    shown = f"{host.removeprefix('www.')}{path if len(path) <= 40 else '/…'}"
    return Span(shown, url=masked)
