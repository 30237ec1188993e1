"""How far a change is that a typed line makes, for as long as it takes."""

from __future__ import annotations

import contextlib
import sys
import time
from typing import TYPE_CHECKING, Any, Protocol
from uuid import uuid4

from .terminal import fitting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..progress import OnProgress, Progress
    from ..views.progress import ShownProgress
    from .session import Session

__all__ = ["progress_shown"]

_PATIENCE = 0.5  # seconds; most changes take less, and a line that only flashes up disturbs
_PAUSE = 0.1  # seconds between two pictures
_LOG_PAUSE = 2.0  # a log that is replaced folds itself again


class _Place(Protocol):
    """What is written over."""

    def show(self, shown: ShownProgress) -> None:
        """Show how far it is."""

    def clear(self) -> None:
        """Take it away."""


@contextlib.contextmanager
def progress_shown(doing: str | ShownProgress, session: Session) -> Iterator[OnProgress]:
    """Give what reports progress; it is seen where the cell runs, and gone when it is over.

    Args:
        doing: what is said before the numbers, such as ``Uninstalling flask 3.1.0``, and is seen
            after half a second; or what says more than a line, and is seen at once.
        session: knows where the cell runs.
    """
    from ..views.progress import LineProgress

    patience = _PATIENCE if isinstance(doing, str) else 0.0
    shown: ShownProgress = LineProgress(doing) if isinstance(doing, str) else doing
    begun = time.monotonic()
    last = begun - _PAUSE
    place: _Place | None = None
    is_seen = session.front_end.terminal or session.front_end.widgets

    def report(progress: Progress) -> None:
        nonlocal place, last
        shown.update(progress)
        now = time.monotonic()
        if not is_seen or now - begun < patience or now - last < _PAUSE:
            return
        last = now
        if place is None:
            place = _Terminal() if session.front_end.terminal else _Output(session)
        place.show(shown)

    try:
        yield report
    finally:
        if place is not None:
            place.clear()


class _Terminal:
    """Lines that are gone when the change is done; none where the output is no terminal."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.live import Live

        self._console = Console(file=sys.stdout, highlight=False, markup=False, emoji=False)
        self._live = Live(console=self._console, transient=True, auto_refresh=False)
        self._is_terminal = sys.stdout.isatty()
        if self._is_terminal:
            self._live.start()

    def show(self, shown: ShownProgress) -> None:
        if self._is_terminal:
            from rich.text import Text

            text = "\n".join(shown.text_lines(self._console.width)).rstrip("\n")
            # Standard output is rich's while this is shown, and does not tell its encoding.
            text = fitting(text, self._console.encoding)
            self._live.update(Text(text, no_wrap=True), refresh=True)

    def clear(self) -> None:
        if self._is_terminal:
            self._live.stop()


class _Output:
    """Outputs that are replaced: no widget is needed, and the page shows them in a running cell."""

    def __init__(self, session: Session) -> None:
        self._publisher = session.shell.display_pub
        self._progress = uuid4().hex
        self._log = uuid4().hex
        self._there: set[str] = set()
        self._log_shown = ""
        self._log_since = 0.0

    def show(self, shown: ShownProgress) -> None:
        self._publish(self._progress, {"text/plain": shown.text(), "text/html": shown.html()})
        log, now = shown.log_html(), time.monotonic()
        if log != self._log_shown and now - self._log_since > _LOG_PAUSE:
            self._publish(self._log, {"text/plain": "", "text/html": log})
            self._log_shown, self._log_since = log, now

    def clear(self) -> None:
        for identity in sorted(self._there):
            self._publish(identity, {"text/plain": "", "text/html": ""})

    def _publish(self, identity: str, data: dict[str, Any]) -> None:
        update = identity in self._there
        self._there.add(identity)
        self._publisher.publish(data, transient={"display_id": identity}, update=update)
