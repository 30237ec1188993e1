"""A name may hold whatever a file name may hold."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from ipy_envtools import UnknownPackage
from ipy_envtools.environment import scan

from ..builders import dist_info
from ..environment.describing import description

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(os.name == "nt", reason="names that Windows does not allow")

NAMES = [
    "new\nline",
    "tab\there",
    "escape\x1b[31mred",
    "bell\x07",
    "carriage\rreturn",
    "right\u202eleft",
    "zero\u200bwidth",
    "<script>alert(1)</script>".replace("/", "∕"),
    "[bold red]markup[/]".replace("/", "∕"),
    "quote\"'`quote",
    "surrogate\udcff",
    "ümläut",
    "点心",
    " leading and trailing ",
    "%pkg uninstall everything",
    "-rf",
    "--help",
    ".",
    "..",
    "a" * 200,
    "$(touch owned)",
    "\\backslash",
    "*",
    "dots...and___dashes---",
    "UPPER.lower",
]


@pytest.mark.parametrize("name", NAMES)
def test_an_entry_of_any_name_is_listed_once_and_said_in_printable_words(
    tmp_path: Path, name: str
) -> None:
    site = tmp_path / "site"
    dist_info(site, "good")
    for kind in (".dist-info", "-py3.11.egg-info"):
        info = site / f"{name}-1.0{kind}"
        info.mkdir()
        filename = "METADATA" if kind == ".dist-info" else "PKG-INFO"
        (info / filename).write_bytes(b"Name: " + os.fsencode(name) + b"\nVersion: 2.0\n\n")
    (site / f"{name}.egg-link").write_bytes(b"/nowhere/" + os.fsencode(name))
    (site / f"~{name}.dist-info").mkdir()
    (site / f"{name}.pth").write_bytes(b"import x; " + os.fsencode(name))
    packages = scan(paths=[site])
    assert len(packages) == 4
    assert "good" in packages
    for dist in packages:
        assert dist.name.isprintable()
        assert dist.info_path.parent == site
        assert os.path.lexists(dist.info_path)
        assert packages[dist.canonical_name].canonical_name == dist.canonical_name
        for text in (dist.summary, dist.license, dist.home_page, *dist.requires):
            assert text is None or text.isprintable()
    for problem in packages.problems:
        assert problem.message.isprintable()
    description([str(site)])


def test_what_cannot_be_seen_tells_projects_apart_and_is_never_shown(tmp_path: Path) -> None:
    for name in ("a\x1b[1mb", "a\x1b[2mb", "a\u200bb", "a\u200cb"):
        dist_info(tmp_path, name, "1.0\x1b[31m\n", files={}, requires=["nosuch"])
    packages = scan(paths=[tmp_path])
    assert len({copy.canonical_name for copy in packages}) == len(packages) == 4
    assert all(copy.active for copy in packages)
    for copy in packages:
        assert packages[copy.canonical_name] is copy
        assert copy.version == "1.0\ufffd[31m "
        assert copy.entry_name.endswith("-1.0\x1b[31m\n.dist-info")
        assert os.path.lexists(copy.info_path)
    assert {problem.name for problem in packages.problems} == {
        copy.canonical_name for copy in packages
    }
    with pytest.raises(UnknownPackage) as missing:
        packages["a\x1b[3mb"]
    assert str(missing.value).isprintable()
    assert missing.value.matches[0] in packages


def test_hostile_texts_are_printable_wherever_they_stand(tmp_path: Path) -> None:
    evil = "\x1b[31m\x07\u202e<script>[red]\ud800\x9b0m\r\u2028"
    info = dist_info(tmp_path, "thing")
    text = "".join(
        f"{header}: {evil}\n"
        for header in (
            *("Name", "Version", "Summary", "License", "License-Expression", "Home-page"),
            *("Project-URL", "Requires-Dist", "Requires-Python", "Provides-Extra", "Import-Name"),
        )
    )
    (info / "METADATA").write_bytes(text.encode(errors="surrogatepass"))
    (info / "INSTALLER").write_bytes(evil.encode(errors="surrogatepass"))
    (info / "WHEEL").write_bytes(f"Tag: {evil}".encode(errors="surrogatepass"))
    (info / "top_level.txt").write_bytes(evil.encode(errors="surrogatepass"))
    packages = scan(paths=[tmp_path])
    found = packages["thing"]
    texts = [
        found.name,
        found.version,
        found.summary,
        found.license,
        found.home_page,
        found.installer,
        found.requires_python,
        *found.requires,
        *found.extras,
        *found.import_names,
        *found.info.wheel_tags,
        *found.info.top_level,
        *(problem.message for problem in packages.problems),
    ]
    assert all(text is None or text.isprintable() for text in texts), texts
