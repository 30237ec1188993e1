"""Phrases and facts as HTML, the same for a saved notebook and for a widget.

Everything that comes from a package passes :func:`escape`, and nothing else writes text into HTML.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from ..environment.credentials import mask_credentials
from ..environment.printable import printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .phrase import Fact, Phrase, Span, Tone

__all__ = [
    "CLASSES",
    "INLINE",
    "badge_html",
    "escape",
    "facts_html",
    "items_html",
    "phrase_html",
    "version_html",
]

INLINE: Mapping[Tone, str] = {
    "plain": "",
    "strong": "",
    "muted": ' style="color: var(--jp-ui-font-color2, #757575)"',
    "code": "",
    "good": ' style="color: var(--jp-success-color0, #2e7d32)"',
    "notice": ' style="color: var(--jp-brand-color1, #1976d2)"',
    "warning": ' style="color: var(--jp-warn-color0, #b26a00)"',
    "error": ' style="color: var(--jp-error-color1, #c62828)"',
}
"""Attributes by tone where no style sheet can be relied on."""

CLASSES: Mapping[Tone, str] = {
    "plain": "",
    "strong": "",
    "muted": ' class="envtools-muted"',
    "code": "",
    "good": ' class="envtools-good"',
    "notice": ' class="envtools-notice"',
    "warning": ' class="envtools-warning"',
    "error": ' class="envtools-error"',
}
"""Attributes by tone below our own style sheet."""


def escape(text: str) -> str:
    """Return text for an HTML text node or a quoted attribute.

    Without control characters and credentials of URLs: notebooks get shared.
    """
    return html.escape(printable(mask_credentials(text)), quote=True)


def phrase_html(phrase: Phrase, tones: Mapping[Tone, str]) -> str:
    """Return a phrase as inline HTML."""
    return "".join(_span(span, tones) for span in phrase)


def _span(span: Span, tones: Mapping[Tone, str]) -> str:
    text = escape(span.text)
    if span.url is not None:
        # noreferrer, because the address of a notebook server can hold its token
        text = f'<a href="{escape(span.url)}" target="_blank" rel="noopener noreferrer">{text}</a>'
    if span.tone == "strong":
        return f"<b>{text}</b>"
    if span.tone == "code":
        return f"<code>{text}</code>"
    attributes = tones[span.tone]
    return f"<span{attributes}>{text}</span>" if attributes else text


def version_html(text: str) -> str:
    """Return ``1.26.4 → 2.2.0`` so that a narrow cell keeps the arrow with what comes."""
    before, arrow, after = text.rpartition("→")
    if not arrow:
        return escape(text)
    return f'{escape(before)}<span style="white-space:nowrap">→{escape(after)}</span>'


def items_html(fact: Fact, tones: Mapping[Tone, str]) -> str:
    """Return what a fact folds away, as an element that unfolds without a kernel."""
    if not fact.items:
        return ""
    lines = "".join(f"<li>{phrase_html(item, tones)}</li>" for item in fact.items)
    return f"<details><summary>{escape(fact.items_label)}</summary><ul>{lines}</ul></details>"


def facts_html(facts: Sequence[Fact]) -> str:
    """Return facts as a description list below our own style sheet."""
    lines = "".join(
        f"<dt>{escape(fact.label)}</dt>"
        f"<dd>{phrase_html(fact.value, CLASSES)}{items_html(fact, CLASSES)}</dd>"
        for fact in facts
    )
    return f'<dl class="envtools-facts">{lines}</dl>'


def badge_html(text: str, tone: str) -> str:
    """Return a badge below our own style sheet."""
    return f'<span class="envtools-badge envtools-{tone}">{escape(text)}</span>'
