"""An interpreter that installs below another directory than its prefix, as Debian's does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ipy_envtools.environment import SiteDirectory, scan
from ipy_envtools.transactions import apply

from .builders import PURELIB, differences, picture
from .unpacking import Unpacking, plan_install

if TYPE_CHECKING:
    from .builders import FabricatedEnvironment

DEBIAN = "local/lib/python3.11/dist-packages"


@pytest.mark.parametrize("site", [DEBIAN, PURELIB], ids=["as pip stages", "as uv stages"])
def test_scripts_and_data_come_to_where_it_has_them(
    fabricated: FabricatedEnvironment, monkeypatch: pytest.MonkeyPatch, site: str
) -> None:
    root = fabricated.root
    files = {
        "tool/__init__.py": b"",
        "../../../bin/tool": b"#!python\n",
        "../../../etc/tool.conf": b"x",
        "../../../share/man/man1/tool.1": b".TH\n",
    }
    header = root / "local/include/python3.11/tool/tool.h"
    if site == DEBIAN:  # where Debian's pip puts them is no directory of its own Python's
        files["../../../../include/python3.11/tool/tool.h"] = b""
        header = root / "include/python3.11/tool/tool.h"
    else:
        files["../../../include/python3.11/tool/tool.h"] = b""
    Unpacking({"tool": ("1.0", files)}, site=site).use(monkeypatch)
    (root / DEBIAN).mkdir(parents=True)
    schemes = {
        "purelib": root / DEBIAN,
        "platlib": root / DEBIAN,
        "scripts": root / "local" / "bin",
        "data": root / "local",
    }
    environment = replace(
        fabricated.environment,
        schemes=schemes,
        site_directories=(SiteDirectory(root / DEBIAN, "environment"),),
    )
    plan = plan_install(fabricated, ("tool", "1.0"))
    before = picture(root)
    transaction = apply(replace(plan, environment=environment))
    found = set(picture(root)) - set(before)
    assert str(header) in found
    for path in (f"{DEBIAN}/tool/__init__.py", "local/bin/tool", "local/etc/tool.conf"):
        assert str(root / path) in found
    (tool,) = scan(paths=[root / DEBIAN])
    assert all(map(str.startswith, tool.file_paths, [str(root)] * 99))
    assert {path for path in tool.file_paths if path in found} == set(tool.file_paths)
    transaction.undo()
    assert differences(before, picture(root)) == []
