"""One requirement as people write it: a name, a URL, a repository or a path."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from packaging.markers import InvalidMarker, Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from ..environment import printable
from ..environment.file_urls import file_url_path
from ..environment.versions import parse_version
from .install_request import BadRequest, WantedRequirement, quoted
from .local_source import ARCHIVES, check_local_source

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["check_url", "read_requirement", "with_scheme"]

_LONGEST = 1 << 14  # characters; a longer one is a mistake or an attack
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_REPOSITORY = re.compile(r"(?:git|hg|svn|bzr)\+[a-z]+", re.ASCII)
_SCP_LIKE = re.compile(r"(?:git\+)?[\w.-]+@[\w.-]+:(?!//)")
_EXTRAS = re.compile(r"(?P<rest>.+?)\[(?P<extras>[\w\s,.-]*)\]")
_MARKER = re.compile(r"\s+;\s*|;\s+")
_HOST = re.compile(r"(?:[\w-]+\.)+[a-z]{2,}(?::\d+)?/", re.ASCII | re.IGNORECASE)
_REPOSITORIES = re.compile(r"(?:github|gitlab|bitbucket|codeberg)\.|git\.|[^@]*\.git(?:@|$)")
_SINGLE_EQUALS = re.compile(r"(?<![<>=!~])=(?!=)")
_OPERATOR = re.compile(r"[<>=!~]=?=?")


def read_requirement(
    text: str,
    directory: Path,
    *,
    editable: bool = False,
    hashes: Iterable[str] = (),
    origin: str = "",
) -> WantedRequirement:
    """Understand one requirement.

    Args:
        text: as in a requirements file, without options and comment.
        directory: where relative paths begin.
        editable: it stood behind ``-e``.
        hashes: as ``algorithm:digest``.
        origin: for the value, and for errors.

    Raises:
        BadRequest: it is none, or names a file that does not exist.
    """
    where = f" ({origin})" if origin else ""
    text = text.strip()
    if not text:
        raise BadRequest(f"there is an empty requirement{where}")
    if len(text) > _LONGEST or not text.isprintable():
        raise BadRequest(
            f"{quoted(text)} is no requirement: it is too long or not printable{where}"
        )
    if text.startswith("-"):
        raise BadRequest(f"{quoted(text)} is an option, not a requirement{where}")
    if _SCP_LIKE.match(text):
        raise BadRequest(
            f"{quoted(text)} is no URL; write git+ssh://git@host/path for git@host:path{where}"
        )
    if _SCHEME.match(text) or _is_path(text):
        wanted = _direct(text, directory, editable, tuple(hashes), origin, where)
    elif editable:
        raise BadRequest(
            f"-e needs a directory, and {quoted(text)} is none; "
            f"a directory here is written {quoted(f'./{text}')}{where}"
        )
    else:
        wanted = _named(text, directory, tuple(hashes), origin, where)
    if wanted.hashes and (wanted.directory or _is_repository(text)):
        raise BadRequest(f"{quoted(text)} is no file, so it has no hash: leave out --hash{where}")
    return wanted


def _named(
    text: str, directory: Path, hashes: tuple[str, ...], origin: str, where: str
) -> WantedRequirement:
    requirement = _parsed(text)
    if requirement is None:
        unconditional, semicolon, condition = text.partition(";")
        if semicolon and _parsed(unconditional) is not None:
            raise BadRequest(
                f"{quoted(text)} is no requirement: {quoted(condition.strip())} is no condition "
                f"such as python_version < '3.12'{where}"
            )
        hint = _hint(text, directory)
        raise BadRequest(f"{quoted(text)} is no requirement such as flask or flask>=3{hint}{where}")
    if requirement.url is not None:
        if "/" not in requirement.url and parse_version(requirement.url) is not None:
            exact = f"{requirement.name}=={requirement.url}"
            raise BadRequest(
                f"{quoted(text)} is no URL; an exact version is written {exact}{where}"
            )
        check_url(requirement.url, where)
        if requirement.url.lower().startswith("file:") and requirement.marker is None:
            url = requirement.url.partition("#")[0]
            check_local_source(file_url_path(url), url, where)
    return WantedRequirement(
        text=text,
        name=canonicalize_name(requirement.name),
        extras=frozenset(canonicalize_name(extra) for extra in requirement.extras),
        specifier=str(requirement.specifier),
        marker=str(requirement.marker or ""),
        direct=requirement.url is not None,
        directory=_is_directory(requirement.url or ""),
        hashes=hashes,
        origin=origin,
    )


def _hint(text: str, directory: Path) -> str:
    """Guess what was meant: the end of a sentence, or nothing."""
    exact = _SINGLE_EQUALS.sub("==", text)
    if _OPERATOR.match(text):
        return "; write the version directly behind the name, as in pandas<3"
    if os.path.exists(directory / text):
        return f"; the file or directory here is written ./{printable(text)}"
    if exact != text and _parsed(exact) is not None:
        return f"; an exact version is written {quoted(exact)}"
    if "," in text and all(_parsed(part) for part in text.split(",") if part.strip()):
        return "; write blanks between packages, not commas"
    return ""


def _parsed(text: str) -> Requirement | None:
    """None where it is none; no error stays behind that holds the text and its credentials."""
    try:
        return Requirement(text)
    except (InvalidRequirement, RecursionError):
        return None


def _direct(
    text: str, directory: Path, editable: bool, hashes: tuple[str, ...], origin: str, where: str
) -> WantedRequirement:
    place, *rest = _MARKER.split(text, maxsplit=1)
    marker = _marker(rest[0], where) if rest else ""
    extras: frozenset[str] = frozenset()
    name = None
    is_url = _SCHEME.match(place) is not None
    if is_url and editable and not place.lower().startswith("file:"):
        raise BadRequest(
            f"-e needs a directory here: clone {quoted(place)} and name the clone, or leave out "
            f"-e{where}"
        )
    if is_url:
        url, mark, fragment = place.partition("#")
        with_extras = _EXTRAS.fullmatch(url)
        url, extras = _without_extras(url)
        check_url(url, where)
        name, of_egg = _egg(fragment)
        extras |= of_egg
        path = urlsplit(url).path
        if url.lower().startswith("file:"):
            check_local_source(file_url_path(url), url, where, editable=editable)
        suffix = f"[{with_extras['extras']}]" if with_extras else ""
        written = f"{url}{suffix}{mark}{fragment}"
    else:
        whole = os.path.exists(directory / os.path.expanduser(place))
        path, extras = (place, frozenset()) if whole else _without_extras(place)
        found = Path(os.path.abspath(directory / os.path.expanduser(path)))
        check_local_source(os.fspath(found), path, where, editable=editable, hint=with_scheme(path))
        # A path with a blank or # in it would be cut in a requirements file.
        written = found.as_uri() + (f"[{','.join(sorted(extras))}]" if extras else "")
    name = name or _name_of_wheel(path)
    return WantedRequirement(
        text=f"{written} ; {marker}" if marker else written,
        name=name,
        extras=extras,
        marker=marker,
        direct=True,
        directory=_is_directory(written),
        editable=editable,
        hashes=hashes,
        origin=origin,
    )


def check_url(url: str, where: str = "") -> None:
    """Raise :class:`BadRequest` unless it is a URL that an engine can download from."""
    match = _SCHEME.match(url)
    if match is None:
        raise BadRequest(
            f"{quoted(url)} is no URL: it has no scheme such as https:// in front"
            f"{with_scheme(url)}{where}"
        )
    scheme = match[1].lower()
    if scheme not in ("http", "https", "file") and not _REPOSITORY.fullmatch(scheme):
        raise BadRequest(f"{quoted(url)} cannot be installed from: {scheme}:// is unknown{where}")
    try:
        parts = urlsplit(url)
        complete = bool(parts.hostname or scheme.endswith("file")) and parts.port != 0
    except ValueError:
        complete = False
    if not complete or any(char.isspace() for char in url):
        raise BadRequest(f"{quoted(url)} is no complete URL{where}")


def with_scheme(text: str) -> str:
    """Guess what was meant where a text begins with a host: the end of a sentence, or nothing."""
    if _HOST.match(text) is None:
        return ""
    is_archive = text.partition("#")[0].lower().endswith(ARCHIVES)
    scheme = "git+https" if _REPOSITORIES.match(text) and not is_archive else "https"
    return f"; perhaps it is {quoted(f'{scheme}://{text}')}"


def _is_directory(url: str) -> bool:
    path = file_url_path(_without_extras(url.partition("#")[0])[0])
    return path is not None and os.path.isdir(path)


def _is_repository(text: str) -> bool:
    scheme = _SCHEME.search(text)
    return scheme is not None and _REPOSITORY.fullmatch(scheme[1].lower()) is not None


def _is_path(text: str) -> bool:
    place = _MARKER.split(text, maxsplit=1)[0].partition("[")[0]
    if " @ " in text or "@" in place.partition("/")[0]:
        return False
    separators = ("/", os.sep)
    return (
        any(separator in place for separator in separators)
        or place in (".", "..", "~")
        or place.lower().endswith(ARCHIVES)
    )


def _without_extras(place: str) -> tuple[str, frozenset[str]]:
    match = _EXTRAS.fullmatch(place)
    if match is None:
        return place, frozenset()
    names = (extra.strip() for extra in match["extras"].split(","))
    return match["rest"], frozenset(canonicalize_name(name) for name in names if name)


def _egg(fragment: str) -> tuple[str | None, frozenset[str]]:
    for part in fragment.split("&"):
        key, _, value = part.partition("=")
        if key == "egg" and value:
            name, extras = _without_extras(unquote(value))
            return canonicalize_name(name), extras
    return None, frozenset()


def _name_of_wheel(path: str) -> str | None:
    file_name = unquote(path.replace("\\", "/").rpartition("/")[2])
    if not file_name.endswith(".whl"):
        return None
    try:
        return parse_wheel_filename(file_name)[0]
    except InvalidWheelFilename:
        return None


def _marker(text: str, where: str) -> str:
    try:
        return str(Marker(text))
    except (InvalidMarker, RecursionError):
        pass
    raise BadRequest(f"{quoted(text)} is no condition (PEP 508){where}")
