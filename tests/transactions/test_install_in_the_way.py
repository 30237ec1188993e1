"""What is in the place of a file that comes: replaced where it may be, else told before a move."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ipy_envtools.engines import EngineFailed
from ipy_envtools.errors import PlanBlocked, TransactionFailed
from ipy_envtools.transactions import apply

from .builders import differences, picture
from .outcomes import leftovers

if TYPE_CHECKING:
    from tests.index import Index
    from tests.plans.installing import Place


def test_a_file_of_another_package_is_in_the_way_until_it_is_forced(
    place: Place, index: Index
) -> None:
    place.add("owner", "1.0", files={"shared/mine.py": "the owner's"})
    index.add("tool", "1.0", files={"shared/mine.py": "the tool's", "shared/other.py": ""})
    before = picture(place.venv.root)
    with pytest.raises(PlanBlocked, match=r"shared/mine\.py.*owner 1\.0.*--force"):
        apply(place.plan("tool"))
    assert differences(before, picture(place.venv.root)) == []
    assert leftovers(place) == []
    transaction = apply(place.plan("tool", force=True))
    assert (place.venv.site / "shared" / "mine.py").read_text() == "the tool's"
    transaction.undo()
    assert differences(before, picture(place.venv.root)) == []


def test_a_file_that_belongs_to_nobody_is_in_the_way_too(place: Place, index: Index) -> None:
    (place.venv.site / "notes.py").write_text("a person's work")
    index.add("tool", "1.0", files={"notes.py": "the tool's"})
    before = picture(place.venv.root)
    with pytest.raises(PlanBlocked, match=r"notes\.py.*no package"):
        apply(place.plan("tool"))
    assert differences(before, picture(place.venv.root)) == []
    apply(place.plan("tool", force=True)).undo()
    assert differences(before, picture(place.venv.root)) == []


def test_the_same_file_of_two_packages_is_in_nobodys_way(place: Place, index: Index) -> None:
    place.add("one", "1.0", files={"shared/__init__.py": "the same", "shared/one.py": ""})
    index.add("two", "1.0", files={"shared/__init__.py": "the same", "shared/two.py": ""})
    before = picture(place.venv.root)
    transaction = apply(place.plan("two"))
    assert (place.venv.site / "shared" / "two.py").exists()
    transaction.undo()
    assert differences(before, picture(place.venv.root)) == []


def test_a_directory_or_a_link_where_a_file_belongs_is_refused(place: Place, index: Index) -> None:
    elsewhere = place.venv.root.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "precious").write_text("x")
    (place.venv.site / "linked").symlink_to(elsewhere)
    (place.venv.site / "tool.py").mkdir()
    index.add("tool", "1.0", files={"tool.py": ""})
    index.add("other", "1.0", files={"linked/a.py": "", "linked/precious": "y"})
    before = picture(place.venv.root, elsewhere)
    for name in ("tool", "other"):
        for force in (False, True):
            with pytest.raises(PlanBlocked):
                apply(place.plan(name, force=force))
    assert differences(before, picture(place.venv.root, elsewhere)) == []


@pytest.mark.parametrize("path", ["pyvenv.cfg", "bin/python", "bin/activate"])
def test_what_makes_the_environment_one_is_never_overwritten(
    place: Place, index: Index, path: str
) -> None:
    (place.venv.scripts / "activate").write_text("of the environment")
    index.add("evil", "1.0", files={f"evil-1.0.data/data/{path}": "harm"})
    before = picture(place.venv.root)
    for force in (False, True):
        # uv does not unpack what would overwrite an interpreter.
        with pytest.raises((PlanBlocked, EngineFailed)):
            apply(place.plan("evil", force=force))
        assert differences(before, picture(place.venv.root)) == []


def test_a_neighbour_in_a_namespace_keeps_its_files_and_directories(
    place: Place, index: Index
) -> None:
    index.add("one", "1.0", files={"ns/one/a.py": ""})
    index.add("two", "1.0", files={"ns/two/a.py": ""})
    start = picture(place.venv.root)
    first = apply(place.plan("one"))
    only_first = picture(place.venv.root)
    second = apply(place.plan("two"))
    second.undo()
    assert differences(only_first, picture(place.venv.root)) == []
    second = apply(place.plan("two"))
    first.undo()
    assert not (place.venv.site / "ns" / "one").exists()
    assert (place.venv.site / "ns" / "two" / "a.py").exists()
    second.undo()
    assert differences(start, picture(place.venv.root)) == []


def test_links_into_a_cache_are_refused(
    place: Place, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    """UV_LINK_MODE=symlink is somebody's configuration: emptying the cache would break us."""
    if place.engine != "uv":
        pytest.skip("pip makes no links")
    monkeypatch.setenv("UV_LINK_MODE", "symlink")
    index.add("tool", "1.0")
    before = picture(place.venv.root)
    try:
        apply(place.plan("tool"))
    except TransactionFailed as error:
        assert "UV_LINK_MODE" in str(error)
        assert differences(before, picture(place.venv.root)) == []
    else:
        assert not (place.venv.site / "tool" / "__init__.py").is_symlink()
