"""Progress of an engine, whichever it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from ..progress import Progress

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Literal

    from ..progress import OnProgress
    from .engine import Pin

__all__ = ["Teller"]


class Teller:
    """Hands on what an engine does, per package and as a whole."""

    def __init__(self, on_progress: OnProgress | None, pins: Sequence[Pin] = ()) -> None:
        self._on_progress = on_progress
        self._pins = pins
        self._sizes = {pin.name: pin.size for pin in pins}
        self._here: dict[str, int] = {}
        self._last: Progress | None = None
        self._is_installing = False

    def __call__(
        self,
        step: str,
        name: str,
        done: int,
        total: int | None,
        unit: Literal["files", "bytes", "packages"],
    ) -> None:
        """Tell one step."""
        if self._on_progress is None:
            return
        self._last = Progress(step, name, done, total, unit)
        self._on_progress(self._last)

    def again(self) -> None:
        """Tell the last step once more, so that a clock beside it moves on."""
        if self._on_progress is not None and self._last is not None:
            self._on_progress(self._last)

    def downloads_begin(self) -> None:
        """Tell how much there is to download."""
        self("downloading", "", 0, self._total, "bytes")

    def download(self, name: str, done: int, total: int | None) -> None:
        """Tell how many bytes of one package are here, and of all."""
        name = canonicalize_name(name)
        total = self._sizes.get(name) or total
        self._here[name] = done
        self("downloading", name, done, total, "bytes")
        if done:
            self("downloading", "", sum(self._here.values()), self._total, "bytes")

    def downloaded(self, name: str) -> None:
        """Tell that one package is here."""
        name = canonicalize_name(name)
        self.download(name, self._sizes.get(name) or self._here.get(name) or 0, None)

    def prepared(self) -> None:
        """Tell that all is downloaded and built."""
        if self._pins and not self._is_installing:
            self._is_installing = True
            self("installing", "", 0, len(self._pins), "packages")

    def installed(self) -> None:
        """Tell that all packages are in the stage."""
        self.prepared()
        for pin in self._pins:
            self("installing", pin.name, 1, 1, "packages")
        self("installing", "", len(self._pins), len(self._pins), "packages")

    @property
    def _total(self) -> int | None:
        known = [size for size in self._sizes.values() if size is not None]
        return sum(known) if len(known) == len(self._sizes) else None
