"""An engine's process: read as it speaks, and ended for certain."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from ipy_envtools.engines import EngineFailed, EngineStopped
from ipy_envtools.engines.running import Process, environment_variables, presentable

if TYPE_CHECKING:
    from pathlib import Path

# Starts a child that ignores being asked to end, as it does itself, tells both numbers, and waits.
STUBBORN = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"])
time.sleep(0.5)
print(os.getpid(), child.pid, file=sys.stderr, flush=True)
time.sleep(600)
"""


def start(program: str, **more: object) -> Process:
    return Process([sys.executable, "-c", program], variables=environment_variables(), **more)  # type: ignore[arg-type]


def are_gone(numbers: list[int]) -> bool:
    """Whether no process of these runs; one that was ended takes a moment to go."""
    latest = time.monotonic() + 5
    while any(map(is_running, numbers)) and time.monotonic() < latest:
        time.sleep(0.01)
    return not any(map(is_running, numbers))


def is_running(number: int) -> bool:
    try:
        with open(f"/proc/{number}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def numbers_of(lines: list[str]) -> list[int]:
    return [int(number) for number in lines[0].split()]


def test_output_and_words_are_told_apart() -> None:
    lines: list[str] = []
    with start("import sys; print('out'); print('one\\ntwo', file=sys.stderr); exit(3)") as process:
        finished = process.finish(lines.append)
    assert (finished.status, finished.output, finished.words) == (3, "out\n", "one\ntwo")
    assert lines == ["one", "two"]


def test_standard_input_is_closed() -> None:
    with start("import sys; print(repr(sys.stdin.read()))") as process:
        assert process.finish().output == "''\n"


@pytest.mark.skipif(not os.path.isdir("/proc"), reason="looks for processes in /proc")
def test_a_cancelled_process_goes_with_its_children() -> None:
    stop = threading.Event()
    lines: list[str] = []

    def on_line(line: str) -> None:
        lines.append(line)
        stop.set()

    with pytest.raises(EngineStopped), start(STUBBORN, stop=stop) as process:
        process.finish(on_line)
    assert are_gone(numbers_of(lines))


@pytest.mark.skipif(not os.path.isdir("/proc"), reason="looks for processes in /proc")
def test_an_interrupt_ends_it_with_its_children() -> None:
    lines: list[str] = []

    def on_line(line: str) -> None:
        lines.append(line)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), start(STUBBORN) as process:
        process.finish(on_line)
    assert are_gone(numbers_of(lines))


@pytest.mark.skipif(not os.path.isdir("/proc"), reason="looks for processes in /proc")
def test_an_interrupt_of_the_whole_terminal_reaches_only_us(tmp_path: Path) -> None:
    """Control-C goes to the foreground group; the engine has to be ended by us, in order."""
    program = tmp_path / "program.py"
    program.write_text(
        "import signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # ignored in background jobs
        "from ipy_envtools.engines.running import Process, environment_variables\n"
        f"command = [sys.executable, '-c', {STUBBORN!r}]\n"
        "try:\n"
        "    with Process(command, variables=environment_variables()) as process:\n"
        "        process.finish(lambda line: print(line, flush=True))\n"
        "except KeyboardInterrupt:\n"
        "    print('interrupted', flush=True)\n"
    )
    with subprocess.Popen(
        [sys.executable, str(program)], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as ours:
        assert ours.stdout is not None
        numbers = numbers_of([ours.stdout.readline()])
        os.killpg(ours.pid, signal.SIGINT)
        assert ours.stdout.read() == "interrupted\n"
    assert are_gone(numbers)


def test_a_child_that_keeps_the_pipes_open_is_not_waited_for() -> None:
    program = (
        "import subprocess, sys\n"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print('done')\n"
    )
    begun = time.monotonic()
    with start(program) as process:
        finished = process.finish()
    assert finished.output == "done\n"
    assert time.monotonic() - begun < 30


def test_a_program_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(EngineFailed, match="cannot be started"):
        Process([tmp_path / "nothing"], variables=environment_variables())


def test_a_working_directory_that_is_gone_does_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with start("print('here')") as process:
        assert process.finish().output == "here\n"


def test_words_are_made_fit_to_be_shown() -> None:
    words = "\x1b[31mred\x1b[0m https://user:sesame@example.org/simple\nnext\u202e\n"
    assert presentable(words) == "\ufffd[31mred\ufffd[0m https://***@example.org/simple\nnext\ufffd"
