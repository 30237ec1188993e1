"""Any combination of traps: the scan never raises, lists each entry once, and drops none."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ipy_envtools.environment import scan
from ipy_envtools.environment.entry_names import parse_entry_name

from ..builders import dist_info
from ..environment.describing import description
from .traps import TRAPS, clear

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.skipif(os.name == "nt", reason="FIFO, sockets, devices"),
]

# The big ones have tests of their own; here they would only take time.
traps = st.sampled_from(sorted(set(TRAPS) - {"huge", "huge lines"}))
names = st.one_of(
    st.sampled_from(["one", "two", "One", "o.n_e", "~wo", "three-four", "ünï", "a\nb", "\x1b[0m"]),
    st.sampled_from(["n" * 200, "~" + "m" * 180, "é" * 100]),
    st.text(
        st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=8
    ),
)
versions = st.sampled_from(["1.0", "2.0", "1.0.0", "2.0rc1", "x", "", "1!3+local.1"])
suffixes = st.sampled_from(
    [".dist-info", ".egg-info", ".egg-link", ".egg", ".pth", ".start", "", ".py", ".DIST-INFO"]
)
files = st.sampled_from(
    ["METADATA", "RECORD", "PKG-INFO", "direct_url.json", "INSTALLER", "WHEEL", "requires.txt"]
)
contents = st.one_of(
    st.binary(max_size=40),
    st.sampled_from(
        [
            b"Name: one\nVersion: 1.0\nRequires-Dist: two>=9; extra == 'x'\nProvides-Extra: x\n\n",
            b"Name: two\nName: one\nRequires-Dist: one[x]\n",
            b'one/__init__.py,,\n../../x,sha256=y,3\n/etc/passwd,,\n,,\n.,,\n"',
            b'{"url": "file:///nowhere", "dir_info": {"editable": true}}',
            b"/nowhere\n.",
            b".\n.",
            b"import nothing\n.\n..\n",
            b"Tag: py3-none-any\nTag: cp27-none-win32\n",
            b"Tag: cp27-none-" + b"w" * 5_000,
            b"Name: "
            + b"n" * 9_000
            + b"\nVersion: 1."
            + b"9" * 9_000
            + b"\nRequires-Dist: "
            + b"r" * 9_000
            + b"\nRequires-Dist: one>="
            + b"9" * 9_000
            + b"\nRequires-Python: <"
            + b"3" * 9_000
            + b"\nRequires-Dist: "
            + b"(" * 9_000,
            b"x" * 900 + b"\n",
            b"/" + b"y/" * 900 + b"\n",
            b"".join(b"Requires-Dist: no%d requirement!\n" % n for n in range(90)),
        ]
    ),
)
entry = st.fixed_dictionaries(
    {
        "name": names,
        "version": versions,
        "suffix": suffixes,
        "as": st.one_of(st.sampled_from(["directory", "file", "link"]), traps),
        "files": st.dictionaries(files, st.one_of(contents, traps), max_size=4),
        "target": st.integers(0, 6),
    }
)


def put(site: Path, description: dict[str, object], others: list[Path]) -> Path | None:
    """Make one entry; None where the file system refuses it."""
    version = description["version"]
    filename = f"{description['name']}{f'-{version}' if version else ''}{description['suffix']}"
    path = site / filename
    if os.path.lexists(path):
        return None
    kind, inside = description["as"], description["files"]
    assert isinstance(inside, dict)
    target = description["target"]
    assert isinstance(target, int)
    if kind == "directory":
        path.mkdir()
        for name, content in inside.items():
            if isinstance(content, bytes):
                (path / name).write_bytes(content)
            else:
                TRAPS[content](path / name)
    elif kind == "file":
        path.write_bytes(next((c for c in inside.values() if isinstance(c, bytes)), b""))
    elif kind == "link":
        path.symlink_to(others[target % len(others)].name if others else path.name)
    else:
        TRAPS[str(kind)](path)
    return path


@settings(deadline=None, max_examples=120, suppress_health_check=list(HealthCheck))
@given(st.lists(st.lists(entry, max_size=7), min_size=1, max_size=3))
def test_any_environment_can_be_scanned(directories: list[list[dict[str, object]]]) -> None:
    root = Path(tempfile.mkdtemp())
    try:
        paths = []
        for number, entries in enumerate(directories):
            site = root / f"site{number}"
            site.mkdir()
            paths.append(str(site))
            made: list[Path] = []
            for item in entries:
                with contextlib.suppress(OSError, UnicodeError):
                    path = put(site, item, made)
                    made += [path] if path else []
            dist_info(site, f"good{number}", "3.0", requires=[f"good{number + 1}"])
        paths.append(f"{root}/site0/../site0")

        packages = scan(paths=paths)
        found = [(str(copy.site_directory), copy.entry_name) for copy in packages]
        assert len(found) == len(set(found)), "an entry is listed twice"
        for number in range(len(directories)):
            good = packages[f"good{number}"]
            assert (good.version, good.active, good.name) == ("3.0", True, f"good{number}")
            assert good.import_names == (f"good{number}",)
        for number in range(1, len(directories)):
            assert packages.required_by(f"good{number}") == (packages[f"good{number - 1}"],)
        expected = {
            (path, name)
            for path in paths[:-1]
            for name in os.listdir(path)
            if name.endswith(".dist-info")
            and name != ".dist-info"
            and not name.startswith("~")
            and os.path.isdir(os.path.join(path, name))
        }
        assert expected <= set(found), "an entry was dropped"
        for name in {copy.canonical_name for copy in packages}:
            copies = packages.copies(name)
            assert sum(copy.active for copy in copies) == 1
            assert packages[name] in copies
        only_named = {
            parse_entry_name(oddity.filename.rpartition(".")[0], kind).canonical_name
            for listing in packages.listings
            for oddity in listing.oddities
            for kind in ("dist-info", "egg", "egg-link")
        }
        for problem in packages.problems:
            assert problem.message.isprintable()
            assert len(problem.message) <= 400, problem.message
            assert not problem.name or problem.name in packages or problem.name in only_named
        assert description(paths) == description(paths)
    finally:
        for path in root.rglob("*"):
            if not path.is_dir() and not path.is_symlink():
                clear(path)
        shutil.rmtree(root)
