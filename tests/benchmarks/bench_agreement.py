"""The scan says what pip and uv say about the environment of more than 350 real packages.

It stands beside the benchmarks because it needs their environment. Fabricated environments in
which pip or uv are wrong have tests of their own; here all three are right, so that there is no
difference to explain but the two that the tests' docstrings name.
"""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from .environments import clean_variables, uv
from .timing import measured

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .environments import BuiltEnvironment


@pytest.fixture(scope="module")
def ours(real: BuiltEnvironment) -> list[dict[str, Any]]:
    return list(measured(real, "facts"))


@pytest.fixture(scope="module")
def inspected(real: BuiltEnvironment) -> list[dict[str, Any]]:
    said = _pip(real, "inspect", "--local")
    return list(said["installed"])


def test_it_holds_more_than_350_packages(ours: list[dict[str, Any]]) -> None:
    assert len(ours) > 350


def test_names_and_versions_are_those_of_uv_pip_list(
    real: BuiltEnvironment, ours: list[dict[str, Any]]
) -> None:
    command = [uv(), "pip", "list", "--format", "json", "--python", str(real.python)]
    assert _names_and_versions(ours) == _names_and_versions(json.loads(_printed(command)))


def test_names_and_versions_are_those_of_pip_list(
    real: BuiltEnvironment, ours: list[dict[str, Any]]
) -> None:
    theirs = _pip(real, "list", "--format", "json")
    assert _names_and_versions(ours) == _names_and_versions(theirs)


def test_spelled_names_are_those_of_pip_list(
    real: BuiltEnvironment, ours: list[dict[str, Any]]
) -> None:
    theirs = _pip(real, "list", "--format", "json")
    assert sorted(found["name"] for found in ours) == sorted(found["name"] for found in theirs)


def test_places_and_editable_flags_are_those_of_pip_inspect(
    ours: list[dict[str, Any]], inspected: list[dict[str, Any]]
) -> None:
    theirs = {
        (
            canonicalize_name(found["metadata"]["name"]),
            found["metadata_location"],
            bool(found.get("direct_url", {}).get("dir_info", {}).get("editable")),
        )
        for found in inspected
    }
    assert {(f["canonical_name"], f["info_path"], f["editable"]) for f in ours} == theirs


def test_requirements_are_those_of_pip_inspect(
    ours: list[dict[str, Any]], inspected: list[dict[str, Any]]
) -> None:
    theirs = {
        canonicalize_name(found["metadata"]["name"]): found["metadata"].get("requires_dist", [])
        for found in inspected
    }
    assert {f["canonical_name"]: _requirements(f["requires"]) for f in ours} == {
        name: _requirements(texts) for name, texts in theirs.items()
    }


def test_installers_and_what_was_asked_for_are_those_of_pip_inspect(
    ours: list[dict[str, Any]], inspected: list[dict[str, Any]]
) -> None:
    """uv marks everything as asked for, so there we say that nobody knows; pip believes it."""
    installers = {canonicalize_name(f["metadata"]["name"]): f["installer"] for f in inspected}
    assert {f["canonical_name"]: f["installer"] for f in ours} == installers
    assert all(found["requested"] for found in inspected)
    assert all(found["requested"] is None for found in ours)


def test_nothing_is_missing_or_incompatible_as_uv_pip_check_says(
    real: BuiltEnvironment, ours: list[dict[str, Any]]
) -> None:
    command = [uv(), "pip", "check", "--python", str(real.python)]
    checked = subprocess.run(
        command, env=clean_variables(), capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr
    assert [problem for found in ours for problem in found["dependency_problems"]] == []


def test_dependents_are_those_of_uv_pip_tree_and_those_of_used_extras(
    real: BuiltEnvironment, ours: list[dict[str, Any]]
) -> None:
    """uv's tree leaves out extras; we count one when all that it needs is installed.

    So each of uv's dependents is among ours, and each further one of ours has a requirement
    behind an extra.
    """
    command = [uv(), "pip", "tree", "--python", str(real.python)]
    theirs = set(_edges(_printed(command)))
    assert len(theirs) > 500
    mine = {(needed["canonical_name"], by) for needed in ours for by in needed["required_by"]}
    assert theirs <= mine
    optional = {
        (requirement.name, found["canonical_name"])
        for found in ours
        for requirement in _requirements(found["requires"])
        if "extra" in str(requirement.marker)
    }
    assert mine - theirs <= {(canonicalize_name(name), by) for name, by in optional}


def _edges(tree: str) -> Iterator[tuple[str, str]]:
    """(needed, needed by) of each line of ``uv pip tree``, which indents by four columns."""
    path: list[str] = []
    for line in tree.splitlines():
        if line.startswith("(*)"):
            continue
        text = line.lstrip("│ ├└─")
        del path[(len(line) - len(text)) // 4 :]
        name = canonicalize_name(text.split()[0])
        if path:
            yield name, path[-1]
        path.append(name)


def _requirements(texts: list[str]) -> list[Requirement]:
    """Compared as requirements, because pip re-writes some of the texts."""
    return sorted(map(Requirement, texts), key=str)


def _names_and_versions(found: list[dict[str, Any]]) -> list[tuple[str, Version]]:
    return sorted((canonicalize_name(one["name"]), Version(one["version"])) for one in found)


def _pip(environment: BuiltEnvironment, *arguments: str) -> Any:
    command = [str(environment.python), "-m", "pip", *arguments, "--disable-pip-version-check"]
    return json.loads(_printed(command))


def _printed(command: list[str]) -> str:
    return subprocess.run(
        command, env=clean_variables(), capture_output=True, text=True, check=True
    ).stdout
