from __future__ import annotations

import builtins
import contextlib
import errno
import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ipy_envtools.errors import EnvToolsError, PlanOutdated, TransactionFailed
from ipy_envtools.transactions import apply, empty, history, locks, unfinished

from .builders import STORE, differences, picture
from .operations import killed_at, watched

if TYPE_CHECKING:
    from ipy_envtools.progress import Progress

    from .builders import FabricatedEnvironment
    from .operations import Operation

HOLD = """
import fcntl, sys
file = open(sys.argv[1])
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait long for what the test holds."""
    monkeypatch.setattr(locks, "WAIT_SECONDS", 0.1)


def hold(path: Path) -> subprocess.Popen[bytes]:
    holder = subprocess.Popen(
        [sys.executable, "-I", "-c", HOLD, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    return holder


def try_lock(path: Path) -> bool:
    with open(path) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


@pytest.mark.usefixtures("impatient")
def test_while_uv_changes_the_environment_a_change_is_refused_and_says_who(
    fabricated: FabricatedEnvironment,
) -> None:
    lock = fabricated.root / ".lock"
    lock.write_bytes(b"uv's own")
    transaction = apply(fabricated.plan("gamma"))
    before = picture(fabricated.root.parent)
    holder = hold(lock)
    try:
        for attempt in (lambda: apply(fabricated.plan("alpha")), transaction.undo):
            with pytest.raises(EnvToolsError, match=f"process {holder.pid}\\) is changing"):
                attempt()
    finally:
        holder.communicate()
    assert differences(before, picture(fabricated.root.parent)) == []
    transaction.undo()
    assert lock.read_bytes() == b"uv's own"


def test_a_change_waits_for_uv_to_finish(fabricated: FabricatedEnvironment) -> None:
    (fabricated.root / ".lock").write_bytes(b"")
    holder = hold(fabricated.root / ".lock")
    timer = threading.Timer(0.2, holder.communicate)
    timer.start()
    assert apply(fabricated.plan("alpha")).state == "applied"
    timer.join()


def test_uv_has_to_wait_while_files_move(fabricated: FabricatedEnvironment) -> None:
    lock = fabricated.root / ".lock"
    lock.write_bytes(b"")
    free: list[bool] = []

    def look(_: Progress) -> None:
        free.append(try_lock(lock))

    transaction = apply(fabricated.plan("alpha"), on_progress=look)
    transaction.undo(on_progress=look)
    assert free
    assert not any(free)
    assert try_lock(lock)


def test_uvs_lock_is_made_for_a_change_where_uv_has_made_none_and_goes_with_it(
    fabricated: FabricatedEnvironment,
) -> None:
    lock = fabricated.root / ".lock"
    before = picture(fabricated.root.parent)
    free: list[bool] = []
    transaction = apply(fabricated.plan("alpha"), on_progress=lambda _: free.append(try_lock(lock)))
    assert not lock.exists()
    transaction.undo(on_progress=lambda _: free.append(try_lock(lock)))
    assert free
    assert not any(free)
    (fabricated.root / STORE).rename(fabricated.root.parent.parent / "elsewhere")
    os.utime(fabricated.root, ns=before[os.fspath(fabricated.root)][1:2] * 2)  # type: ignore[arg-type]
    assert differences(before, picture(fabricated.root.parent)) == []


def test_a_lock_of_uvs_that_a_killed_change_made_goes_with_the_next_change(
    fabricated: FabricatedEnvironment,
) -> None:
    lock = fabricated.root / ".lock"
    apply(fabricated.plan("gamma"))
    number = 0
    while killed_at(number := number + 1, lambda: apply(fabricated.plan("alpha"))):
        for found in history(fabricated.environment)[:-1]:
            if found.state in ("applied", "interrupted"):
                found.undo()
        apply(fabricated.plan("beta")).undo()
        assert not lock.exists()


def test_a_lock_that_uv_waits_for_stays(fabricated: FabricatedEnvironment) -> None:
    """A lock on a file that has no name any more would keep nobody else out."""
    lock = fabricated.root / ".lock"
    waiting: list[subprocess.Popen[bytes]] = []

    def wait(_: Progress) -> None:
        if not waiting:
            holder = [sys.executable, "-I", "-c", HOLD, str(lock)]
            waiting.append(subprocess.Popen(holder, stdin=subprocess.PIPE, stdout=subprocess.PIPE))
            while "->" not in Path("/proc/locks").read_text():
                time.sleep(0.01)

    apply(fabricated.plan("alpha"), on_progress=wait)
    assert waiting[0].stdout is not None
    assert waiting[0].stdout.readline() == b"held\n"
    assert not try_lock(lock)
    waiting[0].communicate()
    apply(fabricated.plan("beta"))
    assert not lock.exists()


@pytest.mark.parametrize("swapped", [False, True])
def test_what_a_program_without_locks_puts_into_a_directory_that_moves_comes_back_with_it(
    fabricated: FabricatedEnvironment, swapped: bool
) -> None:
    before = picture(fabricated.root.parent, times=False)
    stranger = fabricated.site / "alpha" / "deep" / "stranger.py"
    ours = fabricated.site / "alpha" / "__init__.py"

    def interfere(_: int, operation: Operation) -> None:
        name, args = operation
        if name == "rename" and str(args[0]).endswith("/alpha") and stranger.parent.exists():
            stranger.write_text("somebody else's")
            if swapped:
                ours.unlink(missing_ok=True)

    with watched(interfere), pytest.raises(PlanOutdated, match="Another program"):
        apply(fabricated.plan("alpha"))
    assert stranger.read_text() == "somebody else's"
    changed = [str(ours), str(stranger)] if swapped else [str(stranger)]
    assert differences(before, picture(fabricated.root.parent, times=False)) == changed
    assert history(fabricated.environment)[0].state == "rolled-back"


@pytest.mark.parametrize("somebody", ["nobody", "holds it", "wrote to it", "had it before"])
def test_the_lock_that_uv_made_to_look_is_gone_again_where_nobody_else_has_it(
    tmp_path: Path, somebody: str
) -> None:
    path = tmp_path / ".lock"
    if somebody == "had it before":
        path.touch()
    before = tmp_path.stat().st_mtime_ns
    with path.open("a") if somebody == "had it before" else contextlib.nullcontext() as held:
        with locks.no_uv_lock_left(tmp_path):
            path.touch()
            if somebody == "wrote to it":
                path.write_text("mine")
            if somebody == "holds it":
                held = path.open("a")
                fcntl.flock(held, fcntl.LOCK_EX)
        assert path.exists() is (somebody != "nobody")
        if somebody == "nobody":
            assert tmp_path.stat().st_mtime_ns == before
        if held is not None:
            held.close()


def test_uvs_lock_is_only_taken_in_a_virtual_environment(
    fabricated: FabricatedEnvironment,
) -> None:
    lock, seen = fabricated.root / ".lock", list[bool]()
    (fabricated.root / "pyvenv.cfg").unlink()
    apply(fabricated.plan("beta"), on_progress=lambda _: seen.append(lock.exists()))
    assert seen
    assert not any(seen)
    (fabricated.root / ".lock").write_bytes(b"")
    holder = hold(fabricated.root / ".lock")
    try:
        apply(fabricated.plan("gamma"))
    finally:
        holder.communicate()


@pytest.mark.parametrize("store_exists", [False, True])
def test_of_two_processes_that_uninstall_the_same_at_once_one_is_told_that_its_plan_is_outdated(
    fabricated: FabricatedEnvironment, store_exists: bool
) -> None:
    if store_exists:
        apply(fabricated.plan("gamma"))
    before = picture(fabricated.root.parent)
    plan = fabricated.plan("alpha")
    read, write = os.pipe()
    children = []
    for _ in range(4):
        if (child := os.fork()) == 0:
            code = 3
            try:
                os.read(read, 1)
                apply(plan)
                code = 0
            except PlanOutdated:
                code = 1
            finally:
                os._exit(code)
        children.append(child)
    os.write(write, b"go! ")
    codes = sorted(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children)
    os.close(read)
    os.close(write)
    assert codes == [0, 1, 1, 1]
    history(fabricated.environment)[0].undo()
    assert differences(before, picture(fabricated.root.parent)) == []


def test_processes_that_uninstall_different_packages_at_once_all_do(
    fabricated: FabricatedEnvironment,
) -> None:
    fabricated.install("first", "1.0", {"first.py": b""})
    apply(fabricated.plan("first"))
    before = picture(fabricated.root.parent)
    plans = [fabricated.plan(name) for name in ("alpha", "beta", "gamma", "delta")]
    children = []
    for plan in plans:
        if (child := os.fork()) == 0:
            code = 1
            try:
                apply(plan)
                code = 0
            finally:
                os._exit(code)
        children.append(child)
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    assert codes == [0, 0, 0, 0]
    assert not (fabricated.site / "ns").exists()
    for transaction in history(fabricated.environment)[:-1]:
        transaction.undo()
    assert differences(before, picture(fabricated.root.parent)) == []


@pytest.mark.usefixtures("impatient")
def test_a_live_transaction_is_not_interrupted_and_cannot_be_taken_over(
    fabricated: FabricatedEnvironment,
) -> None:
    earlier = apply(fabricated.plan("gamma"))
    read, write = os.pipe()
    if (child := os.fork()) == 0:

        def stop_here(_: Progress) -> None:
            os.write(write, b"x")
            signal.pause()

        apply(fabricated.plan("alpha"), on_progress=stop_here)
        os._exit(1)
    os.read(read, 1)
    os.close(read)
    os.close(write)
    try:
        assert unfinished(fabricated.environment) is None
        assert history(fabricated.environment) == [earlier]
        for attempt in (
            lambda: apply(fabricated.plan("beta")),
            earlier.undo,
            lambda: empty(fabricated.environment),
        ):
            with pytest.raises(EnvToolsError, match=f"{child}.* is changing"):
                attempt()
        # Even where somebody has removed the locks, the process is seen to be alive.
        (fabricated.root / STORE / "lock").unlink()
        (fabricated.root / ".lock").unlink()
        assert unfinished(fabricated.environment) is None
        with pytest.raises(EnvToolsError, match="interrupted"):
            apply(fabricated.plan("beta"))
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    found = unfinished(fabricated.environment)
    assert found is not None
    assert found.undo().state == "rolled-back"
    earlier.undo()


@pytest.mark.usefixtures("impatient")
def test_who_is_changing_the_environment_is_said_where_the_system_does_not_list_locks(
    fabricated: FabricatedEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply(fabricated.plan("gamma"))
    open_ = open

    def open_without_list(path: str, *args: Any, **more: Any) -> Any:
        if path == "/proc/locks":
            raise FileNotFoundError(path)
        return open_(path, *args, **more)

    monkeypatch.setattr(builtins, "open", open_without_list)
    read, write = os.pipe()
    if (child := os.fork()) == 0:

        def stop_here(_: Progress) -> None:
            os.write(write, b"x")
            signal.pause()

        apply(fabricated.plan("alpha"), on_progress=stop_here)
        os._exit(1)
    os.read(read, 1)
    try:
        with pytest.raises(EnvToolsError, match=f"^Process {child} is changing"):
            apply(fabricated.plan("beta"))
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(read)
        os.close(write)


def test_a_child_that_was_forked_during_a_change_does_not_keep_it_locked(
    fabricated: FabricatedEnvironment,
) -> None:
    """A descriptor is copied into every fork, as by ``multiprocessing`` in another thread."""
    (fabricated.root / ".lock").write_bytes(b"")
    children: list[int] = []

    def fork(_: Progress) -> None:
        if (child := os.fork()) == 0:
            signal.pause()
        children.append(child)

    transaction = apply(fabricated.plan("alpha"), on_progress=fork)
    try:
        assert children
        assert try_lock(fabricated.root / ".lock")
        assert transaction.undo().state == "undone"
    finally:
        for child in children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def test_a_link_in_the_place_of_the_lock_is_not_followed(
    fabricated: FabricatedEnvironment, tmp_path: Path
) -> None:
    apply(fabricated.plan("gamma"))
    somebodys = tmp_path / "somebodys"
    somebodys.write_bytes(b"text")
    (fabricated.root / STORE / "lock").unlink()
    (fabricated.root / STORE / "lock").symlink_to(somebodys)
    with pytest.raises(TransactionFailed, match="Nothing was changed"):
        apply(fabricated.plan("alpha"))
    assert somebodys.read_bytes() == b"text"


def test_without_locks_on_the_file_system_nothing_is_changed(
    fabricated: FabricatedEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = picture(fabricated.root)

    def flock(*_: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", flock)
    with pytest.raises(EnvToolsError, match="no file locks"):
        apply(fabricated.plan("alpha"))
    assert differences(before, picture(fabricated.root)) == []


def test_kernels_that_only_ask_whether_one_is_at_work_do_not_mistake_each_other_for_it(
    small: FabricatedEnvironment,
) -> None:
    assert killed_at(12, lambda: apply(small.plan("alpha")))
    children = []
    for _ in range(3):
        if (child := os.fork()) == 0:
            seen = [unfinished(small.environment) for _ in range(100)]
            os._exit(seen.count(None))
        children.append(child)
    missed = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    assert missed == [0, 0, 0]


def test_what_a_container_left_behind_can_be_taken_back_when_it_is_gone(
    small: FabricatedEnvironment,
) -> None:
    """Another host name on a local file system: the lock decides."""
    before = picture(small.root.parent)
    assert killed_at(12, lambda: apply(small.plan("alpha")))
    journal = max((small.root / STORE).glob("*/journal"))
    lines = [json.loads(line) for line in journal.read_bytes().splitlines()]
    for line in lines:
        if line.get("owner"):
            line["owner"].update(host="4f1c0ffee000", pid=1)
    journal.write_text("".join(json.dumps(line) + "\n" for line in lines))
    holder = hold(small.root / STORE / "lock")
    assert unfinished(small.environment) is None
    holder.communicate()
    found = unfinished(small.environment)
    assert found is not None
    assert found.undo().state == "rolled-back"
    assert differences(before, picture(small.root.parent)) == []


@pytest.mark.parametrize(
    ("kind", "options", "shared"),
    [
        ("ext4", {"rw"}, True),
        ("overlay", {"rw", "lowerdir=/a"}, True),
        ("nfs4", {"rw", "vers=4.2", "local_lock=none"}, True),
        ("nfs", {"rw", "nolock", "local_lock=all"}, False),
        ("nfs", {"rw", "local_lock=flock"}, False),
        ("lustre", {"rw", "flock"}, True),
        ("lustre", {"rw", "localflock"}, False),
        ("fuse.sshfs", {"rw"}, False),
        ("", set(), True),
    ],
)
def test_locks_that_stay_on_each_machine_are_known(
    kind: str, options: set[str], shared: bool
) -> None:
    assert locks.locks_are_shared(kind, options) is shared
