"""TYPE: ``%pkgs`` and ``%pkg``: parse the line, call the rooms, display the result.

Loading the extension imports only this room's thin front; a scan, rich or ipywidgets come with
the first magic that needs them.
"""

from __future__ import annotations

from .extension import load, unload

__all__ = ["load", "unload"]
