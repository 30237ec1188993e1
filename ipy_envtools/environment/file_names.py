"""How a file system compares names: probed, because no operating system's name tells.

One machine may have both kinds of file systems, and one directory may differ from its parent.
Nothing is written to find out: an existing name is looked up in another spelling.
"""

from __future__ import annotations

import os
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["name_folding"]


def name_folding(directory: str, names: Iterable[str]) -> Callable[[str], str] | None:
    """Return what makes two spellings of one file in ``directory`` equal.

    None where every spelling is another file, as on most of Linux.

    Args:
        names: of some entries that are there, to be looked up in other spellings.
    """
    ignores_case = normalises = False
    case_probed = form_probed = False
    for name in names:
        if not case_probed and name.swapcase() != name and name.isascii():
            ignores_case, case_probed = _is_same(directory, name, name.swapcase()), True
        if not form_probed and not name.isascii():
            for form in ("NFC", "NFD"):
                other = unicodedata.normalize(form, name)
                if other != name:
                    normalises, form_probed = _is_same(directory, name, other), True
        if case_probed and form_probed:
            break
    if normalises and ignores_case:
        return lambda path: unicodedata.normalize("NFC", path).casefold()
    if normalises:
        return lambda path: unicodedata.normalize("NFC", path)
    return str.casefold if ignores_case else None


def _is_same(directory: str, name: str, other: str) -> bool:
    try:
        one = os.lstat(os.path.join(directory, name))
        two = os.lstat(os.path.join(directory, other))
        # Two hard links are one file too, but two names.
        return os.path.samestat(one, two) and other not in os.listdir(directory)
    except (OSError, ValueError):
        return False
