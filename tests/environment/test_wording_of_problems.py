"""A message is one short sentence, however long or often a stranger says the same."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ipy_envtools.environment import InstalledPackages, scan
from ipy_envtools.environment.checks.wording import cut, listed, shown_path

from ..builders import dist_info
from .looking import kinds, messages

if TYPE_CHECKING:
    from pathlib import Path


def test_a_requirement_that_is_repeated_is_one_problem(site: Path) -> None:
    dist_info(site, "loud", requires=["no requirement!"] * 3_000 + ["missing>=1"] * 3_000)
    dist_info(site, "too", requires=["no requirement!"])
    assert kinds(scan(paths=[site])) == ["dependency-missing", *["requirement-invalid"] * 2]


def test_of_thousands_of_different_ones_the_first_are_said_and_how_many_more(site: Path) -> None:
    dist_info(site, "loud", requires=[f"no requirement {n}!" for n in range(3_000)])
    dist_info(site, "too", requires=["no requirement!"])
    packages = scan(paths=[site])
    said = [p for p in packages.problems if p.name == "loud"]
    assert len(said) == 101
    assert "2,900 more problems of the kind requirement-invalid" in said[-1].message
    assert said[-1].kind == "requirement-invalid"
    assert [p.name for p in packages.problems if p.name != "loud"] == ["too"]


def test_a_message_is_never_long_whatever_is_quoted_in_it(tmp_path: Path) -> None:
    long = "x" * 5_000
    site = tmp_path / ("s" * 200) / ("t" * 200)
    later = tmp_path / ("l" * 250)
    name = "n" * 150
    info = dist_info(
        site,
        name,
        requires=[f"{long}>=1", f"{name}!{long}", f"b{'b' * 140}>={'9' * 200}"],
        headers=[f"Requires-Python: <{'2' * 3_000}", f"Name: {long}", f"Name: {long}"],
        rows=[f"{long},,", f"/{long},,", f"{long},{long},{long},{long}"],
        direct_url=json.dumps({"url": f"file:///{long}", "dir_info": {"editable": True}}),
        installer=long,
    )
    (info / "WHEEL").write_text(f"Tag: cp27-none-{long}\n")
    b = dist_info(site, "b" * 141, f"1.{'1' * 90}", files={f"{name}/{'f' * 200}.py": ""})
    (b / "METADATA").write_text(f"Name: {long}\nVersion: {long}\n\n")
    dist_info(site, "c" * 150, "1.0", files={f"{name}/{'f' * 200}.py": ""}, installer=long)
    dist_info(site, "c" * 150, "2.0", installer=long, record=False)
    dist_info(site, "d" * 150, "1" * 80 + "x", files={f"{name}/{'f' * 200}.py": ""})
    dist_info(later, "c" * 150, "0." + "1" * 80)
    (site / f"{'a' * 150}-1.0.dist-info").symlink_to(b.name)
    (site / f"{'e' * 200}.egg-link").write_text(f"/{long}\n")
    (site / f"~{'e' * 200}").mkdir()
    (site / f"{'e' * 200}.pth").write_text(f"import {long}\n")
    (site / f"{'f' * 200}-1.0.dist-info").write_text("")
    (site / f"{'g' * 200}-1.0.dist-info").mkdir()
    packages = scan(paths=[site, later, tmp_path / ("m" * 200)])
    assert len(set(kinds(packages))) > 15
    sites = packages.environment.site_directories
    managed_elsewhere = replace(
        packages.environment,
        site_directories=tuple(replace(each, role="parent") for each in sites),
    )
    for problem in (*packages.problems, *InstalledPackages(managed_elsewhere).problems):
        assert len(problem.message) <= 400, (problem.kind, len(problem.message), problem.message)
        assert problem.message.isprintable()
    assert all(copy.info_path.exists() for copy in packages if copy.kind != "egg-link")


def test_credentials_are_masked_before_a_text_is_cut() -> None:
    assert "hunter2" not in cut(f"https://{'u' * 54}:hunter2{'x' * 100}@host/x")
    assert "hunter2" not in shown_path(f"/x/https:/{'u' * 90}:hunter2{'x' * 100}@host/{'y' * 200}")


def test_a_long_path_keeps_its_end() -> None:
    path = "/" + "long/" * 60 + "site-packages/name.pth"
    assert shown_path(path).endswith("long/site-packages/name.pth")
    assert shown_path(path).startswith("/long/")
    assert len(shown_path(path)) == 120


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (["a"], "a"),
        (["a", "b"], "a and b"),
        (["a", "b", "c"], "a, b and c"),
        (["a", "b", "c", "d"], "a, b and 2 more"),
        (["a"] * 3_000, "a, a and 2,998 more"),
    ],
)
def test_several_names_are_listed_and_many_counted(texts: list[str], said: str) -> None:
    assert listed(texts) == said


@pytest.mark.parametrize(
    ("number", "owners", "advice"),
    [
        (2, "cv0 and cv1 own", "%pkg uninstall cv0 or cv1"),
        (3, "cv0, cv1 and cv2 own", "uninstall the 2 others with %pkg uninstall"),
        (40, "cv0, cv1 and 38 more own", "uninstall the 39 others with %pkg uninstall"),
    ],
)
def test_a_file_of_many_owners_is_said_in_few_words(
    site: Path, number: int, owners: str, advice: str
) -> None:
    for each in range(number):
        dist_info(site, f"cv{each}", files={"cv/__init__.py": ""})
    (message,) = messages(scan(paths=[site]), "files-shared")
    assert message.startswith(f"{owners} 1 file together")
    assert message.endswith(advice)


# --- what is no entry, or an odd one


@pytest.mark.skipif(os.name == "nt", reason="FIFO")
def test_what_only_looks_like_an_entry_is_called_by_the_name_that_it_bears(site: Path) -> None:
    (site / "file").write_text("")
    (site / "Lin.ked-1.0.dist-info").symlink_to("file")
    os.mkfifo(site / "fifo.egg-link")
    (site / "directory-x.egg-link").mkdir()
    os.mkfifo(site / "pipe-1.0-py3.egg")
    (site / "dangling.egg").symlink_to("nowhere")
    (site / "just-a-directory.egg").mkdir()
    packages = scan(paths=[site])
    assert len(packages) == 0
    assert set(kinds(packages)) == {"unreadable"}
    assert sorted(problem.name for problem in packages.problems) == [
        "dangling",
        "directory-x",
        "fifo",
        "lin-ked",
        "pipe",
    ]


def test_entries_without_a_project_are_no_copies_of_one_another(site: Path) -> None:
    for name in ("-1.0", "-2.0", "-"):
        info = site / f"{name}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Name: x\nVersion: 3.0\n\n")
        (info / "RECORD").write_text("")
    packages = scan(paths=[site])
    assert [(d.canonical_name, d.version, d.active) for d in packages] == [
        ("-", "3.0", True),
        ("-1-0", "3.0", True),
        ("-2-0", "3.0", True),
    ]
    assert "duplicate" not in kinds(packages)
    assert all(p.name and p.name in p.message for p in packages.problems)
    assert len(messages(packages, "invalid-name")) == 3


@pytest.mark.skipif(os.name == "nt", reason="FIFO")
def test_small_files_that_cannot_be_read_are_said_in_one_sentence(site: Path) -> None:
    info = dist_info(site, "thing")
    for name in ("WHEEL", "INSTALLER"):
        (info / name).unlink()
        os.mkfifo(info / name)
    packages = scan(paths=[site])
    assert packages.quick_problems == ()
    (problem,) = packages.problems
    assert (problem.kind, problem.name) == ("unreadable", "thing")
    assert "WHEEL and INSTALLER of thing 1.0 cannot be read (not a regular file)" in problem.message
