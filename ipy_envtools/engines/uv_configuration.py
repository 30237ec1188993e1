"""What uv is told by variables, and the few of its settings that have to be known for that.

https://docs.astral.sh/uv/concepts/configuration-files
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..formats.toml_text import parse_toml
from .pip_configuration import pip_setting
from .running import environment_variables

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..environment import Environment
    from .request_files import Options

__all__ = ["uv_setting", "uv_setting_in_files", "uv_variables"]


# Variables that would make it install elsewhere or otherwise than asked. All others are respected.
_NOT_OURS = (
    "UV_COMPILE_BYTECODE",
    "UV_NO_VERIFY_HASHES",
    "UV_OUTPUT_FORMAT",
    "UV_PREFIX",
    "UV_PYTHON",
    "UV_REQUIRE_HASHES",
    "UV_SYSTEM_PYTHON",
    "UV_TARGET",
)


def uv_variables(options: Options, environment: Environment) -> dict[str, str]:
    """Return the variables that uv is started with.

    Indexes go by them: in a requirements file they would stand behind configured ones.
    """
    without = list(_NOT_OURS)
    is_said = options.index_url is not None or options.extra_index_urls
    more = {} if is_said else _as_pip_does(environment.prefix)
    if options.index_url is not None:
        more["UV_DEFAULT_INDEX"] = options.index_url
        without += ["UV_INDEX_URL"]
    if options.extra_index_urls:
        more["UV_INDEX"] = " ".join(options.extra_index_urls)
        without += ["UV_EXTRA_INDEX_URL"]
    return environment_variables(more, without)


def _as_pip_does(prefix: Path) -> dict[str, str]:
    """Where pip is told to look, as variables of uv's; nothing where uv is told itself."""
    if any(map(uv_setting, ("default-index", "index", "index-url", "extra-index-url"))):
        return {}
    more = {}
    if index := pip_setting("index-url", prefix):
        more["UV_DEFAULT_INDEX"] = index
    if extra := pip_setting("extra-index-url", prefix).split():
        more["UV_INDEX"] = " ".join(extra)
        if not uv_setting("index-strategy"):  # pip knows no order of indexes
            more["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    if not uv_setting("find-links"):
        links = pip_setting("find-links", prefix).split()
        # What is not there is no reason to stop for pip.
        there = [link for link in links if "://" in link or os.path.isdir(link)]
        more.update({"UV_FIND_LINKS": ",".join(there)} if there else {})
    hosts = pip_setting("trusted-host", prefix).split()
    if hosts and not (uv_setting("insecure-host") or uv_setting("allow-insecure-host")):
        more["UV_INSECURE_HOST"] = " ".join(hosts)
    return more


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
