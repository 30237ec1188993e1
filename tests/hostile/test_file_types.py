"""Anything may stand where a file should be; a scan neither waits for it nor stops at it."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ipy_envtools.environment import scan

from ..builders import Venv, dist_info, egg_info
from ..environment.describing import description
from ..environment.looking import run_inside
from .traps import TRAPS, clear

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [
    pytest.mark.timeout(30),
    pytest.mark.skipif(os.name == "nt", reason="FIFO, sockets, devices"),
]

FILES = (
    "METADATA",
    "RECORD",
    "direct_url.json",
    "INSTALLER",
    "WHEEL",
    "REQUESTED",
    "top_level.txt",
    "entry_points.txt",
)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    directory = tmp_path / "site"
    dist_info(directory, "good", "3.0", requires=["also-good>=2"], headers=["Summary: fine"])
    dist_info(directory, "also-good", "2.0", requested=False)
    return directory


def assert_good_ones_are_whole(site: Path) -> None:
    packages = scan(paths=[site])
    good = packages["good"]
    assert (good.version, good.summary, good.import_names) == ("3.0", "fine", ("good",))
    assert packages.required_by("also-good") == (good,)
    assert not [p for p in packages.problems if p.name in ("good", "also-good")]
    names = [(str(copy.site_directory), copy.entry_name) for copy in packages]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("trap", TRAPS)
def test_a_trap_instead_of_any_file_of_a_dist_info(site: Path, trap: str) -> None:
    for filename in FILES:
        info = dist_info(site, f"victim-{filename}", direct_url='{"url": "x"}')
        clear(info / filename)
        TRAPS[trap](info / filename)
    packages = scan(paths=[site])
    assert len(packages) == 2 + len(FILES)
    description([str(site)])
    assert_good_ones_are_whole(site)
    for problem in packages.problems:
        assert problem.message.isprintable()
        assert len(problem.message) <= 400


@pytest.mark.parametrize("trap", ["fifo", "socket", "device", "endless link", "directory", "huge"])
@pytest.mark.parametrize(
    ("filename", "kind"),
    [
        ("METADATA", "unreadable"),
        ("RECORD", "unreadable"),
        ("direct_url.json", "direct-url-invalid"),
    ],
)
def test_what_is_no_file_is_said_to_be_unreadable(
    site: Path, trap: str, filename: str, kind: str
) -> None:
    info = dist_info(site, "victim", direct_url='{"url": "x"}')
    clear(info / filename)
    TRAPS[trap](info / filename)
    found = [problem.kind for problem in scan(paths=[site]).problems if problem.name == "victim"]
    assert found.count(kind) == 1
    assert not set(found) - {kind, "record-invalid"}  # RECORD names a directory


@pytest.mark.parametrize("trap", TRAPS)
def test_a_trap_instead_of_any_file_of_an_egg_info(site: Path, trap: str) -> None:
    for filename in ("PKG-INFO", "requires.txt", "top_level.txt", "installed-files.txt"):
        info = egg_info(site, f"victim-{filename}")
        clear(info / filename)
        TRAPS[trap](info / filename)
    description([str(site)])
    assert_good_ones_are_whole(site)


@pytest.mark.parametrize("trap", TRAPS)
@pytest.mark.parametrize("entry", ["dist-info", "egg-info", "egg-link", "egg", "pth", "start"])
def test_a_trap_instead_of_an_entry(site: Path, trap: str, entry: str) -> None:
    TRAPS[trap](site / f"victim-1.0.{entry}")
    description([str(site)])
    assert_good_ones_are_whole(site)


@pytest.mark.parametrize("trap", TRAPS)
def test_a_trap_instead_of_a_recorded_file(site: Path, trap: str) -> None:
    """Two copies of one project make the scan look at the recorded files."""
    for version in ("1.0", "2.0"):
        dist_info(site, "victim", version, files={"victim.py": f"version = {version}\n"})
    clear(site / "victim.py")
    TRAPS[trap](site / "victim.py")
    description([str(site)])
    assert_good_ones_are_whole(site)


@pytest.mark.parametrize("trap", TRAPS)
def test_a_trap_where_an_editable_installation_leads(site: Path, tmp_path: Path, trap: str) -> None:
    source = tmp_path / "source"
    TRAPS[trap](source)
    url = json.dumps({"url": f"file://{source}", "dir_info": {"editable": True}})
    dist_info(site, "by-path", direct_url=url, files={"by_path.pth": f"{source}\n"})
    dist_info(site, "by-finder", direct_url=url, files={"_f.py": f"MAPPING = {{'x': '{source}'}}"})
    (site / "linked.egg-link").write_text(f"{source}\n.")
    for filename in ("trap.pth", "_trap.py"):
        TRAPS[trap](site / filename)
        dist_info(site, f"e-{filename}", direct_url=url, files={}, rows=[f"{filename},,"])
    description([str(site)])
    assert_good_ones_are_whole(site)


@pytest.mark.parametrize("trap", TRAPS)
def test_a_trap_on_the_search_path(venv: Venv, tmp_path: Path, trap: str) -> None:
    dist_info(venv.site, "good")
    TRAPS[trap](tmp_path / "trap")
    TRAPS[trap](tmp_path / "trap.egg")
    code = "sys.path[:0] = sys.argv[1:]; print([d.name for d in scan()], len(scan().problems) < 3)"
    answer = run_inside(venv.python, code, str(tmp_path / "trap"), str(tmp_path / "trap.egg"))
    assert answer in ("['good'] True\n", "['good', 'trap'] True\n")


@pytest.fixture
def venv(tmp_path: Path) -> Venv:
    from ..builders import make_venv

    return make_venv(tmp_path / "venv")


@pytest.mark.parametrize(
    ("filename", "content"),
    [
        ("RECORD", b"a\n" * (6 << 20)),
        ("RECORD", b'"\n' * (6 << 20)),
        ("RECORD", b"," * (15 << 20)),
        ("RECORD", b"a" * (15 << 20)),
        ("METADATA", b"Name: victim\nVersion: 1.0\n" + b"Requires-Dist: a\n" * 55_000),
        ("METADATA", b"Name: victim\nVersion: 1.0\nSummary: a\n" + b" \n" * 400_000),
        ("METADATA", b":\n" * 500_000),
        ("top_level.txt", b"a\n" * 500_000),
        ("WHEEL", b"Tag: a-b-c\n" * 80_000),
        ("INSTALLER", b" " * 60_000),
    ],
)
def test_millions_of_lines_cost_neither_minutes_nor_gigabytes(
    site: Path, filename: str, content: bytes
) -> None:
    info = dist_info(site, "victim")
    (info / filename).write_bytes(content)
    started = time.monotonic()
    for problem in scan(paths=[site]).problems:
        assert len(problem.message) <= 400
    assert_good_ones_are_whole(site)
    assert time.monotonic() - started < 15


def test_a_startup_file_of_a_million_lines_is_read_in_time(site: Path) -> None:
    (site / "long.pth").write_bytes(b"import a\nb\n" * 90_000)
    started = time.monotonic()
    description([str(site)])
    assert time.monotonic() - started < 15


# --- what we may not read

_UNPRIVILEGED = (
    ["setpriv", "--bounding-set", "-dac_override,-dac_read_search", "--inh-caps", "-all"]
    if hasattr(os, "geteuid") and os.geteuid() == 0
    else []
)
needs_permissions = pytest.mark.skipif(
    bool(_UNPRIVILEGED) and shutil.which("setpriv") is None,
    reason="root reads everything, and setpriv (util-linux) is not there to prevent it",
)


def unprivileged(paths: list[Path]) -> dict[str, list[str]]:
    code = (
        "packages = scan(paths=sys.argv[1:])\n"
        "print(json.dumps({'names': [d.name for d in packages],\n"
        "  'problems': [p.kind + ' ' + p.name + ' ' + p.message for p in packages.problems]}))"
    )
    python = Path(sys.executable)
    answer = run_inside(python, code, *map(str, paths), prefix=_UNPRIVILEGED)
    return json.loads(answer)


@needs_permissions
@pytest.mark.parametrize("mode", [0o000, 0o311])
def test_a_directory_that_we_may_not_read_is_reported_and_the_next_one_is_read(
    site: Path, tmp_path: Path, mode: int
) -> None:
    closed = tmp_path / "closed"
    dist_info(closed, "hidden")
    closed.chmod(mode)
    try:
        said = unprivileged([closed, site])
    finally:
        closed.chmod(0o755)
    assert said["names"] == ["also-good", "good"]
    (problem,) = said["problems"]
    assert problem.startswith(f"unreadable  {closed} cannot be read (permission denied)")


@needs_permissions
def test_a_directory_below_one_that_we_may_not_enter_is_reported(
    site: Path, tmp_path: Path
) -> None:
    closed = tmp_path / "closed"
    dist_info(closed / "inner", "hidden")
    closed.chmod(0o000)
    try:
        said = unprivileged([closed / "inner", site])
    finally:
        closed.chmod(0o755)
    assert said["names"] == ["also-good", "good"]
    assert len(said["problems"]) == 1


@needs_permissions
def test_an_entry_that_cannot_be_listed_is_no_ghost(site: Path) -> None:
    info = site / "closed-1.0.dist-info"
    info.mkdir(mode=0o311)
    try:
        said = unprivileged([site])
    finally:
        info.chmod(0o755)
    (problem,) = said["problems"]
    assert problem.startswith(
        "unreadable closed the entry of closed 1.0 cannot be read (permission"
    )


@needs_permissions
@pytest.mark.parametrize("filename", ["METADATA", "RECORD", "direct_url.json", ".", "WHEEL"])
def test_an_entry_that_we_may_not_read_is_listed_and_reported(site: Path, filename: str) -> None:
    info = dist_info(site, "closed", direct_url='{"url": "x"}')
    (info / filename).chmod(0o000)
    try:
        said = unprivileged([site])
    finally:
        (info / filename).chmod(0o755)
    assert said["names"] == ["also-good", "closed", "good"]
    assert said["problems"]
    assert all("closed 1.0" in problem for problem in said["problems"])


def test_a_swap_between_listing_and_reading_does_no_harm(
    site: Path, swap: Callable[[Path], object] = shutil.rmtree
) -> None:
    info = dist_info(site, "vanishing")
    packages = scan(paths=[site])
    swap(info)
    assert packages["vanishing"].name == "vanishing"
    assert packages["vanishing"].files is None
    assert [problem.kind for problem in packages.problems] == ["ghost"]
