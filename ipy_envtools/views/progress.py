"""How far a change is, in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .markup import escape
from .wording import counted, size_text

if TYPE_CHECKING:
    from ..progress import Progress

__all__ = ["amount", "progress_html", "progress_text"]


def amount(progress: Progress) -> str:
    """``3 of 10 files``; the step where it is not known how much there is."""
    if not progress.total:
        return progress.step
    if progress.unit == "bytes":
        return f"{size_text(progress.done)} of {size_text(progress.total)}"
    return f"{progress.done:,} of {counted(progress.total, progress.unit.removesuffix('s'))}"


def progress_text(doing: str, progress: Progress) -> str:
    """The line as plain text."""
    return f"{doing}… {amount(progress)}"


def progress_html(doing: str, progress: Progress) -> str:
    """The line with a bar where one can be drawn.

    It is no alert: ten a second would be read out one after the other.
    """
    bar = ""
    if progress.total:
        bar = f'<progress max="{progress.total}" value="{progress.done}"></progress>'
    return f'<div role="status">{escape(doing)}… {bar}{escape(amount(progress))}</div>'
