"""Which engine is used, why not another one, and what to type where there is none."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import packaging
import pytest

import ipy_envtools
from ipy_envtools.engines import EngineMissing, find_engine
from ipy_envtools.environment import find_environment
from ipy_envtools.environment.environment import environment_of_directories

from ..archives import add_pip
from ..builders import Venv, dist_info, make_venv

FIND = """
import sys
from ipy_envtools.environment import find_environment
from ipy_envtools.engines import EngineMissing, find_engine
try:
    engine = find_engine(find_environment(), sys.argv[1])
    print(engine.name, engine.version, *engine.notes)
except EngineMissing as missing:
    print("missing:", missing)
"""


@pytest.fixture
def venv(tmp_path: Path) -> Venv:
    """An environment that has this package and neither uv nor pip."""
    venv = make_venv(tmp_path / "venv")
    site = venv.site
    for module in (ipy_envtools, packaging):
        place = Path(str(module.__file__)).parent
        (site / place.name).symlink_to(place)
    try:
        import tomli
    except ImportError:
        pass
    else:
        place = Path(str(tomli.__file__)).parent
        (site / place.name).symlink_to(place)
    return venv


def find(venv: Venv, choice: str = "auto") -> str:
    """Look for an engine where no other environment's uv is near."""
    variables = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PIP_"))
    }
    finished = subprocess.run(
        [venv.python, "-c", FIND, choice],
        env={**variables, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout.strip()


def fake_uv(venv: Venv, version: str) -> None:
    program = venv.scripts / "uv"
    program.write_text(f"#!/bin/sh\necho 'uv {version} (somewhere)'\n")
    program.chmod(0o755)


def test_uv_of_the_environment_is_taken(venv: Venv) -> None:
    fake_uv(venv, "99.1.2")
    add_pip(venv)
    assert find(venv) == "uv 99.1.2"
    assert find(venv, "pip").startswith("pip ")


def test_without_uv_pip_is_taken_and_says_so(venv: Venv) -> None:
    add_pip(venv)
    assert find(venv).startswith("pip ")
    assert "uv is not installed" in find(venv)
    assert "uv" not in find(venv, "pip").replace(str(venv.root), ""), "it was asked for"


def test_an_old_uv_is_left_alone(venv: Venv) -> None:
    fake_uv(venv, "0.12.17")
    add_pip(venv)
    assert find(venv).startswith("pip ")
    assert "uv 0.12.17 is older than 0.12.18" in find(venv)
    assert "older than 0.12.18; to get it, type:" in find(venv, "uv")


def test_something_else_called_uv_is_left_alone(venv: Venv) -> None:
    add_pip(venv)
    program = venv.scripts / "uv"
    for text in ("#!/bin/sh\nexit 3\n", "no program", "#!/does/not/exist\n"):
        program.write_text(text)
        program.chmod(0o755)
        assert find(venv).startswith("pip ")


def test_without_any_it_says_what_to_type(venv: Venv) -> None:
    said = find(venv)
    assert said.startswith("missing:")
    assert "uv is not installed" in said
    assert f"!{venv.python} -m ensurepip --upgrade" in said
    assert "ensurepip" in find(venv, "pip")
    assert "docs.astral.sh/uv" in find(venv, "uv")


def test_an_old_pip_is_no_engine(venv: Venv) -> None:
    dist_info(venv.site, "pip", "21.0", files={"pip/__main__.py": ""})
    assert "pip 21.0 is older than 22.2" in find(venv)


def test_a_pip_without_its_module_is_no_engine(venv: Venv) -> None:
    dist_info(venv.site, "pip", "25.0", files={})
    assert "no pip" in find(venv)


def test_the_engine_of_another_environment_uses_its_python(venv: Venv) -> None:
    add_pip(venv)
    environment = find_environment(venv.python)
    assert find_engine(environment, "pip").name == "pip"
    assert find_engine(environment).name == "uv", "the one of this process will do"


def test_only_pip_installs_into_the_user_site(venv: Venv) -> None:
    with pytest.raises(EngineMissing) as missing:
        find_engine(find_environment(venv.python), user=True)
    assert str(missing.value) == (
        "uv does not install into the user site, and there is no pip in this environment; "
        f"to get pip, type: !{venv.python} -m ensurepip --upgrade"
    )
    add_pip(venv)
    engine = find_engine(find_environment(venv.python), user=True)
    assert (engine.name, engine.notes) == ("pip", ())


def test_directories_have_no_engine(venv: Venv) -> None:
    with pytest.raises(EngineMissing, match="without an interpreter"):
        find_engine(environment_of_directories([venv.site]))


def test_another_choice_is_a_mistake(venv: Venv) -> None:
    with pytest.raises(ValueError, match="conda"):
        find_engine(find_environment(venv.python), "conda")
