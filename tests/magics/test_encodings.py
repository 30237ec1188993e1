"""Terminals that do not know every character."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.builders import dist_info

if TYPE_CHECKING:
    from .conftest import OtherIPython

ODD_VERSION = "1.2–β"
LINES = (
    "%load_ext ipy_envtools",
    "%pkgs",
    "%pkg --help",
    "%pkg upgrade --help",
    "%pkg show demo",
    "%pkg check",
    "%pkg uninstall demo",
    "%pkg history",
    "%pkg undo",
)


@pytest.mark.parametrize("encoding", ["ascii", "iso8859-1", "cp1252"])
def test_what_the_encoding_lacks_is_replaced(other: OtherIPython, encoding: str) -> None:
    dist_info(other.site, "demo", ODD_VERSION, headers=["Summary: Čeština · 日本語"])
    dist_info(other.site, "user", requires=["demo"])
    said = other.run(*LINES, encoding=encoding, answer="y")
    assert "Error" not in said
    assert "usage: %pkg upgrade" in said
    assert "Uninstalled" in said
    assert "Bring back" in said
    assert (other.site / "demo").exists()
    plain = other.run("%load_ext ipy_envtools", "%pkgs demo", encoding=encoding)
    whole = other.run("%load_ext ipy_envtools", "%pkgs demo")
    assert [len(line) for line in plain.splitlines()] == [len(line) for line in whole.splitlines()]


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_an_error_is_one_line_there_too(other: OtherIPython, encoding: str) -> None:
    dist_info(other.site, "demo", ODD_VERSION)
    said = other.run("%load_ext ipy_envtools", "%pkg uninstall demo", encoding=encoding)
    assert re.search("NobodyToAsk: Uninstall demo 1.2[–-][?]", said)
    assert "Traceback" not in said


def test_in_utf_8_nothing_is_replaced(other: OtherIPython) -> None:
    dist_info(other.site, "demo", "1.2")
    assert " · venv · " in other.run("%load_ext ipy_envtools", "%pkgs demo")
