"""The core widgets that live views are put together from, with one Layout and one Style per kind.

A page opens a channel for every model; sharing those two leaves one model a widget instead of
three.
"""

from __future__ import annotations

from functools import cached_property
from importlib.resources import files
from typing import TYPE_CHECKING
from uuid import uuid4

from ipywidgets import HTML, Button, Checkbox, HBox, Layout, Text, VBox
from ipywidgets.widgets.widget_bool import CheckboxStyle
from ipywidgets.widgets.widget_button import ButtonStyle
from ipywidgets.widgets.widget_string import HTMLStyle, TextStyle

from ...environment.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ipywidgets import DOMWidget

__all__ = ["Parts", "choose", "is_shown", "show"]

_HIDDEN = "envtools-hidden"
_ON = "envtools-on"
# Read now: an upgrade may replace the file while this release still runs.
_CSS = files(__package__).joinpath("stylesheet.css").read_text(encoding="utf-8")


class Parts:
    """Makes the widgets of one view."""

    def __init__(self) -> None:
        self.twin = f"envtools-twin-{uuid4().hex[:12]}"
        """The class of the static rendering that stands in where this view is not alive."""

    @cached_property
    def _layout(self) -> Layout:
        return Layout()

    @cached_property
    def _button_style(self) -> ButtonStyle:
        return ButtonStyle()

    @cached_property
    def _checkbox_style(self) -> CheckboxStyle:
        return CheckboxStyle()

    @cached_property
    def _html_style(self) -> HTMLStyle:
        return HTMLStyle()

    @cached_property
    def _text_style(self) -> TextStyle:
        return TextStyle()

    def html(self, value: str = "", *classes: str) -> HTML:
        """Return an element with this content."""
        return HTML(value, layout=self._layout, style=self._html_style, _dom_classes=classes)

    def stylesheet(self) -> HTML:
        """Return our style sheet as a widget that takes no room.

        While it is in the page, the static rendering that was put before this view is not seen.
        """
        css = f"{_CSS}.{self.twin}, .jp-OutputArea-child:has(.{self.twin}) {{ display: none }}\n"
        return HTML(
            f"<style>{css}</style>",
            layout=Layout(display="none"),
            style=self._html_style,
        )

    def button(
        self, description: str, clicked: Callable[[], None], *classes: str, tooltip: str = ""
    ) -> Button:
        """Return a button that calls ``clicked`` without arguments."""
        widget = Button(
            description=printable(description),
            tooltip=printable(tooltip or description),
            layout=self._layout,
            style=self._button_style,
            _dom_classes=classes,
        )
        widget.on_click(lambda _button: clicked())
        return widget

    def checkbox(self, description: str, *classes: str) -> Checkbox:
        """Return a box to tick; without a description its tooltip is its name."""
        return Checkbox(
            value=False,
            description=description,
            indent=False,
            layout=self._layout,
            style=self._checkbox_style,
            _dom_classes=classes,
        )

    def text(self, placeholder: str, *classes: str) -> Text:
        """Return a line to type into."""
        return Text(
            placeholder=placeholder,
            tooltip=placeholder,
            layout=self._layout,
            style=self._text_style,
            _dom_classes=classes,
        )

    def row(self, children: Sequence[DOMWidget], *classes: str) -> HBox:
        """Return widgets beside each other."""
        return HBox(children=tuple(children), layout=self._layout, _dom_classes=classes)

    def column(self, children: Sequence[DOMWidget], *classes: str) -> VBox:
        """Return widgets below each other."""
        return VBox(children=tuple(children), layout=self._layout, _dom_classes=classes)


def show(widget: DOMWidget, condition: bool = True) -> None:
    """Show or hide a widget.

    By a class, because the page applies that before the next message, a new layout only after it:
    what is to get the focus has to be visible by then.
    """
    if condition:
        widget.remove_class(_HIDDEN)
    else:
        widget.add_class(_HIDDEN)


def is_shown(widget: DOMWidget) -> bool:
    """Whether :func:`show` shows it."""
    return _HIDDEN not in widget._dom_classes


def choose(widget: DOMWidget, condition: bool) -> None:
    """Mark a button as the one of several that is on."""
    if condition:
        widget.add_class(_ON)
    else:
        widget.remove_class(_ON)
