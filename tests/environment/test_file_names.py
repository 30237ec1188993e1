"""Names are compared as the file system compares them, which is found out without writing.

A file system that ignores case or normalises names is pretended where the machine has none.
"""

from __future__ import annotations

import os
import unicodedata
from typing import TYPE_CHECKING, Any

import pytest

from ipy_envtools.environment import scan

from ..builders import dist_info, snapshot
from .looking import kinds

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def pretend(monkeypatch: pytest.MonkeyPatch, root: Path, fold: Callable[[str], str]) -> None:
    """Below ``root``, find files by what ``fold`` makes of their names."""
    real = os.lstat

    def lstat(path: Any, **options: Any) -> os.stat_result:
        text = os.fspath(path)
        if isinstance(text, str) and text.startswith(f"{root}/"):
            found = str(root)
            for part in text[len(found) + 1 :].split("/"):
                same = [name for name in os.listdir(found) if fold(name) == fold(part)]
                found = f"{found}/{same[0] if same else part}"
            text = found
        return real(text, **options)

    monkeypatch.setattr(os, "lstat", lstat)


def two_spellings(site: Path, one: str, other: str) -> None:
    dist_info(site, "one", files={f"{one}/data.py": ""})
    dist_info(site, "two", files={}, rows=[f"{other}/data.py,,"])


def test_case_matters_where_the_file_system_says_so(site: Path) -> None:
    two_spellings(site, "Shared", "shared")
    before = snapshot(site)
    assert kinds(scan(paths=[site])) in (["files-missing"], ["files-shared"])
    assert snapshot(site) == before


def test_two_spellings_are_one_file_where_case_is_ignored(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_spellings(site, "Shared", "shared")
    pretend(monkeypatch, site, str.casefold)
    packages = scan(paths=[site])
    assert kinds(packages) == ["files-shared"]
    assert packages.owners.of(site / "SHARED" / "data.py") == (packages["one"], packages["two"])


def test_two_spellings_are_one_file_where_names_are_normalised(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dist_info(site, "é", files={})  # a name to find it out with
    two_spellings(site, "café", unicodedata.normalize("NFD", "café"))

    def fold(name: str) -> str:
        return unicodedata.normalize("NFD", name)

    pretend(monkeypatch, site, fold)
    assert "files-shared" in kinds(scan(paths=[site]))


@pytest.mark.skipif(os.name == "nt", reason="two spellings are one name there")
def test_two_hard_links_are_two_names(site: Path) -> None:
    (site / "aaa.egg-link").write_text("/nowhere")
    try:
        os.link(site / "aaa.egg-link", site / "AAA.EGG-LINK")
    except FileExistsError:
        pytest.skip("this file system ignores case")
    two_spellings(site, "Shared", "shared")
    assert "files-shared" not in kinds(scan(paths=[site]))
