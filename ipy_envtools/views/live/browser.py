"""The package browser: ``%pkgs`` in a notebook."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ..markup import badge_html, escape, facts_html
from ..phrase import Fact, say
from ..problems import message
from ..wording import counted, size_text
from .changes import Changes
from .models import close_models
from .page import ROWS_PER_PAGE, ColumnHeads, PackagePage
from .parts import Parts, choose, show
from .worker import Worker

if TYPE_CHECKING:
    from pathlib import Path

    from ipywidgets import VBox

    from ...environment import InstalledDistribution
    from ..intentions import Intentions
    from ..listing import PackageListing, Selection, SortKey

__all__ = ["PackageBrowser"]

# What a button says, and what it shows.
_CHIPS: dict[Selection, tuple[str, str]] = {
    "all": ("All", "all packages"),
    "problems": ("Problems", "packages that have a problem"),
    "loaded": ("Loaded", "packages that this kernel has loaded"),
    "orphans": ("Not needed", "packages that came along for one that has gone"),
}


class PackageBrowser:
    """A list of packages that can be filtered, sorted, looked into and uninstalled from.

    Args:
        listing: what to show first; its patterns, order and choice are where the browser begins.
        intentions: whom to ask for plans and changes.
    """

    widget: VBox
    """What to display."""
    twin: str
    """See :func:`ipy_envtools.views.static.as_twin`."""

    def __init__(self, listing: PackageListing, intentions: Intentions) -> None:
        self._listing = listing
        self._intentions = intentions
        self._only: Selection = "problems" if listing.problems_only else "all"
        self._sort: SortKey = listing.sort
        self._descending = listing.sort in ("size", "needed-by")
        self._first = 0
        self._picked: set[Path] = set()
        self._asked_from: InstalledDistribution | None = None
        self._is_rescanning = False
        self._looked_at: PackageListing | None = None
        self._returns_focus = False
        self._members: tuple[InstalledDistribution, ...] = ()
        self._worker = Worker()
        self._is_painting = False

        parts = Parts()
        self.twin = parts.twin
        self._header = parts.html()
        self._changes = Changes(
            parts,
            self._worker,
            intentions,
            on_changed=self._rescan,
            on_answered=self._return_focus,
            on_installed=self._clear_box,
        )
        self.filter = parts.text("Filter packages", "envtools-filter")
        self.filter.value = " ".join(listing.patterns)
        self.chips = {
            only: parts.button(title, partial(self._choose, only), "envtools-chip")
            for only, (title, _) in _CHIPS.items()
        }
        self.install = parts.text("Install, e.g. polars>=1", "envtools-filter", "envtools-spec")
        self.plan = parts.button("Plan", self._plan_install, tooltip="Plan the installation")
        self._notes = parts.html()
        self._heads = ColumnHeads(parts, self._sort_by)
        self._page = PackagePage(parts, self._ask_about, self._pick, self._ask_upgrade)
        self.previous = parts.button("Previous", lambda: self._turn(-1), tooltip="Previous page")
        self.next = parts.button("Next", lambda: self._turn(1), tooltip="Next page")
        self._position = parts.html()
        self.uninstall_selected = parts.button(
            "Uninstall selected…", self._ask_about_selected, "envtools-bad", "envtools-selected"
        )
        self.widget = parts.column(
            [
                parts.stylesheet(),
                self._header,
                self._changes.widget,
                parts.row(
                    (
                        self.filter,
                        *self.chips.values(),
                        parts.row((self.install, self.plan), "envtools-box"),
                    ),
                    "envtools-tools",
                ),
                self._notes,
                self._heads.widget,
                self._page.widget,
                parts.row(
                    (self.previous, self._position, self.next, self.uninstall_selected),
                    "envtools-foot",
                ),
            ],
            "envtools-view",
            "envtools-browser",
        )
        self.filter.observe(self._filtered, "value")
        self.install.on_msg(self._install_submitted)
        with self._worker.lock:
            self._show_listing(listing)

    @property
    def listing(self) -> PackageListing:
        """The packages as they were last looked at."""
        return self._listing

    @property
    def changes(self) -> Changes:
        """The part with the plan and its outcome."""
        return self._changes

    @property
    def column_heads(self) -> ColumnHeads:
        """The titles of the columns."""
        return self._heads

    @property
    def page(self) -> PackagePage:
        """The rows that are shown."""
        return self._page

    def join(self, timeout: float = 30.0) -> bool:
        """Wait until nothing is being worked on; False where ``timeout`` seconds did not do."""
        return self._worker.join(timeout)

    def close(self) -> None:
        """Close every model, so that running a cell again leaves nothing behind."""
        self._worker.close()
        close_models(self.widget, *(row.widget for row in self._page.rows))

    # --- what is shown

    def _show_listing(self, listing: PackageListing) -> None:
        self._listing = listing
        known = {distribution.info_path for distribution in listing.packages}
        self._picked &= known
        is_measured = listing.measure_at_once()
        self._paint()
        # Of very many packages the files are only looked at when somebody wants to know.
        if is_measured or self._only == "problems":
            self._look_for_problems()
        else:
            self._worker.start("look", listing.measure, lambda _: self._paint(), self._failed)

    def _paint(self) -> None:
        listing = self._listing
        self._members = listing.select(
            self.filter.value.split(),
            only=self._only,
            sort=self._sort,
            descending=self._descending,
        )
        last_page = max(0, (len(self._members) - 1) // ROWS_PER_PAGE * ROWS_PER_PAGE)
        self._first = min(self._first, last_page)
        self._header.value = _header(listing)
        self._heads.paint(self._sort, descending=self._descending)
        self._paint_chips()
        self._paint_notes()
        self._paint_page()

    def _paint_page(self) -> None:
        members, first = self._members, self._first
        shown = members[first : first + ROWS_PER_PAGE]
        self._page.paint(self._listing, shown, self._picked, self._empty())
        position = (
            f"{first + 1:,}–{first + len(shown):,} of {len(members):,}" if shown else "0 of 0"
        )
        if self._only != "all":
            position += f" · {_CHIPS[self._only][0].lower()}"
        self._position.value = f"<span>{position}</span>"
        self.previous.disabled = first == 0
        self.next.disabled = first + ROWS_PER_PAGE >= len(members)
        self._paint_selected()

    def _paint_selected(self) -> None:
        number = len(self._picked)
        label = f"Uninstall {number:,} selected…" if number else "Uninstall selected…"
        self.uninstall_selected.description = self.uninstall_selected.tooltip = label
        self.uninstall_selected.disabled = not number

    def _paint_chips(self) -> None:
        listing = self._listing
        counts = {"all": len(listing.packages)}
        if listing.is_measured:
            counts["loaded"] = len(listing.select(only="loaded"))
            counts["orphans"] = len(listing.packages.orphans())
        if listing.has_thorough_problems:
            counts["problems"] = len(listing.known_problems)
        for only, chip in self.chips.items():
            title, meaning = _CHIPS[only]
            count = f"{counts[only]:,}" if only in counts else "…"
            chip.description = f"{title} {count}"
            chip.tooltip = f"Show {meaning}" + (" (on)" if only == self._only else "")
            choose(chip, only == self._only)
        # nothing of another Python is loaded here, and it is only looked at
        for widget in (self.chips["loaded"], self.install, self.plan):
            show(widget, listing.environment.is_running)

    def _paint_notes(self) -> None:
        """Problems that belong to no row."""
        listing = self._listing
        value = ""
        if self._only == "problems":
            others = [p for p in listing.known_problems if p.name not in listing.packages]
            if others:
                facts = [
                    Fact(p.severity.title(), say(message(p, listing.environment))) for p in others
                ]
                value = f'<div class="envtools-note">{facts_html(facts)}</div>'
            if not listing.has_thorough_problems:
                value += '<div class="envtools-note envtools-muted">Looking at every file…</div>'
        self._notes.value = value
        show(self._notes, bool(value))

    def _empty(self) -> str:
        if self._members:
            return ""
        if not len(self._listing.packages):
            return "Nothing is installed here."
        if self.filter.value.strip():
            return f"No package matches “{self.filter.value.strip()}”."
        return {
            "problems": "No package has a problem.",
            "loaded": "No package of this environment is loaded.",
            "orphans": "No package is known to have come along for one that has gone.",
        }.get(self._only, "")

    # --- what people do

    def _filtered(self, _change: object) -> None:
        with self._worker.lock:
            self._first = 0
            self._paint()

    def _choose(self, only: Selection) -> None:
        with self._worker.lock:
            self._only = only
            self._first = 0
            self._paint()
            if only == "problems":
                self._look_for_problems()

    def _sort_by(self, key: SortKey) -> None:
        with self._worker.lock:
            if key == self._sort:
                self._descending = not self._descending
            else:
                self._sort, self._descending = key, key in ("size", "needed-by")
            self._first = 0
            self._paint()

    def _turn(self, pages: int) -> None:
        with self._worker.lock:
            self._first = max(0, self._first + pages * ROWS_PER_PAGE)
            if self._first >= len(self._members):
                self._first -= pages * ROWS_PER_PAGE
            self._paint_page()

    def _pick(self, distribution: InstalledDistribution, picked: bool) -> None:
        with self._worker.lock:
            if picked:
                self._picked.add(distribution.info_path)
            else:
                self._picked.discard(distribution.info_path)
            self._paint_selected()

    def _ask_about(self, distribution: InstalledDistribution) -> None:
        with self._worker.lock:
            self._asked_from = distribution
            self._changes.ask([distribution])
            self._changes.panel.focus()

    def _ask_upgrade(self, distribution: InstalledDistribution) -> None:
        with self._worker.lock:
            self._asked_from = distribution
            self._changes.ask_upgrade(distribution)

    def _install_submitted(self, _widget: object, content: dict[str, object], _: object) -> None:
        if content.get("event") == "submit":  # Enter in the box
            self._plan_install()

    def _plan_install(self) -> None:
        with self._worker.lock:
            line = self.install.value.strip()
            if not line:
                self.install.focus()
                return
            self._asked_from = None
            self._changes.ask_install(line)

    def _clear_box(self, line: str) -> None:
        if self.install.value.strip() == line:  # else the next one is being typed already
            self.install.value = ""

    def _ask_about_selected(self) -> None:
        with self._worker.lock:
            chosen = [d for d in self._listing.packages if d.info_path in self._picked]
            if chosen:
                self._asked_from = None
                self._changes.ask(chosen)
                self._changes.panel.focus()

    # --- what follows

    def _look_for_problems(self) -> None:
        listing = self._listing
        if not listing.has_thorough_problems and self._looked_at is not listing:
            self._looked_at = listing
            self._worker.start(
                "look", listing.look_for_problems, lambda _: self._paint(), self._failed
            )

    def _rescan(self) -> None:
        self._is_rescanning = True
        self._worker.start("rescan", self._intentions.rescan, self._rescanned, self._failed)

    def _rescanned(self, listing: PackageListing) -> None:
        self._is_rescanning = False
        self._show_listing(listing)
        if self._returns_focus:
            self._returns_focus = False
            self._return_focus()

    def _return_focus(self) -> None:
        if self._is_rescanning:  # the row may only be there afterwards
            self._returns_focus = True
            return
        if self._page.focus(self._asked_from):
            return
        if self._asked_from is None and not self.uninstall_selected.disabled:
            self.uninstall_selected.focus()
        else:
            self.filter.focus()

    def _failed(self, error: BaseException) -> None:
        self._is_rescanning = False
        self._looked_at = None
        self._changes.line.say_error(error)


def _header(listing: PackageListing) -> str:
    heading = listing.heading
    about = " · ".join(escape(text) for text in (heading.python, heading.kind) if text)
    counts = [escape(counted(len(listing.packages), "package"))]
    if listing.is_measured:
        counts.append(escape(size_text(listing.total_size)))
    if heading.problems:
        counts.append(f'<span class="envtools-warning">{escape(heading.problems)}</span>')
    locked = listing.environment.locked_reason
    read_only = bool(locked) or not listing.environment.is_running
    lock = badge_html("read-only", "warning") if read_only else ""
    return (
        f'<div class="envtools-header"><b>{escape(heading.title)}</b><span>{about}</span>'
        f'<code class="envtools-muted">{escape(heading.place)}</code>{lock}'
        f'<span class="envtools-counts">{" · ".join(counts)}</span></div>'
    )
