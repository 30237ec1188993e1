"""What uv answers, as values: changes, lock files, annotations, and lines of progress."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from ..environment.credentials import mask_credentials
from ..environment.printable import printable
from ..formats.direct_place import direct_place
from .engine import EngineFailed, Pin

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from packaging.tags import Tag

    from ..formats.install_request import WantedRequirement

__all__ = [
    "UnknownAnswer",
    "editable_in",
    "needs_of",
    "planned_pins",
    "size_in_bytes",
    "superfluous",
    "with_files",
    "yanked_versions",
]


class UnknownAnswer(ValueError):
    """uv said something of a shape that is not known here."""


@dataclass(frozen=True, slots=True)
class _File:
    url: str
    size: int | None
    hashes: tuple[str, ...]

    @property
    def sha256(self) -> str | None:
        found = (digest[7:] for digest in self.hashes if digest.startswith("sha256:"))
        return next(found, None)


# The second form is of what is in its cache, built.
_DIRECT = re.compile(r"^ [+~] ([A-Za-z0-9][\w.-]*)(?: @ (\S+)|==\S+ \(from (\S+)\))$", re.MULTILINE)
_COMMIT = re.compile(r"\w+\+[^#]*@([0-9a-f]{40,64})(?:#|$)")
_MASKED = ":****@"
_YANKED = re.compile(
    r"^warning: `([\w.-]+)==([^`]+)` is yanked(?: \(reason: \"(.*)\"\))?", re.MULTILINE
)
_NEEDED = re.compile(r"^(?:-e )?([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?(?:==| @ ).*?\s# via (.+)$")
_SIZE = re.compile(r"([\d.]+)\s*(B|[KMGT]i?B|bytes)")
_UNITS = {"B": 0, "bytes": 0, "K": 1, "M": 2, "G": 3, "T": 4}


def planned_pins(
    answer: str, words: str, requirements: Sequence[WantedRequirement]
) -> tuple[Pin, ...]:
    """Read ``uv pip install --dry-run --output-format json``.

    Args:
        answer: its standard output.
        words: its standard error, which tells the URLs.
        requirements: what was asked for.

    Raises:
        UnknownAnswer: the format, called a preview, has changed.
        EngineFailed: nothing can have the hashes that were asked for.
    """
    try:
        rows = json.loads(answer)["changes"]
        coming: dict[str, str | None] = {
            canonicalize_name(row["name"]): row.get("version")
            for row in rows
            if row["action"] in ("installed", "reinstalled")
        }
        if any(row["action"] not in ("installed", "uninstalled", "reinstalled") for row in rows):
            raise UnknownAnswer("an unknown action")
    except (ValueError, LookupError, TypeError, AttributeError):
        raise UnknownAnswer("not the JSON that was expected") from None
    urls: dict[str, str] = {
        canonicalize_name(name): url or built for name, url, built in _DIRECT.findall(words)
    }
    wanted = dict(_named_directs(requirements, coming, urls))
    hashes = _wanted_hashes(requirements)
    pins = []
    for name, version in sorted(coming.items()):
        asked = wanted.get(name)
        url = urls.get(name)
        direct = asked.text if asked else f"{name} @ {url}" if url else None
        if direct is None and version is None:
            raise UnknownAnswer(f"{name} comes from nowhere")
        if asked is None and _MASKED in (url or ""):
            raise UnknownAnswer(f"{name} comes from where only a password leads")
        pins.append(
            Pin(
                name,
                version,
                direct=direct,
                commit=_commit(url or ""),
                editable=asked.editable if asked else False,
                url=printable(mask_credentials(url)) if url else None,
                hashes=asked.hashes if asked else hashes.get(name, ()),
            )
        )
    return tuple(pins)


def _commit(url: str) -> str | None:
    match = _COMMIT.match(url)
    return match[1] if match else None


def _wanted_hashes(requirements: Sequence[WantedRequirement]) -> dict[str, tuple[str, ...]]:
    """What may be downloaded, by name, where somebody has said so: what all of it allows."""
    found: dict[str, tuple[str, ...]] = {}
    for wanted in requirements:
        if wanted.name is not None and wanted.hashes:
            known = found.get(wanted.name, wanted.hashes)
            found[wanted.name] = tuple(digest for digest in known if digest in wanted.hashes)
            if not found[wanted.name]:
                raise EngineFailed(f"{wanted.name} is asked for twice, with different hashes")
    return found


def superfluous(answer: str) -> set[str]:
    """Names of what goes and does not come again, in the answer to a run with ``--exact``."""
    rows = json.loads(answer)["changes"]
    names: dict[bool, set[str]] = {True: set(), False: set()}
    for row in rows:
        names[row["action"] == "uninstalled"].add(canonicalize_name(row["name"]))
    return names[True] - names[False]


def _named_directs(
    requirements: Sequence[WantedRequirement],
    coming: Mapping[str, str | None],
    urls: Mapping[str, str],
) -> Iterator[tuple[str, WantedRequirement]]:
    """Which of the coming packages was asked for by which URL or path."""
    unnamed = []
    named = set()
    for wanted in requirements:
        if wanted.direct and wanted.name is not None and wanted.name in coming:
            named.add(wanted.name)
            yield wanted.name, wanted
        elif wanted.direct:
            unnamed.append(wanted)
    left = [name for name in urls if name in coming and name not in named]
    for wanted in list(unnamed):
        place = direct_place(wanted.text)
        for name in left:
            if direct_place(urls[name]) == place:
                left.remove(name)
                unnamed.remove(wanted)
                yield name, wanted
                break
    if len(left) == len(unnamed) == 1:
        yield left[0], unnamed[0]


def with_files(
    pins: Sequence[Pin], lock: Mapping[str, Any], ranks: Mapping[Tag, int] | None
) -> tuple[Pin, ...]:
    """Add from a lock file what is downloaded for each pin.

    Args:
        lock: a ``pylock.toml`` with these pins.
        ranks: of the tags that the interpreter can load, the best lowest; None if unknown.

    Raises:
        EngineFailed: no file has a hash that was asked for.
    """
    packages: dict[str, Mapping[str, Any]] = {
        canonicalize_name(package.get("name", "")): package
        for package in lock.get("packages", ())
        if isinstance(package, dict)
    }
    return tuple(_with_file(pin, packages.get(pin.name), ranks) for pin in pins)


def _with_file(pin: Pin, package: Mapping[str, Any] | None, ranks: Mapping[Tag, int] | None) -> Pin:
    if package is None:
        return pin
    if pin.direct is not None:
        archive = _file(package.get("archive"))
        if archive is None:
            return pin
        hashes = pin.hashes or archive.hashes
        return replace(pin, size=archive.size, sha256=archive.sha256, hashes=hashes)
    wheels = [file for entry in package.get("wheels", ()) if (file := _file(entry))]
    sdist = _file(package.get("sdist"))
    if pin.hashes and (wheels or sdist):
        wheels = [file for file in wheels if _may_be(file, pin.hashes)]
        sdist = sdist if sdist and _may_be(sdist, pin.hashes) else None
        if not wheels and sdist is None:
            raise EngineFailed(
                f"no file of {pin.name} {pin.version} in the index has a hash that was asked for: "
                "either the hashes are of another version, or somebody has changed the files"
            )
    best = _best(wheels, ranks) or (sdist if ranks is not None or not wheels else None)
    accepted = [best] if best else [*wheels, *([sdist] if sdist else [])]
    hashes = pin.hashes or tuple(digest for file in accepted for digest in file.hashes)
    if best is None:
        return replace(pin, hashes=hashes)
    return replace(
        pin,
        url=printable(mask_credentials(best.url)),
        size=best.size,
        sha256=best.sha256,
        hashes=hashes,
    )


def _may_be(file: _File, hashes: Collection[str]) -> bool:
    """Whether a file has one of these hashes, or none that can be compared with them."""
    known = {digest.partition(":")[0] for digest in hashes}
    comparable = [digest for digest in file.hashes if digest.partition(":")[0] in known]
    return not comparable or any(digest in hashes for digest in comparable)


def _file(entry: object) -> _File | None:
    if not isinstance(entry, dict):
        return None
    url, size, hashes = (
        entry.get("url") or entry.get("path"),
        entry.get("size"),
        entry.get("hashes"),
    )
    return _File(
        url if isinstance(url, str) else "",
        size if isinstance(size, int) else None,
        tuple(f"{name}:{digest}" for name, digest in hashes.items()) if hashes else (),
    )


def _best(wheels: Sequence[_File], ranks: Mapping[Tag, int] | None) -> _File | None:
    """The wheel that an installer takes: of the best tag, then of the highest build number."""
    best, best_key = None, None
    if ranks is None:
        return None
    for file in wheels:
        try:
            _, _, build, tags = parse_wheel_filename(unquote(file.url.rpartition("/")[2]))
        except InvalidWheelFilename:
            continue
        rank = min((ranks[tag] for tag in tags if tag in ranks), default=None)
        if rank is None:
            continue
        key = (-rank, build)
        if best_key is None or key > best_key:
            best, best_key = file, key
    return best


def needs_of(annotated: str) -> dict[str, tuple[str, ...]]:
    """Read ``uv pip compile --annotation-style line``: for each package, who needs it."""
    needs: dict[str, set[str]] = {}
    for line in annotated.splitlines():
        if match := _NEEDED.match(line):
            needs.setdefault(canonicalize_name(match[1]), set()).update(
                canonicalize_name(name)
                for name in match[2].split(", ")
                if not name.startswith("-") and "/" not in name
            )
    return {name: tuple(sorted(found)) for name, found in needs.items()}


def editable_in(lock: Mapping[str, Any]) -> set[str]:
    """Canonical names of what a ``pylock.toml`` has as editable."""
    return {
        canonicalize_name(package["name"])
        for package in lock.get("packages", ())
        if (package.get("directory") or {}).get("editable")
    }


def yanked_versions(words: str) -> dict[tuple[str, str], str]:
    """The reasons, by name and version, that uv warns of."""
    return {
        (canonicalize_name(name), version): printable(reason or "")
        for name, version, reason in _YANKED.findall(words)
    }


def size_in_bytes(text: str) -> int | None:
    """Read ``16.1MiB``."""
    match = _SIZE.search(text)
    if match is None:
        return None
    unit = match[2]
    power = _UNITS.get(unit, _UNITS.get(unit[0], 0))
    return int(float(match[1]) * (1024 if "i" in unit else 1000) ** power)
