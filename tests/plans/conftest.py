from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .fabricated import Fabricated
from .installing import make_place

if TYPE_CHECKING:
    from pathlib import Path

    from tests.index import Index

    from .installing import Place


@pytest.fixture
def made(tmp_path: Path) -> Fabricated:
    """An environment that holds nothing yet."""
    return Fabricated(tmp_path)


@pytest.fixture(params=["uv", "pip"])
def place(request: pytest.FixtureRequest, tmp_path: Path, index: Index) -> Place:
    """A virtual environment; every test is done with uv and with pip, for the same plan."""
    return make_place(tmp_path / "env", request.param)
