"""Credentials never leave the files that they stand in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from ipy_envtools.environment import scan
from ipy_envtools.environment.credentials import mask_credentials

from ..builders import dist_info, egg_info

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("https://user:secret@example.org/x", "https://***@example.org/x"),
        ("https://token@example.org/x", "https://***@example.org/x"),
        ("git+https://a:b@example.org/x@v1", "git+https://***@example.org/x@v1"),
        ("git+ssh://git@example.org/x", "git+ssh://git@example.org/x"),
        ("https://user:p@ss@example.org/x", "https://***@example.org/x"),
        (
            "https://example.org/x?access_token=abc&v=1",
            "https://example.org/x?access_token=***&v=1",
        ),
        ("https://h/x?X-Amz-Signature=a&X-Amz-Credential=b", None),
        ("https://h/x?sig=a", "https://h/x?sig=***"),
        ("https://h/x#egg=name&sha256=abc", "https://h/x#egg=name&sha256=abc"),
        ("name @ https://a:b@h/x ; extra == 'y'", "name @ https://***@h/x ; extra == 'y'"),
        ("someone@example.org", "someone@example.org"),
        ("https://h/@scope/x", "https://h/@scope/x"),
    ],
)
def test_credentials_of_urls_become_stars(text: str, masked: str | None) -> None:
    if masked is None:
        masked = "https://h/x?X-Amz-Signature=***&X-Amz-Credential=***"
    assert mask_credentials(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "=?" + "token" * 100_000,
        "=" + "://" * 100_000 + "@",
        "=?" * 200_000,
        "@" + "://a:" * 100_000,
        "?" + "a" * 400_000,
    ],
)
def test_long_texts_take_linear_time(text: str) -> None:
    mask_credentials(text)


def test_no_secret_of_another_form_leaves_the_scan(site: Path) -> None:
    for number, url in enumerate(["someone:hunter2@example.org:x/y", "//someone:hunter2@h/x"]):
        dist_info(
            site,
            f"thing{number}",
            requires=[f"other @ {url}"],
            headers=[f"Home-page: {url}", f"Summary: see {url}"],
            direct_url=json.dumps({"url": url}),
        )
        egg_info(site, f"old{number}", requires_txt=f"other @ {url}\n")
    packages = scan(paths=[site])
    said = [
        text
        for found in packages
        for text in (repr(found.direct_url), *found.requires, found.home_page, found.summary)
    ]
    said += [problem.message for problem in packages.problems]
    assert "hunter2" not in "".join(filter(None, said))
    assert all(found.requires for found in packages)


def test_no_secret_leaves_the_scan(site: Path) -> None:
    url = "https://someone:hunter2@example.org/thing?token=hunter2"
    dist_info(
        site,
        "thing",
        requires=[f"other @ {url}", f"broken @ {url} !", f"x>=3 ; y @ {url}"],
        headers=[f"Home-page: {url}", f"Summary: see {url}", f"License: {url}"],
        direct_url=json.dumps({"url": url, "vcs_info": {"vcs": "git", "commit_id": "x"}}),
    )
    packages = scan(paths=[site])
    found = packages["thing"]
    said = [
        repr(found.direct_url),
        repr(found.requires),
        str(found.home_page),
        str(found.summary),
        str(found.license),
        *(problem.message for problem in packages.problems),
    ]
    assert len(packages.problems) >= 2
    assert "hunter2" not in "".join(said)
    assert "someone" not in "".join(said)


def test_the_sentence_around_a_masked_url_stays_whole() -> None:
    masked = mask_credentials("needs x @ https://h.example/x.git?token=se,cret, which is missing.")
    assert masked == "needs x @ https://h.example/x.git?token=***, which is missing."
