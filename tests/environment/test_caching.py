"""What is kept from one scan to the next is never wrong.

A long-lived process scans, somebody else changes files behind its back, it scans again; what it
says is compared with what a process says that never scanned before.
"""

from __future__ import annotations

import gc
import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import ipy_envtools
from ipy_envtools.environment import scan
from ipy_envtools.environment.info_files import InfoFiles

from ..builders import dist_info, egg_info, metadata_text
from .describing import description

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.skipif(os.name == "nt", reason="fork, FIFO, links")

_SETTLED = 2.2  # seconds, after which a file is old enough to be trusted

_FRESH = """
import json, os, sys
sys.path[:0] = sys.argv[1:]
from tests.environment.describing import description
for line in sys.stdin:
    child = os.fork()
    if not child:
        sys.stdout.write(json.dumps(description(json.loads(line))) + "\\n")
        sys.stdout.flush()
        os._exit(0)
    os.waitpid(child, 0)
"""


@pytest.fixture(scope="module")
def fresh() -> Iterator[Callable[[list[str]], Any]]:
    """Ask a process that has never scanned anything."""
    source = Path(ipy_envtools.__file__).parents[1]
    process = subprocess.Popen(
        [sys.executable, "-c", _FRESH, str(source)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin
    assert process.stdout

    def ask(paths: list[str]) -> Any:
        assert process.stdin
        assert process.stdout
        process.stdin.write(json.dumps(paths) + "\n")
        process.stdin.flush()
        return json.loads(process.stdout.readline())

    try:
        yield ask
    finally:
        process.stdin.close()
        process.wait(10)


def in_place(path: Path, old: str, new: str) -> None:
    """Change bytes of a file and put its modification time back."""
    before = path.stat()
    content = path.read_bytes()
    assert old.encode() in content
    with path.open("r+b") as file:
        file.write(content.replace(old.encode(), new.encode()))
        file.truncate()
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def replaced(path: Path, old: str, new: str) -> None:
    """Write a new file and rename it over the old one, as careful programs do."""
    content = path.read_text()
    assert old in content
    beside = path.with_name(f"{path.name}.new")
    beside.write_text(content.replace(old, new))
    beside.replace(path)


def swapped(info: Path) -> None:
    """Another directory takes the place of the entry."""
    other = info.parent.parent / "elsewhere"
    dist_info(other, "other", "5.0", headers=["Summary: swapped"])
    info.rename(info.parent.parent / f"old-{info.name}")
    (other / "other-5.0.dist-info").rename(info)


def linked(info: Path) -> None:
    """The entry becomes a link to a directory elsewhere."""
    store = info.parent.parent / f"store-{info.name}"
    info.rename(store)
    (store / "METADATA").write_text("Name: x\nVersion: 1.0\nSummary: linked\n\n")
    info.symlink_to(store)


def hard_linked(info: Path) -> None:
    """The file is changed under another name that it has too."""
    second = info.parent.parent / f"second-{info.name}"
    os.link(info / "METADATA", second)
    in_place(second, "Summary: before", "Summary: after!")


def to_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def to_directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


EDITS: dict[str, Callable[[Path], object]] = {
    "metadata-in-place": lambda i: in_place(i / "METADATA", "before", "after!"),
    "metadata-longer": lambda i: in_place(i / "METADATA", "before", "after all"),
    "metadata-replaced": lambda i: replaced(i / "METADATA", "before", "after!"),
    "metadata-removed": lambda i: (i / "METADATA").unlink(),
    "metadata-to-pipe": lambda i: to_pipe(i / "METADATA"),
    "metadata-to-directory": lambda i: to_directory(i / "METADATA"),
    "metadata-hard-linked": hard_linked,
    "record-in-place": lambda i: in_place(i / "RECORD", "__init__.py", "__init_2.py"),
    "record-removed": lambda i: (i / "RECORD").unlink(),
    "record-emptied": lambda i: (i / "RECORD").write_text(""),
    "installer-in-place": lambda i: in_place(i / "INSTALLER", "pip", "uvx"),
    "installer-removed": lambda i: (i / "INSTALLER").unlink(),
    "requested-removed": lambda i: (i / "REQUESTED").unlink(),
    "requirement-in-place": lambda i: in_place(i / "METADATA", "needed", "needle"),
    "direct-url-made": lambda i: (i / "direct_url.json").write_text('{"url": "x"}'),
    "direct-url-broken": lambda i: (i / "direct_url.json").write_text("{"),
    "tags-in-place": lambda i: in_place(i / "WHEEL", "py3-none-any", "py2-none-any"),
    "entry-removed": shutil.rmtree,
    "entry-renamed": lambda i: i.rename(i.with_name("renamed-7.0.dist-info")),
    "entry-swapped": swapped,
    "entry-linked": linked,
    "entry-to-file": lambda i: (shutil.rmtree(i), i.write_text("")),
}


def test_no_edit_behind_our_back_goes_unnoticed(
    tmp_path: Path, fresh: Callable[[list[str]], Any]
) -> None:
    site = tmp_path / "site"
    entries = {}
    for name in EDITS:
        entries[name] = dist_info(
            site, name, headers=["Summary: before"], requires=["needed; python_version > '3'"]
        )
    dist_info(site, "needed", requested=False)
    edits = dict(EDITS)

    info = dist_info(site, "direct-url-edited", direct_url='{"url": "https://a/"}')
    entries["direct-url-edited"] = info
    edits["direct-url-edited"] = lambda i: in_place(i / "direct_url.json", "https", "httpz")
    entries["direct-url-removed"] = dist_info(site, "direct-url-gone", direct_url='{"url": "x"}')
    edits["direct-url-removed"] = lambda i: (i / "direct_url.json").unlink()

    info = dist_info(site, "metadata-is-a-link")
    target = tmp_path / "target"
    (info / "METADATA").rename(target)
    (info / "METADATA").symlink_to(target)
    entries["link-target-edited"] = target
    edits["link-target-edited"] = lambda t: t.write_text("Name: metadata-is-a-link\nVersion: 3\n")

    info = dist_info(site, "metadata-dangles")
    (info / "METADATA").unlink()
    (info / "METADATA").symlink_to(tmp_path / "appears")
    entries["link-target-appears"] = tmp_path / "appears"
    edits["link-target-appears"] = lambda t: t.write_text("Name: metadata-dangles\nVersion: 1.0\n")

    info = egg_info(site, "old", requires_txt="one\n")
    entries["requires-txt-edited"] = info
    edits["requires-txt-edited"] = lambda i: in_place(i / "requires.txt", "one", "two")
    entries["top-level-edited"] = egg_info(site, "older")
    edits["top-level-edited"] = lambda i: in_place(i / "top_level.txt", "older", "newer")
    entries["installed-files-made"] = egg_info(site, "oldest")
    edits["installed-files-made"] = lambda i: (i / "installed-files.txt").write_text("../x.py")

    single = site / "single-1.0.egg-info"
    single.write_text(metadata_text("single", "1.0", headers=["Summary: before"]))
    entries["egg-info-file-edited"] = single
    edits["egg-info-file-edited"] = lambda f: in_place(f, "before", "after!")

    source = tmp_path / "source"
    inner = egg_info(source, "linked", None)
    (site / "linked.egg-link").write_text(f"{source}\n.")
    entries["source-edited"] = inner
    edits["source-edited"] = lambda i: in_place(i / "PKG-INFO", "1.0", "2.0")
    (site / "moving.egg-link").write_text(f"{source}\n.")
    entries["egg-link-edited"] = site / "moving.egg-link"
    edits["egg-link-edited"] = lambda f: f.write_text("/nowhere/else\n.")
    (site / "late.egg-link").write_text(f"{tmp_path / 'late'}\n.")
    entries["source-appears"] = tmp_path / "late"
    edits["source-appears"] = lambda p: egg_info(p, "late", None)

    egg = site / "folder-1.0-py3.egg"
    (egg / "EGG-INFO").mkdir(parents=True)
    (egg / "EGG-INFO" / "PKG-INFO").write_text(metadata_text("folder", "1.0"))
    entries["egg-edited"] = egg
    edits["egg-edited"] = lambda e: replaced(e / "EGG-INFO" / "PKG-INFO", "Name: f", "Name: F")
    entries["egg-requirements-made"] = egg
    edits["egg-requirements-made"] = lambda e: (e / "EGG-INFO" / "requires.txt").write_text("one\n")
    zipped = site / "zipped-1.0-py3.egg"
    entries["zipped-egg-made"] = zipped

    def zip_it(path: Path) -> None:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("EGG-INFO/PKG-INFO", metadata_text("zipped", "1.0"))

    edits["zipped-egg-made"] = zip_it

    entries["new-package"] = site
    edits["new-package"] = lambda s: dist_info(s, "brand-new", requires=["needed>=2"])
    entries["site-directory-swapped"] = site

    def swap_site(path: Path) -> None:
        copy = tmp_path / "copy"
        shutil.copytree(path, copy, symlinks=True, ignore=lambda _, names: set(names[::3]))
        path.rename(tmp_path / "before")
        copy.rename(path)

    edits["metadata-to-pipe"], piped = edits["metadata-to-pipe"], edits.pop("metadata-to-pipe")
    edits["metadata-to-pipe"] = piped  # last: a copy of the directory would hang on it

    time.sleep(_SETTLED)
    paths = [str(site)]
    before = description(paths)
    assert before == description(paths) == fresh(paths)
    for name, edit in edits.items():
        edit(entries[name])
        after = description(paths)
        assert after == fresh(paths), name
        assert after != before, f"{name}: the edit should be visible"
        before = after
    (entries["metadata-to-pipe"] / "METADATA").unlink()
    swap_site(site)
    after = description(paths)
    assert after == fresh(paths)
    assert after != before


def test_a_scan_of_what_did_not_change_reads_no_file(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        dist_info(site, f"package{number}", requires=[f"package{number + 1}; extra == 'x'"])
    time.sleep(_SETTLED)

    def look() -> list[object]:
        packages = scan(paths=[site])
        said = [(d.summary, d.size, d.installer, d.direct_url, d.requires) for d in packages]
        return [said, packages.graph, packages.quick_problems]

    before = look()

    def refuse(path: object, *_: object, **__: object) -> int:
        raise AssertionError(f"{path} was read again")

    monkeypatch.setattr(os, "open", refuse)
    assert look() == before


class _TwoSeconds:
    """The status of a file where the clock ticks every two seconds, as on FAT."""

    def __init__(self, status: os.stat_result) -> None:
        self._status = status
        self.st_mtime_ns = status.st_mtime_ns // 2_000_000_000 * 2_000_000_000
        self.st_ctime_ns = status.st_ctime_ns // 2_000_000_000 * 2_000_000_000

    def __getattr__(self, name: str) -> Any:
        return getattr(self._status, name)


def test_an_edit_right_after_a_scan_is_seen_however_coarse_the_clock_is(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = dist_info(site, "thing")
    stat, fstat = os.stat, os.fstat
    monkeypatch.setattr(os, "stat", lambda *a, **k: _TwoSeconds(stat(*a, **k)))
    monkeypatch.setattr(os, "fstat", lambda descriptor: _TwoSeconds(fstat(descriptor)))
    for number in range(100, 200):
        with (info / "METADATA").open("r+") as file:
            file.write(f"Name: thing\nVersion: 1.0\nSummary: {number}\n\n")
        assert scan(paths=[site])["thing"].summary == str(number)


def test_nothing_is_kept_of_what_is_gone(tmp_path: Path) -> None:
    def kept() -> int:
        gc.collect()
        return sum(isinstance(thing, InfoFiles) for thing in gc.get_objects())

    before = kept()
    for number in range(100):
        site = tmp_path / f"site{number}"
        for package in range(5):
            dist_info(site, f"package{package}", str(number), files={})
        assert [dist.summary for dist in scan(paths=[site])] == [None] * 5
    assert kept() - before <= 5 * 40
    site = tmp_path / "changing"
    for number in range(100):
        info = dist_info(site, "thing", str(number), files={})
        assert [dist.summary for dist in scan(paths=[site])] == [None]
        shutil.rmtree(info)
    assert kept() - before <= 5 * 40 + 10
