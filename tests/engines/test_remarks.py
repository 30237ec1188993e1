"""What an engine says beside its plan, or instead of one: as sentences of our own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ipy_envtools.engines import EngineFailed
from ipy_envtools.formats import BadRequest, read_request

from ..archives import source_tree

if TYPE_CHECKING:
    from pathlib import Path

    from ipy_envtools.progress import Progress

    from .conftest import Place


def test_an_extra_that_does_not_exist_is_remarked(place: Place, engine: str) -> None:
    place.index.add("web", "1.0")
    found = place.resolve(engine, "web[nosuch]")
    assert found.remarks == ("web has no extra called nosuch.",)


def test_a_file_that_says_another_version_inside_was_not_yanked(place: Place) -> None:
    wheel = place.index.add("tool", "2.0")
    lying = wheel.with_name("tool-1.0-py3-none-any.whl")
    wheel.rename(lying)
    place.index.withdraw(wheel.name)
    links = lying.parent
    with pytest.raises(EngineFailed, match=r"its version is 2\.0 inside, and 1\.0 outside"):
        place.resolve("pip", f"--no-index --find-links {links} tool")


@pytest.mark.parametrize("line", ["-c http://127.0.0.1:9/c.txt flask", "http://127.0.0.1:9/x"])
def test_no_file_of_ours_is_named(place: Place, engine: str, line: str) -> None:
    try:
        place.resolve(engine, line)
    except (EngineFailed, BadRequest) as error:
        assert "ipy-envtools-" not in str(error)
        assert "requirements.txt" not in str(error)
    else:
        pytest.fail("it cannot have worked")


def test_pips_own_file_is_named_where_it_cannot_be_read(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.index.add("flask", "1.0")
    (tmp_path / "pip.conf").write_text("[global\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    with pytest.raises(EngineFailed, match=r"pip's configuration cannot be read: mend .*pip\.conf"):
        place.resolve("pip", "flask")


def test_no_exception_behind_an_error_holds_a_password() -> None:
    for line in ("one @ http://u:hunter2@host/x.whl ; bad", "http://u:hunter2@host/x.whl ; bad"):
        with pytest.raises(BadRequest) as caught:
            read_request([line])
        error: BaseException | None = caught.value
        while error is not None:
            assert "hunter2" not in f"{error!r}{error}"
            error = error.__cause__ or error.__context__


def test_what_is_built_is_told_by_the_name_of_its_directory(place: Place, tmp_path: Path) -> None:
    """Its own name is only known afterwards."""
    tree = source_tree(tmp_path / "some-tree", "thing", "2.0")
    (tree / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "only_builds"\nbackend-path = ["."]\n'
    )
    (tree / "only_builds.py").write_text("from in_tree_backend import build_wheel\n")
    steps: list[Progress] = []
    place.resolve("uv", str(tree), on_progress=steps.append)
    built = {step.name for step in steps if step.step == "building"}
    assert "some-tree" in built
    assert "file" not in built
