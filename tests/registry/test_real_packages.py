"""Real packages from the registry: installed, upgraded and taken back, step by step.

Each step is a process of its own, so that nothing is remembered but what is on the disk.
"""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.builders import snapshot
from tests.notebook.environments import CHECKOUT, clean_environment_variables, make_environment

if TYPE_CHECKING:
    from pathlib import Path

PANDAS = "pandas<3" if sys.version_info >= (3, 11) else "pandas<2.3"
ASKED = f"'{PANDAS}' scikit-learn"

pytestmark = pytest.mark.timeout(900)


class Notebook:
    """Runs lines in fresh processes of one environment's own IPython."""

    def __init__(self, python: Path, engine: str, directory: Path) -> None:
        self.root = python.parent.parent
        self._python = python
        self._setting = f"--EnvTools.engine={engine}"
        self._directory = directory

    def run(self, *lines: str) -> str:
        """What the lines print; fails with it where they fail."""
        finished = self._start("\n".join(("%load_ext ipy_envtools", *lines)))
        assert finished.returncode == 0, finished.stdout + finished.stderr
        return finished.stdout

    def imports(self, module: str) -> bool:
        command = [str(self._python), "-B", "-c", f"import {module}"]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    def version(self, name: str) -> str:
        code = f"from importlib.metadata import version; print(version({name!r}))"
        command = [str(self._python), "-B", "-c", code]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    def tree(self) -> object:
        return snapshot(self.root)

    def _start(self, code: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self._python), "-B", "-m", "IPython", "--no-banner", self._setting, "-c", code],
            cwd=self._directory,
            env=clean_environment_variables(
                IPYTHONDIR=str(self._directory / "ipython"), PYTHONDONTWRITEBYTECODE="1"
            ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(params=["uv", "pip"])
def notebook(request: pytest.FixtureRequest, tmp_path: Path) -> Notebook:
    python = make_environment(tmp_path / "venv", "ipython", "pip", "uv", "-e", str(CHECKOUT))
    return Notebook(python, request.param, tmp_path)


def test_what_was_installed_and_upgraded_is_taken_back_step_by_step(notebook: Notebook) -> None:
    notebook.run("import this")  # whatever a first start writes is written
    empty = notebook.tree()
    assert not notebook.imports("pandas")

    notebook.run(f"%pkg install {ASKED}", "import pandas, sklearn.linear_model")
    assert notebook.imports("pandas")
    assert notebook.imports("sklearn.linear_model")
    older = notebook.version("pandas")
    installed = notebook.tree()

    assert "Requirement already satisfied: pandas" in notebook.run(f"%pip install {ASKED}")
    assert notebook.tree() == installed
    assert "installed already" in notebook.run(f"%pkg install {ASKED}")

    notebook.run("%pkg upgrade pandas -y", "import pandas")
    assert notebook.version("pandas") != older
    assert notebook.imports("pandas")

    notebook.run("%pkg undo -y", "import pandas, sklearn.linear_model")
    assert notebook.version("pandas") == older
    assert notebook.tree() == installed

    notebook.run("%pkg undo -y")
    assert not notebook.imports("pandas")
    assert not notebook.imports("sklearn")
    assert notebook.tree() == empty
