"""Another interpreter is asked once, and may be anything that a path can lead to."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ipy_envtools import EnvironmentUnreadable
from ipy_envtools.environment import find_environment, interpreter, scan

from ..builders import dist_info

if TYPE_CHECKING:
    from ..builders import Venv

posix_only = pytest.mark.skipif(os.name == "nt", reason="shell scripts")


def program(path: Path, text: str) -> Path:
    """An executable file."""
    path.write_text(text)
    path.chmod(0o755)
    return path


def test_a_virtual_environment_is_found_by_the_path_of_its_python(venv: Venv) -> None:
    """Its python is a link to another environment's, and is not followed."""
    environment = find_environment(venv.python)
    assert environment.python == venv.python
    assert environment.prefix == venv.root
    assert environment.kind == "venv"
    assert environment.version == sys.version.split()[0].rstrip("+")
    assert environment.schemes["purelib"] == venv.site
    assert environment.schemes["scripts"] == venv.scripts
    assert environment.locked_reason is None
    assert not environment.is_running


def test_the_running_environment_is_found_without_asking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("subprocess.Popen", None)
    environment = find_environment()
    assert environment.is_running
    assert environment.python == Path(sys.executable)
    assert environment.prefix == Path(sys.prefix)


def test_our_own_python_by_its_path_is_this_environment() -> None:
    assert find_environment(sys.executable).is_running


def test_an_environment_is_looked_at_again(venv: Venv, monkeypatch: pytest.MonkeyPatch) -> None:
    before = find_environment(venv.python)
    monkeypatch.setenv("PYTHONPATH", str(venv.root / "more"))
    dist_info(venv.root / "more", "added")
    assert [dist.name for dist in scan(before)] == ["added"]


@posix_only
def test_noise_around_the_answer_is_no_part_of_it(venv: Venv) -> None:
    dist_info(venv.site, "present")
    (venv.site / "sitecustomize.py").write_text(
        "import atexit, sys\n"
        "print('welcome', end='')\n"
        "print('ipy-envtools-interpreter:{}', end='')\n"
        "print('complaint', file=sys.stderr)\n"
        "atexit.register(print, 'good-bye')\n"
    )
    assert [dist.name for dist in scan(venv.python)] == ["present"]


@pytest.mark.parametrize(
    "broken",
    [
        "raise RuntimeError('broken')",
        "import sys; sys.stdout = None",
        "import sys; del sys.stdout",
        "import warnings; warnings.warn('look')",
        "this is no python",
    ],
)
def test_a_broken_sitecustomize_does_no_harm(venv: Venv, broken: str) -> None:
    dist_info(venv.site, "present")
    (venv.site / "sitecustomize.py").write_text(broken)
    assert [dist.name for dist in scan(venv.python)] == ["present"]


@posix_only
@pytest.mark.parametrize(
    ("name", "value"),
    [("PYTHONIOENCODING", "utf-16"), ("PYTHONINSPECT", "1"), ("PYTHONVERBOSE", "1")],
)
def test_variables_that_change_how_python_speaks_do_no_harm(
    venv: Venv, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    dist_info(venv.site, "present")
    monkeypatch.setenv(name, value)
    assert [dist.name for dist in scan(venv.python)] == ["present"]


@posix_only
def test_paths_that_are_no_text_come_through(
    venv: Venv, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9 \xe2\x98\x95"))
    dist_info(odd, "present")
    monkeypatch.setenv("PYTHONPATH", str(odd))
    packages = scan(venv.python)
    assert packages["present"].info_path.is_dir()
    assert packages["present"].site_directory == odd


@posix_only
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("#!/bin/sh\nexit 0\n", "did not answer as a Python"),
        ("#!/bin/sh\necho 'python: \033[31mnot found' >&2\nexit 3\n", "not found"),
        ('#!/bin/sh\necho "$@"\n', "did not answer as a Python"),
        ("#!/bin/sh\necho 'ipy-envtools-interpreter:[]'\n", "did not answer as a Python"),
        ("#!/bin/sh\necho 'ipy-envtools-interpreter:{\"prefix\": 3}'\n", "did not answer as"),
        ("#!/no/such/interpreter\n", "is not there any more"),
        ("nothing", "cannot be started"),
    ],
)
def test_what_is_no_python_is_refused_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    path = program(tmp_path / "python", text)
    with pytest.raises(EnvironmentUnreadable) as refused:
        scan(path)
    message = str(refused.value)
    assert said in message
    assert str(path) in message
    assert message.isprintable()


@posix_only
@pytest.mark.parametrize("name", ["ls", "cat", "true", "sh"])
def test_another_program_is_refused_without_our_own_words_in_the_error(name: str) -> None:
    with pytest.raises(EnvironmentUnreadable) as refused:
        scan(f"/bin/{name}")
    message = str(refused.value)
    assert message.startswith(f"/bin/{name} did not answer as a Python")
    assert message.endswith("; give the path of a python")
    assert "import" not in message
    assert message.isprintable()
    assert len(message) < 300


@posix_only
def test_a_file_that_cannot_be_started_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "python"
    path.write_text("#!/bin/sh\n")
    with pytest.raises(EnvironmentUnreadable, match="cannot be started"):
        scan(path)


def test_a_missing_python_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentUnreadable, match="there is no python at"):
        scan(tmp_path / "bin" / "python")


def test_a_directory_is_refused_with_the_path_of_its_python(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentUnreadable, match=r"is a directory; give the python in it"):
        scan(tmp_path)


@posix_only
def test_an_environment_whose_base_was_removed_is_refused(tmp_path: Path) -> None:
    link = tmp_path / "python"
    link.symlink_to(tmp_path / "uninstalled" / "python3.9")
    with pytest.raises(EnvironmentUnreadable, match="make its environment again"):
        scan(link)


@posix_only
def test_a_program_that_never_ends_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the child that does the work behind a wrapper script."""
    monkeypatch.setattr(interpreter, "TIME_LIMIT", 1.0)
    path = program(tmp_path / "python", f"#!/bin/sh\nsleep 60 &\necho $! > {tmp_path}/child\nwait")
    started = time.monotonic()
    with pytest.raises(EnvironmentUnreadable, match="did not answer within 1 seconds"):
        scan(path)
    assert time.monotonic() - started < 10
    child = int((tmp_path / "child").read_text())
    with pytest.raises(ProcessLookupError):
        wait_until_gone(child)


@posix_only
def test_a_child_left_behind_does_not_keep_us_waiting(venv: Venv, tmp_path: Path) -> None:
    dist_info(venv.site, "present")
    script = f'#!/bin/sh\nsleep 20 &\necho $! > {tmp_path}/child\nexec {venv.python} "$@"\n'
    path = program(venv.scripts / "python-with-child", script)
    started = time.monotonic()
    try:
        assert [dist.name for dist in scan(path)] == ["present"]
        assert time.monotonic() - started < 10
    finally:
        os.kill(int((tmp_path / "child").read_text()), signal.SIGKILL)


@posix_only
def test_a_program_that_never_stops_writing_is_stopped(tmp_path: Path) -> None:
    path = program(tmp_path / "python", "#!/bin/sh\nexec yes noise\n")
    started = time.monotonic()
    with pytest.raises(EnvironmentUnreadable, match="wrote without end"):
        scan(path)
    assert time.monotonic() - started < 10


def wait_until_gone(process: int) -> None:
    """Raise ProcessLookupError once the process has ended."""
    for _ in range(100):
        os.kill(process, 0)
        state = Path(f"/proc/{process}/stat")
        if state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z":
            raise ProcessLookupError  # ended; whoever adopted it has not asked yet
        time.sleep(0.05)
