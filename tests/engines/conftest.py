from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from ipy_envtools.engines import Engine, Job, Resolution, find_engine
from ipy_envtools.environment import Environment, find_environment
from ipy_envtools.formats import read_request

from ..archives import add_pip
from ..builders import Venv, make_venv

if TYPE_CHECKING:
    from pathlib import Path

    from ..index import Index


@dataclass(frozen=True)
class Place:
    """An environment to install into, and the index that its engines know."""

    venv: Venv
    index: Index

    @property
    def environment(self) -> Environment:
        return find_environment(self.venv.python)

    def resolve(self, engine: str, line: str, **more: Any) -> Resolution:
        """What an engine plans for the words of a line."""
        request = read_request(shlex.split(line), directory=self.venv.root)
        return self.engine(engine).resolve(Job(request, self.environment, **more))

    def fill(self, engine: str, line: str, **more: Any) -> Path:
        """Let an engine plan and fill a stage, and return that."""
        request = read_request(shlex.split(line), directory=self.venv.root)
        chosen = self.engine(engine)
        job = Job(request, self.environment, **more)
        pins = chosen.resolve(replace(job, on_progress=None, stop=None)).pins
        stage = self.venv.root.parent / f"stage-{engine}"
        stage.mkdir()
        chosen.fill(stage, pins, job)
        return stage

    def engine(self, choice: str) -> Engine:
        return find_engine(self.environment, choice)


@pytest.fixture
def place(tmp_path: Path, index: Index) -> Place:
    venv = make_venv(tmp_path / "venv")
    add_pip(venv)
    (venv.root / ".lock").touch()  # uv locks it, also for a dry run
    return Place(venv, index)


@pytest.fixture(params=["uv", "pip"])
def engine(request: pytest.FixtureRequest) -> str:
    """Each engine in turn."""
    return str(request.param)
