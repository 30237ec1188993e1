"""READ: what people and files say that should be installed; text in, values out, and back."""

from __future__ import annotations

from .install_line import read_request, read_request_lines
from .install_request import BadRequest, InstallRequest, WantedRequirement

__all__ = [
    "BadRequest",
    "InstallRequest",
    "WantedRequirement",
    "read_request",
    "read_request_lines",
]
