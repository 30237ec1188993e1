"""One IPython shell with the extension loaded: what its magics share."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any

from ..errors import EnvToolsError
from .front_end import FrontEnd, front_end
from .terminal import fitting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..environment import InstalledPackages
    from ..views import PackageListing
    from .extension import EnvTools

__all__ = ["Declined", "NobodyToAsk", "Session"]


class NobodyToAsk(EnvToolsError):
    """A plan would have to ask, and nobody is there to answer."""


class Declined(EnvToolsError):
    """Somebody was asked and said no; nothing was changed."""


class Session:
    """The shell, its settings, and the live view that each magic shows."""

    def __init__(self, shell: Any, settings: EnvTools) -> None:
        self.shell = shell
        self.settings = settings
        self._live: dict[str, Any] = {}
        self._already_shown: list[object] = []
        self._waiting: list[object] = []
        self._last_line = ""

    @property
    def front_end(self) -> FrontEnd:
        """Where the running cell is shown."""
        return front_end(self.shell)

    @property
    def has_colors(self) -> bool:
        """Whether printed text may hold terminal colours."""
        return self.shell.colors.lower() != "nocolor" and _is_terminal()

    def shows_live(self, listing: PackageListing) -> bool:
        """Whether a list is shown as a live view."""
        return self.front_end.widgets and not listing.plain

    def scan(self) -> InstalledPackages:
        """Look at this kernel's environment."""
        from ..environment import scan

        return scan()

    def list_packages(self, **choices: Any) -> PackageListing:
        """Scan this kernel's environment, with what this process has imported of it."""
        from ..kernel import loaded_packages
        from ..views import PackageListing

        packages = self.scan()
        return PackageListing(packages, loaded=lambda: loaded_packages(packages), **choices)

    # --- asking

    def must_ask(self, *, safe: bool = False, yes: bool = False) -> bool:
        """Whether a plan needs a person's yes before it is carried out."""
        if yes or self.settings.confirm == "never":
            return False
        return not safe or self.settings.confirm == "always"

    def ask(self, question: str) -> None:
        """Ask yes or no where the cell runs; the default is no.

        Raises:
            NobodyToAsk: nobody is there.
            Declined: the answer was not yes.
        """
        if not self.front_end.can_ask:
            raise NobodyToAsk(
                f"{question} Nobody is here to answer: add -y to the line to say yes beforehand."
            )
        try:
            answer = input(fitting(f"{question} [y/N] "))
        except (EOFError, KeyboardInterrupt):
            answer = ""
        if answer.strip().lower() not in ("y", "yes"):
            raise Declined("Nothing was changed.")

    # --- showing

    def replace_live(self, magic: str, make: Callable[[], Any]) -> Any:
        """Close the live view that a magic showed before, with all its models; make the next."""
        self.close_live(magic)
        view = self._live[magic] = make()
        return view

    def close_live(self, magic: str | None = None) -> None:
        """Close one magic's live view, or all of them."""
        for name in [magic] if magic is not None else list(self._live):
            view = self._live.pop(name, None)
            if view is not None:
                view.close()

    def mark_shown(self, shown: object) -> None:
        """Note that the running cell has displayed an object, so returning it is silent."""
        self._already_shown.append(shown)

    def is_shown(self, shown: object) -> bool:
        """Whether the running cell has displayed an object already."""
        return any(shown is known for known in self._already_shown)

    def show_after_cell(self, shown: object) -> None:
        """Show an object when the running cell is over, below the error that it ends with."""
        self._waiting.append(shown)

    def show_waiting(self, _result: Any = None) -> None:
        """Show what was to come after the cell."""
        from .display import show

        waiting, self._waiting = self._waiting, []
        for shown in waiting:
            show(shown, self)

    def forget_shown(self, cell: Any = None) -> None:
        """Start a new cell; ``cell`` is what IPython tells of it."""
        self._already_shown.clear()
        self._waiting.clear()
        lines = str(getattr(cell, "raw_cell", None) or "").strip().splitlines()
        self._last_line = lines[-1].strip() if lines else ""

    def has_shown_its_value(self) -> bool:
        """Whether the value of the running cell is what its last line, a ``%pkg``, has shown."""
        return bool(self._already_shown) and self._last_line.startswith(("%pkg ", "pkg "))


def _is_terminal() -> bool:
    try:
        return sys.stdout.isatty()
    except (AttributeError, ValueError):
        return False


@contextlib.contextmanager
def one_line_errors() -> Iterator[None]:
    """Let this package's own errors show as one line: they are for people, not for debugging."""
    try:
        yield
    except EnvToolsError as error:
        message = fitting(f"{type(error).__name__}: {error}")
        error._render_traceback_ = lambda: [message]  # type: ignore[attr-defined]
        raise
