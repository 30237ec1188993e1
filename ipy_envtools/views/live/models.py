"""The models behind a view: each widget is one, and so are its Layout and its Style."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipywidgets import Widget

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["close_models", "models_of"]


def models_of(*roots: Widget) -> Iterator[Widget]:
    """Every model that is reached from these widgets: children, layouts and styles, each once."""
    waiting: list[Widget] = list(roots)
    seen: set[int] = set()
    while waiting:
        widget = waiting.pop()
        if id(widget) in seen:
            continue
        seen.add(id(widget))
        yield widget
        for name in widget.keys:
            value = getattr(widget, name, None)
            if isinstance(value, Widget):
                waiting.append(value)
            elif isinstance(value, (list, tuple)):
                waiting.extend(item for item in value if isinstance(item, Widget))


def close_models(*roots: Widget) -> None:
    """Close everything that is reached: closing a widget alone leaves its Layout and its Style."""
    for widget in list(models_of(*roots)):
        widget.close()
