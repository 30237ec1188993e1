"""Where a module comes from, as ``%pkg which`` says it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ..environment.printable import printable
from .phrase import Fact, Phrase, Span, join, say
from .wording import copy_name, counted, listed, place_of_path

if TYPE_CHECKING:
    from ..kernel.modules import ModuleOrigin

__all__ = ["facts", "title"]

_MOST = 6
"""Names or directories in one line, before the rest is only counted."""


def title(module: ModuleOrigin) -> Phrase:
    """The module, and whose it is."""
    return say(Span(module.name, "strong"), Span(f" · {_whose(module)}", "muted"))


def _whose(module: ModuleOrigin) -> str:
    if module.provider is not None:
        if module.file is None and len(module.providers) > 1:
            return f"a namespace of {counted(len(module.providers), 'package')}"
        return f"{module.provider.name} {module.provider.version}"
    if module.part_of_python:
        return "part of Python"
    return "no installed package brings it"


def facts(module: ModuleOrigin) -> tuple[Fact, ...]:
    """Everything that is known of it, in the order in which people ask."""
    found = [
        Fact("Packages", _providers(module)),
        Fact("Import loads", _found(module)),
        Fact("Loaded", _loaded(module)),
    ]
    if module.shadowed_by is not None and module.shadows is not None:
        shadow = Span(_relative(module.shadowed_by), "code")
        hidden = Span(_place(module.shadows, module), "code")
        value = say(
            Span("in the working directory, ", "warning"),
            shadow,
            Span(" takes the place of ", "warning"),
            hidden,
            Span("; rename it to import that", "warning"),
        )
        found.append(Fact("Shadowed", value))
    return tuple(fact for fact in found if fact.value)


def _providers(module: ModuleOrigin) -> Phrase:
    providers = module.providers
    if module.provider is None:
        if not providers:
            return ()
        return say(
            Span("not what import finds, but installed too: ", "muted"),
            listed([copy_name(copy, providers) for copy in providers], _MOST),
        )
    names = [copy_name(copy, providers) for copy in providers]
    if len(names) < 2:
        return ()  # the title names it
    if module.file is None:
        return say(listed(names, _MOST))
    return say(names[0], Span(f" · others bring one too: {listed(names[1:], _MOST)}", "muted"))


def _found(module: ModuleOrigin) -> Phrase:
    if module.file is not None:
        return say(Span(_place(module.file, module), "code"))
    if module.directories:
        places = [
            say(Span(_place(directory, module), "code")) for directory in module.directories[:_MOST]
        ]
        more = len(module.directories) - len(places)
        rest = f" and {more:,} more" if more else ""
        return say(join(places, ", "), rest, Span(" · a namespace package", "muted"))
    if module.part_of_python:
        return say(Span("nothing from disk: it is in the interpreter itself", "muted"))
    if module.loaded:
        return say(Span("nothing: no file of this name is found", "muted"))
    return say(Span("nothing: its files are not there, or not on the path", "error"))


def _loaded(module: ModuleOrigin) -> Phrase:
    if module.forbidden:
        key = f"sys.modules[{module.name!r}]"
        return say(
            Span("no, and an import raises: ", "warning"),
            Span(key, "code"),
            Span(" is None; ", "warning"),
            Span(f"del {key}", "code"),
            Span(" allows it again", "warning"),
        )
    if not module.loaded:
        return say(Span("no", "muted"))
    file = module.loaded_file
    if file is None or module.file is None:
        return say("yes", *((", from ", Span(_place(file, module), "code")) if file else ()))
    if os.path.realpath(file) == os.path.realpath(module.file):
        return say("yes, from that file")
    return say(
        "yes, from ",
        Span(_place(file, module), "code"),
        Span("; only after a restart from the other", "warning"),
    )


def _place(path: Path, module: ModuleOrigin) -> str:
    return printable(place_of_path(path, module.environment))


def _relative(path: Path) -> str:
    try:
        return printable(path.relative_to(Path.cwd()).as_posix())
    except (ValueError, OSError):
        return printable(str(path))
