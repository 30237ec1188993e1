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


def test_a_plan_is_outdated_once_a_newcomer_owns_one_of_its_files(tmp_path: Path) -> None:
    venv = make_venv(tmp_path / "venv")
    dist_info(venv.site, "one", files={"shared/__init__.py": "", "shared/one.py": ""})
    plan = envtools.plan_uninstall("one", envtools.scan(venv.python))
    dist_info(venv.site, "bystander")
    dist_info(venv.site, "two", files={"shared/__init__.py": "", "shared/two.py": ""})
    before = snapshot(tmp_path)
    with pytest.raises(envtools.PlanOutdated, match="shared"):
        envtools.apply(plan)
    assert snapshot(tmp_path) == before

    envtools.apply(envtools.plan_uninstall("one", envtools.scan(venv.python)))
    assert (venv.site / "shared" / "__init__.py").exists()
    assert not (venv.site / "shared" / "one.py").exists()


def test_a_plan_outlives_newcomers_that_own_none_of_its_files(tmp_path: Path) -> None:
    venv = make_venv(tmp_path / "venv")
    info = dist_info(venv.site, "one")
    plan = envtools.plan_uninstall("one", envtools.scan(venv.python))
    dist_info(venv.site, "bystander")
    envtools.apply(plan)
    assert not info.exists()


def test_what_is_taken_back_cannot_be_taken_back_again(tmp_path: Path) -> None:
    venv = make_venv(tmp_path / "venv")
    dist_info(venv.site, "one")
    transaction = envtools.apply(envtools.plan_uninstall("one", envtools.scan(venv.python)))
    assert transaction.undo().state == "undone"
    with pytest.raises(envtools.UndoConflict, match="already"):
        transaction.undo()


def test_a_plan_for_nothing_is_blocked(tmp_path: Path) -> None:
    venv = make_venv(tmp_path / "venv")
    plan = envtools.plan_uninstall([], envtools.scan(venv.python))
    with pytest.raises(envtools.PlanBlocked, match="Nothing"):
        envtools.apply(plan)
    assert envtools.history(venv.python) == []


def test_one_directory_may_be_given_by_itself(tmp_path: Path) -> None:
    dist_info(tmp_path, "one")
    for paths in (str(tmp_path), tmp_path, [tmp_path]):
        packages = envtools.scan(paths=paths)
        assert [site.path for site in packages.environment.site_directories] == [tmp_path]
        assert packages.environment.kind == "paths"
        assert envtools.plan_uninstall("one", packages, force=True).blocked
