"""Whatever RECORD says, a plan takes only what is the package's own. Rows drawn by hypothesis."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ipy_envtools.plans import plan_uninstall
from tests.builders import record_row, snapshot

from .fabricated import LIBRARY, Fabricated

if TYPE_CHECKING:
    from pathlib import Path

_NAMES = st.sampled_from(
    ["..", ".", "", "evil", "neighbour", "shared.py", "__init__.py", "a.py", "inside", "outside",
     "self", "deep", "near", "bin", "lib", "lib64", "python3.11", "site-packages", "python",
     "activate", "tool",
     "pyvenv.cfg", "share", "data.txt", "__pycache__", "a.cpython-311.pyc", "os.py", "env", "env2",
     "neighbour-1.0.dist-info", "RECORD", "METADATA", "evil-1.0.dist-info", "old-1.0.egg-info",
     "PKG-INFO", "easy-install.pth", "pipe", ".ipy-envtools", "conda-meta", "etc", "x" * 300,
     "\x07", "a\nb", "caf\udce9", " ", "...", "\\", "NUL", "a" * 5000]
)  # fmt: skip
_PATHS = st.builds(
    lambda start, parts, end: start + "/".join(parts) + end,
    st.sampled_from(["", "", "", "/", "./", "../../../", "../../../../", "ROOT/", "HOME/"]),
    st.lists(_NAMES, max_size=7),
    st.sampled_from(["", "", "", "/", "/.", "/.."]),
)
_TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=30)
_ROWS = st.lists(
    st.tuples(
        st.one_of(_PATHS, _PATHS, _TEXTS),
        st.sampled_from(["", "true", "sha256=AAAA", "md5=,", "nonsense"]),
        st.booleans(),
    ),
    max_size=12,
)


class _Target:
    """An environment with everything that a hostile RECORD could want to hit."""

    def __init__(self, home: Path) -> None:
        self.made = made = Fabricated(home)
        (made.root / "lib64").symlink_to("lib")
        made.changes["schemes"] = {**made.schemes, "stdlib": made.root / LIBRARY}
        made.add(
            "neighbour", files={"neighbour/__init__.py": "1", "shared.py": "2"}, scripts=["tool"]
        )
        made.add("without-record", record=False)
        made.write("old-1.0.egg-info/PKG-INFO", "Name: old\n")
        made.write("easy-install.pth", "/src\n")
        made.write("inside/a.py", "3")
        made.write("evil/__init__.py", "4")
        made.write("evil/a.py", "5")
        made.write("evil/__pycache__/a.cpython-311.pyc", "6")
        made.write("../os.py", "7")
        made.write("../../../share/data.txt", "8")
        made.write("../../../data.txt", "9")
        made.write("../../../../env2/a.py", "10")
        made.write("../../../../outside/a.py", "11")
        made.write("../../../conda-meta/a.py", "12")
        made.write("../../../.ipy-envtools/a.py", "13")
        made.link("evil/outside", home / "outside")
        made.link("evil/inside", "../inside")
        made.write("evil/deep/a.py", "14")
        made.link("evil/near", "deep")
        made.link("self", ".")
        made.link("evil/self", "/".join([".."] * 20) or "/")
        os.mkfifo(made.site / "evil" / "pipe")
        self.home = home
        self.info = made.site / "evil-1.0.dist-info"
        made.add("evil", files={})
        real = os.path.realpath
        self.staying = {
            real(path)
            for info in made.site.glob("neighbour-*.dist-info")
            for row in (info / "RECORD").read_text().splitlines()
            for path in [made.site / row.split(",")[0]]
        } | {
            real(path)
            for pattern in ("without*/*", "old*/*", "../os.py", "easy-install.pth")
            for path in made.site.glob(pattern)
        }  # fmt: skip
        self.needed = {made.root / "pyvenv.cfg", made.root / "lib64", *made.scripts.glob("*")}
        self.needed -= {made.scripts / "tool"}

    def record(self, rows: list[tuple[str, str, bool]]) -> list[str]:
        """Write RECORD and return its paths."""
        lines, paths = [], []
        for path, digest, quoted in rows:
            path = path.replace("ROOT", str(self.made.root)).replace("HOME", str(self.home))
            if quoted or '"' in path or "," in path or "\n" in path:
                field = '"' + path.replace('"', '""') + '"'
            else:
                field = path
            if digest == "true":
                target = self.made.site / path if "\0" not in path else self.home
                try:
                    content = target.read_bytes() if target.is_file() else b""
                except (OSError, ValueError):
                    content = b""
                lines.append(record_row(field, content))
            else:
                lines.append(f"{field},{digest},")
            paths.append(path)
        lines += ["evil/__init__.py,,", "evil-1.0.dist-info/RECORD,,"]
        text = "\n".join(lines) + "\n"
        (self.info / "RECORD").write_bytes(text.encode(errors="surrogateescape"))
        return [*paths, "evil/__init__.py"]


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> _Target:
    return _Target(tmp_path_factory.mktemp("hostile"))


@given(rows=_ROWS, force=st.booleans())
@settings(
    max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_hostile_record_harms_nobody(
    target: _Target, rows: list[tuple[str, str, bool]], force: bool
) -> None:
    made = target.made
    paths = target.record(rows)
    ignore = {target.info / "RECORD"}
    before = snapshot(target.home)
    packages = made.packages()
    plan = plan_uninstall("evil", packages, force=force)
    assert snapshot(target.home) == before

    assert len({file.path for file in plan.files}) == len(plan.files)
    going = [file for file in plan.files if file.goes]
    named = {_spot(made.site / path) for path in paths if "\0" not in path}
    for file in going:
        parent = os.path.realpath(file.path.parent)
        spot = os.path.join(parent, file.path.name)
        assert parent == str(file.path.parent), "it lies behind a link"
        assert f"{parent}/".startswith(f"{made.root}/"), "it lies outside the environment"
        assert spot not in target.staying, "another package or the environment owns it"
        assert file.path not in target.needed
        assert made.root.joinpath("conda-meta") not in file.path.parents
        assert made.root.joinpath(".ipy-envtools") not in file.path.parents
        status = file.path.lstat()
        assert stat.S_ISREG(status.st_mode) or stat.S_ISLNK(status.st_mode)
        assert file.state is not None
        assert file.state.inode == status.st_ino
        own = made.site.joinpath("evil-1.0.dist-info") in file.path.parents or file.path in ignore
        assert own or file.verdict == "compiled" or spot in named, "no row names it"
    assert made.site / "evil" / "__init__.py" in {file.path for file in going}
    for file in plan.files:
        assert file.reason.isprintable()


def _spot(path: Path) -> str:
    """The directory that the file system finds, and the name in it."""
    text = os.path.normpath(path)
    return os.path.join(os.path.realpath(os.path.dirname(text)), os.path.basename(text))
