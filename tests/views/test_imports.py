"""What importing a rendering costs, and that a terminal never imports widgets."""

from __future__ import annotations

import subprocess
import sys


def imported_by(statement: str) -> set[str]:
    code = f"import sys\n{statement}\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_views_alone_import_neither_rich_nor_ipywidgets_nor_ipython() -> None:
    modules = imported_by("import ipy_envtools.views")
    assert modules.isdisjoint({"rich", "ipywidgets", "IPython", "traitlets"})


def test_a_terminal_imports_no_widgets() -> None:
    modules = imported_by(
        "import ipy_envtools.views.text as text\n"
        "from ipy_envtools.environment import scan\n"
        "import io; text.render(scan(paths=[]))"
    )
    assert "rich" in modules
    assert "ipywidgets" not in modules


def test_static_html_imports_neither_rich_nor_widgets() -> None:
    modules = imported_by(
        "import ipy_envtools.views.static as static\n"
        "from ipy_envtools.environment import scan\n"
        "static.render(scan(paths=[]))"
    )
    assert modules.isdisjoint({"rich", "ipywidgets", "IPython"})


def test_live_views_import_no_rich() -> None:
    assert "rich.console" not in imported_by("import ipy_envtools.views.live")
