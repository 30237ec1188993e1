"""Credentials in URLs are never shown: notebooks get shared."""

from __future__ import annotations

import re

__all__ = ["mask_credentials"]

# Each pattern consumes what it scans, or looks no further than a bound, so that a long hostile text
# takes linear time. A password may hold an unescaped / ? # or @, a space or a line break; a path
# made of a URL has only one slash. Where that is ambiguous, too much is masked.
_HOST = (
    r"(?:(?:[\w-]{1,63}\.){1,9}[\w-]{1,63}|localhost|\[[\da-fA-F:.]{2,45}\])"
    r"(?::\d{1,5})?(?:[/?#\s]|$)"
)
_IN_AUTHORITY = r"[^/?#\s]*@"
_BEYOND_AUTHORITY = (
    r"[^/?#\s:@]{1,256}[\r\n]{0,2}:(?!\d{1,5}(?:[/?#\s]|$))"
    r"[\r\n]{0,2}[^\s@]{1,512}(?:\s{1,3}[^\s@]{1,128}){0,3}@"
)
_LIKE_A_PORT = (  # ``https://user:8080/@host/``; a registry's ``localhost:4873/@scope/x`` is none
    r"(?!localhost:)[^/?#\s:@.]{1,256}:\d{1,5}[/?#]\S{0,512}@(?=[\w.-]{1,253}(?::\d{1,5})?/)"
)
_USER_INFORMATION = re.compile(
    r"(?P<before>:[/\\]{2}|(?<=[A-Za-z+]{2}):[/\\](?![/\\]))(?!git@[\w.-]{1,253}(?:[:/\s]|$))"
    rf"(?:{_IN_AUTHORITY}|{_BEYOND_AUTHORITY}|{_LIKE_A_PORT})(?:(?!{_HOST})[^\s]{{0,512}}@)?"
)
_ODD_SLASHES = re.compile(
    r"(?P<before>:[/\\]{3,4}|(?<!\w)(?:(?:git|hg|svn|bzr)\+\w{1,16}|https?|ftps?|ssh):)"
    r"[^/\\?#\s:@]{1,256}:[^\s/\\@]{1,256}@",
    re.IGNORECASE,
)
_QUOTED = re.compile(  # a URL in a parameter of another
    r"(?P<before>%(?:25){0,3}3A(?:%(?:25){0,3}2F){1,4})[^\s/?#&@]{1,512}%(?:25){0,3}40",
    re.IGNORECASE,
)
# Without a scheme: ``//user:password@host``, and ``user:password@host:path`` as git takes it.
_WITHOUT_SCHEME = re.compile(
    r"(?:(?<![^\s\"'`=<>(\[,;|+])//[^/?#\s@]{1,512}@"
    r"|(?<![\w.%+~/@:-])(?!(?:mailto|e-?mail|contact|xmpp|sips?|acct):)"
    r"[\w.%+~-]{1,128}:[^\s/@]{1,256}@(?=[\w.-]{1,253}[:/]))"
)
# A comma or full stop at the end is the sentence's that the URL stands in.
_PARAMETER = re.compile(r"([?&;#])([\w.%-]+?)(=|%3[Dd])([^&;#\s]*[^&;#\s,.])")
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
        text = _USER_INFORMATION.sub(r"\g<before>***@", text)
        text = _ODD_SLASHES.sub(r"\g<before>***@", text)
        text = _WITHOUT_SCHEME.sub(_masked_bare_user, text)
    if "40" in text and "%" in text:
        text = _QUOTED.sub(r"\g<before>***%40", text)
    if "/" not in text:
        return text
    if "=" in text or "%3" in text:
        text = _PARAMETER.sub(_masked_parameter, text)
    return text


def _masked_bare_user(match: re.Match[str]) -> str:
    slashes = "//" if match.group().startswith("//") else ""
    return match.group() if match.group() == "//git@" else f"{slashes}***@"


def _masked_parameter(match: re.Match[str]) -> str:
    mark, key, equals, _ = match.groups()
    is_secret = _SECRET.search(key) is not None or key.lower() in _SECRET_KEYS
    return f"{mark}{key}{equals}***" if is_secret else match.group()
