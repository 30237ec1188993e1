"""Things that stand where a file of an entry should be."""

from __future__ import annotations

import os
import shutil
import socket
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["TRAPS", "clear"]


def clear(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _socket(path: Path) -> None:
    # The address of a socket has room for a hundred bytes.
    here = os.getcwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(path.name)
    finally:
        os.chdir(here)


def _device(path: Path) -> None:
    """One that never ends, where we may make one; else a link to it."""
    try:
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 5))
    except PermissionError:
        path.symlink_to("/dev/zero")


def _huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(200 << 20)


def _huge_lines(path: Path) -> None:
    path.write_bytes(b"Name: " + b"x" * (3 << 20) + b"\n" + b'"a' * 5_000 + b"\n")


def _hollow(path: Path) -> None:
    path.write_bytes(b"")


def _binary(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 64)


TRAPS: dict[str, Callable[[Path], object]] = {
    "fifo": os.mkfifo,
    "socket": _socket,
    "directory": lambda path: path.mkdir(),
    "device": _device,
    "endless link": lambda path: path.symlink_to("/dev/zero"),
    "terminal": lambda path: path.symlink_to("/dev/tty"),
    "huge": _huge,
    "huge lines": _huge_lines,
    "link to itself": lambda path: path.symlink_to(path.name),
    "dangling link": lambda path: path.symlink_to("no/such/file"),
    "link upwards": lambda path: path.symlink_to("../.."),
    "empty": _hollow,
    "binary": _binary,
    "nothing": clear,
}
