"""ASK: uv and pip as subprocesses, behind one small interface. Nothing else starts one."""

from __future__ import annotations

from .engine import Engine, EngineFailed, EngineMissing, EngineStopped, Pin, Resolution

__all__ = ["Engine", "EngineFailed", "EngineMissing", "EngineStopped", "Pin", "Resolution"]
