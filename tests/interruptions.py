"""Lines for a notebook's cell or IPython that let a change be slow, or never come to its end."""

from __future__ import annotations

__all__ = ["KILL", "slow"]

KILL = """
import os, signal
real = os.rename
def rename(here, there, *rest):
    real(here, there, *rest)
    if ".ipy-envtools" in f"{here} {there}":
        os.kill(os.getpid(), signal.SIGKILL)
os.rename = rename
"""
"""The process is killed when the first thing has been moved into the store, or out of it."""


def slow(seconds: float) -> str:
    """Each thing takes ``seconds`` to be moved."""
    return f"""
import os, time
real = os.rename
def rename(here, there, *rest):
    time.sleep({seconds})
    real(here, there, *rest)
os.rename = rename
"""
