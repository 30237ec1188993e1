"""What uv or pip said itself, for those who want to know more than our sentence."""

from __future__ import annotations

from dataclasses import dataclass

from ..environment.credentials import mask_credentials
from ..environment.printable import printable
from .markup import escape
from .wording import counted

__all__ = ["EngineWords"]

MOST_LINES = 12
"""Where nothing can be folded: the last ones, which say what went wrong."""

MOST_FOLDED = 1000

# JupyterLab breaks a <pre> in the middle of words unless it is told otherwise.
_WRAPPED = (
    "white-space:pre-wrap; word-break:normal; overflow-wrap:anywhere; "
    "max-height:24em; overflow:auto"
)


@dataclass(frozen=True, slots=True)
class EngineWords:
    """The words of one failure."""

    log: str

    @property
    def lines(self) -> list[str]:
        """Without empty ones, which only stretch it."""
        return [line.rstrip() for line in self.log.splitlines() if line.strip()]

    def html(self) -> str:
        """Folded."""
        lines = "\n".join(escape(line) for line in self.lines[-MOST_FOLDED:])
        return (
            "<details><summary>what the installer said</summary>"
            f'<pre style="{_WRAPPED}">{lines}</pre></details>'
        )

    def text(self) -> str:
        """The end of it."""
        lines = self.lines
        more = len(lines) - MOST_LINES
        shown = [printable(mask_credentials(line)) for line in lines[-MOST_LINES:]]
        before = [f"… {counted(more, 'line')} before"] if more > 0 else []
        return "\n".join([*before, *shown])
