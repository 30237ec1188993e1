"""One page of the package list: 25 rows of widgets that are made once and re-used."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ..details import facts
from ..listing import SORT_KEYS, PackageListing, SortKey
from ..markup import badge_html, escape, facts_html
from ..wording import copy_name
from .parts import choose, show

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from ipywidgets import HBox

    from ...environment import InstalledDistribution
    from ..rows import Row
    from .parts import Parts

__all__ = ["ROWS_PER_PAGE", "ColumnHeads", "PackagePage"]

ROWS_PER_PAGE = 25

_TITLES: dict[SortKey, str] = {
    "name": "Name",
    "version": "Version",
    "size": "Size",
    "needed-by": "Needed by",
    "from": "From",
    "state": "State",
}
_CLASSES: dict[SortKey, tuple[str, ...]] = {
    "size": ("envtools-sizehead",),
    "needed-by": ("envtools-num", "envtools-wide"),
    "from": ("envtools-wide",),
}
_LARGEST_FIRST = ("size", "needed-by")


class ColumnHeads:
    """The titles of the columns; a click sorts by one, a second click turns the order round."""

    def __init__(self, parts: Parts, clicked: Callable[[SortKey], None]) -> None:
        self.buttons = {
            key: parts.button(
                _TITLES[key],
                partial(clicked, key),
                *_CLASSES.get(key, ()),
                tooltip=f"Sort by {_TITLES[key].lower()}",
            )
            for key in SORT_KEYS
        }
        columns = parts.row(tuple(self.buttons.values()), "envtools-grid")
        self.widget = parts.row([columns], "envtools-row", "envtools-head")

    def paint(self, sort: SortKey, *, descending: bool) -> None:
        """Say the order in the text: a core button cannot carry ``aria-sort``."""
        for key, button in self.buttons.items():
            chosen = key == sort
            title = _TITLES[key]
            button.description = f"{title} {'▼' if descending else '▲'}" if chosen else title
            order = "descending" if descending else "ascending"
            button.tooltip = (
                f"Sorted by {title.lower()}, {order}; click to turn the order round"
                if chosen
                else f"Sort by {title.lower()}"
            )
            choose(button, chosen)


class _PageRow:
    """The widgets of one row, and what they show now."""

    def __init__(self, parts: Parts, page: PackagePage) -> None:
        self.distribution: InstalledDistribution | None = None
        self.pick = parts.checkbox("", "envtools-pick")
        self.cells = parts.html()
        self.uninstall = parts.button(
            "Uninstall", lambda: page.uninstall_clicked(self), "envtools-bad"
        )
        self.upgrade = parts.button(
            "Upgrade", lambda: page.upgrade_clicked(self), "envtools-upgrade"
        )
        self.pick.observe(lambda _change: page.pick_clicked(self), "value")
        self.widget: HBox = parts.row(
            (self.pick, self.cells, self.uninstall, self.upgrade), "envtools-row"
        )


class PackagePage:
    """Shows some of a listing's packages; tells which row's controls were used.

    Args:
        parts: makes the widgets.
        on_uninstall: a row's button was clicked.
        on_pick: a row's box was ticked or cleared.
        on_upgrade: the button in a row's details was clicked.
    """

    def __init__(
        self,
        parts: Parts,
        on_uninstall: Callable[[InstalledDistribution], None],
        on_pick: Callable[[InstalledDistribution, bool], None],
        on_upgrade: Callable[[InstalledDistribution], None],
    ) -> None:
        self._on_upgrade = on_upgrade
        self._on_uninstall = on_uninstall
        self._on_pick = on_pick
        self._is_painting = False
        self._cells: dict[InstalledDistribution, tuple[Row, str]] = {}
        self.rows = [_PageRow(parts, self) for _ in range(ROWS_PER_PAGE)]
        self.empty = parts.html()
        self.widget = parts.column([self.empty])

    def paint(
        self,
        listing: PackageListing,
        distributions: Sequence[InstalledDistribution],
        picked: AbstractSet[Path],
        empty: str,
    ) -> None:
        """Show at most :data:`ROWS_PER_PAGE` packages."""
        changeable = listing.environment.is_running
        self._is_painting = True
        try:
            for row in self.rows[len(distributions) :]:
                row.distribution = None
            for row, distribution in zip(self.rows, distributions, strict=False):
                content = listing.row(distribution)
                copies = listing.packages.copies(distribution.canonical_name)
                exactly = copy_name(distribution, copies)
                named = exactly
                if not distribution.active:
                    named = f"{named}, a copy that is never imported"
                row.distribution = distribution
                row.cells.value = self._cells_of(content, listing)
                row.pick.value = distribution.info_path in picked
                row.pick.tooltip = f"Select {named}"
                row.uninstall.tooltip = (
                    f"Uninstall {exactly if len(copies) > 1 else content.name}"
                    if changeable
                    else "Only what this kernel runs in is changed from here"
                )
                row.uninstall.disabled = row.pick.disabled = not changeable
                row.upgrade.tooltip = f"Upgrade {content.name}"
                # a copy that no import gets would not be the one that is replaced
                show(row.upgrade, changeable and distribution.active)
        finally:
            self._is_painting = False
        # taken off the page, not hidden: what is hidden can still be found by its name
        self.widget.children = (
            *(row.widget for row in self.rows[: len(distributions)]),
            self.empty,
        )
        self.empty.value = f'<div class="envtools-empty">{escape(empty)}</div>' if empty else ""
        show(self.empty, bool(empty))

    def _cells_of(self, content: Row, listing: PackageListing) -> str:
        """Filtering shows the same rows over and over; what has changed is another row."""
        known = self._cells.get(content.distribution)
        if known is None or known[0] is not content:
            known = self._cells[content.distribution] = content, _cells(content, listing)
        return known[1]

    def focus(self, distribution: InstalledDistribution | None) -> bool:
        """Put the focus on the button of a package; False where it is not on this page."""
        for row in self.rows:
            if distribution is not None and row.distribution == distribution:
                row.uninstall.focus()
                return True
        return False

    def uninstall_clicked(self, row: _PageRow) -> None:
        """Hand on whose button was clicked."""
        if row.distribution is not None:
            self._on_uninstall(row.distribution)

    def upgrade_clicked(self, row: _PageRow) -> None:
        """Hand on whose button was clicked."""
        if row.distribution is not None:
            self._on_upgrade(row.distribution)

    def pick_clicked(self, row: _PageRow) -> None:
        """Hand on whose box was ticked, unless it was ticked by painting."""
        if not self._is_painting and row.distribution is not None:
            self._on_pick(row.distribution, row.pick.value)


def _cells(row: Row, listing: PackageListing) -> str:
    """All cells of a row, and its details, which therefore unfold without a kernel."""
    share = 0.0
    if row.size and listing.largest_size:
        share = 100 * row.size / listing.largest_size
    bar = f'<i style="width:{share:.1f}%"></i>' if row.size else ""
    badges = " ".join(badge_html(badge.text, badge.tone) for badge in row.badges)
    if row.measured:
        details = facts_html(facts(row.distribution, listing))
    else:
        details = '<span class="envtools-muted">Still being read…</span>'
    name, version = escape(row.name), escape(row.version)
    return (
        '<details class="envtools-cells"><summary><span class="envtools-grid">'
        f'<span class="envtools-line envtools-name" title="{name}">{name}</span>'
        f'<span class="envtools-line" title="{version}">{version}</span>'
        f'<span class="envtools-size"><span class="envtools-num">{row.size_text}</span>{bar}</span>'
        f'<span class="envtools-num envtools-wide">{row.needed_by_text}</span>'
        f'<span class="envtools-line envtools-wide">{escape(row.installer)}</span>'
        f"<span>{badges}</span></span></summary>"
        f'<div class="envtools-details">{details}</div></details>'
    )
