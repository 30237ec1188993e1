"""Adding the magics to a shell, and taking them back."""

from __future__ import annotations

from typing import Any

from IPython.core.magic import (
    Magics,
    line_cell_magic,
    line_magic,
    magics_class,
    output_can_be_silenced,
)
from traitlets import Enum

from .completion import complete
from .display import formatters
from .lines import HelpShown
from .recovery import say_if_interrupted
from .session import Session, one_line_errors

__all__ = ["EnvTools", "load", "unload"]

_ATTRIBUTE = "_ipy_envtools"


@magics_class
class EnvTools(Magics):
    """The two magics, and what ``%config EnvTools`` offers."""

    confirm = Enum(
        ("changes", "always", "never"),
        default_value="changes",
        help="When a plan asks before it is carried out: 'changes' (unless it only adds "
        "packages), 'always', or 'never', which asks nothing, not even for an uninstall.",
    ).tag(config=True)

    engine = Enum(
        ("auto", "uv", "pip"),
        default_value="auto",
        help="What resolves and downloads: 'auto' (uv where it can be used, else pip), 'uv' or "
        "'pip'.",
    ).tag(config=True)

    def __init__(self, shell: Any) -> None:
        super().__init__(shell)  # which lists it for %config
        self.session = Session(shell, self)
        self.matcher = complete(shell)

    @output_can_be_silenced
    @line_magic
    def pkgs(self, line: str) -> Any:
        """List what is installed in this kernel's environment; %pkgs --help says more."""
        from .pkgs import list_packages

        return self._run(list_packages, line)

    @output_can_be_silenced
    @line_cell_magic
    def pkg(self, line: str, cell: str | None = None) -> Any:
        """Look closer at this kernel's packages and change them; %pkg --help says more.

        %%pkg install takes one requirement a line, with comments.
        """
        from .pkg import run_line

        return self._run(run_line, line, cell)

    def _run(self, magic: Any, line: str, *cell: str | None) -> Any:
        try:
            with one_line_errors():
                return magic(line, self.session, *cell)
        except HelpShown:
            return None


def load(shell: Any) -> None:
    """Add magics, settings, completion and formatters; a second time changes nothing."""
    if getattr(shell, _ATTRIBUTE, None) is not None:
        return
    magics = EnvTools(shell)
    shell.register_magics(magics)
    shell.events.register("pre_run_cell", magics.session.forget_shown)
    shell.events.register("post_run_cell", magics.session.show_waiting)
    for formatter, type_name, show in formatters(shell, magics.session):
        formatter.for_type_by_name(*type_name, show)
    if shell.Completer is not None:
        shell.Completer.custom_matchers.append(magics.matcher)
    if getattr(shell, "kernel", None) is None:
        _without_empty_prompt(shell.displayhook, magics.session)
    setattr(shell, _ATTRIBUTE, magics)
    say_if_interrupted(magics.session)


def _without_empty_prompt(hook: Any, session: Session) -> None:
    """A terminal writes ``Out[1]:`` before it asks what comes then; keep it back for nothing."""
    is_quiet = hook.quiet
    hook.quiet = lambda: is_quiet() or session.has_shown_its_value()


def unload(shell: Any) -> None:
    """Take back everything that :func:`load` added."""
    magics = getattr(shell, _ATTRIBUTE, None)
    if magics is None:
        return
    magics.session.close_live()
    for name in ("pkgs", "pkg"):
        for kind in ("line", "cell"):
            shell.magics_manager.magics[kind].pop(name, None)
    shell.magics_manager.registry.pop(type(magics).__name__, None)
    shell.configurables.remove(magics)
    shell.events.unregister("pre_run_cell", magics.session.forget_shown)
    shell.events.unregister("post_run_cell", magics.session.show_waiting)
    for formatter, (module, name), _ in formatters(shell, magics.session):
        formatter.deferred_printers.pop((module, name), None)
        for known in [
            t for t in formatter.type_printers if (t.__module__, t.__name__) == (module, name)
        ]:
            formatter.pop(known)
    if shell.Completer is not None and magics.matcher in shell.Completer.custom_matchers:
        shell.Completer.custom_matchers.remove(magics.matcher)
    vars(shell.displayhook).pop("quiet", None)
    delattr(shell, _ATTRIBUTE)
