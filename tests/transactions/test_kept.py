"""Where a transaction keeps what it took out, and what it put in."""

from __future__ import annotations

import dataclasses
import shutil
from typing import TYPE_CHECKING

import pytest

from ipy_envtools.errors import EnvToolsError
from ipy_envtools.plans.uninstall_plan import Edit, FileState
from ipy_envtools.transactions import apply

from .builders import STORE

if TYPE_CHECKING:
    from .builders import FabricatedEnvironment


def test_each_thing_that_an_undo_brings_back_can_be_read_where_it_is_kept(
    fabricated: FabricatedEnvironment,
) -> None:
    info = fabricated.site / "beta-2.0.dist-info"
    module = fabricated.site / "ns" / "common" / "beta.py"
    metadata = (info / "METADATA").read_bytes()
    transaction = apply(fabricated.plan("beta"))
    assert tuple(transaction.kept) == transaction.returning
    assert transaction.kept[module].is_file()
    assert (transaction.kept[info] / "METADATA").read_bytes() == metadata
    assert transaction.put_in == ()
    transaction.undo()
    assert transaction.kept == {}


def test_a_file_that_was_only_changed_is_kept_and_put_in(
    fabricated: FabricatedEnvironment,
) -> None:
    path = fabricated.site / "easy-install.pth"
    path.write_bytes(b"/one\n/two\n")
    status = path.lstat()
    state = FileState(status.st_mode, status.st_ino, status.st_size, status.st_mtime_ns)
    edit = Edit(path, ("/one",), b"/two\n", "purelib", state)
    transaction = apply(dataclasses.replace(fabricated.plan("gamma"), edits=(edit,)))
    assert transaction.put_in == (path,)
    assert transaction.kept[path].read_bytes() == b"/one\n/two\n"


def test_where_the_store_has_gone_it_says_so(fabricated: FabricatedEnvironment) -> None:
    transaction = apply(fabricated.plan("gamma"))
    shutil.rmtree(fabricated.root / STORE)
    for ask in (lambda: transaction.kept, lambda: transaction.put_in):
        with pytest.raises(EnvToolsError, match="no longer"):
            ask()
