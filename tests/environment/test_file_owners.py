"""The index of all RECORDs: one file in several spellings has all its owners."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipy_envtools import scan
from tests.builders import dist_info, make_venv

if TYPE_CHECKING:
    from pathlib import Path


def test_a_record_may_lead_to_a_file_through_a_link(tmp_path: Path) -> None:
    venv = make_venv(tmp_path / "env")
    library = venv.site.parent.name
    (venv.root / "lib64").unlink(missing_ok=True)
    (venv.root / "lib64").symlink_to("lib")
    (venv.site / "alias").symlink_to("one")
    dist_info(venv.site, "one", files={"one/a.py": "", "one/b.py": "", "one/c.py": ""})
    dist_info(
        venv.site,
        "two",
        files={},
        rows=[f"../../../lib64/{library}/site-packages/one/a.py,,", "alias/b.py,,"],
    )
    owners = scan(venv.python).owners
    for name, expected in (("a", ["one", "two"]), ("b", ["one", "two"]), ("c", ["one"])):
        for path in (
            venv.site / "one" / f"{name}.py",
            venv.site / "alias" / f"{name}.py",
            venv.root / "lib64" / library / "site-packages" / "one" / f"{name}.py",
        ):
            assert [owner.name for owner in owners.of(path)] == expected
    assert set(owners.shared) == {str(venv.site / "one/a.py"), str(venv.site / "one/b.py")}


def test_an_environment_behind_a_link_is_spelled_as_it_was_asked_for(tmp_path: Path) -> None:
    venv = make_venv(tmp_path / "env")
    (tmp_path / "link").symlink_to("env")
    dist_info(venv.site, "one", files={"one.py": ""}, scripts=["tool"])
    dist_info(venv.site, "two", files={"one.py": ""}, scripts=["tool"])
    owners = scan(tmp_path / "link" / "bin" / "python").owners
    for root in (tmp_path / "env", tmp_path / "link"):
        assert len(owners.of(root / "bin" / "tool")) == 2
        assert len(owners.of(root / venv.site.relative_to(venv.root) / "one.py")) == 2
    assert len(owners.shared) == 2


def test_lone_quotes_hide_no_owner(tmp_path: Path) -> None:
    venv = make_venv(tmp_path / "env")
    dist_info(venv.site, "one", files={"one.py": ""})
    dist_info(venv.site, "two", files={}, rows=['two/a".py,,', "one.py,,", '"two/b.py,,'])
    names = [owner.name for owner in scan(venv.python).owners.of(venv.site / "one.py")]
    assert names == ["one", "two"]
