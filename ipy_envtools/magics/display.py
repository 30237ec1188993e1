"""Showing objects where the cell runs: printed text, static HTML, or a live view over it."""

from __future__ import annotations

import contextlib
import shutil
from typing import TYPE_CHECKING, Any

from .terminal import echo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..environment import InstalledDistribution, InstalledPackages
    from ..transactions import Transaction
    from ..views.install_outcome import InstallOutcome
    from .session import Session

__all__ = ["SHOWN_TYPES", "formatters", "show", "show_outcome"]

SHOWN_TYPES = (
    ("ipy_envtools.environment.distribution", "InstalledDistribution"),
    ("ipy_envtools.environment.packages", "InstalledPackages"),
    ("ipy_envtools.kernel.modules", "ModuleOrigin"),
    ("ipy_envtools.plans.install_plan", "InstallPlan"),
    ("ipy_envtools.plans.repair", "RepairPlan"),
    ("ipy_envtools.plans.undo_plan", "UndoPlan"),
    ("ipy_envtools.plans.uninstall_plan", "UninstallPlan"),
    ("ipy_envtools.transactions.transaction", "Transaction"),
    ("ipy_envtools.views.details", "PackageDetails"),
    ("ipy_envtools.views.listing", "PackageListing"),
    ("ipy_envtools.views.problems", "ProblemReport"),
    ("ipy_envtools.views.transaction", "TransactionHistory"),
)
"""Module and name of each type that has a rendering; named, so that loading imports none."""


def formatters(
    shell: Any, session: Session
) -> Iterator[tuple[Any, tuple[str, str], Callable[..., Any]]]:
    """Yield what is registered with IPython's display formatter: formatter, type, function.

    A terminal prints at once; elsewhere a bundle of text and static HTML goes out, over which a
    live view lies where widgets are shown. An object that its magic has shown is not repeated.
    """

    def at_once(shown: object) -> None:
        if session.is_shown(shown):
            return
        if not session.front_end.terminal:
            raise NotImplementedError  # IPython's way to say: ask the next formatter
        print()  # IPython's Out prompt stands on the line already
        _print(shown, session)

    def as_bundle(shown: object, **_: Any) -> dict[str, Any]:
        return _bundle(shown, session)

    for type_name in SHOWN_TYPES:
        yield shell.display_formatter.ipython_display_formatter, type_name, at_once
        yield shell.display_formatter.mimebundle_formatter, type_name, as_bundle


def show(shown: object, session: Session, *, live: Any = None) -> None:
    """Show an object now, with ``live`` over its static rendering; returning it is silent then."""
    session.mark_shown(shown)
    if session.front_end.terminal:
        _print(shown, session)
        return
    session.shell.display_pub.publish(_bundle(shown, session, live=live))


def show_outcome(transaction: Transaction, session: Session) -> None:
    """Say what a transaction did, with an Undo button where one can be clicked."""
    live = None
    if session.front_end.widgets:
        from ..views.live import TransactionView
        from .carry_out import CarryOut

        live = session.replace_live(
            "outcome", lambda: TransactionView(transaction, CarryOut(session))
        )
    show(transaction, session, live=live)


def show_install_outcome(outcome: InstallOutcome, session: Session) -> None:
    """Say what was installed and what that means for this kernel; buttons where they work."""
    session.mark_shown(outcome.transaction)
    live = None
    if session.front_end.widgets:
        from ..views.live import TransactionView
        from .carry_out import CarryOut

        live = session.replace_live("outcome", lambda: TransactionView(outcome, CarryOut(session)))
    show(outcome, session, live=live)


def _print(shown: object, session: Session) -> None:
    from ..views import text

    width = shutil.get_terminal_size().columns
    echo(text.render(_in_context(shown, session), width, color=session.has_colors))


def _bundle(shown: object, session: Session, *, live: Any = None) -> dict[str, Any]:
    """Return what IPython sends out: text and static HTML, or the live view over them.

    With a live view there are two outputs: the static twin goes out here, and the view hides it
    while it is on the page. In one bundle with the view the static HTML would be lost: JupyterLab
    shows "model not found" in its place when a saved notebook is opened again.
    """
    from ..plans import UninstallPlan
    from ..views import PackageListing, static, text

    shown = _in_context(shown, session)
    if live is None and isinstance(shown, PackageListing) and session.shows_live(shown):
        live = _browser(shown, session)
    if live is None:
        return {"text/plain": text.render(shown), "text/html": static.render(shown)}
    if isinstance(shown, PackageListing):
        plain, html = text.render_at_once(shown), static.render_at_once(shown)
    else:
        plain, html = text.render(shown), static.render(shown)
        if isinstance(shown, UninstallPlan):  # jupyter console shows neither HTML nor buttons
            plain += "\nWithout buttons: add -y to the line to carry it out."
    session.shell.display_pub.publish(
        {"text/plain": plain, "text/html": static.as_twin(html, live.twin)}
    )
    return {**live.widget._repr_mimebundle_(), "text/plain": ""}


def _browser(listing: Any, session: Session) -> Any:
    from ..views.live import PackageBrowser
    from .carry_out import CarryOut

    carry_out = CarryOut(session)
    browser = session.replace_live("pkgs", lambda: PackageBrowser(listing, carry_out))
    interrupted = carry_out.unfinished() if listing.environment.is_running else None
    if interrupted is not None:
        browser.changes.show_outcome(interrupted)
    return browser


def _in_context(shown: object, session: Session) -> object:
    """A scan or a distribution by itself is shown like what the magics return."""
    from ..environment import InstalledDistribution, InstalledPackages
    from ..kernel import loaded_packages
    from ..views import PackageDetails, PackageListing

    if isinstance(shown, PackageListing):
        return shown
    if isinstance(shown, InstalledPackages):
        return PackageListing(shown, loaded=lambda: loaded_packages(shown))
    if isinstance(shown, InstalledDistribution):
        listing = session.list_packages()
        if shown not in listing.packages:
            listing = PackageListing(_scan_around(shown))
        return PackageDetails(listing, [shown.canonical_name])
    return shown


def _scan_around(distribution: InstalledDistribution) -> InstalledPackages:
    """Look at the directory of a distribution that another environment has."""
    from ..environment import scan
    from ..errors import EnvToolsError

    with contextlib.suppress(EnvToolsError):
        packages = scan(paths=[distribution.site_directory])
        if distribution in packages:
            return packages
    raise NotImplementedError  # it is gone: its repr is all that is left to show
