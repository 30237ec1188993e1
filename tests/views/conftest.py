"""A fabricated environment on real files, and intentions that really change it."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

import pytest

from ipy_envtools.environment import InstalledPackages, find_environment
from ipy_envtools.plans import plan_undo, plan_uninstall
from ipy_envtools.transactions import apply, unfinished
from ipy_envtools.views import PackageListing
from tests.builders import Venv, dist_info, make_venv

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path
    from threading import Event

    from ipy_envtools.environment import InstalledDistribution
    from ipy_envtools.plans import InstallPlan, UndoPlan, UninstallPlan
    from ipy_envtools.progress import OnProgress
    from ipy_envtools.transactions import Transaction
    from ipy_envtools.views.install_outcome import InstallOutcome

HOSTILE = "<script>alert(1)</script>[red]x[/red]:smile:\x1b[31m\x07\u202e&\"'"


def no_index(*_: object) -> NoReturn:
    """Nothing can be installed in a test that does not say what."""
    raise AssertionError


class Workshop:
    """One fabricated environment: scans it, plans for it and changes it, as the magics would."""

    def __init__(self, venv: Venv) -> None:
        self.venv = venv
        self.force = False
        self.planned: list[tuple[tuple[str, ...], bool, bool]] = []
        """Names, orphans and dependents of every plan that was asked for."""
        self.before_plan: Callable[[tuple[str, ...]], object] = lambda _names: None
        self.before_change: Callable[[OnProgress], object] = lambda _on_progress: None
        self.asked_for: list[str] = []
        """Lines and names of every plan to install that was asked for."""
        self.install_plan: Callable[[OnProgress, Event], InstallPlan] = no_index
        self.installing: Callable[[InstallPlan, OnProgress, Event], InstallOutcome] = no_index

    @property
    def site(self) -> Path:
        return self.venv.site

    def scan(self) -> InstalledPackages:
        # a kernel runs in its own environment; this one pretends to
        return InstalledPackages(replace(find_environment(self.venv.python), is_running=True))

    def listing(self, **choices: object) -> PackageListing:
        return PackageListing(self.scan(), **choices)  # type: ignore[arg-type]

    def plan(self, *names: str, **wider: bool) -> UninstallPlan:
        return plan_uninstall(names, self.scan(), **wider)

    # --- the intentions

    def rescan(self) -> PackageListing:
        return self.listing()

    def plan_uninstall(
        self, distributions: Sequence[InstalledDistribution], *, orphans: bool, dependents: bool
    ) -> UninstallPlan:
        names = tuple(distribution.canonical_name for distribution in distributions)
        self.planned.append((names, orphans, dependents))
        self.before_plan(names)
        return plan_uninstall(
            distributions, self.scan(), orphans=orphans, dependents=dependents, force=self.force
        )

    def apply(self, plan: UninstallPlan, on_progress: OnProgress) -> Transaction:
        self.before_change(on_progress)
        return apply(plan, on_progress)

    def plan_line(self, line: str, on_progress: OnProgress, stop: Event) -> InstallPlan:
        self.asked_for.append(line)
        return self.install_plan(on_progress, stop)

    def plan_upgrade(
        self, distribution: InstalledDistribution, on_progress: OnProgress, stop: Event
    ) -> InstallPlan:
        self.asked_for.append(distribution.canonical_name)
        return self.install_plan(on_progress, stop)

    def install(self, plan: InstallPlan, on_progress: OnProgress, stop: Event) -> InstallOutcome:
        return self.installing(plan, on_progress, stop)

    def unfinished(self) -> Transaction | None:
        return unfinished(self.venv.python)

    def plan_undo(self, transaction: Transaction) -> UndoPlan:
        return plan_undo(transaction, self.scan())

    def undo(
        self, transaction: Transaction, on_progress: OnProgress, _shown: UndoPlan
    ) -> Transaction:
        self.before_change(on_progress)
        return transaction.undo(on_progress)


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """Holds nothing yet."""
    return Workshop(make_venv(tmp_path / "venv"))


@pytest.fixture
def flask(workshop: Workshop) -> Workshop:
    """flask needs two packages, flask-login needs flask, flask-docs shares a file with it."""
    site = workshop.site
    dist_info(
        site,
        "flask",
        "3.1.0",
        files={"flask/__init__.py": "x = 1\n" * 50, "flask/py.typed": ""},
        requires=["blinker>=1.9", "click>=8.1.3"],
        headers=[
            "Summary: A simple framework for building complex web applications.",
            "License-Expression: BSD-3-Clause",
            "Home-page: https://palletsprojects.com/",
        ],
        scripts=["flask"],
    )
    dist_info(site, "Flask-Login", "0.6.3", requires=["Flask>=1.0.4"], installer="uv")
    dist_info(
        site,
        "flask-docs",
        "1.0",
        files={"flask/py.typed": "", "flask_docs.py": ""},
    )
    dist_info(site, "blinker", "1.9.0", requested=False)
    dist_info(site, "click", "8.2.0", requested=False)
    dist_info(site, "numpy", "2.2.0", files={"numpy/__init__.py": "x" * 60_000})
    return workshop


@pytest.fixture
def hostile(workshop: Workshop) -> Workshop:
    """Every text that a package can write is hostile."""
    dist_info(
        workshop.site,
        "evil",
        "1.0",
        files={"evil/<script>alert(1)<b>[red].py": "", "evil/__init__.py": ""},
        requires=[f"other>=1; {HOSTILE}", "nosuch>=1"],
        headers=[
            f"Summary: {HOSTILE}",
            f"License: {HOSTILE}",
            "Home-page: javascript:alert(1)",
        ],
        installer="<i>pip[red]\x1b[31m",
        direct_url='{"url": "https://user:secret@example.com/evil.tar.gz?token=abc<script>", '
        '"archive_info": {}}',
    )
    return workshop


@pytest.fixture
def no_widget_left() -> Iterator[None]:
    """Fails a test that leaves a thread of a view running."""
    yield
    for thread in threading.enumerate():
        if thread.name == "ipy-envtools view":
            thread.join(10)
            assert not thread.is_alive()
