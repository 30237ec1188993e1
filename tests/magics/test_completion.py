"""Tab offers subcommands, options, packages and sort keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from IPython.core.completer import provisionalcompleter

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


def completions(line: str, shell: InteractiveShell) -> set[str]:
    with provisionalcompleter():
        return {found.text for found in shell.Completer.completions(line, len(line))}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("%pkg un", {"uninstall", "undo"}),
        ("%pkg uninstall ipyk", {"ipykernel"}),
        ("%pkg uninstall rich --de", {"--dependents"}),
        ("%pkgs --so", {"--sort"}),
        ("%pkgs --sort s", {"size", "state"}),
        ("%pkgs ipywi", {"ipywidgets"}),
        ("packages = %pkgs ipywi", {"ipywidgets"}),
    ],
)
def test_tab_offers_what_fits(line: str, expected: set[str], shell: InteractiveShell) -> None:
    matches = completions(line, shell)
    assert expected <= set(matches)


def test_tab_elsewhere_is_left_alone(shell: InteractiveShell) -> None:
    shell.user_ns["pkg"] = 1
    line = "pkg uninstall ipyk"
    matches = completions(line, shell)
    assert "ipykernel" not in matches
    del shell.user_ns["pkg"]
