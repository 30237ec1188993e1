"""``pylock.toml`` as a requirements file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ipy_envtools.formats import BadRequest, read_request
from tests.archives import source_tree

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("packaging.pylock", reason="needs packaging 26")

HEAD = 'lock-version = "1.0"\ncreated-by = "tests"\n'


def test_pins_come_with_their_hashes_and_nothing_else_comes(tmp_path: Path) -> None:
    source_tree(tmp_path / "thing", "thing")
    file = tmp_path / "pylock.toml"
    file.write_text(
        HEAD
        + f"""
[[packages]]
name = "flask"
version = "3.1.0"
marker = "python_version > '3'"
[[packages.wheels]]
name = "flask-3.1.0-py3-none-any.whl"
url = "https://x.example/flask-3.1.0-py3-none-any.whl"
hashes = {{sha256 = "{"a" * 64}"}}

[[packages]]
name = "thing"
directory = {{path = "thing", editable = true}}

[[packages]]
name = "repo"
vcs = {{type = "git", url = "https://x.example/repo.git", commit-id = "{"b" * 40}"}}
"""
    )
    request = read_request(["-r", str(file)])
    flask, thing, repo = request.requirements
    assert flask.text == 'flask==3.1.0 ; python_version > "3"'
    assert flask.hashes == (f"sha256:{'a' * 64}",)
    assert thing.editable
    assert thing.text == (tmp_path / "thing").as_uri()
    assert repo.text == f"repo @ git+https://x.example/repo.git@{'b' * 40}"
    assert not request.dependencies


def test_what_is_no_lock_file_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "pylock.dev.toml"
    for content in ("not toml", HEAD, f"{HEAD}packages = 3\n"):
        file.write_text(content)
        with pytest.raises(BadRequest, match="no valid lock file") as caught:
            read_request(["-r", str(file)])
        assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "place",
    [
        'directory = {path = "gone"}',
        f'archive = {{path = "gone", hashes = {{sha256 = "{"0" * 64}"}}}}',
    ],
)
def test_what_is_to_lie_beside_it_and_does_not_is_named(place: str, tmp_path: Path) -> None:
    file = tmp_path / "pylock.toml"
    file.write_text(f'{HEAD}[[packages]]\nname = "thing"\n{place}\n')
    with pytest.raises(BadRequest, match=r"no file or directory at “gone” \(.*pylock\.toml\)"):
        read_request(["-r", str(file)])
    elsewhere = "marker = \"sys_platform == 'none'\"\n"
    file.write_text(f'{HEAD}[[packages]]\nname = "thing"\n{elsewhere}{place}\n')
    assert read_request(["-r", str(file)]).requirements
