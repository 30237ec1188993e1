"""Where the files of a stage are: its layout is that of the environment, below another prefix."""

from __future__ import annotations

import os
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
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
    own, usual = _own_layout(environment), _usual_layout(environment)
    laid_out = next(
        (
            layout
            for layout in (own, usual)
            if any((stage / path).is_dir() for key in _SITES for path in layout.get(key, ()))
        ),
        own or usual,
    )
    found = {}
    for key in ("data", *_SITES, "scripts", "headers"):
        # What only one of the two has, as Debian's pip for headers, is found all the same.
        paths = dict.fromkeys((*laid_out.get(key, ()), *usual[key]))
        candidates = [stage / path for path in paths]
        existing = (path for path in candidates if path.is_dir())
        found[key] = next(existing, candidates[0])
    return MappingProxyType(found)


_SITES = ("purelib", "platlib")
_Layout = dict[str, tuple[str, ...]]
"""For each scheme the places below a prefix where it may be, the most likely first."""


def _own_layout(environment: Environment) -> _Layout:
    """As the interpreter does it; empty where it does not install below its prefix."""
    layout: _Layout = {}
    for key in ("data", *_SITES, "scripts", "headers"):
        own = environment.schemes.get("include" if key == "headers" else key)
        if own is not None and own.is_relative_to(environment.prefix):
            inside = str(own.relative_to(environment.prefix))
            other = inside.replace("lib64", "lib", 1) if key == "platlib" else inside
            layout[key] = (inside, other)
    return layout if "purelib" in layout and "data" in layout else {}


def _usual_layout(environment: Environment) -> _Layout:
    """As in a virtual environment."""
    if os.name == "nt":
        site = ("Lib/site-packages",)
        return {
            "data": ("",),
            "purelib": site,
            "platlib": site,
            "scripts": ("Scripts",),
            "headers": ("Include",),
        }
    python = "python" + ".".join(environment.version.split(".")[:2]) + environment.abi_flags
    return {
        "data": ("",),
        "purelib": (f"lib/{python}/site-packages",),
        "platlib": (f"lib/{python}/site-packages", f"lib64/{python}/site-packages"),
        "scripts": ("bin",),
        "headers": (f"include/site/{python}",),
    }
