"""The bug that started it: a directory with two names, and each package in it uninstalled twice."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

import ipy_envtools as envtools

from .builders import dist_info, make_venv, snapshot

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("first", ["lib", "lib64"])
def test_an_uninstall_goes_through_once_whatever_the_directory_is_called(
    first: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    venv = make_venv(tmp_path / "venv")
    link = venv.root / "lib64"
    if not link.is_symlink():
        link.symlink_to("lib")
    by_link = link / venv.site.relative_to(venv.root / "lib")
    (venv.site / "again.pth").write_text(f"{by_link}\n{venv.site}\n")
    monkeypatch.setenv("PYTHONPATH", str(by_link if first == "lib64" else venv.site))
    info = dist_info(venv.site, "flask", "3.1.0", scripts=["flask"])
    dist_info(venv.site, "flask-login", "0.6.3", requires=["flask"])
    before = snapshot(tmp_path)

    packages = envtools.scan(venv.python)
    assert [package.canonical_name for package in packages] == ["flask", "flask-login"]
    (site,) = [s for s in packages.environment.site_directories if s.role == "environment"]
    assert {site.path, *site.aliases} == {venv.site, by_link}

    plan = envtools.plan_uninstall(["flask"], packages)
    assert plan.blocked is None
    paths = [file.path.resolve() for file in plan.files]
    assert len(paths) == len(set(paths))
    assert {file.verdict for file in plan.files} == {"remove"}

    transaction = envtools.apply(plan)
    assert "RECORD" not in transaction.summary
    assert [change.name for change in transaction.changes] == ["flask"]
    assert not info.exists()
    left = envtools.scan(venv.python)
    assert [package.canonical_name for package in left] == ["flask-login"]
    assert len(envtools.history(venv.python)) == 1

    transaction.undo()
    assert snapshot(tmp_path) == before


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
@pytest.mark.parametrize("direction", ["4.0.0 to 3.7.0", "3.7.0 to 4.0.0"])
def test_a_linked_entry_keeps_its_own_name_and_goes_as_a_link(
    direction: str, tmp_path: Path
) -> None:
    alias, target = direction.split(" to ")
    venv = make_venv(tmp_path / "venv")
    dist_info(venv.site, "anyio", target)
    link = venv.site / f"anyio-{alias}.dist-info"
    link.symlink_to(f"anyio-{target}.dist-info")
    (venv.site / "foo").symlink_to(f"anyio-{target}.dist-info")
    before = snapshot(tmp_path)

    packages = envtools.scan(venv.python)
    found = {(package.canonical_name, package.version, package.linked) for package in packages}
    assert found == {("anyio", target, False), ("anyio", alias, True)}
    (problem,) = [problem for problem in packages.problems if problem.kind == "alias"]
    assert problem.paths[0] == link

    (linked,) = [package for package in packages if package.linked]
    envtools.apply(envtools.plan_uninstall([linked], packages))
    assert not link.is_symlink()
    (left,) = envtools.scan(venv.python)
    assert (left.version, left.linked) == (target, False)
    assert (left.info_path / "METADATA").is_file()

    (transaction,) = envtools.history(venv.python)
    transaction.undo()
    assert snapshot(tmp_path) == before
