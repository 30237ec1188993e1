"""What an engine stages is not what was planned: nothing of it gets into the environment."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from ipy_envtools.errors import TransactionFailed
from ipy_envtools.transactions import apply, history

from .builders import PURELIB, differences, picture
from .unpacking import Unpacking, plan_install

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .builders import FabricatedEnvironment

FILES = {"tool/__init__.py": b""}


def another_version(engine: Unpacking, stage: Path) -> None:
    engine.write(stage, "tool", "6.6", FILES)


def another_package(engine: Unpacking, stage: Path) -> None:
    engine.write(stage, "tool", "1.0", FILES)
    engine.write(stage, "companion", "1.0", {"companion.py": b""})


def nothing(engine: Unpacking, stage: Path) -> None:
    pass


def twice(engine: Unpacking, stage: Path) -> None:
    engine.write(stage, "tool", "1.0", FILES)
    engine.write(stage, "Tool", "1.0", FILES)


def unrecorded(engine: Unpacking, stage: Path) -> None:
    engine.write(stage, "tool", "1.0", FILES)
    (stage / PURELIB / "sitecustomize.py").write_text("harm()")


def unrecorded_script(engine: Unpacking, stage: Path) -> None:
    engine.write(stage, "tool", "1.0", FILES)
    (stage / "bin").mkdir()
    (stage / "bin" / "ls").write_text("harm")


def row_that_leads_out(engine: Unpacking, stage: Path) -> None:
    engine.write(stage, "tool", "1.0", FILES, rows="../../../../../../outside/precious,,")


def absolute_row(engine: Unpacking, stage: Path) -> None:
    engine.write(stage, "tool", "1.0", FILES, rows="/etc/passwd,,")


def link_to_a_file(engine: Unpacking, stage: Path) -> None:
    engine.write(stage, "tool", "1.0", FILES, rows="tool/link.py,,")
    (stage / PURELIB / "tool" / "link.py").symlink_to("/etc/passwd")


def link_to_a_directory(engine: Unpacking, stage: Path) -> None:
    engine.write(stage, "tool", "1.0", FILES, rows="tool/link/passwd,,")
    (stage / PURELIB / "tool" / "link").symlink_to("/etc")


def fifo(engine: Unpacking, stage: Path) -> None:
    engine.write(stage, "tool", "1.0", FILES, rows="tool/fifo,,")
    os.mkfifo(stage / PURELIB / "tool" / "fifo")


def no_record(engine: Unpacking, stage: Path) -> None:
    engine.write(stage, "tool", "1.0", FILES)
    (stage / PURELIB / "tool-1.0.dist-info" / "RECORD").unlink()


@pytest.mark.parametrize(
    ("lie", "says"),
    [
        (another_version, "6.6"),
        (another_package, "companion"),
        (nothing, "missing"),
        (twice, "twice"),
        (unrecorded, "sitecustomize"),
        (unrecorded_script, "ls"),
        (row_that_leads_out, "precious"),
        (absolute_row, "passwd"),
        (link_to_a_file, "link"),
        (link_to_a_directory, "link"),
        (fifo, "fifo"),
        (no_record, "RECORD"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_stage_that_is_not_as_planned_changes_nothing_and_says_why(
    small: FabricatedEnvironment,
    monkeypatch: pytest.MonkeyPatch,
    lie: Callable[[Unpacking, Path], None],
    says: str,
) -> None:
    class Lying(Unpacking):
        def fill(self, stage: Path, *_: object, **__: object) -> None:
            lie(self, stage)

    Lying().use(monkeypatch)
    outside = small.root.parent / "outside"
    outside.mkdir()
    (outside / "precious").write_text("x")
    before = picture(small.root.parent)
    with pytest.raises(TransactionFailed, match=says) as caught:
        apply(plan_install(small, ("tool", "1.0")))
    assert "Nothing was changed" in str(caught.value)
    assert str(caught.value).isprintable()
    assert differences(before, picture(small.root.parent)) == []
    assert len(history(small.environment)) == 1
