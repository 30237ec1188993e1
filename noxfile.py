"""Sessions: ``nox -s tests``, ``lint``, ``lowest``, ``bench``."""

from __future__ import annotations

import nox

nox.options.default_venv_backend = "uv|virtualenv"
nox.options.sessions = ["lint", "tests"]
nox.options.error_on_missing_interpreters = False
nox.options.download_python = "never"

PYTHONS = ["3.10", "3.11", "3.12", "3.13"]


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the tests; arguments go to pytest."""
    session.install("-e", ".[test]")
    session.run("python", "-m", "pytest", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and types."""
    session.install("-e", ".[dev]")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy")


@nox.session(python=PYTHONS[0], venv_backend="uv")
def lowest(session: nox.Session) -> None:
    """Run the tests with the lowest dependencies that pyproject.toml allows."""
    session.install("--resolution", "lowest-direct", "-e", ".")
    session.install("pytest", "pytest-timeout", "hypothesis")
    session.run("python", "-m", "pytest", "--ignore=tests/notebook", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Measure against uv and pip in one run; builds an environment of 350 real packages."""
    session.install("-e", ".[dev]")
    session.run(
        "python",
        "-m",
        "pytest",
        "tests/benchmarks",
        "-o",
        "python_files=bench_*.py",
        *session.posargs,
    )
