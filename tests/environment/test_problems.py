"""The list of problem kinds is closed, and every message is one sentence with a next step."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from ipy_envtools.environment import problems as problems_module
from ipy_envtools.environment import scan
from ipy_envtools.environment.problems import PROBLEM_KINDS

from ..builders import Venv, dist_info, egg_info
from .looking import kinds, messages

if TYPE_CHECKING:
    from pathlib import Path


def sick(site: Path) -> None:
    """One site directory with every kind of problem but those that need a second directory."""
    dist_info(site, "incompatible", requires=["lib>=9", "nothing-like-it", "no requirement!"])
    real = dist_info(site, "lib", "1.0")
    (site / "alias-2.0.dist-info").symlink_to(real.name)
    dist_info(site, "url", direct_url="{}")
    dist_info(site, "twice", "1.0")
    dist_info(site, "twice", "2.0")
    gone = json.dumps({"url": "file:///nowhere/at/all", "dir_info": {"editable": True}})
    dist_info(site, "dangling", direct_url=gone)
    (site / "dead.egg-link").write_text("/nowhere/at/all\n.")
    dist_info(site, "incomplete")
    (site / "incomplete" / "__init__.py").unlink()
    dist_info(site, "shares", files={"lib/__init__.py": "__version__ = '1.0'\n"})
    (site / "ghost-1.0.dist-info").mkdir()
    dist_info(site, "-odd-", files={})
    dist_info(site, "versioned", "1.x", files={})
    (site / "~eft-1.0.dist-info").mkdir()
    (site / "~eft-1.0.dist-info" / "METADATA").write_text("12345")
    (site / "~nclear").mkdir()
    (site / "lib" / "__pycache__").mkdir()
    (site / "lib" / "__pycache__" / "gone.cpython-311.pyc").write_bytes(b"")
    info = dist_info(site, "mismatch")
    (info / "METADATA").write_text("Name: other\nVersion: 1.0\n\n")
    info = dist_info(site, "headless")
    (info / "METADATA").unlink()
    info = dist_info(site, "foreign")
    (info / "WHEEL").write_text("Wheel-Version: 1.0\nTag: cp27-cp27m-win32\n")
    dist_info(site, "ancient", headers=["Requires-Python: <3"])
    dist_info(site, "rows", rows=["a,b,c,d,e", "/etc/passwd,,"])
    dist_info(site, "unrecorded", record=False)
    (site / "unowned.pth").write_text("import nothing\n")
    (site / "unreadable-1.0.dist-info").write_text("")


def test_every_kind_can_be_found_says_its_package_and_is_one_printable_line(
    venv: Venv, tmp_path: Path
) -> None:
    sick(venv.site)
    later = tmp_path / "later"
    dist_info(later, "lib", "0.5")
    (venv.site / "later.pth").write_text(f"{later}\n")
    packages = scan(venv.python)
    found = {problem.kind for problem in packages.problems}
    assert found == set(PROBLEM_KINDS)
    nobodys = {
        "compiled-orphaned",
        "leftover",
        "leftover-unclear",
        "startup-unowned",
        "unreadable",
    }
    for problem in packages.problems:
        assert problem.message.isprintable()
        assert problem.paths
        assert len(problem.message) <= 400
        if problem.kind not in nobodys:
            assert problem.name in packages
            assert problem.name in problem.message
        assert re.search(
            r"%pkg \w|uv pip \w|install it again|install the package|remove|look into|permissions",
            problem.message,
        ), problem.message
    assert {problem.severity for problem in packages.problems} == {"error", "warning", "note"}
    quick = packages.quick_problems
    assert set(quick) <= set(packages.problems)
    assert packages.problems[: len(quick)] == quick


def test_every_kind_is_documented() -> None:
    source = problems_module.__file__ or ""
    with open(source, encoding="utf-8") as file:
        documentation = file.read().partition('"""Every kind of problem')[2]
    assert list(PROBLEM_KINDS) == sorted(PROBLEM_KINDS)
    for kind in PROBLEM_KINDS:
        assert f"``{kind}``" in documentation


def test_a_healthy_environment_has_no_problems(site: Path) -> None:
    dist_info(site, "flask", requires=["click>=8"], scripts=["flask"])
    dist_info(site, "click", "8.1")
    egg_info(site, "legacy", files={"legacy.py": ""})
    assert scan(paths=[site]).problems == ()


def test_a_leftover_is_never_a_distribution_and_has_a_size(site: Path) -> None:
    left = site / "~lask-1.0.dist-info"
    left.mkdir()
    row = "flask/__init__.py,,\n"
    (left / "METADATA").write_bytes(b"x" * (1000 - len(row)))
    (left / "RECORD").write_text(row)
    (site / "~lask").mkdir()
    (site / "~lask" / "__init__.py").write_bytes(b"x" * 234)
    packages = scan(paths=[site])
    assert len(packages) == 0
    assert kinds(packages) == ["leftover", "leftover"]
    said = "".join(messages(packages, "leftover"))
    assert "1,000 bytes" in said
    assert "234 bytes" in said


def test_a_ghost_is_listed_and_a_problem(site: Path) -> None:
    (site / "ghost-1.0.dist-info").mkdir()
    (site / "dangling-1.0.dist-info").symlink_to("nowhere")
    packages = scan(paths=[site])
    assert [(d.name, d.version) for d in packages] == [("dangling", "1.0"), ("ghost", "1.0")]
    assert kinds(packages) == ["ghost", "ghost"]


def test_a_wheel_for_another_python_or_system_is_reported(venv: Venv) -> None:
    for name, tags in {
        "pure": ["py3-none-any"],
        "both": ["py2-none-any", "py3-none-any"],
        "compressed": ["py2.py3-none-any"],
        "windows": ["cp311-cp311-win_amd64"],
        "python-two": ["py2-none-any", "cp27-none-any"],
        "nonsense": ["not a tag"],
        "none": [],
        "bomb": ["-".join([".".join("ab" * 9_000)] * 3)],
    }.items():
        info = dist_info(venv.site, name, record=False)
        lines = "".join(f"Tag: {tag}\n" for tag in tags)
        (info / "WHEEL").write_text(f"Wheel-Version: 1.0\n{lines}")
    packages = scan(venv.python)
    found = [problem for problem in packages.problems if problem.kind == "platform-incompatible"]
    assert [problem.name for problem in found] == ["python-two", "windows"]
    assert "cp311-cp311-win_amd64" in found[1].message
    assert packages.environment.version in found[1].message


def test_the_problems_of_one_package_do_not_hide_another(site: Path) -> None:
    sick(site)
    dist_info(site, "healthy", "3.0")
    packages = scan(paths=[site])
    assert packages["healthy"].version == "3.0"
    assert not [problem for problem in packages.problems if problem.name == "healthy"]
