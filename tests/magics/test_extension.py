"""Loading adds, unloading takes back, and neither costs anything that is not used."""

from __future__ import annotations

import subprocess
import sys

from IPython.core.interactiveshell import InteractiveShell

import ipy_envtools


def state_of(shell: InteractiveShell) -> dict[str, object]:
    formatter = shell.display_formatter
    return {
        "magics": sorted(shell.magics_manager.magics["line"]),
        "registry": sorted(shell.magics_manager.registry),
        "configurables": list(shell.configurables),
        "events": {name: list(calls) for name, calls in shell.events.callbacks.items()},
        "matchers": list(shell.Completer.custom_matchers),
        "bundles": sorted(map(str, formatter.mimebundle_formatter.type_printers)),
        "named bundles": sorted(formatter.mimebundle_formatter.deferred_printers),
        "displays": sorted(map(str, formatter.ipython_display_formatter.type_printers)),
        "named displays": sorted(formatter.ipython_display_formatter.deferred_printers),
    }


def test_unloading_takes_back_everything_that_loading_added() -> None:
    shell = InteractiveShell.instance()
    before = state_of(shell)
    ipy_envtools.load_ipython_extension(shell)
    assert "pkgs" in shell.magics_manager.magics["line"]
    shell.display_formatter.format(ipy_envtools.scan(paths=[]))  # formatters become known by type
    ipy_envtools.unload_ipython_extension(shell)
    assert state_of(shell) == before


def test_loading_twice_is_loading_once() -> None:
    shell = InteractiveShell.instance()
    before = state_of(shell)
    ipy_envtools.load_ipython_extension(shell)
    once = state_of(shell)
    ipy_envtools.load_ipython_extension(shell)
    assert state_of(shell) == once
    ipy_envtools.unload_ipython_extension(shell)
    ipy_envtools.unload_ipython_extension(shell)
    assert state_of(shell) == before


def test_loading_imports_neither_rich_nor_ipywidgets_nor_the_scanner() -> None:
    program = """
import sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
before = set(sys.modules)
shell.run_line_magic("load_ext", "ipy_envtools")
print(*sorted({name.partition(".")[0] for name in set(sys.modules) - before}))
print(*(name for name in sys.modules if name.startswith("ipy_envtools.environment")))
"""
    finished = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    added, scanner = finished.stdout.split("\n")[:2]
    assert not {"rich", "ipywidgets", "packaging", "subprocess"} & set(added.split())
    assert scanner == ""


def test_settings_are_listed_and_checked(shell: InteractiveShell) -> None:
    shell.run_line_magic("config", "EnvTools.confirm = 'always'")
    settings = next(c for c in shell.configurables if type(c).__name__ == "EnvTools")
    assert settings.confirm == "always"
    shell.run_line_magic("config", "EnvTools.confirm = 'sometimes'")
    assert settings.confirm == "always"
    shell.run_line_magic("config", "EnvTools.confirm = 'changes'")
    assert settings.confirm == "changes"
