"""File systems that find a file by several spellings of its name (APFS, NTFS, casefold on ext4).

Where the tests run on one, it is used as it is; elsewhere the operating system's calls are made
to behave like one.
"""

from __future__ import annotations

import os
import unicodedata
from typing import TYPE_CHECKING, Any

import pytest

from .fabricated import Fabricated, going, verdicts

if TYPE_CHECKING:
    from collections.abc import Callable


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _as_stored(path: str) -> str:
    """The path with every component spelled as it is stored, as far as it exists."""
    found = "/"
    for part in os.fspath(path).split("/"):
        if part in ("", ".", ".."):
            found = os.path.join(found, part)
            continue
        try:
            names = _listdir(found)
        except OSError:
            names = []
        if part not in names:
            part = next((name for name in names if _folded(name) == _folded(part)), part)
        found = os.path.join(found, part)
    return found


_listdir = os.listdir


@pytest.fixture
def made(made: Fabricated, monkeypatch: pytest.MonkeyPatch) -> Fabricated:
    """An environment on a file system that folds case and normalises Unicode."""
    if (made.root / "LIB").exists():
        return made

    def folding(call: Callable[..., Any]) -> Callable[..., Any]:
        def fold(path: Any = ".", *arguments: Any, **more: Any) -> Any:
            is_path = isinstance(path, (str, os.PathLike)) and os.path.isabs(path)
            return call(_as_stored(os.fspath(path)) if is_path else path, *arguments, **more)

        return fold

    for name in ("lstat", "stat", "open", "listdir", "scandir", "access", "readlink"):
        monkeypatch.setattr(os, name, folding(getattr(os, name)))
    assert os.path.exists(made.root / "LIB")
    return made


def test_rows_in_two_spellings_are_one_file(made: Fabricated) -> None:
    made.add("foo", files={"foo/Mod.py": "", "foo/__init__.py": ""}, rows=["FOO/mod.PY,,"])
    found = verdicts(made.plan("foo", check=False))
    assert found == {"foo/Mod.py": "remove", "foo/__init__.py": "remove"}


def test_another_record_owns_the_file_in_whatever_spelling(made: Fabricated) -> None:
    made.add("one", files={"Shared/Module.py": "", "Shared/mine.py": ""})
    made.add("two", rows=["SHARED/MODULE.PY,,"])
    found = verdicts(made.plan("one", check=False))
    assert found == {"Shared/Module.py": "keep-shared", "Shared/mine.py": "remove"}


def test_composed_and_decomposed_letters_are_one_file(made: Fabricated) -> None:
    composed, decomposed = "caf\u00e9.py", "cafe\u0301.py"
    made.add("one", files={composed: ""})
    made.add("two", rows=[f"{decomposed},,"])
    assert verdicts(made.plan("one", check=False)) == {composed: "keep-shared"}
    made.add("three", files={"th\u00e9.py": ""}, rows=["the\u0301.py,,"])
    assert verdicts(made.plan("three", check=False)) == {"th\u00e9.py": "remove"}


def test_what_the_environment_needs_is_needed_in_any_spelling(made: Fabricated) -> None:
    made.add(
        "foo", rows=["../../../PyVenv.CFG,,", "../../../BIN/Python,,", "../../../bin/ACTIVATE,,"]
    )
    plan = made.plan("foo", check=False)
    assert {path for path in going(plan) if path.startswith("..")} == set()
    assert list(verdicts(plan).values()).count("refuse-protected") == 3


def test_a_planned_path_is_spelled_as_it_is_stored(made: Fabricated) -> None:
    made.add("foo", files={}, rows=["FOO/SUB/MOD.py,,"])
    made.write("foo/sub/mod.py")
    made.write("foo/sub/__pycache__/mod.cpython-311.pyc")
    assert verdicts(made.plan("foo", check=False)) == {
        "foo/sub/mod.py": "remove",
        "foo/sub/__pycache__/mod.cpython-311.pyc": "compiled",
    }
