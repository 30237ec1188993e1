from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipy_envtools.views.markup import CLASSES, INLINE, phrase_html
from ipy_envtools.views.phrase import Span, join, link, plain_text, say

ANYTHING = st.text(st.characters(codec=None), max_size=80)


@given(ANYTHING)
def test_a_span_never_holds_a_control_character(text: str) -> None:
    assert Span(text).text.isprintable()
    assert len(Span(text).text) == len(text)


@given(ANYTHING, st.sampled_from(list(CLASSES)), st.sampled_from([CLASSES, INLINE]))
def test_html_of_a_span_is_its_text_escaped(text, tone, tones) -> None:  # type: ignore[no-untyped-def]
    shown = phrase_html(say(Span(text, tone)), tones)
    inner = shown[shown.index(">") + 1 : shown.rindex("<")] if shown.startswith("<") else shown
    assert "<" not in inner
    assert ">" not in inner
    assert html.unescape(inner) == Span(text).text


@given(ANYTHING)
def test_only_http_and_https_lead_somewhere(text: str) -> None:
    url = link(text).url
    assert url is None or url.lower().startswith(("http://", "https://"))


@pytest.mark.parametrize(
    ("url", "text", "target"),
    [
        ("https://palletsprojects.com/", "palletsprojects.com", "https://palletsprojects.com/"),
        ("http://www.example.org", "example.org", "http://www.example.org"),
        ("https://github.com/a/b", "github.com/a/b", "https://github.com/a/b"),
        ("HTTPS://example.org", "example.org", "HTTPS://example.org"),
        ("javascript:alert(1)", "javascript:alert(1)", None),
        (" javascript://https://x", "javascript://https://x", None),
        ("data:text/html,x", "data:text/html,x", None),
        ("//example.org", "//example.org", None),
        ("https://", "https://", None),
        ("https://[bad", "https://[bad", None),
        ("https://me:token@example.org/", "https://***@example.org/", None),
        ("https://example.org/a b", "https://example.org/a b", None),
        ("no link at all", "no link at all", None),
    ],
)
def test_links_show_where_they_lead(url: str, text: str, target: str | None) -> None:
    assert (link(url).text, link(url).url) == (text, target)


def test_phrases_are_joined() -> None:
    joined = join([say("a"), say("b", Span("c", "code"))])
    assert plain_text(joined) == "a · bc"
