"""Where the magics run, and whether somebody is there to answer."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import Any

__all__ = ["FrontEnd", "front_end"]


@dataclass(frozen=True, slots=True)
class FrontEnd:
    """What the front end of the running cell can do."""

    terminal: bool
    """Text only, printed at once."""
    widgets: bool
    """Widgets are shown and can be clicked."""
    can_ask: bool
    """``input()`` reaches a person."""


def front_end(shell: Any) -> FrontEnd:
    """Look at the running cell of a shell.

    In a kernel the execute request's ``allow_stdin`` says whether a person is there: nbclient
    and papermill send false. Voila does too, but its widgets live.
    """
    kernel = getattr(shell, "kernel", None)
    if kernel is None:
        return FrontEnd(terminal=True, widgets=False, can_ask=_is_interactive_terminal())
    can_ask = bool(getattr(kernel, "_allow_stdin", False))
    in_voila = os.environ.get("SERVER_SOFTWARE", "").startswith("voila/")
    return FrontEnd(terminal=False, widgets=can_ask or in_voila, can_ask=can_ask)


def _is_interactive_terminal() -> bool:
    """False for ``ipython -c``, a script, and where standard input is no terminal."""
    from IPython.terminal.ipapp import TerminalIPythonApp

    if TerminalIPythonApp.initialized() and not TerminalIPythonApp.instance().interact:
        return False
    try:
        return sys.stdin.isatty()
    except (AttributeError, ValueError):  # no standard input, or a closed one
        return False
