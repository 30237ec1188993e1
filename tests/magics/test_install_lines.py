"""What a line of %pkg install means, and that a mistake in it runs nothing."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.error import UsageError

from ipy_envtools.magics.pkg import parser_of
from ipy_envtools.magics.requirement_words import requirement_words
from ipy_envtools.magics.subcommands import SUBCOMMANDS

if TYPE_CHECKING:
    import argparse

    from IPython.core.interactiveshell import InteractiveShell


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("pandas<3", ["pandas<3"]),
        ('"pandas<3" scikit-learn', ["pandas<3", "scikit-learn"]),
        ("foo >= 1, < 2 bar", ["foo>=1,<2", "bar"]),
        ("foo[a, b]>=1", ["foo[a,b]>=1"]),
        ("foo (>=1, <2) bar", ["foo(>=1,<2)", "bar"]),
        ("foo \\ bar", ["foo", "bar"]),
        ("foo \\\n  bar \\", ["foo", "bar"]),
        ("./my\\ project", ["./my project"]),
        (
            'foo[bar]>=1 ; python_version<"3.12"',
            ['foo[bar]>=1 ; python_version<"3.12"'],
        ),
        (
            'foo;python_version < "3.12" and os_name == "posix" bar -y',
            ['foo ; python_version < "3.12" and os_name == "posix"', "bar", "-y"],
        ),
        ("\"foo ; python_version<'3.12'\" bar", ["foo ; python_version<'3.12'", "bar"]),
        ("foo @ https://example.com/foo.whl bar", ["foo @ https://example.com/foo.whl", "bar"]),
        ("-r 'my file.txt' -e .", ["-r", "my file.txt", "-e", "."]),
        ("'foo; rm -rf ~'", ["foo; rm -rf ~"]),
        ("foo;", ["foo"]),
        ('foo ; python_version<"3.12";', ['foo ; python_version<"3.12"']),
        ("foo  # because of bar", ["foo"]),
        ("", []),
    ],
)
def test_requirements_stay_whole(line: str, words: list[str]) -> None:
    assert requirement_words(line) == words


def test_a_missing_quotation_mark_is_said() -> None:
    with pytest.raises(UsageError, match="cannot be split"):
        requirement_words("'pandas")


def parsed(line: str, cell: str | None = None, *, word: str = "install") -> argparse.Namespace:
    subcommand = SUBCOMMANDS[word]
    module: Any = subcommand.module()
    parser = parser_of(subcommand)
    if cell is None:
        return module.parse_line(line, parser)  # type: ignore[no-any-return]
    return module.parse_line(line, parser, cell)  # type: ignore[no-any-return]


def test_our_own_options_are_taken_out_wherever_they_stand() -> None:
    arguments = parsed('-y "pandas<3" --dry-run -U scikit-learn --force')
    assert (arguments.yes, arguments.dry_run, arguments.force) == (True, True, True)
    assert [r.text for r in arguments.request.requirements] == ["pandas<3", "scikit-learn"]
    assert arguments.request.upgrade


@pytest.mark.parametrize(
    "line", ["pip install flask", "!pip install -q flask", "uv pip install flask", "flask"]
)
def test_a_pasted_line_means_what_it_says(line: str) -> None:
    assert [r.text for r in parsed(line).request.requirements] == ["flask"]


def test_a_cell_has_one_requirement_a_line_and_the_lines_options_hold_for_it() -> None:
    request = parsed(
        "-U --find-links .", 'flask>=3  # web\n\n# nothing\nfoo ; os_name == "x"\n'
    ).request
    assert [r.name for r in request.requirements] == ["flask", "foo"]
    assert request.upgrade
    assert request.options[0] == "--find-links"


def run(shell: InteractiveShell, capsys: pytest.CaptureFixture[str], source: str) -> str:
    result = shell.run_cell(source)
    assert result.error_in_exec is not None
    printed = capsys.readouterr()
    return (printed.out + printed.err).strip()


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("%pkg install", "nothing to install"),
        ("%pkg install 'foo; rm -rf ~'", "foo; rm -rf ~"),
        ("%pkg install foo; rm -rf ~", "foo ; rm"),
        ("%pkg install flask --index-url", "--index-url needs a value"),
        ("%pkg install -r no-such-file.txt", "no-such-file.txt"),
        ("%pkg install --index-url example.com/simple flask", "URL"),
        ("%pkg install '--index-url=https://example.com/ flask'", "no complete URL"),
        ("%pkg install '-r requirements.txt'", "-r requirements.txt"),
        ("%pkg install flask --upgrad", "--upgrade"),
        ("%pkg install flask --target /tmp", "--target"),
        ("%%pkg install\nflask\n--no-such-option", "--no-such-option"),
        ("%%pkg install\nfoo bar baz", "foo bar baz"),
        ("%%pkg uninstall\nflask", "takes no cell"),
        ("%%pkg upgrade\nflask", "takes no cell"),
        ("%pkg upgrade", "needs NAME"),
        ("%pkg upgrade rihc", "rich"),
        ("%pkg upgrade --all rich", "not both"),
        ("%pkg upgrade --all -r requirements.txt", "not both"),
        ("%pkg upgrade --all --index-url", "needs a value"),
        ("%pkg upgrade --index-url https://example.org/simple", "needs NAME"),
        ("%pkg sync", "needs FILE"),
        ("%pkg sync no-such-file.txt", "no-such-file.txt"),
    ],
)
def test_a_mistake_is_one_line_and_nothing_is_run(
    line: str,
    answer: str,
    shell: InteractiveShell,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started: list[object] = []
    monkeypatch.setattr(subprocess, "Popen", lambda *words, **_: started.append(words))
    said = run(shell, capsys, line)
    assert said.startswith("UsageError: ")
    assert said.count("\n") == 0
    assert answer in said
    assert not started


@pytest.mark.parametrize("word", ["install", "upgrade", "sync"])
def test_help_says_how_and_is_no_error(
    word: str, shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shell.run_cell(f"%pkg {word} --help").success
    said = capsys.readouterr().out
    assert f"%pkg {word}" in said
    assert "--dry-run" in said


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("%pkg ins", {"install"}),
        ("%pkg install --ind", {"--index-url"}),
        ("%%pkg install --dr", {"--dry-run"}),
        ("%pkg upgrade ipyk", {"ipykernel"}),
        ("%pkg upgrade --al", {"--all"}),
        ("%pkg sync pyproj", {"pyproject.toml"}),
        ("%pkg install -r pyproj", {"pyproject.toml"}),
    ],
)
def test_tab_offers_options_packages_and_files(
    line: str, offered: set[str], shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(Path(__file__).parents[2])
    with provisionalcompleter():
        found = {match.text for match in shell.Completer.completions(line, len(line))}
    assert offered <= found


def test_unloading_takes_the_cell_magic_back(shell: InteractiveShell) -> None:
    assert "pkg" in shell.magics_manager.magics["cell"]
    shell.run_line_magic("unload_ext", "ipy_envtools")
    assert "pkg" not in shell.magics_manager.magics["cell"]
    assert not any(
        "ipy_envtools" in getattr(callback, "__module__", "")
        for callback in shell.events.callbacks["post_run_cell"]
    )
    shell.run_line_magic("load_ext", "ipy_envtools")
