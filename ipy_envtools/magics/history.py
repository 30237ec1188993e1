"""List the changes that were made to this environment, newest first, other kernels' included."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from ..views import TransactionHistory
    from .lines import LineParser
    from .session import Session


def add_arguments(parser: LineParser) -> None:
    """Nothing."""


def run(arguments: argparse.Namespace, session: Session) -> TransactionHistory:  # noqa: ARG001
    """Return the history, which IPython shows."""
    from ..transactions import history
    from ..views import TransactionHistory

    return TransactionHistory(history())
