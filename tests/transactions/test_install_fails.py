"""An installation that does not end well leaves everything as it was."""

from __future__ import annotations

import shutil
import threading
import time
from typing import TYPE_CHECKING

import pytest

from ipy_envtools.engines import EngineStopped
from ipy_envtools.errors import PlanOutdated
from ipy_envtools.transactions import apply, unfinished
from tests.archives import source_tree

from .builders import differences, picture
from .outcomes import leftovers

if TYPE_CHECKING:
    from pathlib import Path

    from ipy_envtools.progress import Progress
    from tests.index import Index
    from tests.plans.installing import Place


def forget_cached(place: Place) -> None:
    """What was planned may have been downloaded for it."""
    for name in ("uv-cache", "pip-cache"):
        shutil.rmtree(place.venv.root.parent / name, ignore_errors=True)


def test_cancelled_while_downloading(place: Place, index: Index) -> None:
    index.add("tool", "2.0", size=3_000_000)
    place.add("tool", "1.0")
    before = picture(place.venv.root)
    plan = place.plan("tool>=2")
    index.faults["tool"] = "hanging"
    forget_cached(place)
    stop = threading.Event()
    timer = threading.Timer(1.0, stop.set)
    timer.start()
    with pytest.raises(EngineStopped):
        apply(plan, stop=stop)
    assert differences(before, picture(place.venv.root)) == []
    assert leftovers(place) == []


def test_cancelled_while_building(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = source_tree(tmp_path / "tree", "tool", "1.0")
    backend = tree / "in_tree_backend.py"
    begun = tmp_path / "begun"
    slow = f"import time, pathlib\npathlib.Path({str(begun)!r}).touch()\ntime.sleep(60)\n"
    backend.write_text(f"{slow}{backend.read_text()}")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    stop = threading.Event()

    def stop_when_begun() -> None:
        while not begun.exists():
            time.sleep(0.01)
        stop.set()

    threading.Thread(target=stop_when_begun, daemon=True).start()
    with pytest.raises(EngineStopped):
        place.plan(str(tree), stop=stop)
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("step", ["installing", "moving"])
def test_an_interrupt_at_any_step_leaves_everything_as_it_was(
    place: Place, index: Index, step: str
) -> None:
    index.add("tool", "2.0", files={f"tool/m{number}.py": "" for number in range(5)})
    place.add("tool", "1.0")
    before = picture(place.venv.root)
    plan = place.plan("tool>=2")

    def interrupt(progress: Progress) -> None:
        if progress.step == step:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        apply(plan, interrupt)
    assert differences(before, picture(place.venv.root)) == []
    assert unfinished(place.packages().environment) is None


def test_what_was_installed_or_changed_since_the_plan_makes_it_outdated(
    place: Place, index: Index
) -> None:
    index.add("tool", "2.0")
    plan = place.plan("tool")
    place.add("tool", "1.5")
    before = picture(place.venv.root)
    with pytest.raises(PlanOutdated, match="tool"):
        apply(plan)
    assert differences(before, picture(place.venv.root)) == []
    plan = place.plan("tool>=2")
    (place.venv.site / "tool" / "__init__.py").write_text("edited")
    before = picture(place.venv.root)
    with pytest.raises(PlanOutdated):
        apply(plan)
    assert differences(before, picture(place.venv.root)) == []
