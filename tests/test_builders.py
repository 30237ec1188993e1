"""The builders tell the truth, or every test on top of them proves nothing."""

from __future__ import annotations

import csv
import os
import subprocess
from typing import TYPE_CHECKING

import pytest
import uv

from .builders import dist_info, make_venv, record_row, snapshot, wheel

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def rows_of(info: Path) -> list[list[str]]:
    return list(csv.reader((info / "RECORD").read_text().splitlines()))


def test_every_row_of_record_fits_the_file_that_was_written(tmp_path: Path) -> None:
    site = make_venv(tmp_path / "venv").site
    info = dist_info(site, "Demo-Pkg", "2.0", scripts=["demo"], direct_url="{}")
    rows = rows_of(info)
    for path, digest, size in rows:
        content = None if path.endswith("RECORD") else (site / path).read_bytes()
        assert record_row(path, content) == f"{path},{digest},{size}"
    named = {os.path.realpath(site / path) for path, _, _ in rows}
    assert named >= {os.path.realpath(path) for path in info.iterdir()}
    assert os.access(tmp_path / "venv" / "bin" / "demo", os.X_OK)


def test_a_wheel_is_accepted_by_an_installer_and_its_command_runs(tmp_path: Path) -> None:
    built = wheel(
        tmp_path, "demo-pkg", "2.0", entry_points="[console_scripts]\ndemo = demo_pkg:main\n"
    )
    made = make_venv(tmp_path / "venv")
    install = [uv.find_uv_bin(), "pip", "install", "--quiet", "--no-index", "--no-cache"]
    subprocess.run([*install, "--python", str(made.python), str(built)], check=True)
    said = subprocess.run([made.scripts / "demo"], capture_output=True, text=True, check=True)
    assert said.stdout == "demo-pkg\n"


def _touch(root: Path) -> None:
    os.utime(root / "package" / "module.py", ns=(1, 1))


def _change_a_byte_but_not_the_time(root: Path) -> None:
    path = root / "package" / "module.py"
    times = path.stat()
    path.write_bytes(b"x = 2\n")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def _replace_a_link(root: Path) -> None:
    (root / "link").unlink()
    (root / "link").symlink_to("elsewhere")


@pytest.mark.parametrize(
    "change",
    [
        _touch,
        _change_a_byte_but_not_the_time,
        _replace_a_link,
        lambda root: (root / "package" / "module.py").chmod(0o600),
        lambda root: (root / "package").chmod(0o700),
        lambda root: (root / "package" / "empty").mkdir(),
        lambda root: (root / "package" / "module.py").unlink(),
        lambda root: (root / "package" / "module.py").rename(root / "package" / "other.py"),
    ],
)
def test_a_snapshot_sees_every_kind_of_change(
    change: Callable[[Path], object], tmp_path: Path
) -> None:
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "module.py").write_bytes(b"x = 1\n")
    (tmp_path / "link").symlink_to("package")
    before = snapshot(tmp_path)
    assert snapshot(tmp_path) == before
    change(tmp_path)
    assert snapshot(tmp_path) != before


def test_a_snapshot_leaves_out_what_it_is_told_to(tmp_path: Path) -> None:
    before = snapshot(tmp_path, ignore=["store"])
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "kept").touch()
    after = snapshot(tmp_path, ignore=["store"])
    assert after.keys() == before.keys()
    assert after != snapshot(tmp_path)
