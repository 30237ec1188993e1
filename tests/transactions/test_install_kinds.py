"""Everything that can be installed: how it lies afterwards, whichever engine did it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ipy_envtools import plan_install
from ipy_envtools.environment import InstalledPackages, find_environment, scan
from ipy_envtools.formats import read_request
from ipy_envtools.transactions import apply
from tests.archives import source_tree
from tests.builders import snapshot
from tests.plans.installing import Place, changes, make_place

from .builders import STORE, differences, picture

if TYPE_CHECKING:
    from tests.index import Index


def installed(place: Place, name: str) -> str:
    return place.packages()[name].version


@pytest.mark.parametrize(
    ("before", "wanted", "how", "action"),
    [
        (None, "tool", {}, "install tool 2.0 *"),
        ("1.0", "tool>=2", {}, "upgrade tool 1.0 → 2.0 *"),
        ("3.0", "tool<3", {}, "downgrade tool 3.0 → 2.0 *"),
        ("2.0", "tool", {"reinstall": True}, "reinstall tool 2.0 *"),
    ],
)
def test_every_kind_of_action_is_done_recorded_and_taken_back(
    place: Place, index: Index, before: str | None, wanted: str, how: dict[str, bool], action: str
) -> None:
    index.add("tool", "2.0", files={"tool/__init__.py": "", "tool/new.py": ""})
    if before:
        place.add("tool", before, files={"tool/__init__.py": "", "tool/old.py": ""})
    start = snapshot(place.venv.root)
    plan = place.plan(wanted, **how)
    assert changes(plan) == [action]
    transaction = apply(plan)
    assert installed(place, "tool") == "2.0"
    assert [(c.kind, c.version, c.previous_version) for c in transaction.changes] == [
        (plan.actions[0].kind, "2.0", before)
    ]
    assert sorted(os.listdir(place.venv.site / "tool")) == ["__init__.py", "new.py"]
    assert place.packages().problems == ()
    transaction.undo()
    assert snapshot(place.venv.root) == start


@pytest.mark.parametrize("kind", ["source distribution", "local path", "wheel on disk"])
def test_what_has_to_be_built_or_lies_on_the_disk(
    place: Place, index: Index, tmp_path: Path, kind: str
) -> None:
    if kind == "source distribution":
        index.add("tool", "2.0", sdist=True)
        wanted = "tool"
    elif kind == "local path":
        wanted = str(source_tree(tmp_path / "tree", "tool", "2.0"))
    else:
        wanted = str(index.add("tool", "2.0"))
    start = snapshot(place.venv.root)
    transaction = apply(place.plan(wanted))
    assert installed(place, "tool") == "2.0"
    assert transaction.changes[0].version == "2.0"
    assert place.packages().problems == ()
    transaction.undo()
    assert snapshot(place.venv.root) == start


def test_both_engines_leave_the_same_tree(tmp_path: Path, index: Index) -> None:
    """Apart from INSTALLER, what uv adds of its own, and how a RECORD writes its own rows."""
    index.add("flask", "3.0", requires=["click"], entry_points="[console_scripts]\nf = flask:main")
    index.add(
        "click",
        "8.0",
        files={"click.py": "", "click-8.0.data/data/share/c": "", "click-8.0.data/headers/c.h": ""},
    )
    trees = {}
    for engine in ("uv", "pip"):
        place = make_place(tmp_path / engine / "env", engine)
        before = set(snapshot(place.venv.root))
        apply(place.plan("flask"))
        new = set(snapshot(place.venv.root)) - before
        own = ("/INSTALLER", "/RECORD", "/uv_cache.json")
        trees[engine] = {path for path in new if not path.endswith(own)}
        record = (place.venv.site / "click-8.0.dist-info" / "RECORD").read_text().splitlines()
        trees[engine] |= {row.partition(",")[0] for row in record if not row.count("uv_cache")}
    assert trees["uv"] == trees["pip"]


def test_a_users_first_package_goes_to_a_user_base_that_is_not_there_yet(
    tmp_path: Path, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = tmp_path / "home" / ".local"
    monkeypatch.setenv("PYTHONUSERBASE", str(base))
    outside = Path(sys.base_prefix, "bin", "python3")
    index.add("only-a-test", "1.0", entry_points="[console_scripts]\nonly = only_a_test:main\n")
    packages = InstalledPackages(find_environment(outside))
    request = read_request(["--user", "only-a-test"])
    plan = plan_install(request, packages, engine="pip")
    if plan.blocked:
        pytest.skip(plan.blocked)
    assert plan.root == base
    transaction = apply(plan)
    site = packages.environment.user_schemes["purelib"]
    assert scan(paths=[site])["only-a-test"].version == "1.0"
    ran = subprocess.run([base / "bin" / "only"], capture_output=True, text=True)
    assert ran.stdout == "only-a-test\n"
    transaction.undo()
    assert [path for path in base.rglob("*") if path.is_file() and STORE not in path.parts] == []


def test_a_large_package_costs_no_more_syncs_and_little_time(place: Place, index: Index) -> None:
    files = {f"large/p{n % 40}/m{n}.py": f"value = {n}\n" for n in range(2000)}
    index.add("large", "1.0", files=files)
    before = picture(place.venv.root)
    plan = place.plan("large")
    counted = []
    real = os.fsync
    try:
        os.fsync = lambda descriptor: (counted.append(descriptor), real(descriptor))[1]
        transaction = apply(plan)
    finally:
        os.fsync = real
    assert len(counted) <= 8
    transaction.undo()
    assert differences(before, picture(place.venv.root)) == []


def test_what_this_process_runs_on_can_be_replaced_in_another_environment(
    tmp_path: Path, index: Index
) -> None:
    """filelock holds the lock of the very change that replaces it."""
    place = make_place(tmp_path / "env", "uv")
    place.add("filelock", "1.0", files={"filelock/__init__.py": "old = True\n"})
    index.add("filelock", "2.0", files={"filelock/__init__.py": "new = True\n"})
    before = picture(place.venv.root)
    transaction = apply(place.plan("filelock>=2", force=True))
    code = "import filelock; print(filelock.new)"
    ran = subprocess.run([place.venv.python, "-B", "-c", code], capture_output=True, text=True)
    assert ran.stdout == "True\n"
    transaction.undo()
    assert differences(before, picture(place.venv.root)) == []
