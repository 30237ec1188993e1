"""Progress events, no more of them than somebody can see."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ..progress import Progress

if TYPE_CHECKING:
    from ..progress import OnProgress

__all__ = ["Meter"]

_SECONDS = 0.1


class Meter:
    """Counts files and tells ``on_progress`` at the start, at the end, and now and then."""

    def __init__(self, on_progress: OnProgress | None, step: str, total: int) -> None:
        self._on_progress = on_progress
        self._step = step
        self._total = total
        self._done = 0
        self._next = 0.0

    def __call__(self, name: str, files: int) -> None:
        """Count ``files`` more, the last of them ``name``."""
        self._done += files
        now = time.monotonic()
        if self._on_progress and (now >= self._next or self._done == self._total):
            self._next = now + _SECONDS
            self._on_progress(Progress(self._step, name, self._done, self._total, "files"))
