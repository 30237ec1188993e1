"""How problems name a package, a path and a number of things, each no longer than fits."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ..credentials import mask_credentials
from ..printable import printable
from ..versions import parse_version

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..distribution import InstalledDistribution
    from ..environment import Environment

__all__ = [
    "counted",
    "cut",
    "files_again",
    "is_managed_elsewhere",
    "listed",
    "named",
    "shown",
    "shown_path",
    "the_first_of",
    "way_out",
    "way_out_in",
]

_MANAGED_ELSEWHERE = frozenset({"parent", "system"})

_ELSEWHERE = (
    ("%pkg install ", "uv pip install --python {} "),
    ("%pkg upgrade ", "uv pip install --python {} -U "),
    ("%pkg uninstall ", "uv pip uninstall --python {} "),
)

# Characters. Strangers wrote what a message quotes, and a message is one sentence: four hundred
# characters, however long each part of it would like to be.
_TEXT = 60
_NAME = 48
_VERSION = 20
_PATH = 120
_BEGINNING = 24  # of a path that is cut; the rest is its end, which says more


def cut(text: str, longest: int = _TEXT) -> str:
    """What a stranger wrote: on one printable line, without credentials, and not too long."""
    # Masked while it is whole: half a URL does not look like one any more.
    text = printable(mask_credentials(text))
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def named(distribution: InstalledDistribution) -> str:
    """The canonical name, as it stands in a command."""
    return cut(distribution.canonical_name, _NAME)


def shown(distribution: InstalledDistribution) -> str:
    """Name and version."""
    return f"{named(distribution)} {cut(distribution.version, _VERSION)}".strip()


def shown_path(path: str | os.PathLike[str], longest: int = _PATH) -> str:
    """A path, printable; it may have been made of a URL, so credentials are masked."""
    text = printable(mask_credentials(os.fspath(path)))
    if len(text) <= longest:
        return text
    return f"{text[:_BEGINNING]}…{text[_BEGINNING + 1 - longest :]}"


def is_managed_elsewhere(distribution: InstalledDistribution) -> bool:
    """Whether this environment only reads what another one, or the operating system, manages."""
    return distribution.site.role in _MANAGED_ELSEWHERE


def way_out(
    distribution: InstalledDistribution, environment: Environment, what: str = "install it again"
) -> str:
    """What to do; or where, if it cannot be done from this kernel. ``%pkg`` acts on its own."""
    if is_managed_elsewhere(distribution):
        return f"change that with what manages {shown_path(distribution.site_directory, 60)}"
    return way_out_in(environment, what)


def files_again(distribution: InstalledDistribution) -> str:
    """How the files of a package whose list of them can be read come back."""
    name, version = distribution.canonical_name, distribution.version
    if not distribution.active or distribution.direct_url is not None or distribution.linked:
        return "install it again from where it came"
    is_whole = (cut(name, _NAME), cut(version, _VERSION)) == (name, version)
    if not is_whole or parse_version(version) is None:
        return "install it again"
    return f'%pkg install --force-reinstall "{name}=={version}"'


def way_out_in(environment: Environment, what: str) -> str:
    """The same for what is nobody's, or not installed yet."""
    if environment.kind == "paths":
        return f"in its environment, {what}" if "%pkg" in what else what
    if environment.locked_reason is not None:
        by = "what manages it" if environment.externally_managed else "somebody who may write there"
        return f"{shown_path(environment.prefix, 60)} is locked: leave that to {by}"
    if environment.is_running:
        return what
    python = shown_path(environment.python or environment.prefix, 80)
    for ours, theirs in _ELSEWHERE:
        what = what.replace(ours, theirs.format(python))
    return f"in a kernel of {python}, {what}" if "%pkg" in what else what


def counted(number: int, one: str, many: str) -> str:
    """``1 file`` or ``1,200 files``."""
    return f"1 {one}" if number == 1 else f"{number:,} {many}"


def listed(texts: Sequence[str], most: int = 3) -> str:
    """``a``, ``a and b``, ``a, b and c``; of more than ``most`` the first and how many more."""
    if len(texts) > most:
        return f"{', '.join(texts[: most - 1])} and {len(texts) - most + 1:,} more"
    return " and ".join(filter(None, (", ".join(texts[:-1]), *texts[-1:])))


def the_first_of(number: int, first: str) -> str:
    """Name one of several things, or the only one."""
    first = shown_path(first) if os.path.isabs(first) else cut(first)
    return f" ({first})" if number == 1 else f" (the first is {first})"
