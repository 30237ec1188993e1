"""Project and version come from the entry's own name."""

from __future__ import annotations

import pytest

from ipy_envtools.environment.entry_names import EntryName, parse_entry_name


@pytest.mark.parametrize(
    ("stem", "project", "canonical_name", "version"),
    [
        ("anyio-4.0.0", "anyio", "anyio", "4.0.0"),
        ("Foo.Bar_Baz-1.0", "Foo.Bar_Baz", "foo-bar-baz", "1.0"),
        ("foo-1.0.post1.dev2", "foo", "foo", "1.0.post1.dev2"),
        ("foo-1.0+ubuntu_1", "foo", "foo", "1.0+ubuntu.1"),
        ("foo-01.2.0RC1", "foo", "foo", "1.2.0rc1"),
        ("foo-1!2.0", "foo", "foo", "1!2.0"),
        ("foo-1.0_1", "foo", "foo", "1.0.post1"),
        ("old-style-name-2.0", "old-style-name", "old-style-name", "2.0"),
        ("foo-not.a.version", "foo", "foo", "not.a.version"),
        ("foo", "foo", "foo", None),
        ("foo-", "foo", "foo", ""),
        ("-1.0", "-1.0", "-1-0", None),
        ("-name-1.0", "-name-1.0", "-name-1-0", None),
        ("-", "-", "-", None),
    ],
)
def test_an_entry_name_is_split(
    stem: str, project: str, canonical_name: str, version: str | None
) -> None:
    assert parse_entry_name(stem, "dist-info") == EntryName(project, canonical_name, version)


@pytest.mark.parametrize(
    ("stem", "version"),
    [
        ("foo-1.0-py3.11", "1.0"),
        ("foo-1.0-py3.11-linux-x86_64", "1.0"),
        ("foo-1.0-py2", "1.0"),
        ("foo-1.0", "1.0"),
        ("foo", None),
    ],
)
def test_the_tags_of_an_egg_are_no_part_of_its_version(stem: str, version: str | None) -> None:
    assert parse_entry_name(stem, "egg") == EntryName("foo", "foo", version)


def test_a_number_of_thousands_of_digits_is_only_text() -> None:
    assert parse_entry_name("foo-" + "1" * 5000, "dist-info").version == "1" * 5000


def test_an_egg_link_is_called_by_its_project_alone() -> None:
    assert parse_entry_name("My-Thing-2", "egg-link") == EntryName("My-Thing-2", "my-thing-2", None)
