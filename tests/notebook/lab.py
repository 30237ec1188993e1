"""A JupyterLab server and notebooks in a browser, as a person has them."""

from __future__ import annotations

import contextlib
import itertools
import json
import socket
import subprocess
import time
import urllib.request
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import nbformat

from .environments import CHECKOUT, KERNEL, clean_environment_variables

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from playwright.sync_api import Browser, Locator, Page

SCREENSHOTS = CHECKOUT / "screenshots"
TOKEN = "for-the-tests"

_KERNEL_IS_IDLE = """() => {
    const widget = window.jupyterapp?.shell.currentWidget;
    const kernel = widget?.sessionContext?.session?.kernel;
    return kernel?.connectionStatus === 'connected' && kernel?.status === 'idle';
}"""
_OUTPUT = ".jp-OutputArea-output"


@dataclass
class Lab:
    """A running server."""

    root: Path
    url: str
    browser: Browser
    _names: Iterator[int] = field(default_factory=itertools.count)

    @contextlib.contextmanager
    def notebook(
        self, cells: Sequence[str], *, width: int = 1280, height: int = 900, execute: bool = True
    ) -> Iterator[NotebookPage]:
        """Open a new notebook with these cells, run them all, and close it with its kernel."""
        name = f"test-{next(self._names)}.ipynb"
        write_notebook(self.root / name, cells)
        page = self.browser.new_page(viewport={"width": width, "height": height})
        try:
            yield self.open(page, name, execute=execute)
        finally:
            page.close()
            self.delete_sessions()

    def open(self, page: Page, name: str, *, execute: bool = True) -> NotebookPage:
        """Show a notebook that is there, and run it if wanted."""
        page.goto(f"{self.url}/lab/tree/{name}?token={TOKEN}&reset")
        notebook = NotebookPage(page, self.root / name)
        notebook.wait_until_idle()
        if execute:
            notebook.command("notebook:run-all-cells")
            notebook.wait_until_idle()
        return notebook

    def delete_sessions(self) -> None:
        """End every kernel: a page that comes back would find its old models."""
        for session in self._call("GET", "/api/sessions"):
            self._call("DELETE", f"/api/sessions/{session['id']}")

    def _call(self, method: str, path: str) -> Any:
        request = urllib.request.Request(
            f"{self.url}{path}", method=method, headers={"Authorization": f"token {TOKEN}"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            body = answer.read()
        return json.loads(body) if body else None


@dataclass
class NotebookPage:
    """One open notebook."""

    page: Page
    path: Path

    @property
    def outputs(self) -> Locator:
        """All outputs of all cells."""
        return self.page.locator(_OUTPUT)

    def button(self, name: str, *, exact: bool = True) -> Locator:
        """A button inside an output, by its accessible name."""
        return self.outputs.get_by_role("button", name=name, exact=exact)

    def command(self, name: str, **arguments: object) -> None:
        """Carry out one of JupyterLab's commands."""
        self.page.evaluate(
            "([name, args]) => window.jupyterapp.commands.execute(name, args)", [name, arguments]
        )

    def wait_until_idle(self) -> None:
        """Wait for the kernel; the toolbar says idle too early."""
        self.page.wait_for_function(_KERNEL_IS_IDLE, timeout=60_000)

    def use_theme(self, theme: str) -> None:
        """``JupyterLab Light`` or ``JupyterLab Dark``."""
        self.command("apputils:change-theme", theme=theme)
        self.page.wait_for_timeout(600)

    def screenshot(self, name: str) -> Path:
        """Take a picture of the page, in the folder that git ignores."""
        SCREENSHOTS.mkdir(exist_ok=True)
        path = SCREENSHOTS / f"{name}.png"
        self.page.screenshot(path=path)
        return path

    def save(self) -> None:
        """Save the notebook with its outputs."""
        self.command("docmanager:save")
        self.page.wait_for_function(
            "() => !window.jupyterapp.shell.currentWidget.context.model.dirty", timeout=30_000
        )


def write_notebook(path: Path, cells: Sequence[str]) -> None:
    """Write a notebook of code cells for the tests' kernel."""
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in cells],
        metadata={"kernelspec": {"name": KERNEL, "display_name": "The tests' kernel"}},
    )
    nbformat.write(notebook, path)


@contextlib.contextmanager
def running_lab(
    python: Path, kernelspecs: Path, directory: Path, browser: Browser
) -> Iterator[Lab]:
    """Start JupyterLab on a free port of this machine, and stop it by its process id."""
    root = directory / "notebooks"
    settings = directory / "settings"
    notification = settings / "@jupyterlab" / "apputils-extension"
    for folder in (root, notification):
        folder.mkdir(parents=True)
    notification.joinpath("notification.jupyterlab-settings").write_text(
        json.dumps({"fetchNews": "false", "checkForUpdates": False})
    )
    port = _free_port()
    log = directory / "server.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [
                str(python.parent / "jupyter-lab"),
                "--no-browser",
                "--allow-root",
                "--ip=127.0.0.1",
                f"--port={port}",
                "--ServerApp.port_retries=0",
                f"--IdentityProvider.token={TOKEN}",
                f"--ServerApp.root_dir={root}",
                "--LabApp.expose_app_in_browser=True",
                f"--LabApp.user_settings_dir={settings}",
            ],
            env=clean_environment_variables(
                JUPYTER_PATH=str(kernelspecs),
                JUPYTER_CONFIG_DIR=str(directory / "config"),
                JUPYTER_DATA_DIR=str(directory / "data"),
                JUPYTER_RUNTIME_DIR=str(directory / "runtime"),
            ),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(url, server, log)
        yield Lab(root, url, browser)
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _wait_until_ready(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        assert server.poll() is None, log.read_text()
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"{url}/api/status?token={TOKEN}", timeout=5)
            return
        time.sleep(0.2)
    raise AssertionError(f"JupyterLab is not ready after 90 s: {log.read_text()}")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
