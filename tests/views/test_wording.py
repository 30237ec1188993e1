from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipy_envtools.views.wording import (
    counted,
    elapsed_text,
    listed,
    middle_cut,
    place_of_path,
    seconds_text,
    size_text,
)

if TYPE_CHECKING:
    from ipy_envtools.environment import Environment


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (None, "–"),
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (52_400, "52 kB"),
        (420_000, "420 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (3_100_000, "3.1 MB"),
        (9_960_000, "10 MB"),
        (940_000_000, "940 MB"),
        (1_700_000_000, "1.7 GB"),
        (2_000_000_000_000, "2.0 TB"),
    ],
)
def test_sizes_are_human(size: int | None, text: str) -> None:
    assert size_text(size) == text


@given(st.integers(min_value=0, max_value=10**17))
def test_a_size_never_takes_more_than_seven_columns(size: int) -> None:
    assert len(size_text(size)) <= 7


def test_times_are_human() -> None:
    assert [seconds_text(s) for s in (0.0, 0.041, 9.994, 12.3, 125)] == [
        "0.01 s",
        "0.04 s",
        "9.99 s",
        "12 s",
        "2 min 5 s",
    ]
    assert [elapsed_text(s) for s in (0.0, 4.07, 125)] == ["0 s", "4 s", "2 min 5 s"]


def test_one_of_something_is_singular() -> None:
    assert counted(1, "file") == "1 file"
    assert counted(2104, "file") == "2,104 files"


def test_long_lists_end_in_a_number() -> None:
    assert listed(["a", "b", "c"], 3) == "a, b, c"
    assert listed(["a", "b", "c", "d"], 3) == "a, b and 2 more"


def test_a_place_is_named_from_the_prefix_or_from_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    environment: Environment = SimpleNamespace(prefix=Path("/v"), kind="venv")  # type: ignore[assignment]
    assert place_of_path(Path("/v/lib/site-packages"), environment) == "lib/site-packages"
    assert place_of_path(Path("/home/me/projects")) == "~/projects"
    assert place_of_path(Path("/home/me")) == "~"
    assert place_of_path(Path("/home/meg")) == "/home/meg"


@given(st.text(max_size=60), st.integers(min_value=0, max_value=50))
def test_a_cut_text_is_as_long_as_asked(text: str, width: int) -> None:
    cut = middle_cut(text, width)
    assert cut == text if len(text) <= width else len(cut) == width
