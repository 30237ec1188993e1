"""Sessions: ``nox -s tests``, ``registry``, ``lint``, ``lowest``, ``bench``."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import nox

nox.options.default_venv_backend = "uv|virtualenv"
nox.options.sessions = ["lint", "tests"]
nox.options.error_on_missing_interpreters = False
nox.options.download_python = "never"

PYTHONS = ["3.10", "3.11", "3.12", "3.13"]

# pyenv's shims refuse to start a Python that is not selected, and nox would find nothing.
if pyenv := shutil.which("pyenv"):
    root = subprocess.run(
        [pyenv, "root"], capture_output=True, text=True, check=True
    ).stdout.strip()
    found = (str(path) for path in Path(root, "versions").glob("*/bin"))
    os.environ["PATH"] = os.pathsep.join([*found, os.environ["PATH"]])


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the tests; arguments go to pytest."""
    session.install("-e", ".[test]")
    session.run("python", "-m", "pytest", "--ignore=tests/registry", *session.posargs)


@nox.session(python=PYTHONS)
def registry(session: nox.Session) -> None:
    """Install, upgrade and take back real packages from the registry."""
    session.install("-e", ".[test]")
    session.run("python", "-m", "pytest", "tests/registry", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and types."""
    session.install("-e", ".[dev]")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy")


@nox.session(python=PYTHONS[0], venv_backend="uv")
def lowest(session: nox.Session) -> None:
    """Run the tests with the lowest dependencies that pyproject.toml allows.

    Those in ``tests/notebook`` make environments of their own, of the newest.
    """
    session.install("--resolution", "lowest-direct", "-e", ".[test]")
    session.run(
        "python",
        "-m",
        "pytest",
        "--ignore=tests/notebook",
        "--ignore=tests/registry",
        *session.posargs,
    )


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
