"""Uninstall and undo against ``uv pip uninstall`` and ``pip uninstall -y`` as whole processes.

On one copy of the real environment, in turns, each time with fresh copies of the package's files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .changing import ChangingEnvironment, changing_copy
from .report import Line
from .timing import Sample, interleaved, measured, pip_process, uv_process

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .environments import BuiltEnvironment
    from .report import Report

    Hold = Callable[[str, Line], None]

# The small one is nothing that a kernel needs, because that could not be uninstalled
PACKAGES = ("mccabe", "botocore", "django")
BARS = {"mccabe": 0.5, "botocore": 0.2, "django": 0.2}
MOST_SYNCS = 8


@pytest.fixture(scope="module")
def changing(real: BuiltEnvironment) -> Iterator[ChangingEnvironment]:
    with changing_copy(real, PACKAGES) as changing:
        yield changing


@pytest.fixture(scope="module")
def times(changing: ChangingEnvironment) -> dict[str, dict[str, Sample]]:
    environment = changing.environment

    def of(package: str, run: Callable[[], Sample]) -> Callable[[], Sample]:
        def on_fresh_copy() -> Sample:
            changing.put_back(package)
            return run()

        return on_fresh_copy

    return {
        package: interleaved(
            {
                "ours": of(package, lambda p=package: measured(environment, "change", p)),
                "uv": of(package, lambda p=package: uv_process(environment, "uninstall", p)),
                "pip": of(
                    package, lambda p=package: pip_process(environment, "uninstall", "-y", p)
                ),
            },
            rounds=5,
            rare=frozenset({"pip"}),
        )
        for package in PACKAGES
    }


@pytest.fixture
def group(request: pytest.FixtureRequest, changing: ChangingEnvironment) -> str:
    package = request.getfixturevalue("package")
    return f"{package}, {changing.file_count(package):,} files"


@pytest.mark.parametrize("package", PACKAGES)
def test_an_uninstall_takes_a_part_of_uv_pip_uninstall(
    hold: Hold, group: str, times: dict[str, dict[str, Sample]], package: str
) -> None:
    ours, theirs = times[package]["ours"]["apply"], times[package]["uv"]["process"]
    hold(
        group,
        Line("uninstall", ours, against="uv pip uninstall", theirs=theirs, bar=BARS[package]),
    )


@pytest.mark.parametrize("package", PACKAGES)
def test_an_uninstall_against_pip_is_told(
    report: Report, group: str, times: dict[str, dict[str, Sample]], package: str
) -> None:
    ours, theirs = times[package]["ours"]["apply"], times[package]["pip"]["process"]
    report.add(group, Line("uninstall", ours, against="pip uninstall -y", theirs=theirs))


@pytest.mark.parametrize("package", PACKAGES)
def test_the_number_of_syncs_does_not_depend_on_the_number_of_files(
    hold: Hold, group: str, times: dict[str, dict[str, Sample]], package: str
) -> None:
    ours = times[package]["ours"]
    hold(group, Line("syncs of an uninstall", ours["apply syncs"], unit="", bar=MOST_SYNCS))
    hold(group, Line("time that they take", ours["apply syncing"]))


@pytest.mark.parametrize("package", PACKAGES)
def test_an_undo_takes_no_longer_than_the_uninstall(
    hold: Hold, group: str, times: dict[str, dict[str, Sample]], package: str
) -> None:
    ours = times[package]["ours"]
    hold(group, Line("undo", ours["undo"], against="our uninstall", theirs=ours["apply"], bar=1))
    hold(group, Line("syncs of an undo", ours["undo syncs"], unit="", bar=MOST_SYNCS))


@pytest.mark.parametrize("package", PACKAGES)
def test_a_plan_from_nothing_takes_half_of_uv_pip_uninstall(
    hold: Hold, group: str, times: dict[str, dict[str, Sample]], package: str
) -> None:
    """The bar is for the large one: the plan of a small one costs the scan, whatever its size."""
    ours, theirs = times[package]["ours"]["plan"], times[package]["uv"]["process"]
    bar = 0.5 if package == "django" else None
    hold(
        group,
        Line("plan, scan included", ours, against="uv pip uninstall", theirs=theirs, bar=bar),
    )


@pytest.mark.parametrize("package", PACKAGES)
def test_emptying_the_store_is_told(
    report: Report, group: str, times: dict[str, dict[str, Sample]], package: str
) -> None:
    ours, theirs = times[package]["ours"]["empty"], times[package]["uv"]["process"]
    report.add(
        group, Line("emptying the store later", ours, against="uv pip uninstall", theirs=theirs)
    )
