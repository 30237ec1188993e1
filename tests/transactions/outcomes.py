"""What an installation has left behind it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ipy_envtools.environment import scan
from ipy_envtools.transactions import history

from .builders import STORE

if TYPE_CHECKING:
    from tests.plans.installing import Place

__all__ = ["leftovers", "versions", "without_pip"]


def versions(place: Place) -> dict[str, str]:
    return {copy.canonical_name: copy.version for copy in scan(paths=[place.venv.site])}


def without_pip(found: dict[str, str]) -> dict[str, str]:
    return {name: version for name, version in found.items() if name != "pip"}


def leftovers(place: Place) -> list[str]:
    """What is in the store of transactions that did not come to be."""
    store = place.venv.root / STORE
    known = {each.id for each in history(place.venv.python)}
    return [name for name in (os.listdir(store) if store.exists() else ()) if name not in known]
