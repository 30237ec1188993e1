"""Finding a change that was interrupted, at no cost where nothing was ever changed."""

from __future__ import annotations

import contextlib
import os
import site
import sys
from typing import TYPE_CHECKING

from .terminal import echo

if TYPE_CHECKING:
    from ..transactions import Transaction
    from .session import Session

__all__ = ["interrupted", "say_if_interrupted"]

_STORE = ".ipy-envtools"  # spelled out, because loading the extension imports no other room


def interrupted() -> Transaction | None:
    """Return the change of this environment that is neither finished nor taken back."""
    if not _has_journals():
        return None
    from ..transactions import unfinished

    return unfinished()


def say_if_interrupted(session: Session) -> None:
    """Say in one line what was interrupted, with the way back, or what keeps that from being told.

    Called while the extension is loaded, so whatever goes wrong here is left to the first magic;
    and by magics that show no live view, which says so itself.
    """
    from ..errors import EnvToolsError

    with contextlib.suppress(EnvToolsError, OSError):
        transaction = interrupted()
        if transaction is not None:
            from .display import show_outcome

            show_outcome(transaction, session)
        elif _has_journals():
            from ..transactions import unreadable

            for error in unreadable():
                echo(error)


def _has_journals() -> bool:
    """Whether a store of this process's environment holds anything; imports nothing."""
    roots = [sys.prefix]
    if site.ENABLE_USER_SITE:
        roots.append(site.getuserbase())
    return any(
        os.path.exists(os.path.join(root, _STORE, name, "journal"))
        for root in roots
        for name in _names(os.path.join(root, _STORE))
    )


def _names(store: str) -> list[str]:
    try:
        return os.listdir(store)
    except OSError:
        return []
