"""What has to be installed so that a request is fulfilled: the same from uv and pip."""

from __future__ import annotations

import hashlib
import subprocess
import threading
import time
from typing import TYPE_CHECKING

import pytest
from filelock import lock_descriptor

from ipy_envtools.engines import EngineStopped, Pin
from ipy_envtools.progress import Progress

from ..archives import source_tree
from ..builders import dist_info, snapshot
from ..index import Index

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Place


def versions(pins: tuple[Pin, ...]) -> dict[str, str | None]:
    return {pin.name: pin.version for pin in pins}


def test_pins_tell_what_is_downloaded_and_for_whom(place: Place, engine: str) -> None:
    index = place.index
    flask = index.add("Flask", "3.1.0", requires=["werkzeug>=3", "tiny", "never; os_name=='x'"])
    index.add("werkzeug", "3.1.3")
    index.add("werkzeug", "2.0")
    index.add("tiny", "1.0", sdist=True)
    index.add("never", "1.0")
    flask_pin, tiny, werkzeug = place.resolve(engine, "flask").pins
    assert (flask_pin.name, flask_pin.version, flask_pin.via) == ("flask", "3.1.0", ())
    digest = hashlib.sha256(flask.read_bytes()).hexdigest()
    assert flask_pin.sha256 == digest
    assert flask_pin.hashes == (f"sha256:{digest}",)
    assert flask_pin.url == f"{index.url.removesuffix('simple/')}files/flask/{flask.name}"
    assert flask_pin.direct is None
    assert (werkzeug.name, werkzeug.version, werkzeug.via) == ("werkzeug", "3.1.3", ("flask",))
    assert (tiny.name, tiny.via) == ("tiny", ("flask",))
    assert str(tiny.url).endswith(".tar.gz")
    if engine == "uv":  # pip tells no sizes, and uv no requirements
        assert flask_pin.size == flask.stat().st_size
    else:
        assert flask_pin.requires == ("werkzeug>=3", "tiny", "never; os_name=='x'")


def test_a_resolution_changes_nothing(place: Place, engine: str) -> None:
    place.index.add("flask", "3.1.0", requires=["werkzeug"])
    place.index.add("werkzeug", "2.0")
    dist_info(place.venv.site, "werkzeug", "1.0")
    before = snapshot(place.venv.root)
    place.resolve(engine, "flask werkzeug>1")
    assert snapshot(place.venv.root) == before


def test_what_is_there_already_is_not_a_pin(place: Place, engine: str) -> None:
    place.index.add("flask", "3.1.0", requires=["werkzeug"])
    place.index.add("flask", "3.2.0", requires=["werkzeug"])
    place.index.add("werkzeug", "2.0")
    dist_info(place.venv.site, "flask", "3.1.0", requires=["werkzeug"])
    dist_info(place.venv.site, "werkzeug", "1.0")
    assert place.resolve(engine, "flask").pins == ()
    upgraded = place.resolve(engine, "flask", upgrade=True).pins
    assert versions(upgraded) == {"flask": "3.2.0"}, "what was not asked for stays"
    pasted = place.resolve(engine, "pip install -U flask").pins
    assert versions(pasted) == {"flask": "3.2.0"}
    again = place.resolve(engine, "flask==3.1.0", reinstall=True).pins
    assert versions(again) == {"flask": "3.1.0"}, "what was not asked for stays"


def test_a_downgrade_is_a_pin(place: Place, engine: str) -> None:
    place.index.add("flask", "1.0")
    dist_info(place.venv.site, "flask", "3.0")
    assert versions(place.resolve(engine, "flask<2").pins) == {"flask": "1.0"}


def test_extras_bring_what_they_need(place: Place, engine: str) -> None:
    place.index.add("flask", "3.0", requires=["asgiref; extra == 'async'"], extras=["async"])
    place.index.add("asgiref", "3.0")
    pins = place.resolve(engine, "flask[async]").pins
    assert versions(pins) == {"asgiref": "3.0", "flask": "3.0"}
    assert pins[0].via == ("flask",)
    assert versions(place.resolve(engine, "flask").pins) == {"flask": "3.0"}


def test_markers_decide(place: Place, engine: str) -> None:
    place.index.add("flask", "3.0")
    place.index.add("other", "3.0")
    line = "flask 'other ; python_version < \"3\"'"
    assert versions(place.resolve(engine, line).pins) == {"flask": "3.0"}


def test_pre_releases_only_where_they_are_asked_for(place: Place, engine: str) -> None:
    place.index.add("flask", "3.0")
    place.index.add("flask", "4.0b1")
    assert versions(place.resolve(engine, "flask").pins) == {"flask": "3.0"}
    assert versions(place.resolve(engine, "flask --pre").pins) == {"flask": "4.0b1"}
    assert versions(place.resolve(engine, "flask==4.0b1").pins) == {"flask": "4.0b1"}


def test_a_yanked_version_comes_only_where_it_is_named_and_says_why(
    place: Place, engine: str
) -> None:
    place.index.add("flask", "3.0")
    place.index.add("flask", "3.1", yanked="it breaks things")
    (pin,) = place.resolve(engine, "flask").pins
    assert (pin.version, pin.yanked) == ("3.0", None)
    (pin,) = place.resolve(engine, "flask==3.1").pins
    assert pin.yanked == "it breaks things"


def test_constraints_and_files_count(place: Place, engine: str, tmp_path: Path) -> None:
    place.index.add("flask", "3.0", requires=["werkzeug"])
    for version in ("1.0", "2.0"):
        place.index.add("werkzeug", version)
    (tmp_path / "limits.txt").write_text("werkzeug<2\n")
    (tmp_path / "requirements.txt").write_text("flask # web\n-c limits.txt\n")
    pins = place.resolve(engine, f"-r {tmp_path / 'requirements.txt'}").pins
    assert versions(pins) == {"flask": "3.0", "werkzeug": "1.0"}


def test_without_dependencies_only_what_was_asked_for_comes(place: Place, engine: str) -> None:
    place.index.add("flask", "3.0", requires=["werkzeug"])
    assert versions(place.resolve(engine, "flask --no-deps").pins) == {"flask": "3.0"}


def test_the_wheel_that_fits_best_is_the_one_that_is_told(place: Place, engine: str) -> None:
    tag = f"cp{place.environment.version.replace('.', '')[:3]}"
    place.index.add("flask", "3.0")
    best = place.index.add("flask", "3.0", tag=f"{tag}-none-any", headers=["Summary: best"])
    place.index.add("flask", "3.0", tag="cp27-none-any")
    (pin,) = place.resolve(engine, "flask").pins
    assert str(pin.url).endswith(best.name)


def test_paths_and_urls_are_direct_pins(place: Place, engine: str, tmp_path: Path) -> None:
    place.index.add("tiny", "1.0")
    tree = source_tree(tmp_path / "a tree", "Local-Thing", "2.0", requires=["tiny"])
    editable = source_tree(tmp_path / "editable", "edited", "2.0", requires=["tiny"])
    built = place.index.add("far", "1.5")
    url = f"{place.index.url.removesuffix('simple/')}files/far/{built.name}"
    pins = {pin.name: pin for pin in place.resolve(engine, f"'{tree}' -e {editable} {url}").pins}
    assert sorted(pins) == ["edited", "far", "local-thing", "tiny"]
    assert pins["local-thing"].direct == tree.as_uri()
    assert pins["edited"].editable
    assert pins["edited"].direct == editable.as_uri()
    assert (pins["far"].direct, pins["far"].version) == (url, "1.5")
    assert pins["far"].sha256 == hashlib.sha256(built.read_bytes()).hexdigest()
    assert pins["tiny"].direct is None
    assert set(pins["tiny"].via) >= {"local-thing"}


def test_what_uv_has_built_before_is_a_direct_pin_too(place: Place, tmp_path: Path) -> None:
    tree = source_tree(tmp_path / "tree", "thing", "2.0")
    other = source_tree(tmp_path / "other", "edited", "2.0")
    line = f"{tree} -e {other}"
    place.fill("uv", line)
    pins = place.resolve("uv", line).pins
    assert [(pin.name, pin.version, pin.direct) for pin in pins] == [
        ("edited", "2.0", other.as_uri()),
        ("thing", "2.0", tree.as_uri()),
    ]


def test_a_repository_is_a_direct_pin(place: Place, engine: str, tmp_path: Path) -> None:
    tree = source_tree(tmp_path / "repository", "from-git", "2.0")
    name = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    for words in (["init", "-q"], ["add", "."], [*name, "commit", "-qm", "first"]):
        subprocess.run(["git", *words], cwd=tree, check=True)
    (pin,) = place.resolve(engine, f"git+{tree.as_uri()}").pins
    assert pin.name == "from-git"
    assert pin.direct == f"git+{tree.as_uri()}"


def test_html_indexes_work_too(place: Place, engine: str) -> None:
    place.index.html_only = True
    place.index.core_metadata = False
    place.index.add("flask", "3.0", requires=["werkzeug"])
    place.index.add("werkzeug", "3.0")
    pins = place.resolve(engine, "flask").pins
    assert versions(pins) == {"flask": "3.0", "werkzeug": "3.0"}
    assert all(pin.sha256 for pin in pins)


def test_the_typed_index_counts_instead_of_the_configured_one(
    place: Place, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.index.add("flask", "3.0")
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    line = f"flask --index-url {place.index.url}"
    assert versions(place.resolve(engine, line).pins) == {"flask": "3.0"}


def test_uv_tells_what_is_needed_of_what_stays(place: Place) -> None:
    site = place.venv.site
    place.index.add("a", "2.0", requires=["b"])
    dist_info(site, "b", "1.0", requires=["c"])
    dist_info(site, "c", "1.0")
    dist_info(site, "unneeded", "1.0")
    resolution = place.resolve("uv", "a", whole=True)
    assert versions(resolution.pins) == {"a": "2.0"}
    assert resolution.needed is not None
    assert resolution.needed >= {"a", "b", "c"}
    assert "unneeded" not in resolution.needed


def test_progress_begins_with_resolving(place: Place, engine: str) -> None:
    place.index.add("flask", "3.0")
    steps: list[Progress] = []
    place.resolve(engine, "flask", on_progress=steps.append)
    assert steps[0] == Progress("resolving", "", 0, None, "packages")


def test_whoever_holds_uvs_lock_is_not_waited_for_long_and_keeps_it(place: Place) -> None:
    place.index.add("flask", "3.0")
    path = place.venv.root / ".lock"
    with path.open("w") as held:
        assert lock_descriptor(held.fileno(), blocking=False)
        begun = time.monotonic()
        assert versions(place.resolve("uv", "flask").pins) == {"flask": "3.0"}
        assert time.monotonic() - begun < 30  # uv by itself waits for five minutes
    assert path.exists()


def test_a_resolution_can_be_cancelled(place: Place, engine: str) -> None:
    place.index.delay = 30
    place.index.add("flask", "3.0")
    stop = threading.Event()
    threading.Timer(1.5, stop.set).start()
    with pytest.raises(EngineStopped):
        place.resolve(engine, "flask", stop=stop)


def test_what_an_editable_comes_with_is_told_by_its_name(
    place: Place, engine: str, tmp_path: Path
) -> None:
    place.index.add("tiny", "1.0")
    tree = source_tree(tmp_path / "tree", "edited", requires=["tiny"])
    pins = place.resolve(engine, f"-e {tree}").pins
    assert [(pin.name, pin.via) for pin in pins] == [("edited", ()), ("tiny", ("edited",))]


@pytest.mark.parametrize("said_in", ["a variable", "the user's file", "the environment's file"])
def test_uv_looks_where_pip_is_told_to_look(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said_in: str
) -> None:
    place.index.add("only-in-this-index", "3.0")
    monkeypatch.delenv("UV_DEFAULT_INDEX")
    monkeypatch.delenv("PIP_INDEX_URL")
    monkeypatch.delenv("PIP_CONFIG_FILE")
    if said_in == "a variable":
        monkeypatch.setenv("PIP_INDEX_URL", place.index.url)
    elif said_in == "the user's file":
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
        (tmp_path / "config" / "pip").mkdir(parents=True)
        (tmp_path / "config" / "pip" / "pip.conf").write_text(
            "[global]\nindex_url = http://127.0.0.1:9/simple\n"
            f"[install]\nindex-url = {place.index.url}\n"
        )
    else:
        (place.venv.root / "pip.conf").write_text(f"[global]\nindex-url={place.index.url}\n")
    assert versions(place.resolve("uv", "only-in-this-index").pins) == {"only-in-this-index": "3.0"}
    assert versions(place.resolve("pip", "only-in-this-index").pins) == {
        "only-in-this-index": "3.0"
    }


def test_of_several_indexes_that_pip_knows_the_newest_version_counts(
    place: Place, engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.index.add("flask", "3.0")
    place.index.add("only-here", "1.0")
    with Index(tmp_path / "more") as more:
        more.add("flask", "2.0")
        more.add("only-there", "1.0")
        monkeypatch.delenv("UV_DEFAULT_INDEX")
        monkeypatch.setenv("PIP_EXTRA_INDEX_URL", more.url)
        monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "missing"))
        pins = place.resolve(engine, "flask only-here only-there").pins
        assert versions(pins) == {"flask": "3.0", "only-here": "1.0", "only-there": "1.0"}
        typed = place.resolve(engine, f"flask --index-url {more.url}").pins
        assert versions(typed) == {"flask": "2.0"}
        monkeypatch.setenv("UV_DEFAULT_INDEX", more.url)
        assert versions(place.resolve("uv", "flask").pins) == {"flask": "2.0"}
