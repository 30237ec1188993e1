from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ipy_envtools.transactions import apply
from tests.plans.installing import make_place

from .builders import FabricatedEnvironment, Link

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.index import Index
    from tests.plans.installing import Place


@pytest.fixture(params=["uv", "pip"])
def place(request: pytest.FixtureRequest, tmp_path: Path, index: Index) -> Place:
    """A virtual environment to install into; every test is done with uv and with pip."""
    return make_place(tmp_path / "venv", request.param)


@pytest.fixture
def fabricated(tmp_path: Path) -> FabricatedEnvironment:
    """Four packages, of which two share a namespace and a script directory."""
    return fabricate(tmp_path / "env")


def fabricate(root: Path, scripts: Path | None = None) -> FabricatedEnvironment:
    """The same at a place of choice."""
    environment = FabricatedEnvironment(root, scripts=scripts)
    environment.install(
        "alpha",
        "1.0",
        {
            "alpha/__init__.py": b"import alpha.deep\n",
            "alpha/deep/er/module.py": b"",
            "alpha/data.bin": bytes(range(256)) * 40,
            "alpha/link.py": Link("__init__.py"),
            "alpha/nowhere": Link("/does/not/exist"),
            "ns/alpha/__init__.py": b"",
            "ns/common/alpha.py": b"",
            "alpha_single.py": b"x = 1\n",
            "../../../bin/alpha": b"#!/usr/bin/python3\n",
            "../../../share/man/man1/alpha.1": b".TH\n",
            "../../../etc/alpha.conf": b"",
        },
    )
    environment.install(
        "beta",
        "2.0",
        {
            "ns/beta/__init__.py": b"",
            "ns/common/beta.py": b"",
            "../../../bin/beta": b"#!/usr/bin/python3\n",
            "../../../share/man/man1/beta.1": b".TH\n",
        },
    )
    environment.install("gamma", "3.0", {"gamma/__init__.py": b"", "ns/gamma.py": b""})
    environment.install("delta", "4.0", {"ns/alpha/delta/__init__.py": b""})
    (environment.site / "alpha" / "deep").chmod(0o750)
    (environment.site / "alpha" / "data.bin").chmod(0o444)
    (environment.root / "bin" / "alpha").chmod(0o755)
    return environment


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Path]:
    """A directory in memory where the machine has one: thousands of syncs take long on a disk."""
    if not os.path.isdir("/dev/shm"):
        yield tmp_path
        return
    top = Path(tempfile.mkdtemp(dir="/dev/shm"))
    yield top
    shutil.rmtree(top)


@pytest.fixture
def small(memory: Path) -> FabricatedEnvironment:
    """Few files, because every operation on each of them is tried."""
    environment = FabricatedEnvironment(memory / "env")
    environment.install(
        "alpha",
        "1.0",
        {
            "alpha/__init__.py": b"first",
            "alpha/deep/module.py": b"second",
            "ns/alpha.py": b"third",
            "ns/common/alpha": Link("../alpha.py"),
            "../../../bin/alpha": b"#!",
        },
    )
    environment.install("beta", "2.0", {"ns/beta.py": b"", "ns/common/beta.py": b""})
    environment.install("other", "3.0", {"other.py": b""})
    environment.install("keeper", "4.0", {"keeper.py": b""})
    (environment.site / "alpha" / "deep").chmod(0o750)
    for number, path in enumerate(("alpha/deep", "alpha", "ns/common", "ns", "../../../bin", "")):
        os.utime(environment.site / path, ns=(1, 1_500_000_000_000_000_000 + number))
    # Making and removing the store, and uv's lock, is not what is tried here: it changes their
    # parent's time.
    (environment.root / ".lock").touch()
    apply(environment.plan("keeper"))
    return environment
