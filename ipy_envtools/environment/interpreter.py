"""A Python interpreter's directories and markers: this process's, or another one's by asking it."""

from __future__ import annotations

import functools
import os
import signal
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import EnvironmentUnreadable
from . import interpreter_probe
from .credentials import mask_credentials
from .printable import printable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from subprocess import Popen
    from typing import IO

__all__ = ["Interpreter", "ask_interpreter", "running_interpreter"]

TIME_LIMIT = 30.0  # seconds; a cold start from a network drive takes many
_LAST_WORDS = 1.0  # seconds, for what a program wrote before it ended
_LONGEST_ANSWER = 1 << 22  # bytes, noise included
_LONGEST_REASON = 200  # characters
_TELLING = 20  # characters: no other program says a line of ours by chance


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
    parent_directories: tuple[str, ...]
    """Where the packages of the interpreter are that a virtual environment was made from."""
    suffixes: tuple[str, ...]
    """Of importable files, longest first."""
    platform: str
    """As :func:`sysconfig.get_platform` says it."""
    abi_flags: str
    """``t`` where it is free-threaded, ``d`` where it is a debug build, both, or neither."""
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
    import json
    import tempfile

    executable = Path(os.path.abspath(os.path.expanduser(python)))
    shown = printable(str(executable))
    if os.path.isdir(executable):
        example = os.path.join(shown, "Scripts" if os.name == "nt" else "bin", "python")
        raise EnvironmentUnreadable(
            f"{shown} is a directory; give the python in it, such as {example}"
        )
    program = Path(interpreter_probe.__file__).read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory(prefix="ipy-envtools-") as empty:
        output, complaint = _run(executable, ["-c", program], empty)
    _, mark, answer = output.decode(errors="replace").rpartition(interpreter_probe.MARK)
    try:
        if not mark:
            raise ValueError
        facts = json.loads(answer.partition("\n")[0])
        facts["executable"] = str(executable)
        return _interpreter(facts, is_running=False)
    except (ValueError, LookupError, TypeError):
        reason = _last_words(complaint.decode(errors="replace"), program)
        raise EnvironmentUnreadable(
            f"{shown} did not answer as a Python{reason}; give the path of a python"
        ) from None


def _last_words(complaint: str, program: str) -> str:
    """What a program said last; nothing where it only repeats what it was given."""
    lines = complaint.strip().splitlines()
    given = [line for line in map(str.strip, program.splitlines()) if len(line) > _TELLING]
    if not lines or any(line in complaint for line in given):
        return ""
    last = printable(mask_credentials(lines[-1])).rstrip(".")
    return f" ({last if len(last) <= _LONGEST_REASON else f'{last[:_LONGEST_REASON]}…'})"


def _run(executable: Path, arguments: list[str], directory: str) -> tuple[bytes, bytes]:
    """Return the standard output, and the beginning of the errors, of a program.

    It may be any program: one that never ends, never stops writing, or leaves a child behind
    that keeps the pipes open.
    """
    import subprocess
    from threading import Thread

    shown = printable(str(executable))
    try:
        process = subprocess.Popen(
            [str(executable), *arguments],
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except FileNotFoundError:
        if not os.path.lexists(executable):
            raise EnvironmentUnreadable(f"there is no python at {shown}") from None
        raise EnvironmentUnreadable(
            f"{shown} cannot be started: what it leads to is not there any more; make its "
            "environment again"
        ) from None
    except (OSError, ValueError) as error:
        reason = printable(getattr(error, "strerror", None) or str(error))
        raise EnvironmentUnreadable(f"{shown} cannot be started: {reason}") from None
    assert process.stdout is not None
    assert process.stderr is not None
    output, complaint = bytearray(), bytearray()
    readers = [
        Thread(target=_drain, args=(stream, kept, process), daemon=True)
        for stream, kept in ((process.stdout, output), (process.stderr, complaint))
    ]
    for reader in readers:
        reader.start()
    try:
        process.wait(TIME_LIMIT)
    except subprocess.TimeoutExpired:
        raise EnvironmentUnreadable(
            f"{shown} did not answer within {TIME_LIMIT:.0f} seconds"
        ) from None
    finally:
        _end(process)
        for reader in readers:
            reader.join(_LAST_WORDS)
    if len(output) > _LONGEST_ANSWER:
        raise EnvironmentUnreadable(f"{shown} did not answer as a Python: it wrote without end")
    return bytes(output), bytes(complaint)


def _drain(stream: IO[bytes], kept: bytearray, process: Popen[bytes]) -> None:
    """Read to the end, and stop a program that writes more than any answer is long."""
    with stream:
        while chunk := os.read(stream.fileno(), 1 << 16):
            kept += chunk
            if len(kept) > _LONGEST_ANSWER:
                _end(process)
                return


def _end(process: Popen[bytes]) -> None:
    """End a program, and the children of one that still runs: a wrapper's python, for one."""
    if process.poll() is None:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()


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
        parent_directories=tuple(facts["parent_directories"]),
        platform=facts["platform"],
        abi_flags="t" * facts["free_threaded"] + "d" * facts["debug"],
        markers=facts["markers"],
        sys_path=tuple(facts["sys_path"]),
        pythonpath=tuple(facts["pythonpath"]),
        working_directory=facts["working_directory"],
        is_running=is_running,
    )
