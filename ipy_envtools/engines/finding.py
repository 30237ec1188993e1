"""Which engine can be used for an environment."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

from ..environment import scan
from ..environment.printable import printable
from ..errors import EnvironmentUnreadable
from .engine import EngineFailed, EngineMissing
from .pip import PipEngine
from .running import Process, environment_variables
from .uv import UvEngine, UvRefuses

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..environment import Environment
    from .engine import Engine, Job, Pin, Resolution

__all__ = ["OLDEST_PIP", "OLDEST_UV", "find_engine"]

OLDEST_UV = Version("0.12.18")  # ``--output-format json`` and ``--excludes``
OLDEST_PIP = Version("22.2")  # ``--dry-run`` and ``--report``

_WITH_PIP = "leave --user out, or let pip do it: %config EnvTools.engine = 'pip'"
_VERSION = re.compile(r"uv (\S+)")
_known_versions: dict[tuple[str, int, int], str] = {}


def find_engine(environment: Environment, choice: str = "auto", *, user: bool = False) -> Engine:
    """Return the engine for an environment.

    Args:
        environment: where packages are to be installed.
        choice: ``uv`` or ``pip``, or ``auto`` for uv where it can be used and else pip.
        user: whether they are to go into the user site, which uv does not know.

    Raises:
        EngineMissing: there is none; the text says what to type.
        ValueError: ``choice`` is none of these.
    """
    if choice not in ("auto", "uv", "pip"):
        raise ValueError(f"the engine is auto, uv or pip, not {choice!r}")
    if environment.python is None:
        raise EngineMissing(
            "these directories were given without an interpreter, so nothing can be installed"
        )
    uv: UvEngine | None = None
    why_not_uv = "uv does not install into the user site" if user and choice != "pip" else ""
    if choice != "pip" and not user:
        uv, why_not_uv = _find_uv(environment)
    if choice == "uv":
        if uv is None:
            raise EngineMissing(f"{why_not_uv}; {_WITH_PIP if user else _get_uv(environment)}")
        return uv
    if uv is not None:
        return _UvOrElsePip(uv)
    # That pip does what uv never does is worth no note.
    notes = (f"pip does it, because {why_not_uv}",) if why_not_uv and not user else ()
    pip, why_not_pip = _find_pip(environment, notes)
    if pip is None:
        both = f"{why_not_uv}, and {why_not_pip}" if why_not_uv else why_not_pip
        or_uv = choice == "auto" and not user
        raise EngineMissing(f"{both}; {_get_pip(environment, or_uv=or_uv)}")
    return pip


class _UvOrElsePip:
    """uv, and pip for good as soon as uv refuses."""

    def __init__(self, uv: UvEngine) -> None:
        self._engine: Engine = uv

    @property
    def name(self) -> str:
        return self._engine.name

    @property
    def version(self) -> str:
        return self._engine.version

    @property
    def notes(self) -> tuple[str, ...]:
        return self._engine.notes

    def resolve(self, job: Job) -> Resolution:
        for _ in range(2):
            try:
                return self._engine.resolve(job)
            except UvRefuses as refusal:
                pip, why_not = _find_pip(job.environment, (f"pip does it, because {refusal}",))
                if pip is None:
                    raise EngineFailed(f"{refusal}, and {why_not}", refusal.log) from None
                self._engine = pip
        raise AssertionError("pip does not refuse as uv does")

    def fill(self, stage: Path, pins: Sequence[Pin], job: Job) -> None:
        self._engine.fill(stage, pins, job)


def _find_uv(environment: Environment) -> tuple[UvEngine | None, str]:
    """Return uv, or the reason why there is none."""
    too_old = ""
    for program in _uv_programs(environment):
        text = _uv_version(program)
        try:
            version = Version(text)
        except InvalidVersion:
            continue
        if version >= OLDEST_UV:
            return UvEngine(program, text), ""
        too_old = too_old or f"uv {text} is older than {OLDEST_UV}"
    return None, too_old or "uv is not installed"


def _uv_programs(environment: Environment) -> Iterator[Path]:
    """Where uv may be: the environment's own first, then this process's, then PATH.

    The module ``uv`` would tell the same, but importing it would make it a loaded module.
    """
    name = "uv.exe" if os.name == "nt" else "uv"
    places = [
        environment.schemes.get("scripts"),
        environment.user_schemes.get("scripts"),
        Path(sys.executable).parent if sys.executable else None,
    ]
    seen = set()
    on_path = shutil.which("uv")
    found = [place / name for place in places if place is not None]
    for program in [*found, *([Path(on_path)] if on_path else [])]:
        if program not in seen and os.access(program, os.X_OK) and program.is_file():
            seen.add(program)
            yield program


def _uv_version(program: Path) -> str:
    """Ask it once, and again when the file has changed."""
    try:
        status = program.stat()
    except OSError:
        return ""
    key = (str(program), status.st_mtime_ns, status.st_size)
    if key not in _known_versions:
        try:
            with Process([program, "--version"], variables=environment_variables()) as process:
                match = _VERSION.match(process.finish().output)
        except EngineFailed:
            return ""
        _known_versions[key] = match[1] if match else ""
    return _known_versions[key]


def _find_pip(environment: Environment, notes: tuple[str, ...]) -> tuple[PipEngine | None, str]:
    """Return the environment's pip, or the reason why it cannot be used."""
    try:
        installed = scan(paths=[site.path for site in environment.site_directories])
    except EnvironmentUnreadable:
        return None, "there is no pip in this environment"
    for copy in installed.copies("pip"):
        if not copy.site_directory.joinpath("pip", "__main__.py").is_file():
            continue
        try:
            version = Version(copy.version)
        except InvalidVersion:
            continue
        if version < OLDEST_PIP:
            return None, f"pip {version} is older than {OLDEST_PIP}"
        return PipEngine(str(version), notes), ""
    return None, "there is no pip in this environment"


def _get_uv(environment: Environment) -> str:
    pip, _ = _find_pip(environment, ())
    if pip is not None:
        return f"to get it, type: !{_shown_python(environment)} -m pip install -U uv"
    return "https://docs.astral.sh/uv says how to get it"


def _get_pip(environment: Environment, *, or_uv: bool) -> str:
    python = _shown_python(environment)
    either = ", or install uv (https://docs.astral.sh/uv)" if or_uv else ""
    return f"to get pip, type: !{python} -m ensurepip --upgrade{either}"


def _shown_python(environment: Environment) -> str:
    python = printable(str(environment.python))
    return f'"{python}"' if " " in python else python
