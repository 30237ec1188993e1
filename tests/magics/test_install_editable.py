"""A source tree installed in a running kernel: what the next line can import, and what not yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.archives import source_tree

if TYPE_CHECKING:
    from pathlib import Path

    from tests.index import Index

    from .conftest import OtherIPython

LOAD = "%load_ext ipy_envtools"


@pytest.mark.usefixtures("index")
def test_the_next_line_imports_an_editable_and_undo_takes_it_out(
    other: OtherIPython, tmp_path: Path
) -> None:
    tree = source_tree(tmp_path / "tree", "project", files={"qq_project.py": "WHERE = __file__"})
    said = other.run(
        LOAD,
        f"%pkg install -e {tree}",
        "import qq_project; print('from', qq_project.WHERE)",
        "%pkg undo -y",
        "%pkg undo",
    )
    assert "Ready to import." in said
    assert f"from {tree / 'src' / 'qq_project.py'}" in said
    assert "There is nothing to undo" in said


def test_start_up_code_is_not_run_but_named(other: OtherIPython, index: Index) -> None:
    code = "import sys; sys.qq_was_run = True\n"
    index.add("starter", "1.0", files={"starter.pth": code, "qq_starter.py": ""})
    said = other.run(
        LOAD,
        "%pkg install starter",
        "import sys, qq_starter; print('run:', hasattr(sys, 'qq_was_run'))",
    )
    assert "The start-up file of starter acts from the next start on." in " ".join(said.split())
    assert "run: False" in said
    assert "run: True" in other.run("import sys; print('run:', hasattr(sys, 'qq_was_run'))")
