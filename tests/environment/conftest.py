from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ..builders import Venv, make_venv

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """An empty site directory where no interpreter is."""
    directory = tmp_path / "lib" / "python3.11" / "site-packages"
    directory.mkdir(parents=True)
    return directory


@pytest.fixture
def venv(tmp_path: Path) -> Venv:
    """A real virtual environment with nothing in it."""
    return make_venv(tmp_path / "venv")
