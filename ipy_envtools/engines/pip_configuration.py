"""Where pip looks for packages, as its variables and files say; uv reads neither.

https://pip.pypa.io/en/stable/topics/configuration
"""

from __future__ import annotations

import os
import sys
from configparser import Error, RawConfigParser
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["pip_setting"]

_NAME = "pip.ini" if os.name == "nt" else "pip.conf"


def pip_setting(name: str, prefix: Path) -> str:
    """Return the value that counts for ``pip install``, such as of ``index-url``; often empty.

    Args:
        name: of a long option.
        prefix: of the environment, which may have a file of its own.
    """
    said = os.environ.get(f"PIP_{name.upper().replace('-', '_')}", "")
    for path in () if said else _files(prefix):
        said = _read(path, name) or said
    return said


def _files(prefix: Path) -> Iterator[Path]:
    """Those that there may be; what a later one says counts."""
    own = os.environ.get("PIP_CONFIG_FILE", "")
    if own == os.devnull:
        return
    home = Path(os.path.expanduser("~"))
    if os.name == "nt":
        yield Path(os.environ.get("PROGRAMDATA", ""), "pip", _NAME)
        yield home / "pip" / _NAME
        yield Path(os.environ.get("APPDATA", ""), "pip", _NAME)
    else:
        shared = os.environ.get("XDG_CONFIG_DIRS") or "/etc/xdg"
        if sys.platform == "darwin":
            shared = "/Library/Application Support"
        for directory in shared.split(os.pathsep):
            yield Path(directory, "pip", _NAME)
        yield Path("/etc", _NAME)
        yield home / ".pip" / _NAME
        yield Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config", "pip", _NAME)
        if sys.platform == "darwin":
            yield home / "Library" / "Application Support" / "pip" / _NAME
    yield prefix / _NAME
    if own:
        yield Path(own)


def _read(path: Path, name: str) -> str:
    """What cannot be read is pip's to complain about."""
    parser = RawConfigParser()
    try:
        parser.read_string(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, Error):
        return ""
    said = ""
    for section in ("global", "install"):
        for key, value in parser.items(section) if parser.has_section(section) else ():
            if key.replace("_", "-").removeprefix("--") == name:
                said = value.strip() or said
    return said
