"""Changes that are typed: undo, recovery, stopping."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.builders import dist_info, snapshot
from tests.interruptions import KILL, slow

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import OtherIPython

LOAD = "%load_ext ipy_envtools"
SLOW = slow(0.01)
STOP = """
import _thread, signal, threading
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job's is ignored
threading.Timer(1.0, _thread.interrupt_main).start()
"""


@pytest.fixture
def demo(other: OtherIPython) -> Path:
    """Two packages, the second needs the first."""
    dist_info(other.site, "demo", "1.2", scripts=["demo"])
    dist_info(other.site, "user", requires=["demo"])
    return other.site / "demo"


def test_undo_shows_the_plan_then_asks_then_brings_back(other: OtherIPython, demo: Path) -> None:
    before = snapshot(demo)
    said = other.run(LOAD, "%pkg uninstall demo -y", "%pkg undo", answer="y")
    assert re.search(r"Bring back demo 1\.2\n +comes back +\d+ files", said)
    assert said.index("comes back") < said.index("Bring back demo 1.2? [y/N]")
    assert "Brought back demo 1.2." in said
    assert snapshot(demo) == before


def test_undo_says_what_would_be_lacking_before_it_asks(other: OtherIPython, demo: Path) -> None:
    other.run(LOAD, "%pkg uninstall user -y", "%pkg uninstall demo -y")
    older = min(path.name for path in other.store.iterdir() if path.is_dir())
    said = other.run(LOAD, f"%pkg undo {older}", answer="n")
    assert "lacks" in said
    assert said.index("user 1.0 needs demo, which is not there") < said.index("[y/N]")
    assert not (other.site / "user").exists()


def test_undo_that_is_answered_with_no_changes_nothing(other: OtherIPython, demo: Path) -> None:
    said = other.run(LOAD, "%pkg uninstall demo -y", "%pkg undo", answer="n")
    assert "Nothing was changed." in said
    assert not demo.exists()


def test_what_comes_while_undo_asks_is_more_than_was_agreed_to(
    other: OtherIPython, demo: Path
) -> None:
    """Another program installs demo 2.0 between the question and the answer."""
    info = other.site / "demo-2.0.dist-info"
    meanwhile = (
        "import builtins, os\n"
        f"builtins.input = lambda question: os.mkdir({str(info)!r}) or "
        f"open({str(info / 'METADATA')!r}, 'w').write('Name: demo\\nVersion: 2.0\\n') and 'y'"
    )
    said = other.run(LOAD, "%pkg uninstall demo -y", meanwhile, "%pkg undo", answer="y")
    assert "PlanOutdated" in said
    assert "Nothing was touched" in said
    assert not demo.exists()


def test_a_dry_run_of_undo_only_shows_the_plan(other: OtherIPython, demo: Path) -> None:
    said = other.run(
        LOAD, "%pkg uninstall demo -y", "plan = %pkg undo --dry-run", "print(type(plan))", "plan"
    )
    assert "UndoPlan" in said
    assert "comes back" in said
    assert not demo.exists()


def test_undo_of_an_older_change_is_possible_in_any_order(other: OtherIPython, demo: Path) -> None:
    before = snapshot(other.venv.root)
    other.run(LOAD, "%pkg uninstall demo -y", "%pkg uninstall user -y")
    first, second = sorted(path.name for path in other.store.iterdir() if path.is_dir())
    said = other.run(LOAD, f"%pkg undo {first} -y")
    assert "Brought back demo 1.2" in said
    assert not (other.site / "user").exists()
    assert f"{first} is undone already" in other.run(LOAD, f"%pkg undo {first} -y")
    other.run(LOAD, f"%pkg undo {second} -y")
    after = snapshot(other.venv.root, ignore=(".ipy-envtools", "__pycache__", ".lock"))
    assert {name for name in before if "__pycache__" not in name} == set(after)


def test_an_undo_that_is_not_possible_lists_what_is_in_the_way(
    other: OtherIPython, demo: Path
) -> None:
    other.run(LOAD, "%pkg uninstall demo -y")
    dist_info(other.site, "demo", "2.0", files={"demo/__init__.py": "new"})
    said = other.run(LOAD, "%pkg undo -y")
    assert "demo 1.2 cannot be brought back" in said
    assert "demo/__init__.py it belongs to demo 2.0 now" in " ".join(said.split())
    assert "UndoConflict: It cannot be undone" in said
    assert "Traceback" not in said
    assert (demo / "__init__.py").read_text() == "new"


def test_what_a_killed_process_left_is_said_when_loading_and_stops_other_changes(
    other: OtherIPython, demo: Path
) -> None:
    before = snapshot(demo)
    assert "Uninstalled" not in other.run(LOAD, KILL, "%pkg uninstall demo -y")
    said = other.run(LOAD, "print('---')", "%pkg uninstall user -y")
    on_load, _, after = said.partition("---")
    expected = "Interrupted while changing demo 1.2."
    assert expected in on_load
    assert "%pkg undo does that." in on_load
    assert expected in after
    assert "Uninstalled" not in after
    assert (other.site / "user").exists()
    back = other.run(LOAD, "%pkg undo", answer="y")
    assert "Put demo 1.2 back as it was? [y/N]" in back
    assert "Rolled back; demo 1.2 is as it was before." in back
    assert snapshot(demo) == before
    assert "Interrupted" not in other.run(LOAD)


def test_an_undo_that_was_killed_is_completed_before_newer_changes_are_undone(
    other: OtherIPython, demo: Path
) -> None:
    before = snapshot(demo)
    other.run(LOAD, "%pkg uninstall demo -y", "%pkg uninstall user -y")
    older, newer = sorted(path.name for path in other.store.iterdir() if path.is_dir())
    other.run(LOAD, KILL, f"%pkg undo {older} -y")
    said = other.run(LOAD, f"%pkg undo {newer} -y", "%pkg undo -y")
    refused, _, completed = said.rpartition("%pkg undo does that.")
    assert refused.count("Interrupted while changing demo 1.2.") == 2  # on load, and for the newer
    assert "Rolled back; demo 1.2 is as it was before." in completed
    assert snapshot(demo) == before
    assert not (other.site / "user").exists()


def test_loading_where_nothing_was_changed_imports_no_other_room(other: OtherIPython) -> None:
    said = other.run(LOAD, "print([n for n in sys.modules if n.startswith('ipy_envtools.tr')])")
    assert "[]" in said


def test_an_interrupt_in_the_middle_rolls_back_and_says_so(other: OtherIPython, demo: Path) -> None:
    files = {f"flat_{number:03}.py": "" for number in range(300)}
    dist_info(other.site, "flat", files=files)
    before = snapshot(other.site, ignore=(".ipy-envtools", "__pycache__"))
    said = other.run(LOAD, SLOW, STOP, "%pkg uninstall flat -y")
    assert "Stopped, and everything is as it was before." in said
    assert "Traceback" not in said
    assert snapshot(other.site, ignore=(".ipy-envtools", "__pycache__")) == before


def test_an_interrupt_before_anything_began_is_not_taken_for_an_earlier_change(
    other: OtherIPython, demo: Path
) -> None:
    """Not even where the clock was put back since."""
    ahead = """
from datetime import datetime, timedelta
from ipy_envtools.transactions import store
class Ahead(datetime):
    @classmethod
    def now(cls, tz=None): return super().now(tz) + timedelta(hours=1)
store.datetime = Ahead
"""
    early = """
store.datetime = datetime
def apply(*_): raise KeyboardInterrupt
import ipy_envtools.transactions
ipy_envtools.transactions.apply = apply
"""
    said = other.run(LOAD, ahead, "%pkg uninstall user -y", early, "%pkg uninstall demo -y")
    assert said.count("Uninstalled user 1.0") == 1
    assert "Stopped, and everything is as it was before." in said
    assert demo.exists()


def test_an_interrupt_when_all_is_done_says_what_was_done(other: OtherIPython, demo: Path) -> None:
    late = """
import ipy_envtools.transactions
changes = [(ipy_envtools.transactions, "apply"), (ipy_envtools.transactions.Transaction, "undo")]
for owner, name in changes:
    def done(*given, change=getattr(owner, name)):
        change(*given)
        raise KeyboardInterrupt
    setattr(owner, name, done)
"""
    said = other.run(LOAD, late, "%pkg uninstall user -y", "print('---')", "%pkg undo -y")
    uninstalled, _, undone = said.partition("---")
    assert "Uninstalled user 1.0: that was done when the interrupt came. %pkg undo" in uninstalled
    assert "Uninstalled user 1.0: that was taken back when the interrupt came." in undone
    assert (other.site / "user").exists()


def test_an_interrupt_while_the_outcome_is_shown_says_what_was_done(
    other: OtherIPython, demo: Path
) -> None:
    late = """
from ipy_envtools.magics import display
def interrupted(*_): raise KeyboardInterrupt
display.show_outcome = interrupted
"""
    said = other.run(LOAD, late, "%pkg uninstall user -y", "print('---')", "%pkg undo -y")
    uninstalled, _, undone = said.partition("---")
    assert "Uninstalled user 1.0: that was done when the interrupt came. %pkg undo" in uninstalled
    assert "Uninstalled user 1.0: that was taken back when the interrupt came." in undone


def test_long_work_says_how_far_it_is(other: OtherIPython, demo: Path) -> None:
    files = {f"flat_{number:03}.py": "" for number in range(200)}
    dist_info(other.site, "flat", files=files)
    said = other.run(LOAD, SLOW, "sys.stdout.isatty = lambda: True", "%pkg uninstall flat -y")
    said = re.sub(r"\x1b\[[\d;?]*\w", "", said)
    assert re.search(r"Uninstalling flat 1\.0… ━+╌* \d+ of 20\d files", said)
    assert "Uninstalled flat 1.0" in said
