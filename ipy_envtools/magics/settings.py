"""What ``%config EnvTools`` offers."""

from __future__ import annotations

from traitlets import Enum
from traitlets.config import Configurable

__all__ = ["EnvTools"]


class EnvTools(Configurable):
    """How ipy_envtools behaves in this session."""

    confirm = Enum(
        ("changes", "always", "never"),
        default_value="changes",
        help="When a plan asks before it is carried out: 'changes' (unless it only adds "
        "packages), 'always', or 'never', which asks nothing, not even for an uninstall.",
    ).tag(config=True)
