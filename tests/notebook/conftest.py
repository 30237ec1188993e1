"""Real kernels and a real browser, made once for the whole run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import nbclient
import nbformat
import pytest

from .chromium import chromium
from .environments import KERNEL, KernelEnvironment, make_environment, make_kernel_environment
from .lab import Lab, running_lab, write_notebook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from nbformat import NotebookNode
    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def kernel_environment(tmp_path_factory: pytest.TempPathFactory) -> KernelEnvironment:
    """The kernel's environment: ipykernel and this package, nothing of JupyterLab."""
    return make_kernel_environment(tmp_path_factory.mktemp("kernel") / "venv")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(),
            args=[
                "--no-sandbox",
                "--disable-dev-shm-usage",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--no-first-run",
            ],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def lab(
    tmp_path_factory: pytest.TempPathFactory,
    kernel_environment: KernelEnvironment,
    browser: Browser,
) -> Iterator[Lab]:
    """JupyterLab in an environment of its own, ipywidgets its only widget package."""
    directory = tmp_path_factory.mktemp("lab")
    python = make_environment(directory / "venv", "jupyterlab>=4", "ipywidgets")
    with running_lab(python, kernel_environment.kernelspecs, directory, browser) as lab:
        yield lab


@pytest.fixture
def run_notebook(
    kernel_environment: KernelEnvironment,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., NotebookNode]:
    """Run cells through nbclient, where nobody can answer; returns the executed notebook."""
    monkeypatch.setenv("JUPYTER_PATH", str(kernel_environment.kernelspecs))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))

    def run(*cells: str, allow_errors: bool = False) -> NotebookNode:
        path = tmp_path / "notebook.ipynb"
        write_notebook(path, cells)
        notebook = nbformat.read(path, as_version=4)
        client = nbclient.NotebookClient(
            notebook,
            kernel_name=KERNEL,
            timeout=120,
            allow_errors=allow_errors,
            resources={"metadata": {"path": str(tmp_path)}},
        )
        return client.execute()

    return run
