"""Benchmarks: ``nox -s bench``, or
``pytest tests/benchmarks -o python_files='bench_*.py' [--only-print]``.

Their modules are not called ``test_*``, so that an ordinary run of the tests leaves them alone:
they build environments of many hundred packages and take minutes.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .environments import BuiltEnvironment, fabricated_environment, real_environment
from .report import Line, Report

if TYPE_CHECKING:
    from collections.abc import Callable

_report = pytest.StashKey[Report]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--only-print",
        action="store_true",
        help="print the benchmarks' table without failing where a bar is missed",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_report] = Report()


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if config.stash[_report].groups:
        terminalreporter.section("benchmarks")
        terminalreporter.write_line(str(config.stash[_report]))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Building an environment counts as part of the first test that asks for it."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(1800))


@pytest.fixture(scope="session")
def report(pytestconfig: pytest.Config) -> Report:
    return pytestconfig.stash[_report]


@pytest.fixture
def hold(report: Report, pytestconfig: pytest.Config) -> Callable[[str, Line], None]:
    """Put a line into the table, and fail where its bar is missed."""

    def hold(group: str, line: Line) -> None:
        report.add(group, line)
        if line.missed and not pytestconfig.getoption("--only-print"):
            pytest.fail(f"{line.what}: the bar is {line.bar}", pytrace=False)

    return hold


@pytest.fixture(scope="session")
def real() -> BuiltEnvironment:
    """The environment of more than 350 real packages."""
    return real_environment()


@pytest.fixture(scope="session")
def of_350() -> BuiltEnvironment:
    return fabricated_environment(350)


@pytest.fixture(scope="session")
def of_1000() -> BuiltEnvironment:
    return fabricated_environment(1000)


@pytest.fixture(scope="session")
def of_2000() -> BuiltEnvironment:
    return fabricated_environment(2000)


@pytest.fixture(scope="session")
def of_5000() -> BuiltEnvironment:
    return fabricated_environment(5000)
