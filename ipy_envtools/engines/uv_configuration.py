"""The few of uv's settings that have to be known here, as uv finds them.

https://docs.astral.sh/uv/concepts/configuration-files
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..formats.lock_file import parse_toml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["uv_setting", "uv_setting_in_files"]


def uv_setting(name: str) -> Any:
    """Return the value that counts of a setting, such as ``link-mode``; None where nobody set it.

    Variables come first, then the project's file, the user's and the system's; in each of them
    what is said for ``uv pip``.
    """
    said = os.environ.get(f"UV_{name.upper().replace('-', '_')}")
    return said or uv_setting_in_files(name)


def uv_setting_in_files(name: str) -> Any:
    """The same without variables."""
    for settings in _files():
        for table in (settings.get("pip"), settings):
            if isinstance(table, dict) and name in table:
                return table[name]
    return None


def _files() -> Iterator[Mapping[str, Any]]:
    if os.environ.get("UV_NO_CONFIG", "").lower() in ("1", "true", "yes", "on", "y", "t"):
        return
    only = os.environ.get("UV_CONFIG_FILE")
    if only:
        yield _read(Path(only))
        return
    yield _of_the_project()
    if os.name == "nt":
        places = [os.environ.get("APPDATA", ""), os.environ.get("PROGRAMDATA", "")]
    else:
        home = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
        places = [home, *os.environ.get("XDG_CONFIG_DIRS", "/etc/xdg").split(os.pathsep), "/etc"]
    for place in filter(None, places):
        yield _read(Path(place, "uv", "uv.toml"))


def _of_the_project() -> Mapping[str, Any]:
    """The nearest above the working directory; a uv.toml hides the pyproject.toml beside it."""
    try:
        here = Path.cwd()
    except OSError:
        return {}
    for directory in (here, *here.parents):
        if directory.joinpath("uv.toml").is_file():
            return _read(directory / "uv.toml")
        tool = _read(directory / "pyproject.toml").get("tool")
        if isinstance(tool, dict) and isinstance(tool.get("uv"), dict):
            return tool["uv"]  # type: ignore[no-any-return]
    return {}


def _read(path: Path) -> Mapping[str, Any]:
    """What cannot be read is uv's to complain about."""
    try:
        return parse_toml(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, ImportError):
        return {}
