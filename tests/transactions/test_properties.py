"""For any fabricated environment and any order of uninstalls and undos."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ipy_envtools.transactions import apply, history

from .builders import FabricatedEnvironment, Link, differences, picture, without

if TYPE_CHECKING:
    from collections.abc import Iterator

SETTINGS = settings(
    max_examples=60,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)

# Few names, so that packages meet in the same directories.
DIRECTORIES = st.lists(st.sampled_from(["ns", "a", "b", "\udcff"]), max_size=3).map("/".join)
PLACES = st.sampled_from(["", "", "", "../../../bin", "../../../share", "../../../etc/x"])
CONTENTS = st.one_of(
    st.binary(max_size=30),
    st.sampled_from([Link("x"), Link("/nowhere"), Link("."), Link("../..")]),
)
PACKAGES = st.lists(
    st.lists(st.tuples(PLACES, DIRECTORIES, CONTENTS), max_size=5), min_size=1, max_size=5
)
MODES = st.lists(st.sampled_from([0o700, 0o755, 0o775, 0o711]), min_size=1, max_size=4)


def fabricate(
    top: Path,
    packages: list[list[tuple[str, str, bytes | Link]]],
    modes: list[int],
    unplanned: list[str],
) -> FabricatedEnvironment:
    environment = FabricatedEnvironment(top / "env")
    (top / "env2").mkdir()
    (top / "env2" / "file").write_bytes(b"a neighbour's")
    for number, files in enumerate(packages):
        contents = {
            "/".join(filter(None, (place, directory, f"p{number}f{index}"))): content
            for index, (place, directory, content) in enumerate(files)
        }
        environment.install(f"p{number}", "1.0", contents)
    for number, directory in enumerate(unplanned):
        path = environment.site / directory
        path.mkdir(parents=True, exist_ok=True)
        if number % 2:
            (path / f"unplanned{number}").write_bytes(b"mine")
    inner = [path for path in directories(environment.site) if path != environment.site]
    for number, path in enumerate(inner):
        path.chmod(modes[number % len(modes)])
        os.utime(path, ns=(1, 1_500_000_000_123_456_789 + number))
    return environment


@contextlib.contextmanager
def temporary() -> Iterator[Path]:
    """A fresh directory for each example; a fixture would be one for all."""
    top = Path(tempfile.mkdtemp())
    try:
        yield top
    finally:
        shutil.rmtree(top)


def directories(top: Path) -> Iterator[Path]:
    for path, _, _ in os.walk(top):
        yield Path(path)


@SETTINGS
@given(PACKAGES, MODES, st.lists(DIRECTORIES, max_size=3), st.data())
def test_apply_then_undo_restores_the_tree_exactly(packages, modes, unplanned, data) -> None:
    with temporary() as top:
        environment = fabricate(top, packages, modes, unplanned)
        names = data.draw(
            st.lists(
                st.sampled_from([f"p{number}" for number in range(len(packages))]),
                min_size=1,
                unique=True,
            )
        )
        before = picture(top)
        plan = environment.plan(*names)
        transaction = apply(plan)
        after = picture(top)
        assert set(after) <= without(before, plan)
        # Directories that were empty before may go along with one in which nothing stays.
        assert all(before[path][2] is None for path in without(before, plan) - set(after))
        kept = [path for path in after if before[path][2] is not None]
        assert [path for path in kept if before[path] != after[path]] == []
        transaction.undo()
        assert differences(before, picture(top)) == []


@SETTINGS
@given(PACKAGES, MODES, st.lists(DIRECTORIES, max_size=3), st.data())
def test_undoing_all_of_any_sequence_restores_the_start(packages, modes, unplanned, data) -> None:
    with temporary() as top:
        environment = fabricate(top, packages, modes, unplanned)
        start = picture(top)
        installed = [f"p{number}" for number in range(len(packages))]
        done: dict[str, list[str]] = {}
        for _ in range(data.draw(st.integers(1, 8))):
            if installed and (not done or data.draw(st.booleans())):
                names = data.draw(
                    st.lists(st.sampled_from(installed), min_size=1, max_size=2, unique=True)
                )
                before = picture(top)
                plan = environment.plan(*names)
                transaction = apply(plan)
                after = picture(top)
                planned = {os.fspath(file.path) for file in plan.files}
                assert not planned & set(after)
                others = [path for path in before if before[path][2] is not None]
                assert [p for p in others if p not in planned and before[p] != after[p]] == []
                done[transaction.id] = names
                installed = [name for name in installed if name not in names]
            elif done:
                identity = data.draw(st.sampled_from(sorted(done)))
                by_id = {each.id: each for each in history(environment.environment)}
                assert by_id[identity].undo().state == "undone"
                installed += done.pop(identity)
        order = data.draw(st.permutations(sorted(done)))
        by_id = {each.id: each for each in history(environment.environment)}
        for identity in order:
            by_id[identity].undo()
        assert differences(start, picture(top)) == []
