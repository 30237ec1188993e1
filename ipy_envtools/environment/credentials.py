"""Credentials in URLs are never shown: notebooks get shared."""

from __future__ import annotations

import re

__all__ = ["mask_credentials"]

_USER_INFORMATION = re.compile(r"(?<=://)[^/?#\s]*@")
_SECRET_PARAMETER = re.compile(
    r"(?i)([?&;#](?:[\w.-]*(?:token|password|passwd|secret|signature|api[_-]?key|auth)[\w.-]*"
    r"|key|sig|pwd)=)[^&;#\s]+"
)


def mask_credentials(text: str) -> str:
    """Replace user names, passwords and tokens of every URL in ``text`` by ``***``.

    The user name goes too, because a token is often given as one. ``git`` before an ``@`` of an
    SSH address is no secret and stays.
    """
    if "@" in text:
        text = _USER_INFORMATION.sub(_masked_user, text)
    if "=" in text:
        text = _SECRET_PARAMETER.sub(r"\1***", text)
    return text


def _masked_user(match: re.Match[str]) -> str:
    return match.group() if match.group() == "git@" else "***@"
