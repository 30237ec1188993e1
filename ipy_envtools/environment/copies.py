"""Which of several copies of one project an import statement gets."""

from __future__ import annotations

import os
import re
from collections import Counter
from typing import TYPE_CHECKING, Literal

from packaging.version import Version

from .regular_files import read_regular_file
from .site_directories import directory_identity
from .versions import parse_version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from .distribution import InstalledDistribution
    from .record import RecordRow
    from .site_directories import DirectoryIdentity

__all__ = ["Reason", "SearchOrder", "active_copy", "alias_target", "live_copy", "why_active"]

Reason = Literal[
    "metadata", "search-order", "record", "other-record", "linked", "version", "nothing"
]
"""``metadata``: others have none; ``search-order``: imports look there first; ``record``: its
RECORD agrees best with the files on disk; ``other-record``: it records no files, and those that
others record are not there; ``linked``: others are links; ``version``: it is the newest, and
nothing else tells them apart; ``nothing``: nothing does."""

_HASH_LIMIT = 1 << 22  # bytes of one file
_ENOUGH = 200  # files that are looked at to tell a live copy from a dead one
_NO_VERSION = Version("0.dev0")
_OF_METADATA = re.compile(r"\.(?:dist|egg)-info/")


class SearchOrder:
    """The order in which imports look into directories."""

    def __init__(self, search_path: Iterable[str], *, complete: bool) -> None:
        self._complete = complete
        self._positions: dict[DirectoryIdentity, int] = {}
        for position, path in enumerate(filter(None, search_path)):
            identity = directory_identity(path)
            # A zip file is no directory: its path is its identity.
            self._positions.setdefault(identity or os.path.realpath(path), position)

    def of(self, copy: InstalledDistribution) -> float:
        """The position of where a copy is imported from; infinite where nothing looks."""
        if copy.editable:
            links = copy.editable_links
            found = [self._position(path) for path in links.directories]
            if found:
                return min(found)
            if links.modules:  # a finder of that kind is asked when every directory was
                return float(len(self._positions))
        path = str(copy.location if copy.kind in ("egg", "egg-link") else copy.site_directory)
        position = self._position(path)
        if position == float("inf") and not self._complete:
            return self._position(str(copy.site_directory))
        return position

    def _position(self, path: str) -> float:
        identity = directory_identity(path) or os.path.realpath(path)
        return self._positions.get(identity, float("inf"))


def active_copy(
    copies: Sequence[InstalledDistribution], order: SearchOrder
) -> InstalledDistribution:
    """Choose the live one among copies.

    The directory that imports look into first wins; an entry without metadata wins only where
    there is nothing else. Within one directory the copy wins whose RECORD agrees with the files
    on disk.
    """
    if len(copies) == 1:
        return copies[0]
    real = [copy for copy in copies if _has_metadata(copy)] or list(copies)
    positions = [order.of(copy) for copy in real]
    first = min(positions)
    rivals = [copy for copy, position in zip(real, positions, strict=True) if position == first]
    if len(rivals) > 1:
        return live_copy([c for c in rivals if c.site_directory == rivals[0].site_directory])
    return rivals[0]


def live_copy(
    here: Sequence[InstalledDistribution], content_of: Callable[[str], str] = str
) -> InstalledDistribution:
    """Choose among copies in one directory the one whose RECORD agrees with the files on disk.

    Args:
        here: the copies, one or more.
        content_of: where the content of a path is to be read; for files that are to be moved
            there.
    """
    ranks = _ranks(here, content_of)
    return here[ranks.index(max(ranks))]


def why_active(
    active: InstalledDistribution, others: Iterable[InstalledDistribution], order: SearchOrder
) -> tuple[Reason, ...]:
    """Say what decided for the active copy and against the others, in the order of deciding."""
    others = list(others)
    reasons: list[Reason] = []
    real = [copy for copy in others if _has_metadata(copy)]
    if len(real) < len(others):
        reasons.append("metadata")
    position = order.of(active)
    here = [
        copy
        for copy in real
        if copy.site_directory == active.site_directory and order.of(copy) == position
    ]
    if len(here) < len(real):
        reasons.append("search-order")
    if here:
        mine, *theirs = _ranks([active, *here])
        agreement, *rest = zip(mine, max(theirs), strict=True)
        if agreement[0] != agreement[1]:
            reasons.append("record" if _telling_rows(active) else "other-record")
        else:
            by: tuple[Reason, ...] = ("linked", "version")
            decided = [name for name, (one, other) in zip(by, rest, strict=True) if one != other]
            reasons.append(decided[0] if decided else "nothing")
    return tuple(reasons)


def _ranks(
    here: Sequence[InstalledDistribution], content_of: Callable[[str], str] = str
) -> list[tuple[tuple[float, float], bool, Version]]:
    """Of copies in one directory: the live one ranks highest."""
    return [
        (agreement, not copy.linked, parse_version(copy.version) or _NO_VERSION)
        for agreement, copy in zip(_agreements(here, content_of), here, strict=True)
    ]


def alias_target(
    copy: InstalledDistribution, copies: Iterable[InstalledDistribution]
) -> InstalledDistribution | None:
    """The other copy whose entry this linked entry leads to, if any."""
    if not copy.linked:
        return None
    target = os.path.realpath(copy.info_path)
    for other in copies:
        if not other.linked and other != copy and os.path.realpath(other.info_path) == target:
            return other
    return None


def _has_metadata(copy: InstalledDistribution) -> bool:
    if copy.kind not in ("dist-info", "egg-info"):
        return True
    return os.path.isfile(os.path.join(copy.info_path, copy.info.metadata_filename))


def _agreements(
    rivals: Sequence[InstalledDistribution], content_of: Callable[[str], str]
) -> list[tuple[float, float]]:
    """How far each copy agrees with the files on disk: by size, and where sizes tie by hash.

    Of a row without a size it counts that the file is there. Only rows that not all rivals share
    can tell them apart.
    """

    def content(row: RecordRow) -> str:
        return content_of(os.path.join(base, row.path))

    records = [_telling_rows(copy) for copy in rivals]
    shared = Counter(row for rows in records for row in set(rows))
    telling = [[row for row in rows if shared[row] < len(rivals)][:_ENOUGH] for rows in records]
    base = str(rivals[0].site_directory)
    by_size = [
        _share([_has_size(content(row), row) for row in rows], has_record=bool(record))
        for rows, record in zip(telling, records, strict=True)
    ]
    best = max(by_size)
    if by_size.count(best) == 1:
        return [(share, 0.0) for share in by_size]
    return [
        (share, _share([_has_hash(content(row), row) for row in rows if row.hash], has_record=True))
        if share == best
        else (share, 0.0)
        for share, rows in zip(by_size, telling, strict=True)
    ]


def _telling_rows(copy: InstalledDistribution) -> list[RecordRow]:
    record = copy.record
    return [
        row
        for row in (record.rows if record else ())
        if not row.path.endswith(".pyc") and not _OF_METADATA.search(row.path)
    ]


def _share(agreeing: Sequence[bool], *, has_record: bool) -> float:
    """Between 0 (a dead copy) and 1; between those where nothing can be told."""
    if agreeing:
        return sum(agreeing) / len(agreeing)
    return 0.5 if has_record else 0.25


def _has_size(path: str, row: RecordRow) -> bool:
    try:
        size = os.lstat(path).st_size
        return row.size is None or size == row.size
    except (OSError, ValueError):
        return False


def _has_hash(path: str, row: RecordRow) -> bool:
    import hashlib
    from base64 import urlsafe_b64encode

    if not row.hash.startswith("sha256="):
        return False
    try:
        content = read_regular_file(path, _HASH_LIMIT)
    except (OSError, ValueError):
        return False
    digest = urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    return digest == row.hash.removeprefix("sha256=")
