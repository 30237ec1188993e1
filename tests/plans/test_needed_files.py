"""What an environment itself needs, whatever a RECORD says of it."""

from __future__ import annotations

import pytest

from tests.builders import record_row

from .fabricated import LIBRARY, Fabricated, going, verdicts


@pytest.mark.parametrize(
    "path",
    [
        "pyvenv.cfg", "PYVENV.CFG", "bin/python", "bin/python3", "bin/python3.11", "bin/pypy3",
        "bin/python3.13t", "bin/activate", "bin/activate.fish", "bin/Activate.ps1",
        "bin/activate_this.py", "bin/deactivate.bat", "bin/python.exe", "bin/pythonw.exe",
        "conda-meta/history", "conda-meta/foo-1.0-0.json", ".ipy-envtools/journal", ".lock",
        "lib/libpython3.11.so.1.0/../../pyvenv.cfg",
    ],
)  # fmt: skip
def test_no_record_takes_what_the_environment_needs(made: Fabricated, path: str) -> None:
    target = made.root / path
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(b"needed")
    row = record_row(f"../../../{path}", target.read_bytes())
    made.add("foo", rows=[row])
    plan = made.plan("foo")
    assert "refuse-protected" in verdicts(plan).values()
    assert {path for path in going(plan) if path.startswith("..")} == set()


def test_the_interpreter_is_known_by_what_it_is_not_only_by_its_name(made: Fabricated) -> None:
    (made.scripts / "snek").write_bytes(b"\x7fELF")
    (made.scripts / "snake").symlink_to("snek")
    made.changes["python"] = made.scripts / "snake"
    made.add(
        "foo", rows=[record_row(f"../../../bin/{name}", b"\x7fELF") for name in ("snake", "snek")]
    )
    found = verdicts(made.plan("foo"))
    assert found["../../../bin/snake"] == found["../../../bin/snek"] == "refuse-protected"


def test_scripts_that_only_sound_like_an_interpreter_go(made: Fabricated) -> None:
    names = ["python-foo", "pythonic", "activate-global-python-argcomplete", "pyvenv.cfg"]
    made.add("foo", scripts=names)
    assert going(made.plan("foo")) >= {f"../../../bin/{name}" for name in names}


def test_a_file_in_the_root_goes_only_with_its_hash(made: Fabricated) -> None:
    made.add(
        "foo",
        files={"../../../recorded.txt": "content", "../../../changed.txt": "content"},
        rows=["../../../unhashed.txt,,"],
    )
    made.write("../../../changed.txt", "changed")
    made.write("../../../unhashed.txt", "content")
    assert {path: v for path, v in verdicts(made.plan("foo")).items() if path.startswith("..")} == {
        "../../../recorded.txt": "remove",
        "../../../changed.txt": "refuse-protected",
        "../../../unhashed.txt": "refuse-protected",
    }


def test_links_that_make_up_the_environment_stay(made: Fabricated) -> None:
    (made.root / "lib64").symlink_to("lib")
    real = made.root / "real-bin"
    made.scripts.rename(real)
    made.scripts.symlink_to(real)
    made.add("foo", rows=["../../../lib64,sha256=AAAA,3", "../../../bin,,"])
    found = verdicts(made.plan("foo"))
    assert found["../../../lib64"] == found["../../../bin"] == "refuse-protected"
    made.write("../../../bin/foo", "#!")
    made.add("bar", rows=["../../../bin/foo,,"])
    assert "../../../bin/foo" in going(made.plan("bar"))


def test_the_standard_library_stays(made: Fabricated) -> None:
    """In an environment that is no virtual one, it lies in the same prefix."""
    made.changes.update(kind="system", schemes={**made.schemes, "stdlib": made.root / LIBRARY})
    made.add("foo", rows=["../os.py,,", "../json/decoder.py,,", f"{made.root}/{LIBRARY}/re.py,,"])
    for name in ("os.py", "json/decoder.py", "re.py"):
        made.write(f"../{name}", "import this")
    found = verdicts(made.plan("foo"))
    assert {v for path, v in found.items() if path.startswith("..")} == {"refuse-protected"}
    assert found["foo/__init__.py"] == "remove"


def test_the_list_that_eggs_share_is_no_one_packages(made: Fabricated) -> None:
    made.write("easy-install.pth", "/src/bar\n")
    made.add("foo", rows=["easy-install.pth,,"])
    assert verdicts(made.plan("foo"))["easy-install.pth"] == "refuse-protected"
