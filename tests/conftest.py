from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from .index import Index

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    """An empty index, the only one that uv and pip know in this test, here and in child processes.

    Their caches are empty, nothing is tried twice, and nobody's configuration is read.
    """
    with Index(tmp_path / "index") as index:
        for name in os.environ:
            if name.startswith(("UV_", "PIP_")):
                monkeypatch.delenv(name)
        for name, value in engine_variables(index, tmp_path).items():
            monkeypatch.setenv(name, value)
        yield index


def engine_variables(index: Index, directory: Path) -> dict[str, str]:
    """The environment variables of the same, with the caches below ``directory``."""
    return {
        "UV_DEFAULT_INDEX": index.url,
        "UV_CACHE_DIR": str(directory / "uv-cache"),
        "UV_HTTP_RETRIES": "0",
        "UV_NO_CONFIG": "1",
        "PIP_INDEX_URL": index.url,
        "PIP_CACHE_DIR": str(directory / "pip-cache"),
        "PIP_RETRIES": "0",
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
