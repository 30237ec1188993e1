"""What stands in pip's installation report."""

from __future__ import annotations

from typing import Any

import pytest

from ipy_envtools.engines.pip_answers import planned_pins
from ipy_envtools.engines.request_files import direct_lines
from ipy_envtools.environment import Environment, find_environment
from ipy_envtools.formats import read_request


@pytest.fixture(scope="module")
def environment() -> Environment:
    return find_environment()


def row(name: str, download: dict[str, Any], *, requested: bool, requires: str = "") -> Any:
    metadata = {"name": name, "version": "1.0", "requires_dist": [requires] if requires else []}
    return {
        "metadata": metadata,
        "download_info": download,
        "is_direct": True,
        "requested": requested,
    }


def test_a_commit_that_another_package_needs_is_asked_for_as_that(
    environment: Environment, tmp_path: Any
) -> None:
    (tmp_path / "setup.py").touch()
    vcs = {"vcs": "git", "commit_id": "abc123", "requested_revision": "main"}
    rows = [
        row(
            "tool",
            {"url": "https://host/tool", "vcs_info": vcs, "subdirectory": "part"},
            requested=False,
        ),
        row(
            "lib",
            {"url": tmp_path.as_uri(), "dir_info": {}},
            requested=True,
            requires="tool @ git+https://host/tool@main#subdirectory=part",
        ),
    ]
    request = read_request([str(tmp_path)])
    tool, lib = planned_pins(rows, request.requirements, environment)
    assert tool.direct == "tool @ git+https://host/tool#subdirectory=part"
    assert direct_lines([tool]) == ["tool @ git+https://host/tool@abc123#subdirectory=part"]
    assert tool.via == ("lib",)
    assert lib.direct == request.requirements[0].text
