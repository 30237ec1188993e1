"""Where a stage has its files, also where a distribution has changed the layout."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ipy_envtools.engines import Job, find_engine, stage_schemes
from ipy_envtools.environment import Environment, find_environment, scan
from ipy_envtools.formats import read_request

from ..builders import make_venv

if TYPE_CHECKING:
    from ..index import Index

SYSTEM = Path("/usr/bin/python3")


def debian() -> Environment:
    """Debian's own Python, which installs into ``local/lib/python3.11/dist-packages``."""
    if not SYSTEM.exists():
        pytest.skip("there is no Python of a distribution")
    environment = find_environment(SYSTEM)
    if environment.schemes["purelib"].name != "dist-packages":
        pytest.skip("it is not Debian's")
    return environment


def test_an_empty_stage_has_the_layout_that_is_to_be_expected(tmp_path: Path) -> None:
    environment = find_environment(make_venv(tmp_path / "venv").python)
    schemes = stage_schemes(tmp_path / "stage", environment)
    site = f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
    if sys.platform != "win32":
        assert schemes["purelib"] == schemes["platlib"] == tmp_path / "stage" / site
        assert schemes["scripts"] == tmp_path / "stage" / "bin"
    assert schemes["data"] == tmp_path / "stage"


@pytest.mark.parametrize("engine", ["uv", "pip"])
def test_both_layouts_of_debian_are_found(index: Index, tmp_path: Path, engine: str) -> None:
    environment = debian()
    if engine == "pip" and not scan(environment).copies("pip"):
        pytest.skip("it has no pip")
    index.add(
        "flask",
        "3.0",
        files={
            "flask/__init__.py": "",
            "flask-3.0.data/headers/flask.h": "",
            "flask-3.0.data/data/etc/flask.conf": "",
        },
        entry_points="[console_scripts]\nflask = flask:main\n",
    )
    request = read_request(["flask"])
    chosen = find_engine(environment, engine)
    job = Job(request, environment)
    chosen.fill(tmp_path, chosen.resolve(job).pins, job)
    schemes = stage_schemes(tmp_path, environment)
    assert (schemes["purelib"] / "flask" / "__init__.py").is_file()
    assert (schemes["scripts"] / "flask").is_file()
    assert (schemes["headers"] / "flask" / "flask.h").is_file()
    assert (schemes["data"] / "etc" / "flask.conf").is_file()
