"""How long work tells its caller how far it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

__all__ = ["OnProgress", "Progress"]


@dataclass(frozen=True, slots=True)
class Progress:
    """One step of long work, handed to the ``on_progress`` of whoever started it."""

    step: str
    """What is being done: a present participle such as ``"moving"``."""
    name: str
    """What it is done to: a package or a path; empty for the work as a whole."""
    done: int
    total: int | None
    """None while it is not known."""
    unit: Literal["files", "bytes", "packages"]


OnProgress = Callable[[Progress], None]
