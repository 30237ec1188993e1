"""What the history of an environment holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipy_envtools.transactions import apply, history
from tests.plans.installing import make_place

if TYPE_CHECKING:
    from pathlib import Path

    from tests.index import Index


def test_what_had_nothing_to_do_is_applied_and_is_no_history(tmp_path: Path, index: Index) -> None:
    index.add("tool", "1.0")
    place = make_place(tmp_path / "env", "uv")
    first = apply(place.plan("tool"))
    again = apply(place.plan("tool"))
    assert (again.state, again.changes) == ("applied", ())
    assert [each.id for each in history(place.venv.python)] == [first.id]
    assert again.undo().state == "undone"
