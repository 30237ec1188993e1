"""The scan against whole processes of uv and pip that answer the same question.

Ours runs in a fresh process for every sample, files warm in the system's cache; ratios are of
medians of samples taken in turns. "Second" is the same question again in the same process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .measured import MEASUREMENTS
from .report import Line
from .timing import Sample, interleaved, measured, pip_process, uv_process

if TYPE_CHECKING:
    from collections.abc import Callable

    from .environments import BuiltEnvironment
    from .report import Report

    Hold = Callable[[str, Line], None]

_JSON = ("--format", "json")


@pytest.fixture(scope="module")
def on_real(real: BuiltEnvironment) -> dict[str, Sample]:
    """Everything in one run on the real environment."""
    ours = [measurement.__name__ for measurement in MEASUREMENTS]
    return interleaved(
        {
            **{name: lambda name=name: measured(real, "time", name) for name in ours},
            "uv list": lambda: uv_process(real, "list", *_JSON),
            "uv check": lambda: uv_process(real, "check"),
            "pip list": lambda: pip_process(real, "list", *_JSON),
            "pip inspect": lambda: pip_process(real, "inspect", "--local"),
        },
        rounds=11,
        rare=frozenset({"pip list", "pip inspect"}),
    )


@pytest.fixture(scope="module")
def on_fabricated(
    of_350: BuiltEnvironment, of_1000: BuiltEnvironment, of_5000: BuiltEnvironment
) -> dict[int, dict[str, Sample]]:
    """The parts that need no files, at three sizes, all of them in turns."""
    runs: dict[str, Callable[[], Sample]] = {}
    for count, env in ((350, of_350), (1000, of_1000), (5000, of_5000)):
        for name in ("names", "dependency_problems", "first_page"):
            runs[f"{count} {name}"] = lambda env=env, name=name: measured(env, "time", name)
        runs[f"{count} uv list"] = lambda env=env: uv_process(env, "list", *_JSON)
        runs[f"{count} uv check"] = lambda env=env: uv_process(env, "check")
    found: dict[int, dict[str, Sample]] = {}
    for key, sample in interleaved(runs, rounds=7).items():
        number, _, name = key.partition(" ")
        found.setdefault(int(number), {})[name] = sample
    return found


def _real_group(real: BuiltEnvironment) -> str:
    return f"{len(list(real.site_packages.glob('*.dist-info')))} real packages"


def test_names_and_versions_take_a_tenth_of_uv_pip_list(
    hold: Hold, real: BuiltEnvironment, on_real: dict[str, Sample]
) -> None:
    ours, theirs = on_real["names"]["first"], on_real["uv list"]["process"]
    hold(
        _real_group(real),
        Line("names and versions", ours, against="uv pip list", theirs=theirs, bar=0.1),
    )


def test_the_first_page_takes_a_fifth_of_pip_list(
    hold: Hold, real: BuiltEnvironment, on_real: dict[str, Sample]
) -> None:
    ours, theirs = on_real["first_page"]["first"], on_real["pip list"]["process"]
    hold(
        _real_group(real),
        Line("first page's data", ours, against="pip list", theirs=theirs, bar=0.2),
    )


def test_the_first_page_takes_five_times_uv_pip_list(
    hold: Hold, real: BuiltEnvironment, on_real: dict[str, Sample]
) -> None:
    ours, theirs = on_real["first_page"]["first"], on_real["uv list"]["process"]
    hold(
        _real_group(real),
        Line("first page's data", ours, against="uv pip list", theirs=theirs, bar=5),
    )


def test_a_second_scan_takes_three_tenths_of_uv_pip_list(
    hold: Hold, real: BuiltEnvironment, on_real: dict[str, Sample]
) -> None:
    ours, theirs = on_real["names"]["second"], on_real["uv list"]["process"]
    hold(
        _real_group(real),
        Line(
            "second scan, names and versions", ours, against="uv pip list", theirs=theirs, bar=0.3
        ),
    )


def test_a_second_scan_of_the_first_page_is_told(
    report: Report, real: BuiltEnvironment, on_real: dict[str, Sample]
) -> None:
    ours, theirs = on_real["first_page"]["second"], on_real["uv list"]["process"]
    report.add(
        _real_group(real),
        Line("second scan, first page's data", ours, against="uv pip list", theirs=theirs),
    )


def test_dependency_problems_take_little_more_than_uv_list_and_check(
    hold: Hold, real: BuiltEnvironment, on_real: dict[str, Sample]
) -> None:
    hold(_real_group(real), _against_list_and_check(on_real, 1.25))


def test_sizes_and_owners_take_a_twentieth_of_pip_inspect(
    hold: Hold, real: BuiltEnvironment, on_real: dict[str, Sample]
) -> None:
    ours, theirs = on_real["owners"]["first"], on_real["pip inspect"]["process"]
    hold(
        _real_group(real),
        Line("sizes, owners, shared files", ours, against="pip inspect", theirs=theirs, bar=0.05),
    )


def test_all_problems_with_a_look_at_every_file_are_told(
    report: Report, real: BuiltEnvironment, on_real: dict[str, Sample]
) -> None:
    ours, theirs = on_real["all_problems"]["first"], on_real["pip inspect"]["process"]
    report.add(
        _real_group(real),
        Line("all problems, every file looked at", ours, against="pip inspect", theirs=theirs),
    )


@pytest.mark.parametrize(("count", "bar"), [(1000, 1.5), (5000, 1.5)])
def test_dependency_problems_of_thousands_of_packages(
    hold: Hold, on_fabricated: dict[int, dict[str, Sample]], count: int, bar: float
) -> None:
    hold(f"{count:,} fabricated packages", _against_list_and_check(on_fabricated[count], bar))


@pytest.mark.parametrize("count", [1000, 5000])
def test_names_and_first_page_of_thousands_of_packages_are_told(
    report: Report, on_fabricated: dict[int, dict[str, Sample]], count: int
) -> None:
    times = on_fabricated[count]
    for name, what in (("names", "names and versions"), ("first_page", "first page's data")):
        for key, prefix in (("first", ""), ("second", "second scan, ")):
            ours, theirs = times[name][key], times["uv list"]["process"]
            line = Line(prefix + what, ours, against="uv pip list", theirs=theirs)
            report.add(f"{count:,} fabricated packages", line)


@pytest.mark.parametrize("name", ["names", "dependency_problems", "first_page"])
def test_the_cost_of_a_package_does_not_grow(
    hold: Hold, on_fabricated: dict[int, dict[str, Sample]], name: str
) -> None:
    """A tenth more is allowed, because less is not told from the machine's own moods."""
    few, many = (on_fabricated[count][name]["first"] / count * 1e3 for count in (350, 5000))
    what = f"{name.replace('_', ' ')}, a package of 5,000"
    line = Line(what, many, unit="µs", against="a package of 350", theirs=few, bar=1.1)
    hold("growth, fabricated packages", line)


@pytest.mark.parametrize("name", ["names", "first_page", "all_problems"])
def test_memory_a_package_is_told(report: Report, real: BuiltEnvironment, name: str) -> None:
    """The process grows by more than Python allocates: the allocator takes memory in pieces."""
    group, what = _real_group(real), f"memory a package, {name.replace('_', ' ')}"
    allocated = measured(real, "allocated", name)["peak"]
    report.add(group, Line(f"{what}: allocated", allocated, unit="KiB"))
    grown = measured(real, "grown", name)["grown"]
    report.add(group, Line(f"{what}: process", grown, unit="KiB"))


def _against_list_and_check(times: dict[str, Sample], bar: float) -> Line:
    return Line(
        "metadata, graph, dependency problems",
        times["dependency_problems"]["first"],
        against="uv pip list + uv pip check",
        theirs=times["uv list"]["process"] + times["uv check"]["process"],
        bar=bar,
    )
