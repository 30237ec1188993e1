"""Hashes that somebody gives with a requirement: nothing else is ever installed."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from ipy_envtools import apply
from ipy_envtools.engines import EngineFailed
from tests.builders import snapshot

from .installing import changes

if TYPE_CHECKING:
    from tests.index import Index

    from .installing import Place

WRONG = f"--hash=sha256:{'0' * 64}"


def digest(content: bytes) -> str:
    return f"--hash=sha256:{hashlib.sha256(content).hexdigest()}"


@pytest.mark.parametrize("listed", [True, False])
def test_a_file_with_another_hash_is_not_taken(place: Place, index: Index, listed: bool) -> None:
    index.add("one", "1.0")
    index.hashes = listed
    before = snapshot(place.venv.root)
    with pytest.raises(EngineFailed, match="hash"):
        apply(place.plan(f"one==1.0 {WRONG}"))
    assert snapshot(place.venv.root) == before


def test_of_two_files_the_one_is_taken_that_has_the_hash(place: Place, index: Index) -> None:
    index.add("one", "1.0", sdist=True)
    wheel = index.add("one", "1.0")
    plan = place.plan(f"one==1.0 {WRONG} {digest(wheel.read_bytes())}")
    assert changes(plan) == ["install one 1.0 *"]
    assert plan.actions[0].url is not None
    assert plan.actions[0].url.endswith(wheel.name)
    apply(plan)
    assert place.packages()["one"].version == "1.0"


def test_a_url_has_to_have_its_hash_too(place: Place, index: Index) -> None:
    wheel = index.add("one", "1.0")
    url = f"one @ {index.url.removesuffix('simple/')}files/one/{wheel.name}"
    before = snapshot(place.venv.root)
    with pytest.raises(EngineFailed, match="hash"):
        apply(place.plan(f"{url} {WRONG}"))
    assert snapshot(place.venv.root) == before
    apply(place.plan(f"{url} {digest(wheel.read_bytes())}"))
    assert place.packages()["one"].version == "1.0"


def test_hashes_that_exclude_each_other_are_refused(place: Place, index: Index) -> None:
    wheel = index.add("one", "1.0")
    with pytest.raises(EngineFailed, match="hash"):
        place.plan(f"one==1.0 {WRONG}", f"one==1.0 {digest(wheel.read_bytes())}")
