"""What an engine is asked, as files: they keep credentials out of the list of processes."""

from __future__ import annotations

import contextlib
import html
import re
import shlex
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ..formats.install_request import InstallRequest, WantedRequirement
    from .engine import Pin

__all__ = ["DESK", "Options", "desk", "direct_lines", "pin_lines", "request_lines", "write_lines"]

_REPOSITORY = re.compile(r"(?P<before>.*?\b\w+\+\w+://[^/\s]*/)(?P<path>[^\s#]*)")


class Options:
    """The options of a request, sorted by where an engine takes them.

    Args:
        request: as it was read.
        place: a desk, where a page is put that links to its files.
        digests: whether the page tells their hashes: the engine will rather take them then than
            the same from an index.
    """

    def __init__(self, request: InstallRequest, place: Path, *, digests: bool) -> None:
        self.index_url: str | None = None
        self.extra_index_urls: list[str] = []
        self.lines: list[str] = []
        """As lines of a requirements file: what may hold credentials."""
        self.words: list[str] = []
        """As words of a command."""
        if request.files:
            page = place / "files.html"
            files = (url if digests else url.partition("#")[0] for url in request.files)
            urls = map(html.escape, files)
            links = (f'<a href="{url}">{url}</a>' for url in urls)
            page.write_text("<!DOCTYPE html>\n" + "\n".join(links), encoding="utf-8")
            self.lines.append(f"--find-links {shlex.quote(str(page))}")
        rest = list(request.options)
        while rest:
            option = rest.pop(0)
            if option == "--index-url":
                self.index_url = rest.pop(0)
            elif option == "--extra-index-url":
                self.extra_index_urls.append(rest.pop(0))
            elif option == "--find-links":
                self.lines.append(f"--find-links {shlex.quote(rest.pop(0))}")
            elif option in _WITHOUT_VALUE:
                self.words.append(option)
            else:
                self.words += [option, rest.pop(0)]
        for constraints in request.constraints:
            if "://" in constraints:
                self.lines.append(f"--constraint {constraints}")
            else:
                self.words += ["--constraint", constraints]


_WITHOUT_VALUE = frozenset({"--no-index", "--no-build-isolation", "--require-hashes"})


DESK = "ipy-envtools-"
"""What the name of each directory for them begins with."""


@contextlib.contextmanager
def desk() -> Iterator[Path]:
    """A directory that only this user may look into, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix=DESK, ignore_cleanup_errors=True) as path:
        yield Path(path)


def write_lines(path: Path, lines: Iterable[str]) -> Path:
    """Write a requirements file."""
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def request_lines(requirements: Iterable[WantedRequirement]) -> list[str]:
    """Requirements as lines of a requirements file."""
    lines = []
    for wanted in requirements:
        editable = "-e " if wanted.editable else ""
        hashes = "".join(f" --hash={digest}" for digest in wanted.hashes)
        lines.append(f"{editable}{wanted.text}{hashes}")
    return lines


def pin_lines(pins: Sequence[Pin]) -> list[str]:
    """Pins from an index as lines of a requirements file, with the hashes that are known."""
    return [f"{pin.name}=={pin.version}{_hashes(pin)}" for pin in pins if pin.direct is None]


def direct_lines(pins: Sequence[Pin]) -> list[str]:
    """What was asked for by URL or path, as it was asked for; of a repository the known commit."""
    return [
        f"-e {pin.direct}" if pin.editable else f"{_at_commit(pin.direct, pin)}{_hashes(pin)}"
        for pin in pins
        if pin.direct is not None
    ]


def _at_commit(direct: str, pin: Pin) -> str:
    match = _REPOSITORY.match(direct) if pin.commit else None
    if match is None:
        return direct
    path = match["path"].rpartition("@")[0] or match["path"]
    return f"{match['before']}{path}@{pin.commit}{direct[match.end() :]}"


def _hashes(pin: Pin) -> str:
    return "".join(f" --hash={digest}" for digest in pin.hashes)
