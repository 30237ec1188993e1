"""The one place that starts an engine's process, reads what it says, and ends it for certain."""

from __future__ import annotations

import contextlib
import os
import queue
import re
import signal
import subprocess
import time
from dataclasses import dataclass
from threading import Thread
from typing import TYPE_CHECKING, Literal

from ..environment.credentials import mask_credentials
from ..environment.printable import printable
from .engine import EngineFailed, EngineStopped
from .request_files import DESK

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from threading import Event
    from typing import IO

__all__ = ["Finished", "Process", "environment_variables", "presentable"]

_POLL = 0.05  # seconds between two looks at ``stop``
_TICK = 1.0  # seconds of silence after which ``on_silence`` is called
_LAST_WORDS = 1.0  # seconds, for children that outlive the engine and keep its pipes open
_PATIENCE = 2.0  # seconds between asking it to end and ending it
_MOST_LINES = 20_000  # of what it says; the oldest go
_LONGEST_LINE = 1 << 16  # bytes
_LONGEST_ANSWER = 1 << 28  # bytes of standard output

_OUR_FILES = re.compile(
    rf"[`'\"]?[^\s`'\"(]*\b{DESK}\w+[/\\](?:requirements|pins)\.(?:txt|in)[`'\"]?"
)

Stream = Literal["output", "complaint"]


@dataclass(frozen=True, slots=True)
class Finished:
    """A process that has ended by itself."""

    status: int
    output: str
    """Its standard output."""
    words: str
    """What it wrote for people, its own words: not masked."""


def environment_variables(
    more: Mapping[str, str] | None = None, without: Sequence[str] = ()
) -> dict[str, str]:
    """This process's variables, because people configure uv and pip by them."""
    kept = {name: value for name, value in os.environ.items() if name not in without}
    return {**kept, "NO_COLOR": "1", "PYTHONUNBUFFERED": "1", **(more or {})}


def presentable(words: str) -> str:
    """An engine's words with credentials masked, safe to print, line by line."""
    words = _OUR_FILES.sub("what was asked for", words)
    lines = (printable(mask_credentials(line)).rstrip() for line in words.splitlines())
    return "\n".join(lines).strip("\n")


class Process:
    """An engine at work. Leaving the ``with`` block ends it, and all that it has started.

    It has a session of its own: an interrupt of the kernel reaches this process only, which
    then ends the other in order.
    """

    def __init__(
        self,
        command: Sequence[str | os.PathLike[str]],
        *,
        variables: Mapping[str, str],
        stop: Event | None = None,
        output_is_words: bool = False,
    ) -> None:
        """Start it.

        Args:
            command: never through a shell.
            variables: its environment.
            stop: looked at while it runs.
            output_is_words: its standard output is for people too.

        Raises:
            EngineFailed: it cannot be started.
        """
        self._stop = stop
        self._output_is_words = output_is_words
        self._said: queue.SimpleQueue[tuple[Stream, bytes | None]] = queue.SimpleQueue()
        directory = None if _has_working_directory() else os.path.abspath(os.sep)
        try:
            self._process = subprocess.Popen(
                [os.fspath(word) for word in command],
                cwd=directory,
                env=dict(variables),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise EngineFailed(
                f"{printable(os.fspath(command[0]))} cannot be started: {printable(reason)}"
            ) from None
        streams: tuple[tuple[Stream, IO[bytes] | None], ...] = (
            ("output", self._process.stdout),
            ("complaint", self._process.stderr),
        )
        self._readers = [
            Thread(target=self._read, args=(name, stream), daemon=True) for name, stream in streams
        ]
        for reader in self._readers:
            reader.start()

    def __enter__(self) -> Process:  # noqa: PYI034 - typing.Self needs Python 3.11
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def finish(
        self,
        on_line: Callable[[str], None] | None = None,
        on_silence: Callable[[], None] | None = None,
    ) -> Finished:
        """Wait until it has ended.

        Args:
            on_line: called in this thread with each line for people.
            on_silence: called in this thread about once a second while it says nothing.

        Raises:
            EngineStopped: ``stop`` was set.
        """
        output: list[bytes] = []
        words: list[str] = []
        streams = len(self._readers)
        quiet_since = time.monotonic()
        ended_at: float | None = None
        while streams:
            if self._stop is not None and self._stop.is_set():
                raise EngineStopped("cancelled; nothing was changed")
            try:
                name, line = self._said.get(timeout=_POLL)
            except queue.Empty:
                now = time.monotonic()
                if on_silence is not None and now - quiet_since >= _TICK:
                    quiet_since = now
                    on_silence()
                if self._process.poll() is not None:
                    ended_at = ended_at or now
                    if now - ended_at > _LAST_WORDS:
                        break
                continue
            quiet_since = time.monotonic()
            if line is None:
                streams -= 1
            elif name == "output" and not self._output_is_words:
                output.append(line)
            else:
                text = line.decode(errors="replace").rstrip("\r\n")
                words.append(text)
                if len(words) > _MOST_LINES:
                    del words[: _MOST_LINES // 2]
                if on_line is not None:
                    on_line(text)
        status = self._process.wait()
        return Finished(status, b"".join(output).decode(errors="replace"), "\n".join(words))

    def _read(self, name: Stream, stream: IO[bytes]) -> None:
        length = 0
        with stream, contextlib.suppress(OSError, ValueError):
            while line := stream.readline(_LONGEST_LINE):
                length += len(line)
                if length <= _LONGEST_ANSWER:
                    self._said.put((name, line))
        self._said.put((name, None))

    def _end(self) -> None:
        """End it and its children: first by asking, then for certain."""
        process = self._process
        if process.poll() is None:
            self._signal("SIGTERM")
            try:
                process.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                self._signal("SIGKILL")
            except BaseException:  # interrupted once more: there is no time left
                self._signal("SIGKILL")
                raise
        # What it had started may still run where it was ended or has crashed.
        self._signal("SIGKILL")
        process.wait()
        for reader in self._readers:
            reader.join(_LAST_WORDS)

    def _signal(self, name: str) -> None:
        with contextlib.suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, getattr(signal, name))
            elif self._process.poll() is None:  # Windows knows no process groups to signal
                self._process.kill()


def _has_working_directory() -> bool:
    try:
        os.getcwd()
    except OSError:
        return False
    return True
