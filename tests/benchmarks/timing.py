"""Run what is compared in turns, so that a busy machine is busy for all of it; take medians."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .environments import clean_variables, uv

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .environments import BuiltEnvironment

__all__ = [
    "Sample",
    "interleaved",
    "measured",
    "pip_process",
    "process_milliseconds",
    "uv_process",
]

Sample = dict[str, float]
"""Numbers of one run by what they are, in milliseconds where nothing else is said."""

_SCRIPT = Path(__file__).with_name("measured.py")


def interleaved(
    runs: Mapping[str, Callable[[], Sample]], *, rounds: int, rare: frozenset[str] = frozenset()
) -> dict[str, Sample]:
    """Run everything once to warm up, then ``rounds`` times in turns; medians by name.

    Each round begins with another one, so that none always follows the same neighbour. Those
    named in ``rare`` take seconds and run in every third round only.
    """
    names = list(runs)
    samples: dict[str, list[Sample]] = {name: [] for name in names}
    for run in runs.values():
        run()
    for turn in range(rounds):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            if name not in rare or turn % 3 == 0:
                samples[name].append(runs[name]())
    return {
        name: {key: statistics.median(sample[key] for sample in taken) for key in taken[0]}
        for name, taken in samples.items()
    }


def process_milliseconds(*command: str, accept: tuple[int, ...] = (0,)) -> Sample:
    """From starting a process to its end, its output thrown away."""
    with tempfile.TemporaryFile() as complaints:
        start = time.perf_counter()
        finished = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=complaints,
            env=clean_variables(),
            close_fds=False,  # the cheapest way to start one, which is fair to those compared with
            check=False,
        )
        elapsed = (time.perf_counter() - start) * 1e3
        if finished.returncode not in accept:
            complaints.seek(0)
            raise RuntimeError(f"{' '.join(command)}:\n{complaints.read().decode()}")
    return {"process": elapsed}


def uv_process(environment: BuiltEnvironment, verb: str, *arguments: str) -> Sample:
    """``uv pip VERB`` on the environment. ``check`` may find something, and then says so by 1."""
    accept = (0, 1) if verb == "check" else (0,)
    python = str(environment.python)
    return process_milliseconds(uv(), "pip", verb, "--python", python, *arguments, accept=accept)


def pip_process(environment: BuiltEnvironment, verb: str, *arguments: str) -> Sample:
    """``python -m pip VERB`` by the environment's own python."""
    return process_milliseconds(
        *(str(environment.python), "-m", "pip", verb, "--disable-pip-version-check", *arguments)
    )


def measured(environment: BuiltEnvironment, *arguments: str) -> Any:
    """What ``measured.py`` prints in a fresh process of the environment's own python."""
    with tempfile.TemporaryDirectory() as empty:
        finished = subprocess.run(
            [os.fspath(environment.python), os.fspath(_SCRIPT), *arguments],
            cwd=empty,
            env=clean_variables(),
            capture_output=True,
            text=True,
            check=False,
        )
    if finished.returncode:
        raise RuntimeError(f"measured.py {' '.join(arguments)}:\n{finished.stderr}")
    return json.loads(finished.stdout.splitlines()[-1])
