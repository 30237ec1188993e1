"""A Python interpreter's directories and markers: this process's, or another one's by asking it."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import EnvironmentUnreadable
from . import interpreter_probe
from .printable import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Interpreter", "ask_interpreter", "running_interpreter"]

TIME_LIMIT = 30.0  # seconds; a cold start from a network drive takes many


@dataclass(frozen=True)
class Interpreter:
    """What one interpreter says about itself."""

    executable: Path | None
    """Not resolved: the python of a virtual environment is a link."""
    prefix: str
    base_prefix: str
    schemes: Mapping[str, str]
    user_schemes: Mapping[str, str]
    user_base: str | None
    user_site_used: bool
    system_directories: tuple[str, ...]
    """Where the operating system's own packages are (Debian's ``dist-packages``)."""
    suffixes: tuple[str, ...]
    """Of importable files, longest first."""
    platform: str
    markers: Mapping[str, str] = field(repr=False)
    """The environment of PEP 508 markers, ``extra`` not among it."""
    sys_path: tuple[str, ...] = ()
    pythonpath: tuple[str, ...] = ()
    working_directory: str | None = None
    is_running: bool = False

    @property
    def version(self) -> str:
        """Of Python, such as ``3.11.7``."""
        return self.markers["python_full_version"]


def running_interpreter() -> Interpreter:
    """Return this process's interpreter, with ``sys.path`` as it is now."""
    return _interpreter(
        _facts_of_this_process() | interpreter_probe.search_path_facts(), is_running=True
    )


@functools.lru_cache(maxsize=1)
def _facts_of_this_process() -> dict[str, Any]:
    return interpreter_probe.interpreter_facts()


def ask_interpreter(python: str | os.PathLike[str]) -> Interpreter:
    """Start ``python`` once, from an empty directory, and ask for its paths.

    It is not isolated (``-I``), because user site and PYTHONPATH are part of what it sees.

    Raises:
        EnvironmentUnreadable: it does not exist, does not start, takes more than 30 seconds,
            or is no Python.
    """
    executable = Path(os.path.abspath(os.path.expanduser(python)))
    if executable.is_dir():
        raise EnvironmentUnreadable(
            f"{executable} is a directory; give the python in it, such as "
            f"{executable / 'bin' / 'python'}"
        )
    program = Path(interpreter_probe.__file__).read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory(prefix="ipy-envtools-") as empty:
        try:
            finished = subprocess.run(
                [str(executable), "-c", program],
                cwd=empty,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=TIME_LIMIT,
                check=False,
            )
        except FileNotFoundError:
            raise EnvironmentUnreadable(f"there is no python at {executable}") from None
        except subprocess.TimeoutExpired:
            raise EnvironmentUnreadable(
                f"{executable} did not answer within {TIME_LIMIT:.0f} seconds"
            ) from None
        except OSError as error:
            raise EnvironmentUnreadable(
                f"{executable} cannot be started: {error.strerror}"
            ) from None
    _, mark, answer = finished.stdout.decode(errors="replace").rpartition(interpreter_probe.MARK)
    try:
        if not mark:
            raise ValueError
        facts = json.loads(answer.partition("\n")[0])
    except ValueError:
        lines = finished.stderr.decode(errors="replace").strip().splitlines()
        reason = f": {printable(lines[-1])}" if lines else ""
        raise EnvironmentUnreadable(f"{executable} did not answer as a Python{reason}") from None
    facts["executable"] = str(executable)
    return _interpreter(facts, is_running=False)


def _interpreter(facts: Mapping[str, Any], *, is_running: bool) -> Interpreter:
    executable = facts["executable"]
    return Interpreter(
        executable=Path(executable) if executable else None,
        prefix=facts["prefix"],
        base_prefix=facts["base_prefix"],
        schemes=facts["schemes"],
        user_schemes=facts["user_schemes"],
        user_base=facts["user_base"],
        user_site_used=facts["user_site_used"],
        system_directories=tuple(facts["system_directories"]),
        suffixes=tuple(sorted(facts["suffixes"], key=len, reverse=True)),
        platform=facts["tags_platform"],
        markers=facts["markers"],
        sys_path=tuple(facts["sys_path"]),
        pythonpath=tuple(facts["pythonpath"]),
        working_directory=facts["working_directory"],
        is_running=is_running,
    )
