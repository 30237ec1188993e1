"""The same files as pip where pip is right; where it is not, the difference and its reason.

pip is the one that Python brings along (``ensurepip``). It uninstalls everything in one run from
one environment, and what it took is compared package by package with the plans made before.
"""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ipy_envtools import plan_uninstall, scan
from tests.builders import dist_info, egg_info, make_venv, metadata_text, record_row

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.builders import Venv

TAG = sys.implementation.cache_tag
SCRIPT = "#!/usr/bin/env python\nimport sys\nfrom {0} import main\nsys.exit(main())\n"
EGGS = ("listed", "developed", "hatched")
REAL = ("packaging", "pluggy", "iniconfig", "pytest", "Pygments", "wcwidth", "hypothesis")


def _pip_wheel() -> str | None:
    try:
        import ensurepip
    except ImportError:
        return None
    bundled = Path(ensurepip.__file__).parent / "_bundled"
    return next(map(str, sorted(bundled.glob("pip-*.whl"))), None)


class _Compared:
    """An environment with many packages, the plan for each, and what pip then did."""

    def __init__(self, home: Path, wheel: str) -> None:
        self.home = home
        self.venv = make_venv(home / "env")
        self.site = self.venv.site
        self.names: list[str] = []
        _fill(self.venv, self._add, home)
        self.names += EGGS
        for name in REAL:
            self._copy(name)
        self._compile()
        packages = scan(self.venv.python)
        plans = {name: plan_uninstall(name, packages) for name in self.names}
        self.blocked = {name: plan.blocked for name, plan in plans.items() if plan.blocked}
        self.ours = {
            name: {self.name_of(file.path) for file in plan.files if file.goes}
            for name, plan in plans.items()
        }
        self.whole = plan_uninstall(self.names, packages)
        before = self._files()
        environment = {**os.environ, "PYTHONPATH": wheel, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        command = [str(self.venv.python), "-m", "pip", "uninstall", "--yes", *self.names]
        self.pip = subprocess.run(
            command, env=environment, cwd=home, capture_output=True, text=True, check=False
        )
        self.gone = before - self._files()

    def _add(self, name: str, **parts: object) -> Path:
        self.names.append(name)
        return dist_info(self.site, name, **parts)  # type: ignore[arg-type]

    def _copy(self, name: str) -> None:
        """Copy a real package out of the environment that runs the tests."""
        distribution = metadata.distribution(name)
        for path in distribution.files or ():
            source, target = Path(distribution.locate_file(path)), self.site / path
            if source.is_file() and self.home in Path(os.path.normpath(target)).parents:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(source.read_bytes())
        self.names.append(name)

    def _compile(self) -> None:
        command = [str(self.venv.python), "-m", "compileall", "-q", str(self.site)]
        subprocess.run(command, check=False, capture_output=True)

    def _files(self) -> set[str]:
        return {
            self.name_of(Path(directory) / name)
            for directory, directories, names in os.walk(self.home)
            for name in [*names, *(d for d in directories if (Path(directory) / d).is_symlink())]
        }

    def name_of(self, path: Path) -> str:
        return os.path.relpath(path, self.site)


def _fill(venv: Venv, add: Callable[..., Path], home: Path) -> None:
    site = venv.site
    add("plain", files={"plain/__init__.py": "", "plain/sub/deep/a.py": "", "plain/x.txt": "x"})
    add("single", files={"single.py": ""})
    add("scripted", scripts=["scripted", "Scripted.Odd-Name_2"])
    add("unrecorded-script", extra_files={
        "entry_points.txt": "[console_scripts]\nUnRecorded = unrecorded_script:main\n"
    })  # fmt: skip
    (venv.scripts / "UnRecorded").write_text(SCRIPT.format("unrecorded_script"))
    add("ns-one", files={"nsp/one/__init__.py": ""})
    dist_info(site, "ns-stays", files={"nsp/stays/__init__.py": ""})
    dist_info(site, "parent", files={"parent/__init__.py": "", "parent/a.py": ""})
    add("child", files={"parent/plugins/child.py": ""})
    add("data", files={"../../../share/data/x": "", "../../../etc/data.conf": "", "data.py": ""})
    add("gone", rows=["gone/never.py,sha256=AAAA,1"])
    add("changed", files={"changed.py": "a = 1\n"})
    (site / "changed.py").write_text("a = 2\n")
    add("quoted", files={}, rows=['"quoted, really.txt",,'])
    (site / "quoted, really.txt").write_text("")
    add(
        "linked", files={"linked/__init__.py": ""}, rows=["linked/file.txt,,", "linked/directory,,"]
    )
    (home / "target").mkdir()
    (home / "target" / "stays.txt").write_text("")
    (site / "linked" / "file.txt").symlink_to(home / "target" / "stays.txt")
    (site / "linked" / "directory").symlink_to(home / "target")
    add("carriage", record=False, files={"carriage.py": ""})
    record = "carriage.py,,\r\ncarriage-1.0.dist-info/METADATA,,\r\n"
    for name in ("WHEEL", "INSTALLER", "REQUESTED", "RECORD"):
        record += f"carriage-1.0.dist-info/{name},,\r\n"
    (site / "carriage-1.0.dist-info" / "RECORD").write_bytes(record.encode())
    source = home / "source"
    (source / "edited").mkdir(parents=True)
    (source / "edited" / "__init__.py").write_text("")
    add("edited", files={"__editable__.edited-1.0.pth": f"{source}\n"},
        direct_url=f'{{"url": "file://{source}", "dir_info": {{"editable": true}}}}')  # fmt: skip
    egg_info(site, "listed", files={"listed/__init__.py": ""}, installed_files=[
        "../listed/__init__.py", "PKG-INFO", "top_level.txt", "installed-files.txt",
    ])  # fmt: skip
    develop = home / "develop"
    egg_info(develop, "developed", None, files={"developed/__init__.py": ""})
    (site / "developed.egg-link").write_text(f"{develop}\n.")
    egg = site / "hatched-1.0.egg"
    (egg / "EGG-INFO").mkdir(parents=True)
    (egg / "EGG-INFO" / "PKG-INFO").write_text(metadata_text("hatched", "1.0"))
    (egg / "hatched.py").write_text("")
    (site / "easy-install.pth").write_text(f"/nowhere\n./{egg.name}\n{develop}")
    # --- where pip is not right
    shared = {"shared/__init__.py": "", "shared/both.py": ""}
    add("sharer", files={**shared, "shared/mine.py": ""})
    dist_info(site, "shared-stays", files=shared)
    add("ghost", extra_files={"uv_cache.json": "{}"})
    add("old-tags", files={"old_tags.py": ""})
    (site / "__pycache__").mkdir(exist_ok=True)
    (site / "__pycache__" / "old_tags.cpython-38.opt-2.pyc").write_bytes(b"")
    add("script-thief", extra_files={
        "entry_points.txt": "[console_scripts]\nstolen = script_thief:main\n"
    })  # fmt: skip
    dist_info(site, "script-owner", scripts=["stolen"])
    add("directory-row", rows=["victim,,", "victim-1.0.dist-info/METADATA,,"])
    dist_info(site, "victim", record=False)
    add("middle", rows=["middle/link/behind.txt,,"])
    (site / "behind").mkdir()
    (site / "behind" / "behind.txt").write_text("")
    (site / "middle" / "link").symlink_to("../behind")
    add("config", rows=[record_row("../../../pyvenv.cfg.bak", b""), "../../../notes.txt,,"])
    (venv.root / "notes.txt").write_text("mine")


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> _Compared:
    wheel = _pip_wheel()
    if wheel is None:
        pytest.skip("this Python comes without pip (ensurepip)")
    return _Compared(tmp_path_factory.mktemp("pip"), wheel)


ONLY_PIP_TAKES = {
    # another package's RECORD names them, so without them that package is broken
    "shared/__init__.py",
    "shared/both.py",
    f"shared/__pycache__/__init__.{TAG}.pyc",
    f"shared/__pycache__/both.{TAG}.pyc",
    # a script of this name, but another package's RECORD names it, and it starts that package
    "../../../bin/stolen",
    # a row that names a directory empties it, although it is a neighbour's package
    "victim/__init__.py",
    f"victim/__pycache__/__init__.{TAG}.pyc",
    # the row names a file of a neighbour's metadata
    "victim-1.0.dist-info/METADATA",
    # a linked directory in the middle of the path: the file behind it, and the unrecorded link
    "behind/behind.txt",
    "middle/link",
    # in the environment's root, and no hash shows that it is the package's
    "../../../notes.txt",
}
ONLY_WE_TAKE = {
    # compiled by another Python, at another level: without its source it is good for nothing
    "__pycache__/old_tags.cpython-38.opt-2.pyc",
    # not recorded, but inside the metadata: else a ghost of the package stays
    "ghost-1.0.dist-info/uv_cache.json",
    "script_thief-1.0.dist-info/entry_points.txt",
    "unrecorded_script-1.0.dist-info/entry_points.txt",
}


def test_nothing_was_blocked_and_pip_did_its_work(compared: _Compared) -> None:
    assert compared.blocked == {}
    assert compared.pip.returncode == 0, compared.pip.stderr
    assert compared.whole.blocked is None
    done = compared.pip.stdout.replace("_", "-").lower()
    for name in compared.names:
        assert f"successfully uninstalled {name.lower()}-" in done, name


def test_the_plans_take_what_pip_takes_but_for_known_differences(compared: _Compared) -> None:
    ours = set().union(*compared.ours.values())
    assert compared.gone - ours == ONLY_PIP_TAKES
    assert ours - compared.gone == ONLY_WE_TAKE


def test_one_plan_for_all_is_the_sum_of_the_plans_for_each(compared: _Compared) -> None:
    whole = {compared.name_of(file.path) for file in compared.whole.files if file.goes}
    assert whole == set().union(*compared.ours.values())


def test_easy_install_pth_ends_as_after_pip(compared: _Compared) -> None:
    """But for the newline that pip adds to a last line that stays."""
    (edit,) = compared.whole.edits
    assert edit.path.read_bytes() == edit.content == b"/nowhere\n"


@pytest.mark.parametrize("name", REAL)
def test_a_real_package_leaves_no_trace(compared: _Compared, name: str) -> None:
    ours = compared.ours[name]
    assert len(ours) > 5
    assert ours <= compared.gone
