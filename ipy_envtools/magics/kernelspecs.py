"""Jupyter's kernelspecs, as far as they lead to a Python."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from typing import Any

from IPython.core.error import UsageError

from ..environment import printable
from .lines import nearest

__all__ = ["kernel_names", "python_of_kernel"]

_PYTHON = re.compile(r"(?:python|pypy|graalpy)[\d.]*t?(?:\.exe)?", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"\{(\w+)\}")  # as jupyter_client fills them in


def kernel_names() -> list[str]:
    """The names of the kernelspecs that Jupyter finds from here; none without jupyter_client."""
    try:
        return sorted(_specs().find_kernel_specs())
    except Exception:  # completion must not fail where a kernelspec is odd
        return []


def python_of_kernel(name: str) -> Path:
    """Return the python that a kernelspec starts.

    Only what is called like a Python is one: anything else would be started to be asked.

    Raises:
        UsageError: in one line, with the nearest kernel name.
    """
    try:
        specs = _specs()
    except ImportError:
        raise UsageError(
            "--kernel needs jupyter_client in this environment; --python takes the path of a "
            "python without it."
        ) from None
    known: dict[str, str] = {}
    try:
        known = specs.find_kernel_specs()
        if name in known:
            spec = specs.get_kernel_spec(name)
            program = _program_of(str(spec.argv[0]), str(spec.resource_dir))
    except Exception as error:  # a kernelspec is anybody's file, and its errors are of all kinds
        if name not in known:
            raise UsageError(
                f"Jupyter's kernels cannot be listed: {printable(str(error))[:200]}"
            ) from None
        raise UsageError(
            f"The kernelspec of {printable(name)} in {printable(str(known[name]))} cannot be "
            f"read: {printable(str(error))[:200]}"
        ) from None
    if name not in known:
        guess = nearest(name, known) or f" There are: {', '.join(sorted(known)) or 'none'}."
        raise UsageError(f"There is no kernel called {printable(name)!r} here.{guess}")
    if str(spec.language).lower() != "python":
        raise UsageError(f"{printable(name)} is no Python kernel.")
    if not _PYTHON.fullmatch(Path(str(program)).name):
        raise UsageError(
            f"The kernel {printable(name)} is started by {printable(str(program))}, which does not "
            "tell its Python; give the path of that to --python."
        )
    found = shutil.which(program)
    if found is None:
        raise UsageError(
            f"The kernel {printable(name)} would be started by {printable(str(program))}, which is "
            "not there."
        )
    return Path(found)


def _program_of(program: str, resource_directory: str) -> str:
    """What Jupyter starts: for the mere name of its own Python that one, whatever is on PATH."""
    major, minor = sys.version_info[:2]
    if program in {"python", f"python{major}", f"python{major}.{minor}"}:
        return sys.executable
    values = {"prefix": sys.prefix, "resource_dir": resource_directory}
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), program)


def _specs() -> Any:
    from jupyter_client.kernelspec import KernelSpecManager

    return KernelSpecManager()
