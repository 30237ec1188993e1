"""What may not be written to is found before anything is asked, as :func:`apply` finds it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from ipy_envtools.plans import plan_uninstall
from ipy_envtools.plans.protection import read_only

from .fabricated import as_another_user

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .fabricated import Fabricated


def _blocked(made: Fabricated) -> str:
    packages = made.packages()
    return as_another_user(made.home, lambda: plan_uninstall("m", packages).blocked or "")


@pytest.fixture
def nobody(made: Fabricated) -> Iterator[Fabricated]:
    """An environment of another user, who the plan is made by."""
    made.add("m", files={"m/d/e/x.py": "", "m/d/e/y.py": ""})
    yield made
    for path in made.home.rglob("*"):
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)


def test_what_is_one_s_own_is_not_blocked(nobody: Fabricated) -> None:
    assert _blocked(nobody) == ""


@pytest.mark.parametrize("path", ["m", "m/d", "m/d/e", "."])
def test_a_directory_that_goes_with_its_files_has_to_be_writable(
    nobody: Fabricated, path: str
) -> None:
    (nobody.site / path).chmod(0o555)
    blocked = _blocked(nobody)
    assert blocked.startswith(f"{os.path.normpath(nobody.site / path)} is read-only for you.")


def test_a_directory_above_one_that_stays_is_not_written_to(nobody: Fabricated) -> None:
    (nobody.site / "m" / "d" / "e" / "stays.txt").write_text("somebody's own")
    (nobody.site / "m").chmod(0o555)
    (nobody.site / "m" / "d").chmod(0o555)
    assert _blocked(nobody) == ""


def test_the_root_has_to_take_the_store(nobody: Fabricated) -> None:
    nobody.root.chmod(0o555)
    blocked = _blocked(nobody)
    assert blocked.startswith(f"{nobody.root} is read-only for you, and what goes is kept there")


def test_a_store_that_is_there_has_to_be_writable_and_the_root_has_not(nobody: Fabricated) -> None:
    store = nobody.root / ".ipy-envtools"
    store.mkdir(mode=0o555)
    assert _blocked(nobody).startswith(f"{store} is read-only for you, and what goes is kept there")
    store.chmod(0o755)
    nobody.root.chmod(0o555)
    assert _blocked(nobody) == ""


def test_nothing_that_goes_needs_no_permission(made: Fabricated) -> None:
    assert read_only([], made.home / "nowhere", made.environment) is None
