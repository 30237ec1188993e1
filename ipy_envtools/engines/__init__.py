"""ASK: uv and pip as subprocesses, behind one small interface. Nothing else starts one."""

from __future__ import annotations

from .engine import Engine, EngineFailed, EngineMissing, EngineStopped, Job, Pin, Resolution
from .finding import find_engine
from .stages import stage_schemes

__all__ = [
    "Engine",
    "EngineFailed",
    "EngineMissing",
    "EngineStopped",
    "Job",
    "Pin",
    "Resolution",
    "find_engine",
    "stage_schemes",
]
