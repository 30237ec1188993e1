"""Undoing an installation after somebody worked with what it brought."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from ipy_envtools.errors import UndoConflict
from ipy_envtools.transactions import apply, history

from .builders import differences, picture
from .outcomes import versions

if TYPE_CHECKING:
    from tests.index import Index
    from tests.plans.installing import Place


def test_what_somebody_put_there_since_stays_with_its_directories(
    place: Place, index: Index
) -> None:
    index.add("tool", "1.0", files={"tool/__init__.py": "", "tool/deep/a.py": ""})
    transaction = apply(place.plan("tool"))
    mine = place.venv.site / "tool" / "deep" / "mine.txt"
    mine.write_text("hours of work")
    transaction.undo()
    assert mine.read_text() == "hours of work"
    assert os.listdir(place.venv.site / "tool") == ["deep"]
    assert "tool" not in versions(place)


def test_what_was_moved_elsewhere_since_and_linked_back_is_not_taken_from_there(
    place: Place, index: Index
) -> None:
    """An undo once emptied the directory of a person's work, outside of the environment."""
    index.add("tool", "1.0", files={"tool/__init__.py": "", "tool/deep/a.py": ""})
    transaction = apply(place.plan("tool"))
    work = place.venv.root.parent / "work"
    (place.venv.site / "tool").rename(work)
    (place.venv.site / "tool").symlink_to(work)
    before = picture(work, place.venv.root)
    with pytest.raises(UndoConflict):
        transaction.undo()
    assert differences(before, picture(work, place.venv.root)) == []


@pytest.mark.parametrize("what", ["changed", "removed"])
def test_what_was_changed_or_removed_since_is_a_conflict_and_nothing_is_touched(
    place: Place, index: Index, what: str
) -> None:
    index.add("tool", "2.0", files={"tool/__init__.py": "", "tool/a.py": ""})
    place.add("tool", "1.0")
    transaction = apply(place.plan("tool>=2"))
    path = place.venv.site / "tool" / "a.py"
    path.unlink()
    if what == "changed":
        path.write_text("edited by a person")
    before = picture(place.venv.root)
    with pytest.raises(UndoConflict) as caught:
        transaction.undo()
    assert list(caught.value.paths) == [path]
    assert list(transaction.conflicts) == [path]
    assert differences(before, picture(place.venv.root)) == []
    assert history(place.venv.python)[0].state == "applied"


def test_what_python_has_compiled_since_goes_along(place: Place, index: Index) -> None:
    index.add("tool", "1.0", files={"tool/__init__.py": "", "tool/a.py": "", "single.py": ""})
    before = picture(place.venv.root, times=False)
    transaction = apply(place.plan("tool"))
    code = "import sys; sys.dont_write_bytecode = False; import tool.a, single"
    subprocess.run([place.venv.python, "-c", code], check=True)
    cache = place.venv.site / "tool" / "__pycache__"
    (cache / "a.cpython-399.opt-2.pyc").write_bytes(b"of another Python")
    assert list(place.venv.site.rglob("single.*.pyc"))
    transaction.undo()
    assert differences(before, picture(place.venv.root, times=False)) == []


def test_compiled_files_that_were_there_before_are_there_after_the_undo(
    place: Place, index: Index
) -> None:
    """They are nobody's: the undo of an install takes only what came since."""
    directory = place.venv.site / "__pycache__"
    directory.mkdir()
    (directory / "single.cpython-399.pyc").write_bytes(b"somebody's")
    (directory / "single.more.cpython-311.pyc").write_bytes(b"of single.more.py")
    index.add("tool", "1.0", files={"single.py": ""})
    before = picture(place.venv.root)
    apply(place.plan("tool")).undo()
    assert differences(before, picture(place.venv.root)) == []


def test_undone_in_any_order(place: Place, index: Index) -> None:
    index.add("one", "2.0", files={"one.py": "new"})
    index.add("two", "2.0", files={"two.py": "new"})
    place.add("one", "1.0", files={"one.py": "old"})
    place.add("two", "1.0", files={"two.py": "old"})
    before = picture(place.venv.root)
    for reverse in (False, True):
        done = [apply(place.plan("one>=2")), apply(place.plan("two>=2"))]
        for transaction in sorted(done, key=lambda each: each.id, reverse=reverse):
            transaction.undo()
        assert differences(before, picture(place.venv.root)) == []
