"""An interrupted change can always be put back: what is in the way moves aside, into the store."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from ipy_envtools.errors import EnvToolsError, UndoConflict
from ipy_envtools.transactions import apply, history, unfinished

from .builders import differences, picture
from .operations import killed_at

if TYPE_CHECKING:
    from ipy_envtools.transactions import Transaction

    from .builders import FabricatedEnvironment, Picture


@pytest.fixture
def before(small: FabricatedEnvironment) -> Picture:
    """How everything was before the change that is interrupted."""
    return picture(small.root.parent, times=False)


@pytest.fixture
def stuck(small: FabricatedEnvironment, before: Picture) -> Transaction:
    """A change that was killed, and somebody's files where its own belong."""
    assert before
    for number in itertools.count(1):  # until the scripts and the package have gone
        assert killed_at(number, lambda: apply(small.plan("alpha")))
        found = unfinished(small.environment)
        if found is not None:
            if not (small.site / "alpha").exists():
                break
            found.undo()
    (small.site / "alpha").mkdir()
    (small.site / "alpha" / "__init__.py").write_text("somebody else's")
    assert found is not None
    return found


def test_the_way_out_is_named_and_nothing_is_touched(
    small: FabricatedEnvironment, stuck: Transaction
) -> None:
    there = picture(small.root.parent)
    with pytest.raises(UndoConflict, match=f"Move it away.* %pkg undo {stuck.id} --force"):
        stuck.undo()
    assert differences(there, picture(small.root.parent)) == []


def test_forced_it_is_put_back_and_what_was_in_the_way_is_kept(
    small: FabricatedEnvironment, stuck: Transaction, before: Picture
) -> None:
    assert stuck.undo(force=True).state == "rolled-back"
    assert differences(before, picture(small.root.parent, times=False)) == []
    aside = history(small.environment)[0]
    assert aside.state == "applied"
    (kept,) = aside.kept.values()
    assert kept.read_text() == "somebody else's"
    assert aside.size == len("somebody else's")
    apply(small.plan("alpha"))
    aside.undo()
    assert (small.site / "alpha" / "__init__.py").read_text() == "somebody else's"


def test_killed_anywhere_meanwhile_both_can_be_put_back(
    small: FabricatedEnvironment, stuck: Transaction, before: Picture
) -> None:
    place = small.site / "alpha" / "__init__.py"
    for number in itertools.count(1):
        killed = killed_at(number, lambda: stuck.undo(force=True))
        while (found := unfinished(small.environment)) is not None:
            if found == stuck and place.exists() and place.read_text() == "somebody else's":
                break
            found.undo()
        if found is None:
            assert differences(before, picture(small.root.parent, times=False)) == []
            break
        assert killed
    assert number > 5
    asides = [each for each in history(small.environment) if "Moved aside" in each.summary]
    kept = [path.read_text() for each in asides for path in each.kept.values()]
    assert kept == ["somebody else's"]


def test_a_change_that_was_applied_is_not_forced(small: FabricatedEnvironment) -> None:
    transaction = apply(small.plan("alpha"))
    (small.site / "alpha").mkdir()
    (small.site / "alpha" / "__init__.py").write_text("somebody else's")
    with pytest.raises(UndoConflict):
        transaction.undo(force=True)
    with pytest.raises(EnvToolsError, match="Nothing was touched"):
        transaction.undo()
