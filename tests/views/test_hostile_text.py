"""What strangers write into packages comes out as text: in every field, in every rendering."""

from __future__ import annotations

import json
import re
import sys
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from rich.cells import cell_len

from ipy_envtools.environment import scan
from ipy_envtools.kernel import find_module
from ipy_envtools.transactions import apply, history
from ipy_envtools.views import (
    PackageDetails,
    PackageListing,
    ProblemReport,
    TransactionHistory,
    static,
    text,
)
from ipy_envtools.views.live import PackageBrowser, TransactionView, UninstallView
from ipy_envtools.views.live.models import models_of
from tests.builders import dist_info

from .test_static import ALLOWED, Reader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from .conftest import Workshop

pytestmark = pytest.mark.usefixtures("no_widget_left")

MARKUP = "<script>alert(1)</script><img src=x onerror=alert(1)>[red]x[/red][link=http://x]y[/link]"
ESCAPES = "\x1b[31m\x1b]8;;http://evil\x07\x9b2J\x08\u202e\u2066"
TEXT = f"{MARKUP}{ESCAPES}"
SECRET = "hunter2"
URL = f"https://me:{SECRET}@host.example/x?token={SECRET}"

CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def metadata(field: str, value: str) -> Callable[[Path], object]:
    return lambda site: dist_info(site, "evil", "1.0", headers=[f"{field}: {value}"])


def _named(site: Path) -> None:
    info = dist_info(site, "evil", "1.0")
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {TEXT}\nVersion: {TEXT}\n")


def _entry(site: Path) -> None:
    name = f"evil{MARKUP}".replace("/", "").replace("-", "_") + "\x1b[31m"
    (site / f"{name}-1.0.dist-info").mkdir()
    (site / f"{name}-1.0.dist-info" / "METADATA").write_text("Name: evil\nVersion: 1.0\n")


def _entry_of_control_characters(site: Path) -> None:
    """Names that differ in nothing that can be seen are two projects all the same."""
    for name in (f"ev\x1b[3{number}mil\x07\u202e" for number in range(2)):
        files = {f"module{name}.py": "x"}
        dist_info(site, name, f"1.0{ESCAPES.replace('/', '')}\n", files=files)
    dist_info(site, f"ev{ESCAPES.replace('/', '')}il", "2.0", requires=["nosuch"])
    dist_info(site, "needs", requires=["evil"])


def _files(site: Path) -> None:
    name = TEXT.replace("/", "")
    dist_info(
        site,
        "evil",
        files={"evil/__init__.py": "", f"evil/{name}.py": "", f"{name}.py": ""},
        rows=[f"evil/missing{name},,", f"../../../../../{name},,"],
        scripts=[name],
    )


def _origin(site: Path) -> None:
    url = f"{URL}&{TEXT}"
    direct = {"url": url, "vcs_info": {"vcs": TEXT, "commit_id": TEXT}}
    dist_info(site, "evil", direct_url=json.dumps(direct))


def _editable(site: Path) -> None:
    direct = {"url": f"file:///nosuch/{MARKUP}", "dir_info": {"editable": True}}
    dist_info(site, "evil", direct_url=json.dumps(direct))


def _invalid_origin(site: Path) -> None:
    dist_info(site, "evil", direct_url=f'{{"url": 3, "x": "{URL} {MARKUP}"}}')


def _startup(site: Path) -> None:
    (site / f"{MARKUP.replace('/', '')}.pth").write_text(f"import os; x = {URL!r}; y = {TEXT!r}\n")
    dist_info(site, "evil")


def _leftover(site: Path) -> None:
    (site / f"~vil{MARKUP.replace('/', '')}-1.0.dist-info").mkdir()
    dist_info(site, "evil")


def _shared(site: Path) -> None:
    name = f"evil/{TEXT.replace('/', '')}.py"
    dist_info(site, "evil", files={name: "", "evil/__init__.py": ""})
    dist_info(site, "evil-too", files={name: ""})


WHERE: dict[str, Callable[[Path], object]] = {
    "name": _named,
    "entry": _entry,
    "entry of control characters": _entry_of_control_characters,
    "files": _files,
    "origin": _origin,
    "editable": _editable,
    "invalid origin": _invalid_origin,
    "start-up file": _startup,
    "leftover": _leftover,
    "shared file": _shared,
    "installer": lambda site: dist_info(site, "evil", installer=TEXT),
    "requirement": lambda site: dist_info(site, "evil", requires=[f"x @ {URL}", f"y; {TEXT}"]),
    "conflict": lambda site: dist_info(site, "evil", requires=[f"other @ {URL}", "nosuch>9"]),
    **{
        field: metadata(field, value)
        for field, value in {
            "Summary": f"{TEXT} {URL}",
            "Author": f"{TEXT} {URL}",
            "License": f"{TEXT} {URL}",
            "License-Expression": TEXT,
            "Home-page": TEXT,
            "Project-URL": f"Homepage, {URL}",
            "Requires-Python": f">=3{TEXT}",
            "Import-Name": TEXT,
            "Provides-Extra": TEXT,
        }.items()
    },
}


@pytest.fixture(params=WHERE, ids=lambda name: str(name).replace(" ", "-"))
def evil(request: pytest.FixtureRequest, workshop: Workshop) -> Workshop:
    """One package with hostile text in one place."""
    WHERE[request.param](workshop.site)
    return workshop


def everything(workshop: Workshop) -> Iterator[Any]:
    packages = workshop.scan()
    names = list({copy.canonical_name: None for copy in packages})
    yield packages
    yield workshop.listing(problems_only=True)
    yield PackageListing(packages, kernel_name=TEXT)
    yield ProblemReport(packages)
    for name in names:
        yield PackageDetails(packages, [name])
        yield ProblemReport(packages, [name])
        yield workshop.plan(name)
        for module in packages[name].import_names:
            yield find_module(module, packages)


def assert_harmless(shown: str) -> None:
    assert not CONTROL.search(shown), shown
    assert SECRET not in shown


def assert_harmless_html(html: str) -> None:
    assert_harmless(html.replace("\n", ""))
    read = Reader(html)
    assert set(read.tags) <= ALLOWED | {"div", "dl", "dt", "dd", "i"}
    assert not [name for name in read.attributes if name.startswith("on") or name == "src"]
    for target in read.attributes.get("href", ()):
        assert target.startswith(("http://", "https://"))


def test_text_is_text_in_a_terminal(evil: Workshop) -> None:
    for shown in everything(evil):
        for width in (80, 1000):
            rendered = text.render(shown, width)
            assert_harmless(rendered)
            assert max(map(cell_len, rendered.splitlines())) <= width
        colored = text.render(shown, 80, color=True)
        assert_harmless(re.sub(r"\x1b\[[\d;]*m", "", colored))
        assert "\x1b]" not in colored
        assert_harmless(repr(shown))


def test_text_is_text_in_html(evil: Workshop) -> None:
    for shown in everything(evil):
        assert_harmless_html(static.render(shown))


def test_text_is_text_in_every_widget(evil: Workshop) -> None:
    browser = PackageBrowser(evil.listing(), evil)
    browser.chips["problems"].click()
    assert browser.join()
    rows = [row for row in browser.page.rows if row.distribution is not None]
    for row in rows:
        row.uninstall.click()
        assert browser.join()
        assert_harmless_view(browser)
    assert_harmless_view(browser)
    browser.close()


def test_text_is_text_in_plans_outcomes_journals_and_history(evil: Workshop) -> None:
    for name in {copy.canonical_name for copy in evil.scan()}:
        plan = evil.plan(name)
        view = UninstallView(plan, evil)
        assert_harmless_view(view)
        view.close()
        if plan.blocked is not None:
            continue
        transaction = apply(plan)
        outcome = TransactionView(transaction, evil)
        assert_harmless_view(outcome)
        outcome.close()
        for shown in (transaction, TransactionHistory(history(evil.venv.python))):
            assert_harmless(text.render(shown, 80))
            assert_harmless_html(static.render(shown))
            assert_harmless(repr(shown))
        assert_harmless(transaction.summary)
        assert plan.names[0] in {change.name for change in transaction.changes}
    for journal in (evil.venv.root / ".ipy-envtools").rglob("*.jsonl"):
        assert SECRET not in journal.read_text(errors="surrogateescape")


def assert_harmless_view(view: Any) -> None:
    for widget in models_of(view.widget):
        assert not getattr(widget, "description_allow_html", False)
        for name in ("description", "tooltip", "placeholder"):
            assert_harmless(getattr(widget, name, None) or "")
        value = getattr(widget, "value", None)
        if isinstance(value, str) and "<style>" not in value:
            assert_harmless_html(value)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "java\tscript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "//host.example/x",
        URL,
    ],
)
def test_only_web_addresses_without_credentials_are_links(url: str, workshop: Workshop) -> None:
    dist_info(workshop.site, "evil", headers=[f"Home-page: {url}"])
    dist_info(workshop.site, "other", direct_url=json.dumps({"url": url, "archive_info": {}}))
    details = PackageDetails(workshop.scan(), ["evil", "other"])
    assert "href" not in Reader(static.render(details)).attributes
    browser = PackageBrowser(workshop.listing(), workshop)
    for row in browser.page.rows[:2]:
        assert "href" not in Reader(row.cells.value).attributes
    browser.close()


def test_hostile_modules_and_directories_are_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / f"<script>{MARKUP.replace('/', '')}\x1b[31m"
    dist_info(site, "evil", files={"qq_evil.py": "", "qq_evil_inner/x.py": ""}, installer=TEXT)
    monkeypatch.syspath_prepend(str(site))
    for name in ("qq_evil", "qq_evil_inner"):
        module = find_module(name, scan())
        assert module.provider is not None
        assert_harmless(text.render(module, 80))
        assert_harmless_html(static.render(module))
        assert "<script>" in unescape(static.render(module))
    assert "qq_evil" not in sys.modules
