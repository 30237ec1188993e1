"""URLs that are not written as they should be hide their credentials all the same."""

from __future__ import annotations

import time

import pytest

from ipy_envtools.environment.credentials import mask_credentials


@pytest.mark.parametrize(
    "url",
    [
        "https://user:SEC/RETSECRET@host/x",
        "https://user:p#SECRET@host/x",
        "https://user:p?SECRET@host/x",
        "https://host/x?private=1&jwt=SECRET",
        "https://host/x?token%3DSECRET",
        "/site-packages/https:/user:SECRET@host",
        "https:/SECRET@host/x.py",
        "//user:SECRET@host/x",
        "//SECRET@host/x",
        "user:SECRET@host:path/x.git",
        "git+user:SECRET@host:path/x.git",
        "user:SECRET@host/simple",
        "(see '//user:SECRET@host')",
        "//user:p@host/x?token=SECRET",
        "https://user:p@SEC/RETSECRET@host/x",
        "https://user:p@ss/SECRET@host",
        "git+https://user:p@SECRET/x@host/r.git@v1",
        "https://user:123/SECRET@host/",
        "https://user:8080/SECRET/@host/x",
        "https://user:8080/@SECRET@host/x",
        "https://u:p SECRET@h/x",
        "https://u:SECRET w@h/x",
        "https://u:p\nSECRET@h/x",
        "https://SECRET\n:pw@h/x",
        "https://user\n:SECRET@h",
        "https://user:\r\nSECRET@h",
        "git+https:///u:SECRET@h",
        "https:user:SECRET@host",
        "git+https:user:SECRET@host",
        "https://h/?url=https%3A%2F%2Fu%3ASECRET%40h%2F",
        "https%3a%2f%2fSECRET%40h%2fx",
        "https%253A%252F%252Fu%253ASECRET%2540h",
        "http:\\\\user:SECRET@host",
        "http:\\\\SECRET@host",
    ],
)
def test_credentials_are_masked(url: str) -> None:
    assert "SECRET" not in mask_credentials(f"zz @ {url} ; python_version > '3'")


@pytest.mark.parametrize(
    "url",
    [
        "git+https://host:8080/repo@v1.0",
        "git+https://host/repo@v1.0#egg=repo",
        "git+ssh://git@host/repo@main",
        "https://host/x?page=2",
        "C:/Users/me@home/x",
        "git@host:path/x.git",
        "someone@host:path/x.git",
        "//git@host/x",
        "mailto:someone@example.org",
        "mailto:someone@example.org/x",
        "Someone <someone@example.org>",
        "Someone:someone@example.org",
        "12:30@home",
        "/srv//files@home/x",
        "https://example.org/@scope/x",
        "http://localhost:4873/@scope/x",
        "https://registry.example.org:8080/@scope/x",
        "file:///home/me@work/x",
        "file:///C:/Users/me@home/x",
        "other @ https://example.org/x.whl",
        "see https://example.org:8080 or write to someone@example.org",
        "see https://example.org: someone@example.org answers",
        "https://example.org/x\nAuthor: someone@example.org",
        "https://example.org, someone@example.org",
        "https://example.org/mail%40example.org",
        "https: ask someone@example.org",
    ],
)
def test_what_is_no_credential_stays(url: str) -> None:
    assert mask_credentials(url) == url


@pytest.mark.parametrize(
    "piece", ["://a:b", "https:/a:b/", "?token%3", "&a", "://", "a:b@", "//a", "a:", "a:b@c."]
)
def test_a_long_hostile_text_takes_no_long_time(piece: str) -> None:
    start = time.perf_counter()
    mask_credentials(piece * 100_000 + "@=")
    assert time.perf_counter() - start < 20
