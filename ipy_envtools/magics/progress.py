"""How far a change is that a typed line makes, for as long as it takes; and stopping it."""

from __future__ import annotations

import contextlib
import sys
import time
from typing import TYPE_CHECKING, Any, Protocol
from uuid import uuid4

from .recovery import interrupted
from .session import Declined

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..progress import OnProgress, Progress
    from .session import Session

__all__ = ["progress_shown"]

_PATIENCE = 0.5  # seconds; most changes take less, and a line that only flashes up disturbs


class _Line(Protocol):
    """One line that is written over."""

    def show(self, progress: Progress) -> None:
        """Show how far it is."""

    def clear(self) -> None:
        """Take it away."""


@contextlib.contextmanager
def progress_shown(doing: str, session: Session) -> Iterator[OnProgress]:
    """Give what reports progress; it is seen where the cell runs, after half a second.

    Args:
        doing: what is said before the numbers, such as ``Uninstalling flask 3.1.0``.
        session: knows where the cell runs.

    Raises:
        Declined: instead of KeyboardInterrupt, when what had been moved is back in its place.
    """
    begun = time.monotonic()
    line: _Line | None = None
    is_seen = session.front_end.terminal or session.front_end.widgets

    def report(progress: Progress) -> None:
        nonlocal line
        if line is None:
            if not is_seen or time.monotonic() - begun < _PATIENCE:
                return
            line = _line(doing, session)
        line.show(progress)

    try:
        yield report
    except KeyboardInterrupt:
        if interrupted() is not None:
            raise
        raise Declined("Stopped, and everything is as it was before.") from None
    finally:
        if line is not None:
            line.clear()


def _line(doing: str, session: Session) -> _Line:
    if session.front_end.terminal:
        return _TerminalLine(doing)
    return _NotebookLine(doing, session)


class _TerminalLine:
    """A bar that is gone when the change is done; nothing where the output is no terminal."""

    def __init__(self, doing: str) -> None:
        from rich.console import Console
        from rich.markup import escape
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
        from rich.progress import Progress as Bar

        self._bar = Bar(
            TextColumn(f"{escape(doing)}…"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[unit]}"),
            console=Console(file=sys.stdout),
            transient=True,
            auto_refresh=False,
            disable=not sys.stdout.isatty(),
        )
        self._task = self._bar.add_task("", total=None, unit="")
        self._bar.start()

    def show(self, progress: Progress) -> None:
        self._bar.update(
            self._task,
            completed=progress.done,
            total=progress.total,
            unit=progress.unit,
            refresh=True,
        )

    def clear(self) -> None:
        self._bar.stop()


class _NotebookLine:
    """An output that is replaced: needs no widget, and the page shows it while the cell runs."""

    def __init__(self, doing: str, session: Session) -> None:
        self._doing = doing
        self._publisher = session.shell.display_pub
        self._identity = uuid4().hex
        self._is_there = False

    def show(self, progress: Progress) -> None:
        from ..views.progress import progress_html, progress_text

        self._publish(
            {
                "text/plain": progress_text(self._doing, progress),
                "text/html": progress_html(self._doing, progress),
            }
        )

    def clear(self) -> None:
        self._publish({"text/plain": "", "text/html": ""})

    def _publish(self, data: dict[str, Any]) -> None:
        self._publisher.publish(
            data, transient={"display_id": self._identity}, update=self._is_there
        )
        self._is_there = True
