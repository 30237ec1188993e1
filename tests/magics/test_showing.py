"""What magics return, and when it is shown."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import ipy_envtools
from tests.builders import dist_info

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from IPython.core.interactiveshell import InteractiveShell


def test_the_list_is_returned_and_shown_as_text(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.run_cell("packages = %pkgs rich")
    assert capsys.readouterr().out == ""
    packages = shell.user_ns["packages"]
    assert packages["RICH"].canonical_name == "rich"
    assert "rich" in {distribution.canonical_name for distribution in packages}
    shell.run_cell("packages")
    shown = capsys.readouterr().out
    assert "Needed by" in shown
    assert packages["rich"].version in shown
    assert "ipywidgets.widgets" not in sys.modules or "widget-view" not in shown


def test_a_semicolon_silences(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    shell.run_cell("%pkgs rich;")
    assert capsys.readouterr().out == ""


def test_a_table_fits_eighty_columns(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    shell.run_cell("%pkgs")
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 80


def test_a_dry_run_returns_the_plan_and_changes_nothing(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.run_cell("plan = %pkg uninstall hypothesis --dry-run")
    plan = shell.user_ns["plan"]
    assert [d.canonical_name for d in plan.distributions] == ["hypothesis"]
    assert all(file.path.exists() for file in plan.files)
    shell.run_cell("plan")
    assert "goes" in capsys.readouterr().out


def test_python_objects_are_shown_like_what_the_magics_return(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.user_ns["packages"] = ipy_envtools.scan()
    shell.run_cell("packages['rich']")
    assert "Needed by" in capsys.readouterr().out
    shell.run_cell("packages")
    assert "Needed by" in capsys.readouterr().out


def test_a_distribution_of_another_environment_is_shown_too(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    info = dist_info(tmp_path, "elsewhere")
    shell.user_ns["found"] = ipy_envtools.scan(paths=[tmp_path])["elsewhere"]
    assert shell.run_cell("found").success
    assert "Import as" in capsys.readouterr().out
    info.rename(tmp_path / "gone")
    assert shell.run_cell("found").success
    said = capsys.readouterr()
    assert "<elsewhere 1.0" in said.out
    assert "Traceback" not in said.out + said.err
