"""What is wrong in an environment: a closed list of kinds, each with what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["PROBLEM_KINDS", "Problem", "ProblemKind", "Severity"]

ProblemKind = Literal[
    "alias",
    "compiled-orphaned",
    "dependency-incompatible",
    "dependency-missing",
    "direct-url-invalid",
    "duplicate",
    "editable-dangling",
    "egg-link-dead",
    "files-missing",
    "files-shared",
    "ghost",
    "invalid-name",
    "invalid-version",
    "leftover",
    "leftover-unclear",
    "metadata-mismatch",
    "metadata-missing",
    "platform-incompatible",
    "python-incompatible",
    "record-invalid",
    "record-missing",
    "record-outside",
    "requirement-invalid",
    "shadowed",
    "startup-unowned",
    "unreadable",
]
"""Every kind of problem, in alphabetical order.

``alias``: a linked entry that leads to another entry; ``compiled-orphaned``: compiled files in a
``__pycache__`` whose source is gone, of nobody; ``dependency-incompatible``: a requirement that the
installed version does not fulfil; ``dependency-missing``: a requirement that nothing fulfils;
``direct-url-invalid``: direct_url.json is not what PEP 610 says; ``duplicate``: two entries of one
project in one directory; ``editable-dangling``: what an editable installation leads to is gone;
``egg-link-dead``: an ``.egg-link`` that leads nowhere; ``files-missing``: RECORD names files that
are not there; ``files-shared``: two packages record the same file; ``ghost``: an entry without
anything in it; ``invalid-name`` and ``invalid-version``: not what the specifications allow;
``leftover``: remains of an interrupted pip; ``leftover-unclear``: a directory that is called like
them and may be anybody's; ``metadata-mismatch``: METADATA and the entry's name disagree;
``metadata-missing``: METADATA or its Name or Version is not there; ``platform-incompatible``: no
tag of the wheel that it came from fits this Python; ``python-incompatible``: Requires-Python
excludes this Python; ``record-invalid``: RECORD has rows that name no file or are not readable;
``record-missing``: no RECORD, so nobody knows its files; ``record-outside``: RECORD names files
outside the environment; ``requirement-invalid``: a Requires-Dist that is no requirement;
``shadowed``: a copy that imports do not get, because an earlier directory has one;
``startup-unowned``: a ``.pth`` or ``.start`` file that runs in every start of Python and that no
RECORD names; ``unreadable``: a directory or file that cannot be read.
"""

PROBLEM_KINDS: tuple[str, ...] = get_args(ProblemKind)

Severity = Literal["error", "warning", "note"]

_ERRORS = frozenset(
    {
        "dependency-incompatible",
        "dependency-missing",
        "editable-dangling",
        "egg-link-dead",
        "files-missing",
        "ghost",
        "platform-incompatible",
        "python-incompatible",
        "record-outside",
        "unreadable",
    }
)
_NOTES = frozenset({"alias", "compiled-orphaned", "leftover-unclear", "shadowed"})


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong."""

    kind: ProblemKind
    name: str
    """Canonical name of the package, installed or only named so; empty where it is nobody's."""
    message: str
    """One printable line that names the package and says what to do."""
    paths: tuple[Path, ...] = ()
    """What it is about; the entry of the package first, where there is one."""

    @property
    def severity(self) -> Severity:
        """``error``: something does not work; ``warning``: it may not; ``note``: good to know."""
        if self.kind in _ERRORS:
            return "error"
        return "note" if self.kind in _NOTES else "warning"
