"""What lies on this machine and is to be installed: a project's directory, or one file."""

from __future__ import annotations

import os

from ..environment import printable
from .install_request import BadRequest, quoted
from .toml_text import parse_toml

__all__ = ["ARCHIVES", "check_local_source"]

_COMPRESSIONS = ("bz2", "gz", "lz", "lzma", "xz", "zst")
ARCHIVES = (
    *(".whl", ".zip", ".tar", ".tbz", ".tgz", ".tlz", ".txz"),
    *(f".tar.{compression}" for compression in _COMPRESSIONS),
)
"""What a file's name ends in that uv or pip installs from."""


def check_local_source(
    path: str | None, written: str, where: str = "", *, editable: bool = False, hint: str = ""
) -> None:
    """Raise :class:`BadRequest` unless it is there, and a project where it is a directory.

    Args:
        path: where it is; None where what was written leads nowhere here.
        written: as it was asked for.
        where: in what, for the error.
        editable: only a directory will do.
        hint: what to say as well where nothing is there.
    """
    if path is None or not os.path.exists(path):
        raise BadRequest(f"there is no file or directory at {quoted(written)}{hint}{where}")
    if not os.path.isdir(path):
        if editable:
            raise BadRequest(f"-e needs a directory, and {quoted(written)} is a file{where}")
        if not path.lower().endswith(ARCHIVES):
            raise BadRequest(
                f"{quoted(written)} is no wheel or source distribution: their names end in .whl, "
                f".tar.gz or .zip{where}"
            )
        return
    project, *others = (
        os.path.join(path, name) for name in ("pyproject.toml", "setup.py", "setup.cfg")
    )
    if os.path.isfile(project):
        _check_project(project, written, where)
    elif not any(map(os.path.isfile, others)):
        raise BadRequest(
            f"{quoted(written)} is no project: it has neither pyproject.toml nor setup.py{where}"
        )


def _check_project(project: str, written: str, where: str) -> None:
    try:
        with open(project, encoding="utf-8") as file:
            parse_toml(file.read())
    except (OSError, ValueError, RecursionError) as error:
        reason = printable(str(error))
    else:
        return
    raise BadRequest(f"pyproject.toml of {quoted(written)} cannot be read: {reason}{where}")
