"""Finding a browser, or getting one; a machine without one fails, it does not skip."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

_COMMANDS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def chromium() -> str | None:
    """Return the path of the system's Chromium; None for the one that Playwright downloaded.

    Raises:
        RuntimeError: there is none and none could be installed; says what to do.
    """
    found = _on_path() or _from_apt()
    if found is not None or _from_playwright():
        return found
    raise RuntimeError(
        "The browser tests need Chromium, and neither apt-get nor Playwright could install it: "
        "install the package chromium by hand, so that `chromium` is on PATH."
    )


def _on_path() -> str | None:
    return next((path for name in _COMMANDS if (path := shutil.which(name))), None)


def _from_apt() -> str | None:
    if shutil.which("apt-get") is None:
        return None
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (
        ["update"],
        ["install", "-y", "--no-install-recommends", "chromium", "fonts-dejavu-core"],
    ):
        try:
            finished = subprocess.run(
                [*sudo, "apt-get", *arguments],
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
                timeout=900,
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        if finished.returncode != 0:
            return None
    return _on_path()


def _from_playwright() -> bool:
    try:
        finished = subprocess.run(
            [sys.executable, "-m", "playwright", "install", "chromium"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=900,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return finished.returncode == 0
