"""A kernel of one of the environments, spoken to as a notebook does, somebody there to answer."""

from __future__ import annotations

import contextlib
import json
import os
from typing import TYPE_CHECKING

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

from .environments import clean_variables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from .environments import BuiltEnvironment

__all__ = ["running_kernel", "write_kernelspec"]


def write_kernelspec(directory: Path, name: str, environment: BuiltEnvironment) -> None:
    """Put a kernelspec called ``name`` into ``directory``, which is one for JUPYTER_PATH."""
    spec = directory / "kernels" / name
    spec.mkdir(parents=True)
    python = os.fspath(environment.python)
    spec.joinpath("kernel.json").write_text(
        json.dumps(
            {
                "argv": [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
                "display_name": name,
                "language": "python",
                "env": {"IPYTHONDIR": os.fspath(directory / "ipython")},
            }
        )
    )


@contextlib.contextmanager
def running_kernel(
    environment: BuiltEnvironment, directory: Path
) -> Iterator[Callable[[str], str]]:
    """Start a kernel; yields a function that runs a cell and returns what it printed."""
    write_kernelspec(directory, "measured", environment)
    specs = KernelSpecManager(
        kernel_dirs=[os.fspath(directory / "kernels")], ensure_native_kernel=False
    )
    manager = KernelManager(kernel_name="measured", kernel_spec_manager=specs)
    manager.start_kernel(cwd=os.fspath(directory), env=clean_variables())
    client = manager.blocking_client()
    client.start_channels()

    def run(code: str) -> str:
        printed: list[str] = []

        def take(message: dict[str, object]) -> None:
            content = message["content"]
            assert isinstance(content, dict)
            if message["msg_type"] == "stream":
                printed.append(content["text"])
            elif message["msg_type"] == "error":
                raise AssertionError("\n".join(content["traceback"]))

        client.execute_interactive(code, allow_stdin=True, output_hook=take, timeout=120)
        return "".join(printed)

    try:
        client.wait_for_ready(timeout=60)
        yield run
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
