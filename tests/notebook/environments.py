"""The two environments that matter: JupyterLab in one, the kernel in another."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import uv

KERNEL = "envtools-kernel"
CHECKOUT = Path(__file__).parents[2]


@dataclass(frozen=True)
class KernelEnvironment:
    """Where the kernel lives, with this package in it."""

    root: Path
    python: Path
    site: Path
    kernelspecs: Path
    """A directory for JUPYTER_PATH."""


def make_environment(root: Path, *packages: str) -> Path:
    """Make a virtual environment with packages from the registry, and return its python.

    It is of the Python that runs the tests.
    """
    python = root / "bin" / "python"
    uv_program = uv.find_uv_bin()
    _run(uv_program, "venv", "--quiet", "--python", sys.executable, str(root))
    _run(uv_program, "pip", "install", "--quiet", "--python", str(python), *packages)
    return python


def make_kernel_environment(root: Path) -> KernelEnvironment:
    """Make the kernel's environment and its kernelspec."""
    return write_kernelspec(root, make_environment(root, "ipykernel", "-e", str(CHECKOUT)))


def write_kernelspec(root: Path, python: Path) -> KernelEnvironment:
    """Let the kernel of an environment be found by the name ``KERNEL``."""
    specs = root.parent / "kernelspecs"
    spec = specs / "kernels" / KERNEL
    spec.mkdir(parents=True)
    spec.joinpath("kernel.json").write_text(
        json.dumps(
            {
                "argv": [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"],
                "display_name": "The tests' kernel",
                "language": "python",
                "env": {"IPYTHONDIR": str(root.parent / "ipython")},
            }
        )
    )
    site = next((root / "lib").glob("python3*")) / "site-packages"
    return KernelEnvironment(root, python, site, specs)


def clean_environment_variables(**more: str) -> dict[str, str]:
    """This process's variables without those that would lead a Python or Jupyter elsewhere."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("JUPYTER", "PYTHON", "VIRTUAL_ENV", "IPYTHON"))
    }
    return {**kept, **more}


def _run(*command: str) -> None:
    finished = subprocess.run(
        command, env=clean_environment_variables(), capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr
