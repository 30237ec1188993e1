"""Whose a submodule is, of several distributions that share a package: RECORD tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .record import recorded_paths

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .distribution import InstalledDistribution

__all__ = ["nearest_to"]


def nearest_to(
    module: str, candidates: Sequence[InstalledDistribution], suffixes: Sequence[str]
) -> list[InstalledDistribution]:
    """Return the candidates that have the submodule, or else the package nearest to it.

    Not every module is a file (``six.moves``), so that the one that holds it stands for it. An
    active copy that comes nearest hides what others lack, and one whose RECORD does not tell (an
    editable installation, for one) is never left out.
    """
    parts = module.split(".")
    depths = [_depth(parts, candidate, suffixes) for candidate in candidates]
    known = [
        depth
        for depth, candidate in zip(depths, candidates, strict=True)
        if depth is not None and candidate.active
    ]
    best = max(known, default=0)
    return [
        candidate
        for depth, candidate in zip(depths, candidates, strict=True)
        if depth is None or depth >= best
    ]


def _depth(parts: list[str], copy: InstalledDistribution, suffixes: Sequence[str]) -> int | None:
    """How many components of the module the copy has, from the left; None where nobody knows."""
    content = None if copy.editable else copy.info.record_bytes()
    if content is None:
        return None
    # One text with a line for each path: searching it is faster than looking at each path.
    lines = "\n".join(["", *recorded_paths(content), ""])
    for length in range(len(parts), 0, -1):
        path = "\n" + "/".join(parts[:length])
        if f"{path}/" in lines or any(f"{path}{suffix}\n" in lines for suffix in suffixes):
            return length
    return 0
