"""What the README says is what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import ipy_envtools
from ipy_envtools.magics.pkg import parser_of
from ipy_envtools.magics.pkgs import parser
from ipy_envtools.magics.subcommands import SUBCOMMANDS

CHECKOUT = Path(__file__).parents[1]
README = (CHECKOUT / "README.md").read_text(encoding="utf-8")


def block(marker: str) -> list[str]:
    """The lines of the code block behind a marker."""
    found = re.search(rf"^<!-- {marker} -->\n```sh\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    assert found is not None
    return found[1].splitlines()


def test_its_test_command_is_one_line_that_sets_up_and_runs_pytest() -> None:
    (command,) = block("test")
    assert command.startswith("python3 -m venv .venv && ")
    assert command.endswith(" .venv/bin/python -m pytest")


def test_ci_runs_the_test_command_out_of_the_readme() -> None:
    script = (CHECKOUT / ".ci" / "run").read_text(encoding="utf-8")
    assert "<!-- test -->" in script
    assert "README.md" in script
    assert "-m pytest" not in script  # no second spelling that could differ


def test_its_tour_command_opens_the_notebook_that_is_there() -> None:
    notebook = re.search(r"jupyter lab .*?(\S+\.ipynb)", block("tour")[0])
    assert notebook is not None
    assert (CHECKOUT / notebook[1]).is_file()


def test_its_table_names_every_subcommand_and_no_other() -> None:
    assert set(re.findall(r"^\| `%pkg (\w+)", README, re.MULTILINE)) == set(SUBCOMMANDS)


@pytest.mark.parametrize("name", [None, *SUBCOMMANDS])
def test_its_table_names_only_options_that_exist(name: str | None) -> None:
    words = "%pkgs" if name is None else f"%pkg {name}"
    row = next(line for line in README.splitlines() if line.startswith(f"| `{words}"))
    known = (parser() if name is None else parser_of(SUBCOMMANDS[name])).options()
    assert set(re.findall(r"--[a-z-]+", row)) <= set(known)


def test_the_python_names_it_shows_exist() -> None:
    shown = set(re.findall(r"envtools\.(\w+)\(", README))
    assert shown
    assert shown <= set(ipy_envtools.__all__)
