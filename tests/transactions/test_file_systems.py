"""Parts of an environment on other file systems, real ones where the machine has them."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ipy_envtools.transactions import apply

from .builders import FabricatedEnvironment, Link, differences, picture, without
from .conftest import fabricate
from .operations import no_renaming_of, watched

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A directory on another file system, and what has to be pretended where there is none."""
    memory = Path("/dev/shm")
    if memory.is_dir() and memory.stat().st_dev != tmp_path.stat().st_dev:
        place = Path(tempfile.mkdtemp(dir=memory))
        yield place, ""
        shutil.rmtree(place)
    else:
        place = tmp_path / "elsewhere"
        place.mkdir()
        yield place, "anything"


def test_scripts_on_another_file_system_are_copied_and_come_back(
    tmp_path: Path, elsewhere: tuple[Path, str]
) -> None:
    place, pretended = elsewhere
    scripts = place / "bin"
    scripts.mkdir()
    fabricated = fabricate(tmp_path / "env", scripts=scripts)
    (scripts / "alpha").chmod(0o751)
    before = picture(tmp_path, place)
    plan = fabricated.plan("alpha", "beta")
    with no_renaming_of(pretended):
        transaction = apply(plan)
        assert sorted(os.listdir(scripts)) == ["python"]
        assert list(fabricated.site.glob("alpha*")) == []
        transaction.undo()
    assert differences(before, picture(tmp_path, place)) == []


def test_a_data_directory_on_another_file_system_is_taken_apart_and_comes_back(
    tmp_path: Path, elsewhere: tuple[Path, str]
) -> None:
    place, pretended = elsewhere
    fabricated = FabricatedEnvironment(tmp_path / "env")
    shutil.move(fabricated.root / "lib", place / "lib")
    (fabricated.root / "lib").symlink_to(place / "lib")
    fabricated.install(
        "alpha",
        "1.0",
        {"alpha/a.py": b"a", "alpha/b/c/d.py": b"d", "alpha/link": Link("a.py")},
    )
    (fabricated.site / "alpha" / "b").chmod(0o711)
    os.utime(fabricated.site / "alpha" / "b" / "c", ns=(1, 1_500_000_000_000_000_001))
    before = picture(tmp_path, place)
    with no_renaming_of(pretended):
        transaction = apply(fabricated.plan("alpha"))
        assert os.listdir(fabricated.site) == []
        transaction.undo()
    assert differences(before, picture(tmp_path, place)) == []


def test_files_linked_into_a_cache_are_not_touched_when_they_have_to_be_copied(
    tmp_path: Path,
) -> None:
    fabricated = FabricatedEnvironment(tmp_path / "env")
    fabricated.install("alpha", "1.0", {"alpha/a.py": b"a"})
    (tmp_path / "cache").mkdir()
    os.link(fabricated.site / "alpha" / "a.py", tmp_path / "cache" / "a.py")
    cached = (tmp_path / "cache" / "a.py").stat()
    with no_renaming_of("anything"):
        transaction = apply(fabricated.plan("alpha"))
        transaction.undo()
    now = (tmp_path / "cache" / "a.py").stat()
    assert (now.st_mtime_ns, now.st_mode, now.st_size) == (
        cached.st_mtime_ns,
        cached.st_mode,
        cached.st_size,
    )
    assert (tmp_path / "cache" / "a.py").read_bytes() == b"a"


@pytest.mark.parametrize("not_renamed", ["directories", "anything"])
def test_a_plan_is_carried_out_and_undone_where_renaming_is_refused(
    tmp_path: Path, not_renamed: str
) -> None:
    fabricated = fabricate(tmp_path / "env")
    before = picture(tmp_path)
    plan = fabricated.plan("alpha", "beta")
    with no_renaming_of(not_renamed):
        transaction = apply(plan)
        assert set(picture(tmp_path)) == without(before, plan)
        transaction.undo()
        assert differences(before, picture(tmp_path)) == []
        transaction = apply(fabricated.plan("alpha", "beta"))
    # Undone where it can be renamed again: what was kept in pieces has its times all the same.
    transaction.undo()
    assert differences(before, picture(tmp_path)) == []


def test_the_number_of_syncs_stays_the_same_where_directories_cannot_be_renamed(
    tmp_path: Path,
) -> None:
    counts = []
    for modules in (3, 300):
        fabricated = FabricatedEnvironment(tmp_path / str(modules))
        fabricated.install("many", "1.0", {}, modules=modules)
        plan = fabricated.plan("many")
        with watched(lambda *_: None, ("fsync",)) as log, no_renaming_of("directories"):
            apply(plan)
        counts.append(len(log))
    assert counts[0] == counts[1] <= 8


@contextlib.contextmanager
def lower_layer(top: Path) -> Iterator[Path | None]:
    """A directory whose content lies in the lower layer of an overlay; None where none mounts."""
    for name in ("lower", "upper", "work", "merged"):
        (top / name).mkdir()
    fabricate(top / "lower" / "env")
    layers = f"lowerdir={top}/lower,upperdir={top}/upper,workdir={top}/work"
    command = ["mount", "-t", "overlay", "overlay", "-o", layers, str(top / "merged")]
    try:
        mounted = subprocess.run(command, capture_output=True, timeout=20).returncode == 0
    except OSError:
        mounted = False
    try:
        yield top / "merged" if mounted else None
    finally:
        if mounted:
            subprocess.run(["umount", str(top / "merged")], check=True, timeout=20)


def test_packages_in_a_lower_layer_of_a_container_image_go_and_come_back() -> None:
    """overlayfs answers EXDEV to renaming any directory of a lower layer."""
    top = Path(tempfile.mkdtemp())
    try:
        with lower_layer(top) as merged:
            pretended = "directories" if merged is None else ""
            root = (merged or top / "lower") / "env"
            fabricated = FabricatedEnvironment(root)
            before = picture(root)
            if merged is not None:
                with pytest.raises(OSError, match="cross-device"):
                    os.rename(fabricated.site / "alpha", root / "moved")
            with no_renaming_of(pretended):
                for names in (("alpha",), ("alpha", "beta", "gamma", "delta")):
                    plan = fabricated.plan(*names)
                    transaction = apply(plan)
                    assert set(picture(root)) == without(before, plan)
                    transaction.undo()
                    assert differences(before, picture(root)) == []
    finally:
        shutil.rmtree(top)
