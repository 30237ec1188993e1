"""Where the files of a stage are: its layout is that of the environment, below another prefix."""

from __future__ import annotations

import os
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from ..environment import Environment

__all__ = ["stage_schemes"]


def stage_schemes(stage: Path, environment: Environment) -> Mapping[str, Path]:
    """Return where a filled stage has the files of each scheme.

    The keys are ``purelib``, ``platlib``, ``scripts``, ``data`` and ``headers``. Headers are in
    a directory of each package's name below that one. pip lays a prefix out as the interpreter
    does (on Debian ``local/lib/python3.11/dist-packages``), uv always as a virtual environment.
    What has no files may not exist.
    """
    found = {"data": stage}
    for key in ("purelib", "platlib", "scripts", "headers"):
        candidates = list(dict.fromkeys(_candidates(key, stage, environment)))
        existing = (path for path in candidates if path.is_dir())
        found[key] = next(existing, candidates[0])
    return MappingProxyType(found)


def _candidates(key: str, stage: Path, environment: Environment) -> Iterator[Path]:
    python = "python" + ".".join(environment.version.split(".")[:2]) + environment.abi_flags
    if os.name == "nt":
        usual = {"purelib": "Lib/site-packages", "platlib": "Lib/site-packages"}
        usual |= {"scripts": "Scripts", "headers": "Include"}
    else:
        site = f"lib/{python}/site-packages"
        usual = {"purelib": site, "platlib": site, "scripts": "bin"}
        usual["headers"] = f"include/site/{python}"
    own = environment.schemes.get("include" if key == "headers" else key)
    if own is not None:
        try:
            inside = own.relative_to(environment.prefix)
        except ValueError:
            pass
        else:
            yield stage / inside
            if key == "platlib":
                yield stage / str(inside).replace("lib64", "lib", 1)
    yield stage / usual[key]
    if os.name != "nt" and key == "platlib":
        yield stage / f"lib64/{python}/site-packages"
