"""The line that says how it went, or how far it is; with ``Undo`` where something can be undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...errors import EnvToolsError
from ..engine_words import EngineWords
from ..install_outcome import InstallOutcome
from ..markup import escape
from ..progress import progress_html
from ..transaction import can_undo, outcome
from ..wording import counted
from .parts import is_shown, show

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...progress import Progress
    from ...transactions import Transaction
    from .parts import Parts

__all__ = ["OutcomeLine"]

_TONES = ("envtools-good", "envtools-warning", "envtools-error", "envtools-plain")

# JupyterLab's own command, with its own question; a core button cannot start one.
_RESTART = (
    '<button class="jupyter-button" data-commandlinker-command="kernelmenu:restart" '
    'data-commandlinker-args="{}">Restart kernel</button>'
)


class OutcomeLine:
    """One line below the header of a view."""

    def __init__(self, parts: Parts, on_undo: Callable[[Transaction], None]) -> None:
        self._messages = 0
        self._on_undo = on_undo
        self._transaction: Transaction | None = None
        self.text = parts.html()
        self.undo = parts.button("Undo", self._undo_clicked)
        self.restart = parts.html()
        self.widget = parts.row([self.text, self.restart, self.undo], "envtools-outcome")
        self.clear()

    @property
    def is_shown(self) -> bool:
        """Whether it says anything."""
        return is_shown(self.widget)

    def clear(self) -> None:
        """Say nothing and offer nothing."""
        self._transaction = None
        show(self.widget, False)
        show(self.undo, False)
        show(self.restart, False)
        self.text.value = ""

    def say_done(self, done: Transaction | InstallOutcome) -> None:
        """Say what was done, and offer to take it back."""
        if isinstance(done, InstallOutcome):
            transaction, sentence, tone = done.transaction, done.sentence, f"envtools-{done.tone}"
        else:
            transaction, sentence = done, outcome(done)
            tone = "envtools-error" if done.state == "interrupted" else "envtools-good"
        self._transaction = transaction if can_undo(transaction) else None
        self._alert(escape(sentence), tone)
        if isinstance(done, InstallOutcome) and done.needs_restart:
            self.restart.value = _RESTART
            show(self.restart)
        show(self.undo, self._transaction is not None)
        self.undo.disabled = False

    def offer_undo(self, transaction: Transaction) -> None:
        """Offer to take this one back, beside what is said already."""
        self._transaction = transaction
        show(self.undo)
        self.undo.disabled = False

    def withdraw_undo(self) -> None:
        """Offer it no longer, because there is nothing to take back any more."""
        self._transaction = None
        show(self.undo, False)

    def say_cancelled(self) -> None:
        """Say that nothing was done, where there is nothing else to look at."""
        self.say_plain("Cancelled; nothing was changed.")

    def say_plain(self, sentence: str) -> None:
        """Say something that changed nothing."""
        self._transaction = None
        self._alert(escape(sentence), "envtools-plain")
        show(self.undo, False)

    def say_error(self, error: BaseException) -> None:
        """Say in one line what went wrong; what could be undone before still can."""
        if isinstance(error, EnvToolsError):
            sentence = str(error) or type(error).__name__
        else:
            sentence = f"{type(error).__name__}: {error}"
        text = escape(sentence)
        paths = getattr(error, "paths", ())
        if paths:
            lines = "".join(f"<li><code>{escape(str(path))}</code></li>" for path in paths[:200])
            text += (
                f'<div class="envtools-facts"><details><summary>{counted(len(paths), "path")}'
                f"</summary><ul>{lines}</ul></details></div>"
            )
        words = EngineWords(getattr(error, "log", ""))
        if words.lines:
            text += words.html()
        self._alert(text, "envtools-error")
        show(self.undo, self._transaction is not None)
        self.undo.disabled = False

    def say_progress(self, doing: str, progress: Progress | None = None) -> None:
        """Say what is being done, and how far it is."""
        self.text.value = (
            f'<div role="status">{escape(doing)}…</div>'
            if progress is None
            else progress_html(doing, progress)
        )
        self._set_tone("envtools-plain")
        self.undo.disabled = True
        show(self.restart, False)
        show(self.widget)

    def focus(self) -> bool:
        """Put the focus on ``Undo``; False where it is not offered."""
        if self._transaction is not None:
            self.undo.focus()
        return self._transaction is not None

    def _alert(self, text: str, tone: str) -> None:
        # a new element each time, or a screen reader says nothing the second time
        self._messages += 1
        self.text.value = f'<div role="alert" data-message="{self._messages}">{text}</div>'
        show(self.restart, False)
        self._set_tone(tone)
        show(self.widget)

    def _set_tone(self, tone: str) -> None:
        for other in _TONES:
            if other != tone:
                self.widget.remove_class(other)
        self.widget.add_class(tone)

    def _undo_clicked(self) -> None:
        if self._transaction is not None:
            self._on_undo(self._transaction)
