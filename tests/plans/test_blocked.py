"""Plans that may not be carried out: they say why, and what to do instead."""

from __future__ import annotations

import json
import os

import pytest

from ipy_envtools import plan_uninstall, scan
from ipy_envtools.environment import SiteDirectory
from tests.builders import dist_info, egg_info

from .fabricated import LIBRARY, Fabricated, as_another_user, going


def _blocked(made: Fabricated, *names: str, **how: bool) -> str:
    plan = made.plan(*names, **how)
    assert plan.blocked is not None
    assert plan.blocked.isprintable()
    return plan.blocked


@pytest.mark.parametrize("name", ["ipykernel", "ipython", "ipywidgets", "ipy-envtools"])
def test_what_the_kernel_runs_on_is_protected(made: Fabricated, name: str) -> None:
    made.changes["is_running"] = True
    made.add(name)
    reason = _blocked(made, name)
    assert reason.startswith("This notebook's kernel runs on it")
    assert "--force" in reason
    assert made.plan(name, force=True).blocked is None


def test_what_the_kernel_needs_is_protected_and_says_by_whom(made: Fabricated) -> None:
    made.changes["is_running"] = True
    made.add("ipython", requires=["traitlets", "black; extra == 'black'"], extras=["black"])
    made.add("traitlets")
    made.add("black")
    made.add("flask", requires=["traitlets"])
    reason = _blocked(made, "traitlets")
    assert reason.startswith("This notebook's kernel runs on")
    assert "ipython" in reason
    assert made.plan("flask").blocked is None
    assert made.plan("black").blocked is None


def test_widening_a_plan_does_not_take_the_kernel_along(made: Fabricated) -> None:
    made.changes["is_running"] = True
    made.add("base")
    made.add("ipykernel", requires=["base"], requested=False)
    assert _blocked(made, "base", dependents=True).startswith("This notebook's kernel")


def test_another_environments_kernel_is_not_this_one(made: Fabricated) -> None:
    made.add("ipykernel")
    assert made.plan("ipykernel").blocked is None


def test_a_shadowed_copy_of_what_the_kernel_runs_on_may_go(made: Fabricated) -> None:
    made.changes["is_running"] = True
    made.add("ipython", "9.0")
    platlib = made.root / "lib64" / "python3.11" / "site-packages"
    made.changes["schemes"] = {**made.schemes, "platlib": platlib}
    made.more = (SiteDirectory(platlib, "environment", writable=True),)
    dist_info(platlib, "ipython", "8.0")
    assert made.plan("ipython==8.0").blocked is None


@pytest.mark.parametrize(
    ("role", "word"),
    [
        ("parent", "made from"),
        ("system", "operating system"),
        ("pythonpath", "PYTHONPATH"),
        ("pth", "adds"),
        ("path", "no environment"),
    ],
)
def test_what_is_not_this_environments_is_blocked_even_by_force(
    made: Fabricated, role: str, word: str
) -> None:
    elsewhere = made.home / "elsewhere"
    dist_info(elsewhere, "foo")
    made.more = (SiteDirectory(elsewhere, role, writable=True, added_by=made.site / "a.pth"),)
    assert word in _blocked(made, "foo")
    assert word in _blocked(made, "foo", force=True)


def test_every_package_of_a_plan_must_be_removable(made: Fabricated) -> None:
    elsewhere = made.home / "elsewhere"
    dist_info(elsewhere, "bar")
    made.more = (SiteDirectory(elsewhere, "parent"),)
    made.add("foo")
    assert "bar" in _blocked(made, "foo", "bar")


def test_environment_and_user_site_are_changed_one_after_the_other(made: Fabricated) -> None:
    user = made.home / "user"
    dist_info(user, "bar")
    made.more = (SiteDirectory(user, "user", writable=True),)
    made.changes.update(
        user_base=made.home, user_schemes={"purelib": user, "data": made.home, "scripts": user}
    )
    made.add("foo")
    assert "two commands" in _blocked(made, "foo", "bar")
    assert made.plan("bar").blocked is None


def test_directories_without_an_interpreter_are_only_looked_at(made: Fabricated) -> None:
    made.add("foo")
    packages = scan(paths=[made.site])
    plan = plan_uninstall("foo", packages, force=True)
    assert plan.blocked
    assert "foo/__init__.py" in {os.path.relpath(file.path, made.site) for file in plan.files}


def test_a_managed_environment_shows_its_message_and_can_be_forced(made: Fabricated) -> None:
    made.changes.update(kind="system", externally_managed="Use apt instead.")
    made.add("foo")
    reason = _blocked(made, "foo")
    assert "EXTERNALLY-MANAGED" in reason
    assert "Use apt instead." in reason
    assert made.plan("foo", force=True).blocked is None


def _conda(made: Fabricated, files: list[str], name: str = "foo-1.0-py_0.json") -> None:
    made.changes["kind"] = "conda"
    meta = made.root / "conda-meta"
    meta.mkdir(exist_ok=True)
    (meta / "history").write_text("")
    (meta / name).write_text(json.dumps({"files": files, "name": "x"}, indent=2))


@pytest.mark.parametrize(
    "file",
    [
        f"{LIBRARY}/site-packages/foo-1.0.dist-info/METADATA",
        "Lib\\site-packages\\foo-1.0.dist-info\\METADATA",
        "site-packages/foo-1.0.dist-info/RECORD",
    ],
)
def test_what_conda_installed_is_condas(made: Fabricated, file: str) -> None:
    made.add("foo")
    _conda(made, [file], name="another-name-1.0-0.json")
    assert "conda remove foo" in _blocked(made, "foo")
    assert made.plan("foo", force=True).blocked is not None


def test_what_pip_installed_beside_conda_is_not_condas(made: Fabricated) -> None:
    made.add("foo", "2.0", installer="conda")  # whoever wrote INSTALLER: the records decide
    _conda(made, [f"{LIBRARY}/site-packages/foo-1.0.dist-info/METADATA", "myfoo-2.0.dist-info/x"])
    assert made.plan("foo").blocked is None


@pytest.mark.parametrize(
    "installer", [None, "", "\n", "pip", "MegaCorp Cloud Install-O-Matic", b"\xc0\xff\xee", "dir"]
)
def test_without_record_an_uninstall_is_refused_with_a_way_out(
    made: Fabricated, installer: str | bytes | None
) -> None:
    made.add("foo", record=False, installer=None)
    path = made.site / "foo-1.0.dist-info" / "INSTALLER"
    if installer == "dir":
        path.mkdir()
    elif installer is not None:
        path.write_bytes(installer if isinstance(installer, bytes) else installer.encode())
    reason = _blocked(made, "foo")
    assert "no RECORD" in reason
    assert "--force-reinstall foo" in reason
    assert ("MegaCorp" in reason) == (installer == "MegaCorp Cloud Install-O-Matic")
    assert made.plan("foo", force=True).blocked is not None


@pytest.mark.parametrize("content", [b"", b"\n\n"])
def test_an_empty_record_is_none(made: Fabricated, content: bytes) -> None:
    made.add("foo")
    (made.site / "foo-1.0.dist-info" / "RECORD").write_bytes(content)
    assert "RECORD" in _blocked(made, "foo")


def test_a_record_of_nothing_but_metadata_is_one(made: Fabricated) -> None:
    """A metapackage has only requirements."""
    made.add("meta", files={})
    assert made.plan("meta").blocked is None


def test_a_record_that_is_no_file_is_none(made: Fabricated) -> None:
    made.add("foo", record=False)
    (made.site / "foo-1.0.dist-info" / "RECORD").mkdir()
    assert "RECORD" in _blocked(made, "foo")


def test_a_link_to_nowhere_has_no_record(made: Fabricated) -> None:
    made.link("foo-1.0.dist-info", made.home / "gone")
    assert "RECORD" in _blocked(made, "foo")


def test_what_distutils_installed_is_refused(made: Fabricated) -> None:
    made.write("foo-1.0.egg-info", "Metadata-Version: 1.0\nName: foo\nVersion: 1.0\n")
    made.write("foo.py")
    plan = made.plan("foo")
    assert plan.blocked is not None
    assert "distutils" in plan.blocked
    assert "foo.py" not in going(plan)


def test_a_flat_egg_info_without_its_list_is_refused(made: Fabricated) -> None:
    """A blank line in top_level.txt once made a tool empty all of site-packages."""
    info = egg_info(made.site, "foo", files={"foo/__init__.py": ""})
    (info / "top_level.txt").write_text("\nfoo\n\n")
    plan = made.plan("foo")
    assert plan.blocked is not None
    assert "installed-files.txt" in plan.blocked
    assert all("egg-info" in path for path in going(plan))


def test_the_directories_must_be_writable(made: Fabricated) -> None:
    made.add("foo", files={"foo/__init__.py": "", "foo/sub/a.py": ""})
    (made.site / "foo" / "sub").chmod(0o555)
    try:
        reason = _blocked_for_another_user(made, "foo")
    finally:
        (made.site / "foo" / "sub").chmod(0o755)
    assert f"{made.site / 'foo' / 'sub'} is read-only" in reason


def _blocked_for_another_user(made: Fabricated, name: str) -> str:
    packages = made.packages()
    return as_another_user(made.home, lambda: plan_uninstall(name, packages).blocked or "")
