"""Live views of core widgets only, so that they work whichever environment the page comes from."""

from __future__ import annotations

from .browser import PackageBrowser
from .uninstall_view import TransactionView, UninstallView

__all__ = ["PackageBrowser", "TransactionView", "UninstallView"]
