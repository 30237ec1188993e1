"""Plan and installation against ``uv pip install`` and ``pip install`` as whole processes.

Real packages, everything in the engines' caches, each time into a fresh copy of an environment
that holds a kernel's IPython and nothing of what is installed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from .environments import CACHE, BuiltEnvironment, installing_environment
from .report import Line
from .timing import Sample, interleaved, measured, pip_process, uv_process

if TYPE_CHECKING:
    from collections.abc import Callable

    from .report import Report

    Hold = Callable[[str, Line], None]

REQUIREMENTS = {
    "1": ("tomlkit",),
    "13": ("pandas<3", "scikit-learn", "openpyxl", "networkx", "tabulate", "tomlkit"),
    "60": ("jupyterlab<5", "pandas<3", "notebook"),
}
"""By about how many packages come."""
AGAINST_UV = {"1": 4.0, "13": 2.5, "60": 2.5}
AGAINST_PIP = 2.2
AGAINST_PIP_MAGIC = 0.5


@pytest.fixture(scope="module")
def times() -> dict[str, dict[str, Sample]]:
    base = installing_environment()
    return {group: _times(base, requirements) for group, requirements in REQUIREMENTS.items()}


def _times(base: BuiltEnvironment, requirements: tuple[str, ...]) -> dict[str, Sample]:
    place = BuiltEnvironment(CACHE / "installing")

    def fresh(run: Callable[[], Sample]) -> Callable[[], Sample]:
        def on_fresh_copy() -> Sample:
            shutil.rmtree(place.prefix, ignore_errors=True)
            command = ["cp", "-a", "--reflink=auto", f"{base.prefix}/.", os.fspath(place.prefix)]
            place.prefix.mkdir(parents=True)
            subprocess.run(command, check=True)
            os.sync()  # else the first tool that syncs pays for the copying
            return run()

        return on_fresh_copy

    return interleaved(
        {
            "ours by uv": fresh(lambda: measured(place, "install", "uv", *requirements)),
            "uv": fresh(lambda: uv_process(place, "install", *requirements)),
            "ours by pip": fresh(lambda: measured(place, "install", "pip", *requirements)),
            "pip": fresh(lambda: pip_process(place, "install", *requirements)),
        },
        rounds=4,
        rare=frozenset({"ours by pip", "pip"}),
    )


@pytest.fixture
def group(times: dict[str, dict[str, Sample]], size: str) -> str:
    return f"installing {times[size]['ours by uv']['packages']:.0f} packages, caches warm"


@pytest.mark.parametrize("size", REQUIREMENTS)
def test_plan_and_installation_by_uv_against_uv_pip_install(
    hold: Hold, report: Report, group: str, times: dict[str, dict[str, Sample]], size: str
) -> None:
    ours, theirs = times[size]["ours by uv"], times[size]["uv"]["process"]
    against = "uv pip install"
    report.add(group, Line("plan, by uv", ours["plan"], against=against, theirs=theirs))
    report.add(group, Line("apply, by uv", ours["apply"], against=against, theirs=theirs))
    report.add(group, Line("syncs of it", ours["syncs"], unit=""))
    report.add(group, Line("undo", ours["undo"], against=against, theirs=theirs))
    hold(
        group,
        Line("both, by uv", ours["both"], against=against, theirs=theirs, bar=AGAINST_UV[size]),
    )


@pytest.mark.parametrize("size", REQUIREMENTS)
def test_plan_and_installation_by_pip_against_pip_install(
    hold: Hold, report: Report, group: str, times: dict[str, dict[str, Sample]], size: str
) -> None:
    ours, theirs = times[size]["ours by pip"], times[size]["pip"]["process"]
    against = "pip install"
    report.add(group, Line("plan, by pip", ours["plan"], against=against, theirs=theirs))
    report.add(group, Line("apply, by pip", ours["apply"], against=against, theirs=theirs))
    hold(group, Line("both, by pip", ours["both"], against=against, theirs=theirs, bar=AGAINST_PIP))


@pytest.mark.parametrize("size", REQUIREMENTS)
def test_plan_and_installation_by_uv_against_the_pip_magic(
    hold: Hold, group: str, times: dict[str, dict[str, Sample]], size: str
) -> None:
    """``%pip install`` starts the process that is measured here."""
    ours, theirs = times[size]["ours by uv"]["both"], times[size]["pip"]["process"]
    hold(
        group,
        Line("both, by uv", ours, against="%pip install", theirs=theirs, bar=AGAINST_PIP_MAGIC),
    )
