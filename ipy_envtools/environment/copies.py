"""Which of several copies of one project an import statement gets."""

from __future__ import annotations

import hashlib
import os
from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

from .regular_files import read_regular_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .distribution import InstalledDistribution

__all__ = ["active_copy", "alias_target"]

_HASH_LIMIT = 1 << 22  # bytes of one file


def active_copy(copies: Sequence[InstalledDistribution]) -> InstalledDistribution:
    """Choose the live one among copies in search order.

    The first directory wins; an entry without metadata wins only where there is nothing else.
    Within one directory the copy wins whose RECORD agrees with the files on disk.
    """
    if len(copies) == 1:
        return copies[0]
    real = [copy for copy in copies if _has_metadata(copy)] or list(copies)
    rivals = [copy for copy in real if copy.site_directory == real[0].site_directory]
    return rivals[0] if len(rivals) == 1 else max(rivals, key=_liveness)


def alias_target(
    copy: InstalledDistribution, copies: Sequence[InstalledDistribution]
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
    name = "METADATA" if copy.kind == "dist-info" else "PKG-INFO"
    return os.path.isfile(os.path.join(copy.info_path, name))


def _liveness(copy: InstalledDistribution) -> tuple[float, float, bool, Version]:
    by_size, by_hash = _agreement(copy)
    try:
        version = Version(copy.version)
    except InvalidVersion:
        version = Version("0")
    return by_size, by_hash, not copy.linked, version


def _agreement(copy: InstalledDistribution) -> tuple[float, float]:
    """The share of recorded files that have the recorded size, and the recorded hash."""
    record = copy.record
    if record is None:
        return 0.0, 0.0
    rows = [
        row
        for row in record.rows
        if row.size is not None and ".dist-info/" not in row.path and not row.path.endswith(".pyc")
    ]
    if not rows:
        return 0.0, 0.0
    sized = hashed = 0
    for row in rows:
        path = os.path.join(copy.site_directory, row.path)
        try:
            if os.lstat(path).st_size != row.size:
                continue
            sized += 1
            if row.hash.startswith("sha256="):
                content = read_regular_file(path, _HASH_LIMIT)
                digest = urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=")
                hashed += digest.decode() == row.hash[len("sha256=") :]
        except (OSError, ValueError):
            continue
    return sized / len(rows), hashed / len(rows)
