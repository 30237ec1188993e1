"""How far a change is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from .markup import escape
from .wording import counted, size_text

if TYPE_CHECKING:
    from ..progress import Progress

__all__ = ["LineProgress", "ShownProgress", "amount", "progress_html", "progress_text"]


class ShownProgress(Protocol):
    """Takes in reports and says how far it is."""

    def update(self, progress: Progress) -> None:
        """Take in one report."""

    def text(self) -> str:
        """One line."""

    def text_lines(self, width: int = 80) -> list[str]:
        """What a terminal shows, no line wider than ``width``."""

    def html(self) -> str:
        """A block for a page."""

    def log_html(self) -> str:
        """What happened when, folded; empty where nobody needs that."""


class LineProgress:
    """A change that is one thing: how much of it is done."""

    def __init__(self, doing: str) -> None:
        self._doing = doing
        self._last: Progress | None = None

    def update(self, progress: Progress) -> None:
        """Take in one report."""
        self._last = progress

    def text(self) -> str:
        """One line."""
        return progress_text(self._doing, self._last) if self._last else f"{self._doing}…"

    def text_lines(self, width: int = 80) -> list[str]:
        """The line, with a bar where it is known how much there is."""
        if self._last is None:
            return [self.text()[:width]]
        bar = ""
        if self._last.total:
            filled = round(24 * min(1.0, self._last.done / self._last.total))
            bar = f"{'━' * filled}{'╌' * (24 - filled)} "
        return [f"{self._doing}… {bar}{amount(self._last)}"[:width]]

    def html(self) -> str:
        """The line with a bar."""
        return progress_html(self._doing, self._last) if self._last else ""

    def log_html(self) -> str:
        """Nothing: one step is no log."""
        return ""


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
