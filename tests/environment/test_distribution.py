"""What one entry says, whichever kind it is."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import pytest

from ipy_envtools.environment import scan

from ..builders import dist_info, egg_info, metadata_text
from .looking import kinds

if TYPE_CHECKING:
    from pathlib import Path

    from ipy_envtools.environment import InstalledDistribution


def only(site: Path) -> InstalledDistribution:
    (distribution,) = scan(paths=[site])
    return distribution


def test_a_wheel_installed_by_pip_says_all_there_is_to_say(site: Path) -> None:
    dist_info(
        site,
        "Foo.Bar-Baz",
        "1.0",
        files={"foo_bar/__init__.py": "x = 1\n", "foo_bar/data.txt": "12345"},
        requires=["click>=8"],
        headers=[
            "Summary: Makes bars of foo",
            "License-Expression: MIT",
            "Project-URL: Source, https://example.org/foo",
            "Requires-Python: >=3.8",
        ],
    )
    found = only(site)
    assert found.name == "Foo.Bar-Baz"
    assert found.canonical_name == "foo-bar-baz"
    assert found.version == "1.0"
    assert found.kind == "dist-info"
    assert found.info_path == site / "Foo.Bar_Baz-1.0.dist-info"
    assert found.site_directory == site
    assert found.active
    assert not found.editable
    assert found.direct_url is None
    assert found.installer == "pip"
    assert found.requested is True
    assert found.summary == "Makes bars of foo"
    assert found.license == "MIT"
    assert found.home_page == "https://example.org/foo"
    assert found.requires == ("click>=8",)
    assert found.import_names == ("foo_bar",)
    assert found.files is not None
    assert PurePosixPath("foo_bar/__init__.py") in found.files
    assert found.size is not None
    recorded = sum((site / path).stat().st_size for path in found.files if path.name != "RECORD")
    assert found.size == recorded
    assert not found.linked


def test_listing_opens_no_file(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dist_info(site, "one")
    egg_info(site, "two")
    (site / "three-1.0-py3.11.egg-info").write_text(metadata_text("three", "1.0"))

    def refuse(*_: object, **__: object) -> int:
        raise AssertionError("a file was opened")

    monkeypatch.setattr(os, "open", refuse)
    assert [(dist.canonical_name, dist.version) for dist in scan(paths=[site])] == [
        ("one", "1.0"),
        ("three", "1.0"),
        ("two", "1.0"),
    ]


def test_an_egg_info_directory_has_requirements_of_its_own_format(site: Path) -> None:
    egg_info(
        site,
        "Old-Thing",
        "2.1",
        requires_txt='six\n\n[:python_version < "3"]\nfutures\n\n[test]\npytest>=3\n',
        files={"old_thing/__init__.py": ""},
        installed_files=["../old_thing/__init__.py", "PKG-INFO"],
    )
    found = only(site)
    assert (found.name, found.version, found.kind) == ("Old-Thing", "2.1", "egg-info")
    assert found.requires == (
        "six",
        'futures ; (python_version < "3")',
        'pytest>=3 ; extra == "test"',
    )
    assert found.files == (
        PurePosixPath("old_thing/__init__.py"),
        PurePosixPath("Old_Thing-2.1.egg-info/PKG-INFO"),
    )
    assert found.import_names == ("old_thing",)
    assert found.size is None
    assert found.installer is None
    assert found.requested is None


def test_a_version_that_the_entry_lacks_comes_from_its_metadata(site: Path) -> None:
    info = egg_info(site, "thing", None)
    (info / "PKG-INFO").write_text(metadata_text("Thing", "03.0"))
    assert only(site).version == "3.0"
    assert only(site).name == "Thing"


def test_an_egg_info_file_is_what_distutils_wrote(site: Path) -> None:
    (site / "thing-1.2-py3.11.egg-info").write_text(
        "Metadata-Version: 1.0\nName: Thing\nVersion: 1.2\nSummary: UNKNOWN\n"
    )
    found = only(site)
    assert (found.name, found.version, found.kind) == ("Thing", "1.2", "egg-info-file")
    assert found.summary is None
    assert found.files is None
    assert found.size is None


def egg_link(site: Path, source: Path, name: str = "My_Thing") -> Path:
    """What ``setup.py develop`` leaves behind."""
    egg_info(source, name, None, files={"my_thing/__init__.py": ""})
    link = site / "My-Thing.egg-link"
    link.write_text(f"{source}\n.")
    with (site / "easy-install.pth").open("a") as pth:
        pth.write(f"{source}\n")
    return link


def test_an_egg_link_is_what_it_links_to(site: Path, tmp_path: Path) -> None:
    source = tmp_path / "source"
    link = egg_link(site, source)
    packages = scan(paths=[site, source])
    (found,) = packages
    assert (found.name, found.version, found.kind) == ("My_Thing", "1.0", "egg-link")
    assert found.info_path == link
    assert found.editable
    assert found.location == source
    assert found.source == source
    assert found.import_names == ("my_thing",)
    assert packages.problems == ()


@pytest.mark.parametrize("content", ["/nowhere/at/all\n.", "", "\0\n", "\n\n", "\x1b[31m"])
def test_an_egg_link_that_leads_nowhere_is_dead(site: Path, content: str) -> None:
    (site / "thing.egg-link").write_text(content)
    packages = scan(paths=[site])
    assert [dist.canonical_name for dist in packages] == ["thing"]
    assert kinds(packages) == ["egg-link-dead"]
    assert packages.problems[0].message.isprintable()


def test_a_link_that_is_an_egg_link_is_dead_if_it_dangles(site: Path) -> None:
    (site / "thing.egg-link").symlink_to("nowhere")
    assert kinds(scan(paths=[site])) == ["egg-link-dead"]


def test_an_egg_directory_holds_its_package(site: Path) -> None:
    inner = site / "Thing-1.5-py3.11.egg" / "EGG-INFO"
    inner.mkdir(parents=True)
    (inner / "PKG-INFO").write_text(metadata_text("Thing", "1.5"))
    (inner / "requires.txt").write_text("six\n")
    (inner / "top_level.txt").write_text("thing\n")
    (site / "nothing.egg").mkdir()
    found = only(site)
    assert (found.name, found.version, found.kind) == ("Thing", "1.5", "egg")
    assert found.location == found.info_path
    assert found.requires == ("six",)
    assert found.import_names == ("thing",)


def zipped_egg(path: Path, name: str, version: str) -> None:
    with zipfile.ZipFile(path, "w") as egg:
        egg.writestr("EGG-INFO/PKG-INFO", metadata_text(name, version))
        egg.writestr("EGG-INFO/requires.txt", "six\n")
        egg.writestr("EGG-INFO/top_level.txt", "thing\n")


def test_a_zipped_egg_says_the_same(site: Path) -> None:
    zipped_egg(site / "Thing-1.5-py3.11.egg", "Thing", "1.5")
    found = only(site)
    assert (found.name, found.version, found.kind) == ("Thing", "1.5", "egg")
    assert found.requires == ("six",)
    assert found.import_names == ("thing",)


@pytest.mark.parametrize("content", [b"", b"PK\3\4", b"no zip at all" * 99])
def test_an_egg_that_is_no_zip_file_is_listed_and_reported(site: Path, content: bytes) -> None:
    (site / "thing-1.5-py3.11.egg").write_bytes(content)
    packages = scan(paths=[site])
    assert [(dist.name, dist.version) for dist in packages] == [("thing", "1.5")]
    assert kinds(packages) == ["unreadable"]


@pytest.mark.parametrize(
    ("document", "editable"),
    [
        ({"url": "file:///src", "dir_info": {"editable": True}}, True),
        ({"url": "file:///src", "dir_info": {"editable": False}}, False),
        ({"url": "file:///src", "dir_info": {}}, False),
        ({"url": "https://example.org/x.whl", "archive_info": {}}, False),
    ],
)
def test_only_a_direct_url_that_says_so_is_editable(
    site: Path, document: dict[str, object], editable: bool
) -> None:
    dist_info(site, "thing", direct_url=json.dumps(document))
    assert only(site).editable is editable


@pytest.mark.parametrize(
    "content",
    [
        "",
        "null",
        "[]",
        "{}",
        '{"url": 3}',
        '{"url": "x", "dir_info": []}',
        '{"url": "x", "dir_info": {"editable": "yes"}}',
        '{"url": "x", "vcs_info": 3}',
        '{"url": NaN}',
        "{" * 100_000,
        "[" * 100_000,
        '{"url": ' + "9" * 5000 + "}",
        "\udcff",
    ],
)
def test_a_direct_url_that_is_none_is_reported_and_nothing_else_is_lost(
    site: Path, content: str
) -> None:
    info = dist_info(site, "thing", direct_url="{}")
    (info / "direct_url.json").write_bytes(content.encode(errors="surrogateescape"))
    packages = scan(paths=[site])
    (found,) = packages
    assert (found.name, found.direct_url, found.editable) == ("thing", None, False)
    assert kinds(packages) == ["direct-url-invalid"]


@pytest.mark.parametrize(
    ("installer", "marked", "requested"),
    [
        ("pip", True, True),
        ("pip", False, False),
        ("uv", True, None),
        ("uv", False, None),
        (None, False, None),
        (None, True, True),
        ("conda", False, None),
        ("Poetry 1.8.2", False, None),
    ],
)
def test_who_asked_for_it_is_known_only_where_pip_wrote_it_down(
    site: Path, installer: str | None, marked: bool, requested: bool | None
) -> None:
    dist_info(site, "thing", installer=installer, requested=marked)
    assert only(site).requested is requested
