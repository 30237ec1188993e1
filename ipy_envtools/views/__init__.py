"""SHOW: text, static HTML and widgets of what the rooms above return; formats, decides nothing.

Each rendering is a module that is imported when it is used: :mod:`.text` needs rich, :mod:`.live`
needs ipywidgets, :mod:`.static` needs neither.
"""

from __future__ import annotations

from .details import PackageDetails
from .intentions import Intentions
from .listing import SORT_KEYS, PackageListing, SortKey
from .problems import ProblemReport
from .transaction import TransactionHistory

__all__ = [
    "SORT_KEYS",
    "Intentions",
    "PackageDetails",
    "PackageListing",
    "ProblemReport",
    "SortKey",
    "TransactionHistory",
]
