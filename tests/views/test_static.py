from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from ipy_envtools.transactions import apply
from ipy_envtools.views import PackageDetails, TransactionHistory, static
from ipy_envtools.views import listing as listing_module
from tests.builders import dist_info

if TYPE_CHECKING:
    from .conftest import Workshop

ALLOWED = {
    *("p", "b", "a", "code", "span", "table", "thead", "tbody", "tr", "th", "td"),
    *("details", "summary", "ul", "li"),
}


class Reader(HTMLParser):
    """What a browser would make of it: elements, attributes, text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.attributes: dict[str, list[str]] = {}
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.open.append(tag)
        for name, value in attrs:
            self.attributes.setdefault(name, []).append(value or "")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def everything(workshop: Workshop) -> list[Any]:
    packages = workshop.scan()
    names = [distribution.canonical_name for distribution in packages]
    return [
        packages,
        workshop.listing(problems_only=True),
        PackageDetails(packages, names),
        *(workshop.plan(name) for name in names),
    ]


def test_the_list_is_a_plain_table(flask: Workshop) -> None:
    html = static.render(flask.listing(loaded={"flask": ("flask",)}))
    read = Reader(html)
    assert read.tags.count("table") == 1
    assert read.tags.count("tr") == 1 + 6
    assert "This kernel" in read.text
    assert "6 packages" in read.text
    for title in ("Name", "Version", "Size", "Needed by", "From", "State", "loaded", "60 kB"):
        assert title in read.text
    assert "class" not in read.attributes


def test_it_needs_no_network_no_script_and_no_style_sheet(
    flask: Workshop, hostile: Workshop
) -> None:
    for shown in everything(hostile):
        read = Reader(static.render(shown))
        assert set(read.tags) <= ALLOWED
        assert set(read.attributes) <= {"style", "align", "valign", "href", "target", "rel"}
        assert not read.open
        assert not any("url(" in style for style in read.attributes.get("style", ()))


def test_hostile_text_is_shown_as_text(hostile: Workshop) -> None:
    for shown in everything(hostile):
        html = static.render(shown)
        assert "<script" not in html
        assert "<i>" not in html
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", html)
        assert "secret" not in html
    read = Reader(static.render(PackageDetails(hostile.scan(), "evil")))
    assert "<script>alert(1)</script>[red]x[/red]:smile:" in read.text
    assert "javascript:alert(1)" in read.text


def test_only_http_links_are_links(flask: Workshop, hostile: Workshop) -> None:
    dist_info(hostile.site, "data", "1.0", headers=["Home-page: data:text/html,x"])
    dist_info(hostile.site, "file", "1.0", headers=["Home-page: file:///etc/passwd"])
    dist_info(hostile.site, "token", "1.0", headers=["Home-page: https://me:secret@host.org/x"])
    dist_info(hostile.site, "quote", "1.0", headers=['Home-page: https://host.org/"onclick=x'])
    names = ["flask", "evil", "data", "file", "token", "quote"]
    html = static.render(PackageDetails(hostile.scan(), names))
    read = Reader(html)
    assert read.attributes["href"] == [
        "https://palletsprojects.com/",
        'https://host.org/"onclick=x',
    ]
    assert set(read.attributes["rel"]) == {"noopener noreferrer"}
    assert "secret" not in html
    assert "file:///etc/passwd" in read.text


def test_a_plan_lists_its_files_behind_a_fold(flask: Workshop) -> None:
    read = Reader(static.render(flask.plan("flask")))
    assert "Uninstall flask 3.1.0" in read.text
    assert "show files" in read.text
    assert re.search(r"lib/python3\.\d+/site-packages/flask/__init__\.py", read.text)
    assert "add --dependents to remove it too" in read.text
    assert "add --orphans to remove them" in read.text


def test_a_blocked_plan_says_why(flask: Workshop) -> None:
    dist_info(flask.site, "ipykernel", "7.4.0")
    html = static.render(flask.plan("ipykernel"))
    assert "<b>ipykernel 7.4.0 stays</b>" in html
    assert "<code>%pkg uninstall ipykernel --force</code>" in html


def test_a_transaction_and_the_history_are_there_too(flask: Workshop) -> None:
    transaction = apply(flask.plan("numpy"))
    assert re.search(r"Uninstalled numpy 2\.2\.0 in \d\.\d\d s\.", static.render(transaction))
    read = Reader(static.render(TransactionHistory([transaction])))
    assert transaction.id in read.text
    assert "61 kB" in read.text


def test_a_list_of_thousands_is_cut_and_says_so(flask: Workshop, monkeypatch: Any) -> None:
    monkeypatch.setattr(static, "MOST_ROWS", 2)
    read = Reader(static.render(flask.scan()))
    assert read.tags.count("tr") == 1 + 2
    assert "and 4 more" in read.text


def test_the_twin_of_a_live_view_is_hidden_by_that_view_alone(flask: Workshop) -> None:
    """A trusted notebook that is opened again shows the twin instead of a widget error."""
    from ipy_envtools.views.live import PackageBrowser

    listing = flask.listing()
    one, other = PackageBrowser(listing, flask), PackageBrowser(listing, flask)
    html = static.as_twin(static.render_at_once(listing), one.twin)
    assert f'<div class="{one.twin}">' in html
    assert "numpy" in Reader(html).text
    assert f".{one.twin}," in one.widget.children[0].value
    assert one.twin not in other.widget.children[0].value
    one.close()
    other.close()


def test_what_stands_in_for_a_live_view_does_not_wait_for_sizes(
    flask: Workshop, monkeypatch: Any
) -> None:
    monkeypatch.setattr(listing_module, "MOST_MEASURED", 3)
    listing = flask.listing()
    read = Reader(static.render_at_once(listing))
    assert not listing.is_measured
    assert "Size" not in read.text
    assert "numpy" in read.text
    listing.measure()
    assert "Size" in Reader(static.render_at_once(listing)).text
