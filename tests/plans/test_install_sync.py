"""Exact plans (``%pkg sync``): what nobody wants goes, what the kernel and its owner need stays."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from ipy_envtools import plan_install
from ipy_envtools.engines import EngineFailed
from ipy_envtools.formats import BadRequest, read_request
from ipy_envtools.transactions import apply
from tests.archives import source_tree
from tests.index import Index

from .installing import changes, conflicts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .installing import Place


def test_what_is_neither_asked_for_nor_needed_goes(place: Place, index: Index) -> None:
    place.add("flask", "3.1", requires=["werkzeug", "asgiref; extra == 'async'"], extras=["async"])
    place.add("werkzeug", "3.0")
    place.add("asgiref", "3.0")
    place.add("Stray", "1.0", requires=["helper"])
    place.add("helper", "1.0")
    plan = place.plan("flask==3.1", exact=True)
    assert changes(plan) == ["remove asgiref 3.0", "remove helper 1.0", "remove stray 1.0"]
    assert plan.conflicts == ()
    assert not plan.safe
    assert plan.blocked is None
    assert plan.satisfied == ("flask 3.1",)
    gone = {file.distribution for file in plan.removal.files if file.goes}
    assert gone == {"asgiref", "helper", "stray"}
    assert plan.summary == "Removed asgiref 3.0 and 2 others"
    assert changes(place.plan("flask[async]==3.1", exact=True)) == [
        "remove helper 1.0",
        "remove stray 1.0",
    ]


def test_a_file_that_names_what_is_there_changes_nothing(
    place: Place, index: Index, tmp_path: Path
) -> None:
    place.add("flask", "3.1", requires=["werkzeug"])
    place.add("werkzeug", "3.0")
    file = tmp_path / "requirements.txt"
    file.write_text("flask==3.1\nwerkzeug==3.0\n")
    plan = plan_install(
        read_request(["-r", str(file)]), place.packages(), exact=True, engine=place.engine
    )
    assert plan.actions == ()
    assert plan.safe
    assert plan.satisfied == ("flask 3.1", "werkzeug 3.0")


def test_what_a_coming_package_needs_stays_though_nothing_else_needs_it(
    place: Place, index: Index
) -> None:
    index.add("flask", "3.1", requires=["werkzeug>=3"])
    index.add("app", "2.0", requires=["flask[async]"])
    index.add(
        "flask",
        "3.2",
        requires=["werkzeug>=3", "asgiref; extra == 'async'"],
        extras=["async"],
    )
    place.add("werkzeug", "3.0", requires=["markupsafe"])
    place.add("markupsafe", "2.0")
    place.add("asgiref", "3.0")
    place.add("stray", "1.0")
    plan = place.plan("app", exact=True)
    assert changes(plan) == ["install app 2.0 *", "install flask 3.2", "remove stray 1.0"]
    assert plan.conflicts == ()


def test_what_only_the_version_that_goes_needed_goes_with_it(place: Place, index: Index) -> None:
    index.add("flask", "3.1", requires=["werkzeug"])
    place.add("flask", "2.0", requires=["werkzeug", "simplejson"])
    place.add("werkzeug", "3.0")
    place.add("simplejson", "1.0")
    plan = place.plan("flask==3.1", exact=True)
    assert changes(plan) == ["upgrade flask 2.0 → 3.1 *", "remove simplejson 1.0"]


def test_what_a_kernel_runs_on_stays_in_any_environment(place: Place, index: Index) -> None:
    place.add("ipykernel", "6.1", requires=["traitlets"])
    place.add("traitlets", "5.0")
    place.add("pip", "99.0")
    place.add("uv", "1.0")
    place.add("ipy-envtools", "0.1", requires=["rich"])
    place.add("rich", "13.0")
    place.add("flask", "3.1")
    place.add("stray", "1.0")
    for running in (False, True):
        place.pretended["is_running"] = running
        plan = place.plan("flask==3.1", exact=True)
        assert changes(plan) == ["remove stray 1.0"]
        assert plan.touches_kernel == ()
        assert plan.blocked is None


def test_what_somebody_works_on_stays_with_what_it_needs(
    place: Place, index: Index, tmp_path: Path
) -> None:
    tree = source_tree(tmp_path / "tree", "my-thing", "1.0", requires=["click"])
    origin = {"url": tree.as_uri(), "dir_info": {"editable": True}}
    place.add(
        "my-thing",
        "1.0",
        requires=["click"],
        files={"my_thing.pth": f"{tree}/src\n"},
        direct_url=json.dumps(origin),
    )
    place.add("click", "8.0")
    place.add("flask", "3.1")
    place.add("stray", "1.0")
    assert changes(place.plan("flask==3.1", exact=True)) == ["remove stray 1.0"]


def test_what_came_from_a_directory_that_the_file_names_stays(
    place: Place, index: Index, tmp_path: Path
) -> None:
    tree = source_tree(tmp_path / "a tree", "my-thing", "1.0")
    origin = {"url": tree.as_uri(), "dir_info": {}}
    place.add("my-thing", "1.0", direct_url=json.dumps(origin))
    place.add("stray", "1.0")
    plan = place.plan(str(tree), exact=True)
    assert "remove stray 1.0" in changes(plan)
    assert not any(a.kind == "remove" and a.name == "my-thing" for a in plan.actions)


def test_what_a_parent_has_is_not_taken_away(place: Place, index: Index, tmp_path: Path) -> None:
    from ipy_envtools.environment import SiteDirectory, find_environment
    from tests.builders import dist_info

    dist_info(tmp_path / "parent", "stray", "1.0")
    place.add("flask", "3.1")
    place.pretended["site_directories"] = (
        *find_environment(place.venv.python).site_directories,
        SiteDirectory(tmp_path / "parent", "parent", writable=True),
    )
    assert place.plan("flask==3.1", exact=True).actions == ()


def test_what_cannot_be_removed_stays_and_does_not_stop_the_rest(
    place: Place, index: Index
) -> None:
    place.add("flask", "3.1")
    place.add("odd", "1.0", record=False)
    place.add("stray", "1.0")
    plan = place.plan("flask==3.1", exact=True)
    assert changes(plan) == ["remove stray 1.0"]
    assert plan.blocked is None
    assert len(plan.notes) == 1
    assert plan.notes[0].startswith("It stays: odd 1.0 has no RECORD")


def test_a_lock_file_needs_a_packaging_that_reads_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = tmp_path / "pylock.toml"
    lock.write_text('lock-version = "1.0"\n')
    monkeypatch.setitem(sys.modules, "packaging.pylock", None)
    with pytest.raises(BadRequest, match="needs packaging 26 or newer; upgrade packaging first"):
        read_request(["-r", str(lock)])


def test_a_lock_file_is_complete_by_itself(place: Place, index: Index, tmp_path: Path) -> None:
    pytest.importorskip("packaging.pylock", reason="needs packaging 26")
    wheel = index.add("flask", "3.2", requires=["werkzeug"])
    place.add("flask", "3.1")
    place.add("werkzeug", "3.0")
    place.add("stray", "1.0")
    lock = tmp_path / "pylock.toml"
    lock.write_text(
        'lock-version = "1.0"\ncreated-by = "tests"\n\n[[packages]]\nname = "flask"\n'
        f'version = "3.2"\n\n[[packages.wheels]]\nname = "{wheel.name}"\n'
        f'url = "{index.url.removesuffix("simple/")}files/flask/{wheel.name}"\n'
        f'hashes = {{sha256 = "{_sha256(wheel)}"}}\n'
        '\n[[packages]]\nname = "werkzeug"\nversion = "3.0"\n\n[[packages.wheels]]\n'
        'name = "werkzeug-3.0-py3-none-any.whl"\nurl = "https://example.org/x.whl"\n'
        f'hashes = {{sha256 = "{"0" * 64}"}}\n'
    )
    plan = plan_install(
        read_request(["-r", str(lock)]), place.packages(), exact=True, engine=place.engine
    )
    assert changes(plan) == ["upgrade flask 3.1 → 3.2 *", "remove stray 1.0"]
    assert plan.satisfied == ("werkzeug 3.0",)


def test_a_lock_file_says_where_its_files_are(
    place: Place, index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("packaging.pylock", reason="needs packaging 26")
    far, near = index.add("far", "1.0"), index.add("near", "1.0")
    (tmp_path / "wheels").mkdir()
    near.rename(tmp_path / "wheels" / near.name)
    index.withdraw(near.name)
    lock = tmp_path / "pylock.toml"
    lock.write_text(
        'lock-version = "1.0"\ncreated-by = "tests"\n'
        f'\n[[packages]]\nname = "far"\nversion = "1.0"\nindex = "{index.url}"\n'
        f'[[packages.wheels]]\nurl = "{index.url}x/{far.name}"\n'
        f'hashes = {{sha256 = "{_sha256(far)}"}}\n'
        '\n[[packages]]\nname = "near"\nversion = "1.0"\n'
        f'[[packages.wheels]]\npath = "wheels/{near.name}"\n'
        f'hashes = {{sha256 = "{_sha256(tmp_path / "wheels" / near.name)}"}}\n'
    )
    for variable in ("PIP_INDEX_URL", "UV_DEFAULT_INDEX"):
        monkeypatch.setenv(variable, (tmp_path / "wheels").as_uri())
    plan = plan_install(read_request(["-r", str(lock)]), place.packages(), engine=place.engine)
    assert changes(plan) == ["install far 1.0 *", "install near 1.0 *"]
    far.write_bytes(far.read_bytes() + b"changed")
    lock.write_text(lock.read_text().replace(_sha256(tmp_path / "wheels" / near.name), "0" * 64))
    with pytest.raises(EngineFailed, match="hash"):
        plan_install(read_request(["-r", str(lock)]), place.packages(), engine=place.engine)


@pytest.fixture
def another_index(tmp_path: Path) -> Iterator[Index]:
    with Index(tmp_path / "another") as index:
        yield index


@pytest.mark.parametrize("where", ["only there", "only in the index", "a namesake in the index"])
def test_the_url_of_a_locked_file_is_enough_and_is_not_needed(
    place: Place,
    index: Index,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    another_index: Index,
    where: str,
) -> None:
    """Neither pip nor uv writes down from which index it has locked."""
    pytest.importorskip("packaging.pylock", reason="needs packaging 26")
    wheels = [index.add("far", "1.0", tag=tag) for tag in ("py3-none-any", "cp27-cp27m-win32")]
    files = f"{index.url.removesuffix('simple/')}files/far/"
    if where == "only in the index":
        files = "http://127.0.0.1:9/files/"
    else:
        if where == "a namesake in the index":
            another_index.add("far", "1.0", files={"far.py": "of somebody else"})
        for variable in ("PIP_INDEX_URL", "UV_DEFAULT_INDEX"):
            monkeypatch.setenv(variable, another_index.url)
    lock = tmp_path / "pylock.toml"
    lock.write_text(
        'lock-version = "1.0"\ncreated-by = "tests"\n[[packages]]\nname = "far"\nversion = "1.0"\n'
        + "".join(
            f'[[packages.wheels]]\nurl = "{files}{wheel.name}"\n'
            f'hashes = {{sha256 = "{_sha256(wheel)}"}}\n'
            for wheel in wheels
        )
    )
    plan = plan_install(read_request(["-r", str(lock)]), place.packages(), engine=place.engine)
    assert changes(plan) == ["install far 1.0 *"]
    apply(plan)
    assert place.packages()["far"].direct_url is None
    again = plan_install(read_request(["-r", str(lock)]), place.packages(), engine=place.engine)
    assert again.actions == ()


def test_a_lock_file_may_hold_a_directory_beside_files_with_hashes(
    place: Place, index: Index, tmp_path: Path
) -> None:
    pytest.importorskip("packaging.pylock", reason="needs packaging 26")
    wheel = index.add("far", "1.0")
    source_tree(tmp_path / "here", "here", "2.0")
    lock = tmp_path / "pylock.toml"
    lock.write_text(
        'lock-version = "1.0"\ncreated-by = "tests"\n[[packages]]\nname = "far"\nversion = "1.0"\n'
        f'[[packages.wheels]]\nurl = "https://x.org/{wheel.name}"\n'
        f'hashes = {{sha256 = "{_sha256(wheel)}"}}\n'
        '[[packages]]\nname = "here"\ndirectory = { path = "here" }\n'
    )
    plan = plan_install(read_request(["-r", str(lock)]), place.packages(), engine=place.engine)
    assert changes(plan) == ["install far 1.0 *", "install here 2.0 *"]
    apply(plan)
    assert place.packages()["here"].version == "2.0"


LOCKED = """lock-version = "1.0"
created-by = "tests"
{head}
[[packages]]
name = "always"
version = "1.0"
wheels = [{{url = "https://x.org/always-1.0-py3-none-any.whl", hashes = {{sha256 = "{hash}"}}}}]
[[packages]]
name = "grouped"
version = "1.0"
marker = "{marker}"
wheels = [{{url = "https://x.org/grouped-1.0-py3-none-any.whl", hashes = {{sha256 = "{other}"}}}}]
"""


@pytest.mark.parametrize(
    ("marker", "comes"),
    [
        ("'dev' in dependency_groups", True),
        ("'docs' in dependency_groups", False),
        ("'docs' not in dependency_groups and python_version >= '3'", True),
        ("'speed' in extras", False),
        ("'speed' in extras or 'dev' in dependency_groups", True),
    ],
)
def test_of_a_lock_file_the_default_groups_come_and_no_extras(
    place: Place, index: Index, tmp_path: Path, marker: str, comes: bool
) -> None:
    pytest.importorskip("packaging.pylock", reason="needs packaging 26")
    one, other = (_sha256(index.add(name, "1.0")) for name in ("always", "grouped"))
    lock = tmp_path / "pylock.toml"
    head = 'dependency-groups = ["dev", "docs"]\ndefault-groups = ["dev"]\nextras = ["speed"]\n'
    lock.write_text(LOCKED.format(head=head, marker=marker, hash=one, other=other))
    plan = plan_install(read_request(["-r", str(lock)]), place.packages(), engine=place.engine)
    assert [action.name for action in plan.actions] == ["always", "grouped"][: 1 + comes]


@pytest.mark.parametrize(
    "head", ['requires-python = ">=99"', "environments = [\"sys_platform == 'amiga'\"]"]
)
def test_a_lock_file_for_other_environments_is_refused(
    place: Place, tmp_path: Path, head: str
) -> None:
    pytest.importorskip("packaging.pylock", reason="needs packaging 26")
    lock = tmp_path / "pylock.toml"
    lock.write_text(LOCKED.format(head=head, marker="os_name == 'posix'", hash=0, other=0))
    plan = plan_install(read_request(["-r", str(lock)]), place.packages(), engine=place.engine)
    assert plan.blocked is not None
    assert "other environments" in plan.blocked
    assert ("99" if "99" in head else "amiga") in plan.blocked


def test_what_a_complete_file_forgot_goes_and_is_said_to_be_missing(
    place: Place, index: Index
) -> None:
    index.add("flask", "3.2", requires=["werkzeug"])
    place.add("flask", "3.1", requires=["werkzeug"])
    place.add("werkzeug", "3.0")
    plan = place.plan("flask==3.1", "--no-deps", exact=True)
    assert changes(plan) == ["remove werkzeug 3.0"]
    assert conflicts(plan) == ["flask: werkzeug (gets none)"]
    assert changes(place.plan("flask==3.2", "--no-deps", exact=True)) == [
        "upgrade flask 3.1 → 3.2 *",
        "remove werkzeug 3.0",
    ]


def test_a_conflict_with_what_stays_is_said(place: Place, index: Index, tmp_path: Path) -> None:
    index.add("click", "9.0")
    origin = {"url": (tmp_path / "tree").as_uri(), "dir_info": {"editable": True}}
    place.add(
        "my-thing",
        "1.0",
        requires=["click<9"],
        files={"my_thing.pth": f"{tmp_path}\n"},
        direct_url=json.dumps(origin),
    )
    place.add("click", "8.0")
    plan = place.plan("click==9.0", exact=True)
    assert changes(plan) == ["upgrade click 8.0 → 9.0 *"]
    assert conflicts(plan) == ["my-thing: click<9 (gets 9.0)"]


def _sha256(path: Path) -> str:
    import hashlib

    return hashlib.sha256(path.read_bytes()).hexdigest()
