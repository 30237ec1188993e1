"""Work that takes long, off the kernel's main thread, so that the kernel stays usable."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...progress import OnProgress, Progress

__all__ = ["Worker"]

T = TypeVar("T")

_SHORTEST_PAUSE = 0.1  # seconds between two reports: the page shows no more, the wire carries less


class Worker:
    """Runs one view's jobs in threads of its own, and hands their results in under one lock.

    Widget callbacks may arrive on any thread (subshells), so they take :attr:`lock` as well. A
    job itself runs without it. Jobs of one ``purpose`` take each other's place: the result of an
    earlier one is dropped.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._newest: dict[str, int] = {}
        self._running: set[threading.Thread] = set()
        self._closed = False

    def start(
        self,
        purpose: str,
        job: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        """Run ``job``; then, under the lock, ``done`` with its result or ``failed``."""
        with self.lock:
            if self._closed:
                return
            number = self._newest.get(purpose, 0) + 1
            self._newest[purpose] = number

        def is_wanted() -> bool:
            return not self._closed and self._newest[purpose] == number

        def run() -> None:
            try:
                self._run(job, done, failed, is_wanted)
            finally:
                with self.lock:
                    self._running.discard(thread)

        # A daemon, so that a job which hangs cannot keep the kernel from ending.
        thread = threading.Thread(target=run, name="ipy-envtools view", daemon=True)
        with self.lock:
            self._running.add(thread)
        thread.start()

    def forget(self, purpose: str) -> None:
        """Drop the result of the job that runs for this purpose, if any."""
        with self.lock:
            self._newest[purpose] = self._newest.get(purpose, 0) + 1

    def _run(
        self,
        job: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[BaseException], None],
        is_wanted: Callable[[], bool],
    ) -> None:
        try:
            result = job()
        except BaseException as error:  # a thread has nobody else to tell
            with self.lock:
                if is_wanted():
                    failed(error)
            return
        with self.lock:
            if is_wanted():
                try:
                    done(result)
                except Exception as error:
                    failed(error)

    def reporter(self, show: Callable[[Progress], None]) -> OnProgress:
        """Return an ``on_progress`` that shows at most ten reports a second."""
        last = time.monotonic()

        def report(progress: Progress) -> None:
            nonlocal last
            now = time.monotonic()
            if now - last < _SHORTEST_PAUSE:
                return
            last = now
            with self.lock:
                if not self._closed:
                    show(progress)

        return report

    def join(self, timeout: float = 30.0) -> bool:
        """Wait until no job runs; False where ``timeout`` seconds were not enough."""
        end = time.monotonic() + timeout
        while True:
            with self.lock:
                running = next(iter(self._running), None)
            if running is None:
                return True
            running.join(max(0.0, end - time.monotonic()))
            if running.is_alive():
                return False

    def close(self) -> None:
        """Let what still runs come to its end, and hand in nothing any more."""
        with self.lock:
            self._closed = True
