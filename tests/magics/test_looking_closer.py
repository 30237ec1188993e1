"""``%pkg check``, ``%pkg which`` and other environments, as typed lines."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

import pytest
from IPython.core.error import UsageError

from ipy_envtools.errors import EnvToolsError
from tests.builders import dist_info, make_venv

from .test_completion import completions

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from IPython.core.interactiveshell import InteractiveShell

    from tests.builders import Venv


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory that this process imports from."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))
    return site


@pytest.fixture
def other(tmp_path: Path) -> Venv:
    """Another environment, with one package."""
    venv = make_venv(tmp_path / "other")
    dist_info(venv.site, "qq-there", "4.2")
    return venv


@pytest.fixture
def kernelspec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Writes a kernelspec that Jupyter finds."""
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))

    def write(name: str, *argv: str, language: str = "python") -> None:
        directory = tmp_path / "jupyter" / "kernels" / name
        directory.mkdir(parents=True)
        document = {"argv": [*argv], "display_name": name, "language": language}
        (directory / "kernel.json").write_text(json.dumps(document))

    return write


class Run:
    """Runs lines; keeps what they printed."""

    def __init__(self, shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
        self.shell = shell
        self._capsys = capsys

    def __call__(self, line: str) -> str:
        result = self.shell.run_cell(line)
        assert result.success, result.error_in_exec
        return self._capsys.readouterr().out

    def fails(self, line: str, kind: type[BaseException] = UsageError) -> str:
        """Run a line that is refused; what it says must be one line."""
        result = self.shell.run_cell(line)
        printed = self._capsys.readouterr()
        assert isinstance(result.error_in_exec, kind)
        said = (printed.out + printed.err).strip()
        assert said.count("\n") == 0
        return said


@pytest.fixture
def run(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(shell, capsys)


# --- check


def test_check_returns_the_problems_and_shows_them(run: Run, site: Path) -> None:
    dist_info(site, "qq-needy", requires=["qq-nosuch"])
    run("report = %pkg check QQ_Needy")
    report = run.shell.user_ns["report"]
    assert [problem.kind for problem in report] == ["dependency-missing"]
    assert "1 error" in run("report")


def test_check_raises_only_when_it_is_strict(run: Run, site: Path) -> None:
    dist_info(site, "qq-needy", requires=["qq-nosuch"])
    assert "qq-nosuch" in run("%pkg check qq-needy")
    result = run.shell.run_cell("%pkg check qq-needy --strict")
    assert isinstance(result.error_in_exec, EnvToolsError)
    assert str(result.error_in_exec).startswith("1 error;")


def test_strict_shows_the_report_once_before_it_raises(
    run: Run, site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dist_info(site, "qq-needy", requires=["qq-nosuch"])
    run.shell.run_cell("%pkg check qq-needy --strict")
    printed = capsys.readouterr()
    assert (printed.out + printed.err).count("needs qq-nosuch") == 1
    assert "Traceback" not in printed.out + printed.err


def test_strict_has_nothing_against_notes_and_clean_packages(run: Run, site: Path) -> None:
    dist_info(site, "qq-six", "1.17.0")
    (site / "qq_six-1.16.0.dist-info").symlink_to("qq_six-1.17.0.dist-info")
    assert "1 note" in run("%pkg check qq-six --strict")
    dist_info(site, "qq-fine")
    assert "No problems." in run("%pkg check qq-fine --strict")


def test_check_of_an_unknown_name_names_the_nearest(run: Run) -> None:
    assert "did you mean rich?" in run.fails("%pkg check rihc")


# --- which


def test_which_returns_where_a_module_comes_from(run: Run) -> None:
    run("module = %pkg which rich")
    module = run.shell.user_ns["module"]
    assert module.provider.canonical_name == "rich"
    assert module.file.name == "__init__.py"
    assert module.shadowed_by is None
    assert "rich" in run("module")


@pytest.mark.parametrize(
    ("word", "answer"),
    [
        ("ritch", "Did you mean rich"),
        ("rich.tabel", "Did you mean rich.table"),
        ("jupyter-client", "it is imported as jupyter_client"),
        ("qqqqqqqq", "No module called 'qqqqqqqq'"),
        ("a..b", "No module called 'a..b'"),
        ("..", "No module called '..'"),
    ],
)
def test_which_of_an_unknown_module_names_close_ones(word: str, answer: str, run: Run) -> None:
    assert answer in run.fails(f"%pkg which {word}")


def test_tab_offers_modules(shell: InteractiveShell) -> None:
    assert "ipywidgets" in completions("%pkg which ipyw", shell)
    assert "ipywidgets" in completions("%pkg check ipyw", shell)


@pytest.mark.parametrize("line", ["%pkg which", "%pkg show", "%pkg check", "%pkg uninstall"])
def test_a_url_typed_by_mistake_keeps_its_secret(line: str, run: Run) -> None:
    said = run.fails(f"{line} https://me:hunter2@host.example/x?token=hunter2")
    assert "hunter2" not in said
    assert "https://***@host.example" in said


# --- other environments


def test_another_python_is_listed_as_another_one(run: Run, other: Venv) -> None:
    run(f"packages = %pkgs --python {other.python}")
    packages = run.shell.user_ns["packages"]
    assert [copy.canonical_name for copy in packages] == ["qq-there"]
    first = next(line for line in run("packages").splitlines() if "Another" in line)
    assert first.startswith("Another Python · ")
    assert first.endswith("/bin/python")


def test_this_kernel_s_own_python_is_this_kernel(run: Run) -> None:
    shown = run(f"%pkgs --python {sys.executable} rich")
    assert "Another" not in shown
    assert "rich" in shown


def test_patterns_and_order_work_there_too(run: Run, other: Venv) -> None:
    dist_info(other.site, "qq-more", "1.0")
    run(f"packages = %pkgs 'qq-m*' --python {other.python} --sort size")
    assert len(run.shell.user_ns["packages"]) == 1


@pytest.mark.parametrize("python", ["/nosuch/python", os.devnull, "qq-no-such-python"])
def test_what_is_no_python_is_one_line(python: str, run: Run) -> None:
    run.fails(f"%pkgs --python {python}", EnvToolsError)


def test_a_kernel_is_found_by_its_name(
    run: Run, other: Venv, kernelspec: Callable[..., None]
) -> None:
    kernelspec("science", str(other.python), "-m", "ipykernel_launcher")
    shown = run("%pkgs --kernel science")
    assert "Another kernel, science" in shown
    assert "qq-there" in shown


def test_a_kernel_s_program_is_looked_for_on_path(
    run: Run, other: Venv, kernelspec: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    (other.scripts / "python0").symlink_to("python")
    kernelspec("science", "python0", "-m", "ipykernel_launcher")
    monkeypatch.setenv("PATH", str(other.scripts), prepend=os.pathsep)
    assert "qq-there" in run("%pkgs --kernel science")


@pytest.mark.parametrize("program", ["python", "python3", "python{0}.{1}"])
def test_a_kernel_that_names_only_python_is_started_by_jupyter_s_own(
    program: str,
    run: Run,
    other: Venv,
    kernelspec: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name = program.format(*sys.version_info)
    if not (other.scripts / name).exists():
        (other.scripts / name).symlink_to("python")
    kernelspec("science", name, "-m", "ipykernel_launcher")
    monkeypatch.setenv("PATH", str(other.scripts), prepend=os.pathsep)
    assert "qq-there" not in run("%pkgs --kernel science")


def test_a_kernel_may_name_its_python_by_a_place_that_jupyter_fills_in(
    run: Run, other: Venv, kernelspec: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    name = os.path.basename(sys.executable)
    if not (other.scripts / name).exists():
        (other.scripts / name).symlink_to("python")
    kernelspec("science", f"{{prefix}}/{other.scripts.name}/{name}", "-m", "ipykernel_launcher")
    monkeypatch.setattr(sys, "prefix", str(other.scripts.parent))
    assert "qq-there" in run("%pkgs --kernel science")


def test_mistakes_in_kernels_are_one_line(run: Run, kernelspec: Callable[..., None]) -> None:
    kernelspec("science", "/nosuch/python")
    kernelspec("shell", "bash", "-c", "python")
    kernelspec("ir", "R", language="R")
    kernelspec("empty")
    assert "Did you mean science?" in run.fails("%pkgs --kernel scince")
    assert "not there" in run.fails("%pkgs --kernel science")
    assert "--python" in run.fails("%pkgs --kernel shell")
    assert "no Python kernel" in run.fails("%pkgs --kernel ir")
    assert "cannot be read" in run.fails("%pkgs --kernel empty")
    assert "not both" in run.fails("%pkgs --kernel science --python x")


def test_without_jupyter_client_it_says_what_is_missing(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "jupyter_client.kernelspec", None)
    assert "jupyter_client" in run.fails("%pkgs --kernel python3")


def test_tab_offers_kernels(shell: InteractiveShell, kernelspec: Callable[..., None]) -> None:
    kernelspec("science", "python")
    assert "science" in completions("%pkgs --kernel sc", shell)


def test_tab_leaves_paths_to_ipython(shell: InteractiveShell, other: Venv) -> None:
    found = completions(f"%pkgs --python {other.root}/", shell)
    assert any("bin" in name for name in found)
