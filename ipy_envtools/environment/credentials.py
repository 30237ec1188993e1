"""Credentials in URLs are never shown: notebooks get shared."""

from __future__ import annotations

import re

__all__ = ["mask_credentials"]

# Each pattern consumes what it scans, so that a long hostile text takes linear time.
# A password may hold an unescaped / ? or #, and a path made of a URL has only one slash.
_USER_INFORMATION = re.compile(
    r"(?:(?<=://)|(?<=[A-Za-z+]{2}:/)(?!/))"
    r"(?:[^/?#\s]*@|[^/?#\s:@]{1,256}:(?!\d{1,5}[/?#])[^\s@]{0,512}@)"
)
# Without a scheme: ``//user:password@host``, and ``user:password@host:path`` as git takes it.
_WITHOUT_SCHEME = re.compile(
    r"(?:(?<![^\s\"'`=<>(\[,;|+])//[^/?#\s@]{1,512}@"
    r"|(?<![\w.%+~/@:-])(?!(?:mailto|e-?mail|contact|xmpp|sips?|acct):)"
    r"[\w.%+~-]{1,128}:[^\s/@]{1,256}@(?=[\w.-]{1,253}[:/]))"
)
_PARAMETER = re.compile(r"([?&;#])([\w.%-]+?)(=|%3[Dd])([^&;#\s]+)")
_SECRET = re.compile(
    r"token|password|passwd|passphrase|secret|signature|credential|api[_-]?key|auth|jwt",
    re.IGNORECASE,
)
_SECRET_KEYS = frozenset({"key", "sig", "pwd", "pass"})


def mask_credentials(text: str) -> str:
    """Replace user names, passwords and tokens of every URL in ``text`` by ``***``.

    The user name goes too, because a token is often given as one. ``git`` before an ``@`` of an
    SSH address is no secret and stays, and so does an address of electronic mail.
    """
    if "@" in text:
        text = _USER_INFORMATION.sub(_masked_user, text)
        text = _WITHOUT_SCHEME.sub(_masked_bare_user, text)
    if "/" not in text:
        return text
    if "=" in text or "%3" in text:
        text = _PARAMETER.sub(_masked_parameter, text)
    return text


def _masked_user(match: re.Match[str]) -> str:
    return match.group() if match.group() == "git@" else "***@"


def _masked_bare_user(match: re.Match[str]) -> str:
    slashes = "//" if match.group().startswith("//") else ""
    return match.group() if match.group() == "//git@" else f"{slashes}***@"


def _masked_parameter(match: re.Match[str]) -> str:
    mark, key, equals, _ = match.groups()
    is_secret = _SECRET.search(key) is not None or key.lower() in _SECRET_KEYS
    return f"{mark}{key}{equals}***" if is_secret else match.group()
