"""Why it did not work: one sentence for people, and the engine's own words behind it."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ipy_envtools.engines import EngineFailed, Job
from ipy_envtools.engines.failures import explain
from ipy_envtools.formats import read_request

from ..archives import source_tree
from ..builders import dist_info, snapshot

if TYPE_CHECKING:
    from .conftest import Place


def failure(place: Place, engine: str, line: str) -> EngineFailed:
    before = snapshot(place.venv.root)
    with pytest.raises(EngineFailed) as caught:
        place.resolve(engine, line)
    assert snapshot(place.venv.root) == before
    sentence = str(caught.value)
    assert sentence.isprintable()
    assert len(sentence) <= 400
    assert caught.value.log
    assert "\x1b" not in caught.value.log
    return caught.value


def test_no_package_of_this_name(place: Place, engine: str) -> None:
    assert "no package called nothere" in str(failure(place, engine, "nothere"))


def test_a_package_that_is_needed_is_not_there(place: Place, engine: str) -> None:
    place.index.add("flask", "3.0", requires=["nothere>2"])
    assert "flask needs nothere" in str(failure(place, engine, "flask"))


def test_no_version_that_fits(place: Place, engine: str) -> None:
    place.index.add("flask", "3.0")
    sentence = str(failure(place, engine, "flask>4"))
    assert sentence.startswith("no version fulfils flask>4")
    assert "3.0" in sentence


def test_a_conflict_names_who_wants_what(place: Place, engine: str) -> None:
    for version in ("1.0", "2.0"):
        place.index.add("base", version)
    place.index.add("one", "1.0", requires=["base==1.0"])
    place.index.add("two", "1.0", requires=["base==2.0"])
    sentence = str(failure(place, engine, "one two"))
    assert "no solution" in sentence
    assert "base==1.0" in sentence
    assert "base==2.0" in sentence


def test_another_python_is_needed(place: Place, engine: str) -> None:
    place.index.add("future", "1.0", requires_python=">=3.99")
    sentence = str(failure(place, engine, "future"))
    assert "future needs Python >=3.99" in sentence
    assert place.environment.version in sentence


def test_no_wheel_for_this_machine(place: Place, engine: str) -> None:
    place.index.add("ancient", "1.0", tag="cp27-cp27m-win32")
    assert "ancient has no wheel for Python" in str(failure(place, engine, "ancient"))


def test_only_yanked_versions(place: Place, engine: str) -> None:
    place.index.add("flask", "3.0", yanked="it eats files")
    sentence = str(failure(place, engine, "flask"))
    assert "yanked" in sentence
    assert "==" in sentence


def test_a_build_that_fails_tells_its_own_error(place: Place, engine: str) -> None:
    place.index.add("rough", "1.0", broken=True)
    failed = failure(place, engine, "rough")
    assert "rough" in str(failed)
    assert "RuntimeError: this does not build" in str(failed)
    assert "Traceback" in failed.log


def test_a_directory_that_is_called_otherwise(place: Place, engine: str, tmp_path: Path) -> None:
    tree = source_tree(tmp_path / "tree", "real", "1.0")
    sentence = str(failure(place, engine, f"other@{tree.as_uri()}"))
    assert "its name is real inside, and other outside" in sentence


def test_the_index_is_down(place: Place, engine: str) -> None:
    place.index.stop()
    assert "127.0.0.1" in str(failure(place, engine, "flask"))
    assert "does not answer" in str(failure(place, engine, "flask"))


def test_a_host_that_nobody_knows(place: Place, engine: str) -> None:
    line = "flask --index-url https://nobody.invalid/simple"
    assert "nobody.invalid was not found" in str(failure(place, engine, line))


def test_an_index_that_asks_who_it_is(place: Place, engine: str) -> None:
    place.index.add("flask", "3.0")
    place.index.protect("user", "sesame")
    assert "user name and password" in str(failure(place, engine, "flask"))


def test_a_repository_that_is_not_there(place: Place, engine: str) -> None:
    sentence = str(failure(place, engine, "git+file:///nowhere/x.git"))
    assert "git says" in sentence
    assert "/nowhere/x.git" in sentence


def test_offline_is_said(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_OFFLINE", "1")
    assert "switched off (UV_OFFLINE)" in str(failure(place, "uv", "flask"))


def test_a_full_disk_is_said(place: Place, engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    words = "error: failed to write\n  cause: No space left on device (os error 28)"
    assert "no space left" in explain(words, engine, place.environment)


def test_words_that_are_not_known_are_repeated(place: Place, engine: str) -> None:
    sentence = explain("hint\nerror: the moon is full.\n", engine, place.environment)
    assert sentence == f"{engine} failed: the moon is full"
    assert explain("", engine, place.environment).endswith("did not say why")
    assert len(explain(f"error: {'x' * 10_000}", engine, place.environment)) <= 400


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            (
                "error: Couldn't parse requirement in what was asked for at position 0\n  cause: "
                "Expected direct URL (`https://x.example/`) to end in a supported file extension: "
                "`.whl`"
            ),
            (
                "https://x.example/ is no wheel or source distribution: their names end in .whl, "
                ".tar.gz or .zip"
            ),
        ),
        (
            (
                "Collecting https://x.example/\n  Downloading https://x.example/ (15 bytes)\n"
                "  ERROR: Cannot unpack file /t/x.example (downloaded from /t, content-type: "
                "text/plain); cannot detect archive format"
            ),
            (
                "https://x.example/ is no wheel or source distribution: their names end in .whl, "
                ".tar.gz or .zip"
            ),
        ),
        (
            (
                "Collecting https://x.example/a.whl\n  ERROR: HTTP error 404 while getting "
                "https://x.example/a.whl"
            ),
            "x.example has no file a.whl (404)",
        ),
        (
            "error: Requirements contain conflicting URLs for package `tool`:\n- file:///a\n- file:///b",
            "tool is asked for from two places: file:///a and file:///b",
        ),
        (
            (
                "  cause: failed to fetch into: /x\n  cause: process didn't exit successfully\n"
                "         ssh: connect to host h port 9: Connection refused\n"
                "         fatal: Could not read from remote repository."
            ),
            "git says: ssh: connect to host h port 9: Connection refused",
        ),
        (
            (
                "error: No solution found when resolving dependencies\n  cause: Because there is "
                "no version of six==99 and you require six==99, we can conclude that your "
                "requirements are unsatisfiable."
            ),
            "no version fulfils six==99",
        ),
        (
            (
                "ERROR: Requested real from file:///x has inconsistent name: expected 'other', but "
                "metadata has 'real'"
            ),
            "other cannot be used: its name is real inside, and other outside",
        ),
        (
            (
                "error: Failed to build `flsk==0.0`\n  cause: The build backend returned an "
                "error\nhint: `flsk` is often confused. Did you mean to install `flask` instead?"
            ),
            (
                "flsk==0.0 has no wheel for this Python and could not be built from source; did "
                "you mean flask?"
            ),
        ),
        (
            "ERROR: Failed to build 'flsk' when getting requirements to build wheel",
            (
                "flsk has no wheel for this Python and could not be built from source; look for a "
                "version with a wheel, or install what its build needs"
            ),
        ),
    ],
)
def test_words_become_sentences(place: Place, words: str, sentence: str) -> None:
    assert explain(words, "uv", place.environment) == sentence


def test_no_credentials_are_shown(place: Place, engine: str) -> None:
    index = place.index
    index.add("flask", "3.0")
    index.add("rough", "1.0", broken=True)
    index.protect("user", "sesame")
    (pin,) = place.resolve(engine, f"flask --index-url {index.url}").pins
    assert pin.version == "3.0"
    resolution = place.resolve(engine, f"flask --extra-index-url {index.url} --no-deps")
    for text in (str(pin.url), resolution.log, repr(resolution)):
        assert "sesame" not in text
    failed = failure(place, engine, f"rough --index-url {index.url}")
    assert "sesame" not in f"{failed} {failed.log} {failed.args}"
    index.stop()
    failed = failure(place, engine, f"nothere --index-url {index.url}")
    assert "sesame" not in f"{failed} {failed.log}"


@pytest.mark.skipif(not os.path.isdir("/proc"), reason="looks for processes in /proc")
def test_no_credentials_stand_in_the_list_of_processes(place: Place, engine: str) -> None:
    place.index.add("flask", "3.0")
    place.index.protect("user", "sesame")
    place.index.delay = 1
    line = f"flask --index-url {place.index.url} --extra-index-url {place.index.url}"
    asking = threading.Thread(target=place.resolve, args=(engine, line))
    asking.start()
    seen: set[bytes] = set()
    while asking.is_alive():
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                seen.add(path.read_bytes())
        time.sleep(0.02)
    ours = [command for command in seen if str(place.venv.python).encode() in command]
    assert ours
    assert not any(b"sesame" in command for command in ours)


def test_uv_that_refuses_the_environment_gives_way_to_pip(place: Place) -> None:
    place.index.add("flask", "3.0")
    dist_info(place.venv.site, "odd", "not a version")
    chosen = place.engine("auto")
    assert chosen.name == "uv"
    resolution = chosen.resolve(Job(read_request(["flask"]), place.environment))
    assert [pin.name for pin in resolution.pins] == ["flask"]
    assert chosen.name == "pip"
    assert "uv refuses this environment" in chosen.notes[0]
    assert "odd" in chosen.notes[0]


def test_metadata_that_neither_can_read_are_one_sentence(place: Place) -> None:
    place.index.add("flask", "3.0", requires=["odd"])
    info = dist_info(place.venv.site, "odd", "1.0")
    info.joinpath("METADATA").write_text(
        "Metadata-Version: 2.1\nName: odd\nVersion: 1.0\nRequires-Dist: ((\n"
    )
    chosen = place.engine("auto")
    with pytest.raises(EngineFailed) as caught:
        chosen.resolve(Job(read_request(["flask"]), place.environment))
    assert chosen.name == "pip", "it was tried"
    assert "%pkg check" in str(caught.value)
    assert caught.value.log


def test_an_index_that_a_variable_names_is_the_one_that_is_asked(
    place: Place, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """People configure uv and pip by variables; one that leads nowhere is not passed over."""
    place.index.add("flask", "3.0")
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        dead = f"http://127.0.0.1:{closed.getsockname()[1]}/simple"
    monkeypatch.setenv("PIP_INDEX_URL" if engine == "pip" else "UV_DEFAULT_INDEX", dead)
    with pytest.raises(EngineFailed, match="does not answer"):
        place.resolve(engine, "flask")
    assert place.resolve(engine, f"flask --index-url {place.index.url}").pins
