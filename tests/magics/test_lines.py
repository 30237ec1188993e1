"""A mistake in a line is answered in one line, with the nearest right word."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from IPython.core.error import UsageError

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("%pkg uninstal flask", "uninstall"),
        ("%pkg uninstall ipykernl", "ipykernel"),
        ("%pkg show Rihc", "rich"),
        ("%pkg", "%pkgs"),
        ("%pkg install-all", "Did you mean install?"),
        ("%pkg uninstall", "NAME"),
        ("%pkg uninstall --orphan rich", "--orphans"),
        ("%pkg undo no-such-change", "%pkg history"),
        ("%pkgs --sort siez", "size"),
        ("%pkgs --sort", "--sort needs a value"),
        ("%pkgs --problem", "--problems"),
        ("%pkgs 'half a quote", "cannot be split"),
    ],
)
def test_a_mistake_is_one_line_with_the_nearest_right_word(
    line: str, answer: str, shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    result = shell.run_cell(line)
    printed = capsys.readouterr()
    assert isinstance(result.error_in_exec, UsageError)
    said = (printed.out + printed.err).strip()
    assert said.count("\n") == 0
    assert said.startswith("UsageError: ")
    assert answer in said


@pytest.mark.parametrize(
    "line", ["%pkgs --plain;", "%pkgs rich ;", "%pkg show rich;", "%pkg uninstall rich --dry-run;"]
)
def test_a_semicolon_silences_and_is_no_part_of_a_word(
    line: str, shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shell.run_cell(line).success
    printed = capsys.readouterr()
    assert printed.out + printed.err == ""


def test_what_the_kernel_runs_on_is_blocked_in_one_line(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    result = shell.run_cell("%pkg uninstall ipykernel -y")
    printed = capsys.readouterr()
    assert type(result.error_in_exec).__name__ == "PlanBlocked"
    said = (printed.out + printed.err).strip()
    assert said.count("\n") == 0
    assert "ipykernel" in said
    assert "kernel runs on it" in said
    assert "--force" in said


def test_where_nobody_can_answer_an_uninstall_says_to_add_y(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    result = shell.run_cell("%pkg uninstall hypothesis")
    printed = capsys.readouterr()
    assert result.error_in_exec is not None
    said = (printed.out + printed.err).strip()
    assert said.count("\n") == 0
    assert "add -y" in said


@pytest.mark.parametrize("line", ["%pkg --help", "%pkgs --help", "%pkg uninstall --help"])
def test_help_is_printed_and_is_no_error(
    line: str, shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    result = shell.run_cell(line)
    assert result.success
    assert "%pkg" in capsys.readouterr().out


def test_every_subcommand_has_its_module_help_and_a_line_in_the_overview(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    from ipy_envtools.magics.pkg import parser_of
    from ipy_envtools.magics.subcommands import SUBCOMMANDS

    shell.run_cell("%pkg --help")
    overview = capsys.readouterr().out
    for subcommand in SUBCOMMANDS.values():
        assert f"%pkg {subcommand.name}" in overview
        assert subcommand.module().__doc__
        assert f"%pkg {subcommand.name}" in parser_of(subcommand).format_help()
