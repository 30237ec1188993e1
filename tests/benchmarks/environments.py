"""The environments that are measured: built once, kept under ``.cache/`` in the checkout.

The real one holds the packages of ``packages-350.txt``, wheels only. The fabricated ones hold
what a kernel needs and as many made-up packages as it takes to reach a number.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from uv import find_uv_bin

from .fabrication import fabricate, fabrication_source

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "BuiltEnvironment",
    "clean_variables",
    "fabricated_environment",
    "installing_environment",
    "real_environment",
    "server_environment",
    "uv",
]

CHECKOUT = Path(__file__).parents[2]
LOCK = Path(__file__).with_name("packages-350.txt")
CACHE = CHECKOUT / ".cache" / "benchmarks"

_KERNEL = ("filelock", "ipykernel", "ipython", "ipywidgets", "packaging", "pip", "rich")
"""Top-level requirements of an environment with a kernel that can run this package."""


@dataclass(frozen=True)
class BuiltEnvironment:
    """A virtual environment on disk."""

    prefix: Path

    @property
    def python(self) -> Path:
        return self.prefix / "bin" / "python"

    @property
    def site_packages(self) -> Path:
        return next((self.prefix / "lib").glob("python3.*")) / "site-packages"


def uv() -> str:
    """The path of the uv executable that the ``uv`` extra installs."""
    return os.fspath(find_uv_bin())


def clean_variables() -> dict[str, str]:
    """This process's variables without those that would send a tool to another environment."""
    hidden = ("PYTHON", "PIP_", "UV_", "VIRTUAL_ENV", "IPYTHONDIR", "JUPYTER_")
    kept = {"UV_CACHE_DIR", "UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL", "PIP_CERT"}
    return {
        name: value
        for name, value in os.environ.items()
        if name in kept or not name.startswith(hidden)
    }


def real_environment() -> BuiltEnvironment:
    """More than 350 real packages, this one among them."""

    def fill(environment: BuiltEnvironment) -> None:
        _install(environment, "--requirement", str(LOCK))

    return _built("real", LOCK.read_text(), fill)


def server_environment() -> BuiltEnvironment:
    """JupyterLab, with ipywidgets as its only widget package."""
    packages = ("ipywidgets", "jupyterlab")

    def fill(environment: BuiltEnvironment) -> None:
        _install(environment, "--constraint", str(LOCK), *packages)

    return _built("server", LOCK.read_text() + repr(packages), fill, with_this=False)


def installing_environment() -> BuiltEnvironment:
    """What a kernel needs, pip and uv: something to install into."""

    def fill(environment: BuiltEnvironment) -> None:
        _install(environment, "--constraint", str(LOCK), *_KERNEL, "uv")

    return _built("installing", LOCK.read_text() + repr((*_KERNEL, "uv")), fill)


def fabricated_environment(count: int) -> BuiltEnvironment:
    """``count`` packages in all: a kernel's own, this one, and made-up ones of realistic sizes."""

    def fill(environment: BuiltEnvironment) -> None:
        _install(environment, "--constraint", str(LOCK), *_KERNEL)
        present = len(list(environment.site_packages.glob("*.dist-info")))
        fabricate(environment.site_packages, count - present - 1)

    ingredients = LOCK.read_text() + repr(_KERNEL) + fabrication_source()
    return _built(f"fabricated-{count}", ingredients, fill)


def _built(
    name: str,
    ingredients: str,
    fill: Callable[[BuiltEnvironment], None],
    *,
    with_this: bool = True,
) -> BuiltEnvironment:
    """Return the environment, built anew where its ingredients changed.

    This package is installed last and every time, editable and without its dependencies, so
    that it comes with the metadata of this checkout.
    """
    version = platform.python_version()
    digest = hashlib.sha256(f"{version}\n{ingredients}".encode()).hexdigest()[:12]
    environment = BuiltEnvironment(CACHE / f"{name}-{version}-{digest}")
    finished = environment.prefix / "finished.json"
    if not finished.exists():
        for outdated in CACHE.glob(f"{name}-{version}-*"):
            shutil.rmtree(outdated)
        _run(uv(), "venv", "--clear", "--python", sys.executable, str(environment.prefix))
        fill(environment)
        finished.write_text(json.dumps({"python": version, "ingredients": digest}))
    if with_this:
        _run(
            *(uv(), "pip", "install", "--python", str(environment.python)),
            *("--no-deps", "--editable", str(CHECKOUT)),
        )
    return environment


def _install(environment: BuiltEnvironment, *arguments: str) -> None:
    """Install wheels, as files of their own: no link into a cache that others share."""
    _run(
        *(uv(), "pip", "install", "--python", str(environment.python)),
        *("--only-binary", ":all:", "--link-mode", "copy", *arguments),
    )


def _run(*command: str) -> None:
    finished = subprocess.run(
        command, env=clean_variables(), capture_output=True, text=True, check=False
    )
    if finished.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{finished.stderr}")
