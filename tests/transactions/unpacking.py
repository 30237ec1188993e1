"""An engine that only writes files, so that an installation can be stopped at every operation."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ipy_envtools.engines import Pin
from ipy_envtools.formats.install_request import InstallRequest
from ipy_envtools.plans.install_plan import InstallAction, InstallPlan
from ipy_envtools.transactions import installing
from tests.builders import record_row

from .builders import PURELIB

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pytest

    from ipy_envtools.engines import Job

    from .builders import FabricatedEnvironment

__all__ = ["Unpacking", "plan_install"]

_TIME = 1_600_000_000


@dataclass
class Unpacking:
    """Stands in for uv and pip; what it offers is by name: a version and files."""

    offers: dict[str, tuple[str, Mapping[str, bytes]]] = field(default_factory=dict)
    name: str = "uv"
    version: str = "0"
    notes: tuple[str, ...] = ()
    site: str = PURELIB
    """Where a stage has its modules."""

    def use(self, patch: pytest.MonkeyPatch) -> None:
        """Let it be found from now on."""
        patch.setattr(installing, "find_engine", lambda *_: self)

    def fill(self, stage: Path, pins: Sequence[Pin], job: Job) -> None:  # noqa: ARG002
        """Write each pin's files, RECORD and REQUESTED as uv does."""
        for pin in pins:
            version, files = self.offers[pin.name]
            self.write(stage, pin.name, version, files)

    def write(
        self, stage: Path, name: str, version: str, files: Mapping[str, bytes], rows: str = ""
    ) -> None:
        info = f"{name}-{version}.dist-info"
        contents = {
            **files,
            f"{info}/METADATA": f"Name: {name}\nVersion: {version}\n".encode(),
            f"{info}/INSTALLER": b"uv",
            f"{info}/REQUESTED": b"",
        }
        record = [record_row(path, content) for path, content in contents.items()]
        contents[f"{info}/RECORD"] = ("\n".join([*record, f"{info}/RECORD,,", rows])).encode()
        for path, content in contents.items():
            target = Path(os.path.normpath(stage / self.site / path))
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            os.utime(target, (_TIME, _TIME))  # as those of an engine's cache


def plan_install(
    environment: FabricatedEnvironment, *wanted: tuple[str, str], force: bool = False
) -> InstallPlan:
    """Plan to have these versions, in the place of what there is of them."""
    there = _installed(environment)
    actions = []
    for name, version in wanted:
        previous = there.get(name)
        kind = "install" if previous is None else "upgrade"
        pin = Pin(name, version)
        actions.append(InstallAction(kind, name, version, previous, requested=True, pin=pin))
    return InstallPlan(
        environment=environment.environment,
        root=environment.root,
        request=InstallRequest(()),
        engine="uv",
        actions=tuple(actions),
        conflicts=(),
        removal=environment.plan(*(name for name, _ in wanted if name in there)),
        loaded_modules=(),
        touches_kernel=(),
        blocked=None,
        force=force,
    )


def _installed(environment: FabricatedEnvironment) -> dict[str, str]:
    entries = (path.name for path in environment.site.glob("*.dist-info"))
    return {
        name: version.removesuffix(".dist-info")
        for name, _, version in (entry.partition("-") for entry in entries)
    }
