"""Which process is at work in an environment, so that a live one is told from a dead one."""

from __future__ import annotations

import os
import socket
import sys
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

__all__ = ["Owner", "this_process"]


@dataclass(frozen=True, slots=True)
class Owner:
    """One process, for all time: a process id alone is used again."""

    host: str
    boot: str | None
    """Linux's identity of one start of the machine; None elsewhere."""
    pid: int
    born: int | None
    """When the process started, in the kernel's clock ticks since boot; None elsewhere."""

    def __str__(self) -> str:
        """The process as part of a sentence."""
        place = "" if self.host == socket.gethostname() else f" on {self.host}"
        return f"process {self.pid}{place}"

    @property
    def is_elsewhere(self) -> bool:
        """Whether it belongs to another machine, where it cannot be looked at."""
        return self.host != socket.gethostname()

    @property
    def is_seen_alive(self) -> bool:
        """Whether another process of this machine that can be looked at is this one."""
        if self.is_elsewhere or self.boot != _boot() or self.pid == os.getpid():
            return False
        # Windows: os.kill(pid, 0) would send that process a Ctrl-C.
        if sys.platform == "win32":
            return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except OSError:
            pass  # it exists and is somebody else's
        born = _born(self.pid)
        return self.born is None or born is None or born == self.born

    def to_json(self) -> dict[str, Any]:
        """The process as a value for the journal."""
        return {"host": self.host, "boot": self.boot, "pid": self.pid, "born": self.born}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Owner:
        """The process that :meth:`to_json` described."""
        return cls(str(value["host"]), value["boot"], int(value["pid"]), value["born"])


def this_process() -> Owner:
    """The process that this code runs in."""
    return _process(os.getpid())


@lru_cache(maxsize=1)
def _process(pid: int) -> Owner:
    return Owner(socket.gethostname(), _boot(), pid, _born(pid))


def _boot() -> str | None:
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return file.read().strip()
    except (OSError, ValueError):
        return None


def _born(pid: int) -> int | None:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            # The second field is the command's name, which may hold anything, spaces included.
            return int(file.read().rpartition(b")")[2].split()[19])
    except (OSError, ValueError, IndexError):
        return None
