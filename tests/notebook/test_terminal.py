"""IPython in a terminal: text that fits, a question that is answered, no widgets."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pexpect
import pytest
import uv

from ..builders import dist_info
from ..conftest import engine_variables
from .environments import clean_environment_variables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ..index import Index
    from .environments import KernelEnvironment


@pytest.fixture
def encoding() -> str:
    """That of standard output."""
    return "utf-8"


@pytest.fixture
def variables(tmp_path: Path, encoding: str) -> dict[str, str]:
    return clean_environment_variables(
        IPYTHONDIR=str(tmp_path), COLUMNS="80", TERM="dumb", PYTHONIOENCODING=encoding
    )


@pytest.fixture
def terminal(
    kernel_environment: KernelEnvironment, variables: dict[str, str]
) -> Iterator[pexpect.spawn]:
    """An interactive IPython, 80 columns wide."""
    child = pexpect.spawn(
        str(kernel_environment.python.parent / "ipython"),
        ["--simple-prompt", "--colors=nocolor", "--no-banner", "--ext=ipy_envtools"],
        env=variables,
        dimensions=(50, 80),
        timeout=60,
        encoding="utf-8",
    )
    child.expect(r"In \[1\]: ")
    yield child
    child.close(force=True)


@pytest.fixture
def ipython_c(
    kernel_environment: KernelEnvironment, variables: dict[str, str]
) -> Callable[[str], str]:
    """What ``ipython -c`` prints."""

    def run(code: str) -> str:
        program = kernel_environment.python.parent / "ipython"
        finished = subprocess.run(
            [program, "--ext=ipy_envtools", "-c", code],
            env=variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=True,
        )
        return finished.stdout

    return run


def test_the_table_of_ipython_c_fits_eighty_columns(ipython_c: Callable[[str], str]) -> None:
    table = ipython_c("%pkgs")
    assert "ipykernel" in table
    assert "Needed by" in table
    assert max(map(len, table.splitlines())) <= 80


def test_ipython_c_does_not_import_ipywidgets(ipython_c: Callable[[str], str]) -> None:
    said = ipython_c("p = %pkgs\ndisplay(p)\nimport sys; print('ipywidgets' in sys.modules)")
    assert "Needed by" in said
    assert said.splitlines()[-1] == "False"


@pytest.mark.parametrize(("answer", "gone"), [("y", True), ("n", False), ("", False)])
def test_an_uninstall_asks_and_does_what_is_answered(
    answer: str, gone: bool, terminal: pexpect.spawn, kernel_environment: KernelEnvironment
) -> None:
    info = dist_info(kernel_environment.site, "demo-term", "1.2", scripts=["demo-term"])
    terminal.sendline("%pkg uninstall demo-term")
    terminal.expect_exact("Uninstall demo-term 1.2")
    terminal.expect_exact("the command demo-term")
    terminal.expect_exact("[y/N] ")
    terminal.sendline(answer)
    terminal.expect_exact("Uninstalled demo-term 1.2" if gone else "Nothing was changed.")
    terminal.expect(r"In \[2\]: ")
    assert "Out[" not in terminal.before
    assert info.exists() != gone
    if gone:
        terminal.sendline("%pkg undo")
        terminal.expect_exact("[y/N] ")
        terminal.sendline("y")
        terminal.expect_exact("Brought back demo-term 1.2")
        terminal.expect(r"In \[3\]: ")
    assert info.exists()
    terminal.sendline("%pkg uninstall demo-term -y")
    terminal.expect_exact("Uninstalled demo-term 1.2")
    terminal.sendline("import sys; print('widgets:', 'ipywidgets' in sys.modules)")
    terminal.expect_exact("widgets: False")


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_an_install_in_a_terminal_asks_stops_at_no_and_at_an_interrupt(
    terminal: pexpect.spawn,
    index: Index,
    kernel_environment: KernelEnvironment,
    tmp_path: Path,
) -> None:
    """Real keys on a real terminal: y, n, and Ctrl-C in the middle of a download."""
    for version in ("1.0", "2.0"):
        index.add("demo-typed", version)
    index.add("demo-slow", "1.0", size=400_000)
    index.faults["demo-slow"] = "hanging"
    programs = os.path.dirname(uv.find_uv_bin())
    path = os.pathsep.join((programs, os.environ["PATH"]))
    # a dumb terminal shows no progress
    variables = {**engine_variables(index, tmp_path), "PATH": path, "TERM": "xterm"}
    (tmp_path / "variables.py").write_text(f"import os; os.environ.update({variables!r})")
    terminal.sendline(f"%run {tmp_path / 'variables.py'}")
    terminal.expect(r"In \[2\]: ")
    terminal.sendline("%pkg install demo-typed==1.0")
    terminal.expect_exact("Installed demo-typed 1.0")
    terminal.expect(r"In \[3\]: ")
    try:
        terminal.sendline("%pkg install -U demo-typed")
        terminal.expect_exact("Upgrade demo-typed 1.0 to 2.0? [y/N] ")
        terminal.sendline("n")
        terminal.expect_exact("Nothing was changed.")
        terminal.expect(r"In \[4\]: ")
        assert list(kernel_environment.site.glob("demo_typed-1.0.dist-info"))
        terminal.sendline("%pkg install demo-slow")
        terminal.expect_exact("Installing demo-slow 1.0")
        terminal.sendintr()
        terminal.expect_exact("everything is as it was before")
        terminal.expect(r"In \[5\]: ")
        assert not list(kernel_environment.site.glob("demo_slow*"))
        terminal.sendline("%pkg install -U demo-typed")
        terminal.expect_exact("[y/N] ")
        terminal.sendline("y")
        terminal.expect_exact("Upgraded demo-typed")
        terminal.expect(r"In \[6\]: ")
        assert list(kernel_environment.site.glob("demo_typed-2.0.dist-info"))
    finally:
        terminal.sendline("%pkg uninstall demo-typed -y")
        terminal.expect_exact("Uninstalled demo-typed")
