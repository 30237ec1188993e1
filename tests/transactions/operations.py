"""Stops a change at its n-th operation on the file system, by a signal or by an error."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CHANGING = (
    "chmod",
    "chown",
    "fsync",
    "ftruncate",
    "mkdir",
    "rename",
    "rmdir",
    "symlink",
    "unlink",
    "utime",
    "write",
)
"""The functions of :mod:`os` that change a file system or make a change durable."""
ANY = (*CHANGING, "listdir", "lstat", "open", "readlink", "scandir", "stat")

Operation = tuple[str, tuple[Any, ...]]


@contextlib.contextmanager
def watched(
    act: Callable[[int, Operation], None], names: tuple[str, ...] = CHANGING
) -> Iterator[list[Operation]]:
    """Call ``act`` with the number of each operation, from 1, before it is carried out."""
    log: list[Operation] = []
    originals = {name: getattr(os, name) for name in names}

    def wrap(name: str) -> Callable[..., Any]:
        def watch(*args: Any, **more: Any) -> Any:
            log.append((name, args))
            act(len(log), (name, args))
            return originals[name](*args, **more)

        return watch

    for name in names:
        setattr(os, name, wrap(name))
    # What os itself finds out by comparing its functions has to hold for the watched ones too.
    os.supports_follow_symlinks.add(os.utime)
    try:
        yield log
    finally:
        for name, original in originals.items():
            setattr(os, name, original)


@contextlib.contextmanager
def no_renaming_of(kind: str) -> Iterator[None]:
    """Refuse with EXDEV to rename "directories" or "anything", as some file systems do."""

    def act(_: int, operation: Operation) -> None:
        _, args = operation
        if kind == "anything" or (kind == "directories" and _is_directory(args[0])):
            # A copy beside its place, and a directory within the store, are on one file system.
            if os.path.dirname(args[0]) == os.path.dirname(args[1]):
                return
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), args[0])

    with watched(act, ("rename",)):
        yield


def killed_at(number: int, work: Callable[[], object]) -> bool:
    """Do ``work`` in a process that is killed before its n-th operation; whether it was.

    Every second time a write is cut off in the middle, as a crash of the machine would.
    """
    child = os.fork()
    if child == 0:
        write = os.write

        def act(count: int, operation: Operation) -> None:
            if count == number:
                name, args = operation
                if name == "write" and number % 2:
                    write(args[0], bytes(args[1])[: len(args[1]) // 2])
                os.kill(os.getpid(), signal.SIGKILL)

        try:
            with watched(act):
                work()
        except BaseException:
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0, f"it failed before operation {number}"
    return False


@contextlib.contextmanager
def failing_at(
    number: int,
    code: int,
    *,
    from_then_on: bool = False,
    names: tuple[str, ...] = CHANGING,
) -> Iterator[list[Operation]]:
    """Let the n-th operation fail, or it and all after it."""

    def act(count: int, operation: Operation) -> None:
        if count == number or (from_then_on and count > number):
            raise OSError(code, os.strerror(code), str(operation[1][0]))

    with watched(act, names) as log:
        yield log


def _is_directory(path: str) -> bool:
    return os.path.isdir(path) and not os.path.islink(path)
