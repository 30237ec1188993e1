"""A shell with the extension loaded: in this process, and in an environment of its own."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import IPython
import pytest
from IPython.core.interactiveshell import InteractiveShell

import ipy_envtools
from tests.builders import Venv, make_venv

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    shell = InteractiveShell.instance()
    shell.run_line_magic("load_ext", "ipy_envtools")
    yield shell
    shell.run_line_magic("unload_ext", "ipy_envtools")


@dataclass(frozen=True)
class OtherIPython:
    """An environment that may be changed, and IPython running in it."""

    venv: Venv
    home: Path

    @property
    def site(self) -> Path:
        return self.venv.site

    @property
    def store(self) -> Path:
        return self.venv.root / ".ipy-envtools"

    def run(self, *lines: str, answer: str | None = None, encoding: str = "utf-8") -> str:
        """Run lines in a new IPython and return all that it prints.

        Nobody is there to answer; with an ``answer`` somebody gives it to every question. The
        ``encoding`` is that of standard output.
        """
        program = ["import sys", "ip = get_ipython()"]
        if answer is not None:
            program += [
                "import builtins, ipy_envtools.magics.front_end as place",
                "place._is_interactive_terminal = lambda: True",
                f"builtins.input = lambda question: print(question) or {answer!r}",
            ]
        program += [f"ip.run_cell({line!r})" for line in lines]
        finished = subprocess.run(
            [
                self.venv.python,
                "-m",
                "IPython",
                "--colors=nocolor",
                "--no-banner",
                "-c",
                "\n".join([*program, ""]),
            ],
            env={
                **{k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "IPYTHON"))},
                "IPYTHONDIR": str(self.home),
                "COLUMNS": "100",
                "PYTHONIOENCODING": encoding,
            },
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding=encoding,
            check=False,
            timeout=120,
        )
        return finished.stdout + finished.stderr


@pytest.fixture
def other(tmp_path: Path) -> OtherIPython:
    """IPython and this package are found through a .pth, so nothing has to be installed."""
    venv = make_venv(tmp_path / "venv")
    checkout = Path(ipy_envtools.__file__).parents[1]
    elsewhere = Path(IPython.__file__).parents[1]
    (venv.site / "elsewhere.pth").write_text(f"{checkout}\n{elsewhere}\n")
    home = tmp_path / "home"
    home.mkdir()
    return OtherIPython(venv, home)
