from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .fabricated import Fabricated

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def made(tmp_path: Path) -> Fabricated:
    """An environment that holds nothing yet."""
    return Fabricated(tmp_path)
