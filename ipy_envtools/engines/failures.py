"""What an engine's words mean, in one sentence for the person at the keyboard."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..environment.requirements import allows
from .failure_words import Words, meaning, when

if TYPE_CHECKING:
    from ..environment import Environment

__all__ = ["explain"]

_LONGEST = 400  # characters
_SHOWN_VERSIONS = 3
_URL = r"https?://[^\s)`'\",]+"


def explain(log: str, engine: str, environment: Environment) -> str:
    """Return one sentence that says why it failed and what to do.

    Args:
        log: what it said, masked and printable.
        engine: ``uv`` or ``pip``.
        environment: where it was to be installed.
    """
    found = meaning(log, environment.version)
    if found is not None:
        return _cut(found)
    lines = log.splitlines()
    errors = [line for line in lines if re.match(r"\s*(?:error|ERROR):", line)]
    last = (errors or [line for line in lines if line.strip()][-1:] or [""])[0]
    last = re.sub(r"^\s*(?:error|ERROR): *", "", last).strip().rstrip(".")
    causes = [line.partition("cause:")[2] for line in lines if re.match(r"\s*cause:", line)]
    why = f" ({causes[-1].strip().rstrip('.')})" if causes else ""
    return _cut(f"{engine} failed{f': {last}{why}' if last else ' and did not say why'}")


@when(r"No space left on device|os error 28\b|Disk quota exceeded|os error 122\b")
def _no_space(_words: Words) -> str:
    return "there is no space left on the disk; make room and try again"


@when(r"401 Unauthorized|401 Client Error|403 Client Error|403 Forbidden|HTTP error 401")
def _credentials(words: Words) -> str:
    url = words.first(r"index URL \((\S+?)\)", rf"40[13] Client Error.* url: ({_URL})", f"({_URL})")
    return (
        f"{_host(url)} asks for a user name and password, or does not take the ones it got; put "
        "them into the keyring, .netrc or the index URL"
    )


@when(
    r"end of file before message length|IncompleteRead|incomplete-download|error decoding response"
    r" body|ConnectionResetError|Connection reset by peer|connection closed before"
)
def _cut_off(words: Words) -> str:
    what = words.first(r"Failed to (?:download|fetch):? `([^`]+)`")
    what = what or words.first(r"Downloading \S*?([^/\s]+\.(?:whl|gz|zip))(?:\s|$)", last=True)
    return f"the connection ended in the middle of downloading {what or 'a file'}; try again"


@when(r"Hash mismatch|DO NOT MATCH THE HASHES")
def _hashes(words: Words) -> str:
    name = words.first(
        r"Hash mismatch for `([^`]+)`", r"^\s+(\S+==\S+)(?: from| \()", r"^\s+(\S+) from \S+"
    )
    what = (name or "a package").rpartition("/")[2].rstrip(":")
    # pip does not look whether all bytes have come before it compares.
    cut_short = "" if "Hash mismatch" in words.log else " or cut it short"
    return (
        f"{what} was downloaded with other content than its hash allows, so it was not installed: "
        f"somebody has changed the file{cut_short}"
    )


@when(r"^\s*ssh: (?P<reason>\w.+)$")
def _ssh(words: Words) -> str:
    return f"git says: ssh: {words['reason'].rstrip('.')}"


@when(
    r"dns error|failed to lookup address|Name or service not known|getaddrinfo failed|"
    r"Temporary failure in name resolution|NameResolutionError|nodename nor servname|"
    r"Network is unreachable|os error 101\b|Could not resolve host"
)
def _unknown_host(words: Words) -> str:
    url = words.first(rf"(?:Failed to fetch:|Could not fetch URL) ({_URL})", f"({_URL})")
    return f"{_host(url)} was not found; look whether you are online and the index URL is right"


@when(
    r"Connection refused|operation timed out|tcp connect error|Max retries exceeded|"
    r"Read ?Timeout|Connect ?Timeout|NewConnectionError|ProxyError"
)
def _no_answer(words: Words) -> str:
    url = words.first(rf"(?:Failed to fetch:|Could not fetch URL) ({_URL})", f"({_URL})")
    return f"{_host(url)} does not answer; look whether the network and the index URL are right"


@when(r"repository located at (?P<host>\S+) is not a trusted or secure host")
def _not_secure(words: Words) -> str:
    return (
        f"{words['host']} is asked over http, which can be listened to and changed; use https, or "
        f"add --trusted-host {words['host']}"
    )


@when(r"(?:certificate verify failed|CERTIFICATE_VERIFY_FAILED|invalid peer certificate)")
def _certificate(words: Words) -> str:
    url = words.first(rf"(?:Failed to fetch:|Could not fetch URL) ({_URL})", f"({_URL})")
    return f"the certificate of {_host(url)} is not trusted; name yours in SSL_CERT_FILE"


@when(
    r"HTTP status client error \(404 Not Found\) for url \((?P<url>\S+)\)",
    r"404 Client Error: Not Found for url: (?P<url>\S+\.(?:whl|gz|zip|bz2))",
    r"HTTP error 404 while getting (?P<url>\S+)",
)
def _missing_file(words: Words) -> str:
    file_name = words["url"].rstrip("/").rpartition("/")[2].partition("#")[0]
    return f"{_host(words['url'])} has no file {file_name} (404)"


@when(
    r"Expected direct URL \(`(?P<url>[^`]+)`\) to end in a supported file extension",
    r"Collecting (?P<url>\S+://\S+)\n(?:.*\n)*?.*cannot detect archive format",
)
def _no_archive(words: Words) -> str:
    return (
        f"{words['url']} is no wheel or source distribution: their names end in .whl, .tar.gz "
        "or .zip"
    )


@when(
    r"fatal: (?P<reason>'[^']+' does not appear to be a git repository)",
    r"fatal: (?P<reason>repository '[^']+' not found)",
    r"fatal: (?P<reason>Authentication failed.*)",
    r"fatal: (?P<reason>[cC]ouldn?'?t find remote ref .*)",
    r"fatal: (?P<reason>could not read Username.*)",
    r"fatal: (?P<reason>unable to access '[^']+': .+)",
    r"error: (?P<reason>pathspec '[^']+' did not match.*)",
)
def _git(words: Words) -> str:
    return f"git says: {words['reason'].rstrip('.')}"


@when(r"git (?:clone|fetch) .*?(?P<url>\S+://\S+) .*did not run successfully")
def _git_failed(words: Words) -> str:
    return f"git could not fetch {words['url']}"


@when(r"(?:Git executable not found|Cannot find command 'git')")
def _no_git(_words: Words) -> str:
    return "git is not installed, and a repository needs it"


@when(
    r"(?:Directory|File) ['`](?P<place>[^'`]+)['`] (?:is not installable|does not appear to be)",
    r"ERROR: (?P<place>\S+) from \S+ does not appear to be a Python project",
)
def _no_project(words: Words) -> str:
    return f"{words['place']} is no Python project that can be built"


@when(
    r"Requested (?P<name>[\w.-]+).* has inconsistent (?P<what>\w+): "
    r"expected '?(?P<expected>[^',]+)'?, but metadata has '?(?P<found>[^'\s]+)",
    r"build `(?P<name>[^`]+)`\n.*[Mm]etadata (?P<what>name|version) `(?P<found>[^`]+)` does not "
    r"match given (?:name|version) `(?P<expected>[^`]+)`",
)
def _inconsistent(words: Words) -> str:
    name = words["name"].partition(" @ ")[0]
    if words["what"] == "name":
        name = words["expected"]
    return (
        f"{name} cannot be used: its {words['what']} is {words['found']} inside, and "
        f"{words['expected']} outside"
    )


@when(
    r"Failed to (?:download and )?build|metadata-generation-failed|build backend returned an error|"
    r"Failed building (?:wheel|editable)|subprocess-exited-with-error|"
    r"Failed to build installable wheels|Could not build wheels|metadata-generation"
)
def _build(words: Words) -> str:
    name = words.first(
        r"Failed to (?:download and )?build `([^`]+)`",
        r"Failed building (?:wheel|editable) for (\S+)",
        r"Failed to build installable wheels for .*?\(([^)]+)\)",
        r"Failed to build '?([^\s`']+)",
    )
    name = name or words.first(
        r"^(?:Collecting|Processing|Obtaining) (\S+(?: from \w+\S*:/\S+|\n +Cloning \S+)?)",
        r"^\s+Building (\S+:/\S+)",
        last=True,
    )
    name = name or "a package"
    from_index = ":/" not in name and not name.startswith("/")
    name = name.split()[0].partition("#")[0].rstrip("/").rpartition("/")[2]
    reason = words.first(r"^\s*((?:\w+\.)*\w*(?:Error|Exception): .+)$", last=True)
    needed = words.first(
        r"No solution found when resolving: `([^`]+)`", r"No matching distribution found for (\S+)"
    )
    if reason is None and needed is not None:
        reason = f"building it needs {needed}, which was not found"
    said = f" ({reason.rstrip('.')})" if reason else ""
    why = "has no wheel for this Python and " if from_index else ""
    then = "; look for a version with a wheel, or install what its build needs" if why else ""
    if other := words.first(r"Did you mean to install\s+`([^`]+)`"):
        then = f"; did you mean {other}?"
    return f"{name} {why}could not be built from source{said}{then}"


@when(
    r"(?P<name>[\w.-]+)(?:==\S+)? depends\s+on\s+Python(?P<python>[<>=!~]\S+)",
    r"Package '?(?P<name>[\w.-]+)'? requires a different Python: \S+ not in '(?P<python>.+)'",
)
def _wrong_python(words: Words) -> str:
    return f"{words['name']} needs Python {words['python'].rstrip(',')}, {_this(words)}"


@when(
    r"Ignored the following versions that require a different python version: "
    r"\S+ Requires-Python (?P<python>[^;\n]+)"
)
def _ignored_versions(words: Words) -> str:
    name = words.first(r"No matching distribution found for ([\w.-]+)") or "a package"
    return f"{name} needs Python {words['python']}, {_this(words)}"


@when(r"Because (?P<name>[\w.-]+)(?:==\S+)? has no (?:usable )?wheels")
def _no_wheel(words: Words) -> str:
    return (
        f"{words['name']} has no wheel for Python {words.python} on this machine, and no source "
        "distribution to build one from"
    )


@when(r"Because (?P<name>[\w.-]+==\S+) was\s+yanked(?: \(reason: (?P<reason>[^)]*)\))?")
def _yanked(words: Words) -> str:
    reason = f" ({words['reason']})" if words["reason"] else ""
    return f"{words['name']} was yanked by its authors{reason}, {_YANKED_THEN}"


@when(r"Because (?P<name>[\w.-]+) was not found in the cache")
def _not_cached(words: Words) -> str:
    return f"{words['name']} is not in uv's cache, and the network is switched off (UV_OFFLINE)"


@when(r"[Bb]ecause (?P<name>[\w.-]+) was not found in the\s+(?:package registry|provided)")
def _not_found(words: Words) -> str:
    name = words["name"]
    by = words.first(rf"([\w.-]+)(?:==\S+)? depends?\s+on\s+{re.escape(name)}\b")
    return _no_such_package(name, by)


@when(
    r"Because only (?P<only>[^,]+?) (?:is|are) available and you\s+require (?P<wanted>[^,]+), "
    r"we can conclude that your requirements are unsatisfiable"
)
def _only_available(words: Words) -> str:
    return f"no version fulfils {words['wanted']}; there is only {words['only']}"


@when(
    r"Because there is no version of (?P<wanted>\S+) and you\s+require (?P=wanted), we can conclude"
)
def _no_such_version(words: Words) -> str:
    return f"no version fulfils {words['wanted']}"


@when(r"Requirements contain conflicting URLs for package `(?P<name>[^`]+)`.*(?P<urls>(?:\n- .+)*)")
def _two_places(words: Words) -> str:
    places = (line.removeprefix("- ") for line in words["urls"].splitlines())
    return f"{words['name']} is asked for from two places: {' and '.join(filter(None, places))}"


@when(r"cause: Because (?P<reason>(?:.|\n)*?), we can conclude")
def _conflict(words: Words) -> str:
    return f"there is no solution: {' '.join(words['reason'].split())}"


@when(r"The conflict is caused by:\n(?P<causes>(?:[ ]{4}.*\n?)+)")
def _conflict_in_pip(words: Words) -> str:
    causes = (line.strip() for line in words["causes"].splitlines())
    return f"there is no solution: {'; '.join(filter(None, causes))}"


@when(r"Configuration file (?:could not be loaded|contains)|File contains no section headers")
def _configuration(words: Words) -> str:
    where = words.first(r"^file: '([^']+)'")
    return f"pip's configuration cannot be read{f': mend {where}' if where else ''}"


@when(
    r"Could not find a version that satisfies the requirement (?P<name>[\w.-]+)(?:\[[^\]]*\])?"
    r"(?P<specifier>[^(;]*?)(?: ?;.*?)?(?: \(from (?P<by>[\w.-]+)[^()]*(?:\([^()]*\))?\))? "
    r"\(from versions: (?P<versions>[^)]*)\)"
)
def _no_version(words: Words) -> str:
    name, specifier = words["name"], words["specifier"]
    versions = [version.strip() for version in words["versions"].split(",")]
    by = words["by"] if words["by"] not in ("", "-r") else None
    # Newer releases of pip name the yanked ones apart; older ones among all, and do not say so.
    yanked = (words.first(r"Ignored the following yanked versions: (.+)") or "").split(", ")
    if any(
        allows(specifier, version) and version.replace(".", "").isdigit()
        for version in (*versions, *yanked)
    ):
        return f"{name}{specifier} was yanked by its authors, {_YANKED_THEN}"
    if versions == ["none"]:
        if "Skipping link: none of the wheel's tags" in words.log:
            return (
                f"{name} has no wheel for Python {words.python} on this machine, and no source "
                "distribution to build one from"
            )
        return _no_such_package(name, by)
    shown = ", ".join(versions[-_SHOWN_VERSIONS:])
    there = f"there is only {shown}" if len(versions) == 1 else f"the newest are {shown}"
    needed = f", which {by} needs" if by else ""
    return f"no version fulfils {name}{specifier}{needed}; {there}"


@when(r"unexpected argument '(?P<option>[^']+)'", r"no such option: (?P<option>\S+)")
def _unknown_option(words: Words) -> str:
    return f"the option {words['option']} is not known to it; leave it out, or upgrade uv or pip"


@when(
    r"^error: Distribution not found at: (?P<place>\S.*)$",
    r"^FileNotFoundError: .*No such file or directory: '(?P<place>[^']+)'$",
)
def _gone(words: Words) -> str:
    return f"{words['place']} is not there any more; put it back, or make the plan again"


@when(r"^ERROR: Exception:\n(?:.*\n)*?Traceback|^Traceback \(most recent call last\)")
def _crashed(words: Words) -> str:
    reason = words.first(r"^((?:\w+\.)*\w*(?:Error|Exception|Invalid\w*)\b.*)$", last=True)
    said = f" ({reason.rstrip('.')})" if reason else ""
    return (
        f"it crashed{said}: something is broken in a package of the index, or in one that is "
        "installed, which %pkg check would tell"
    )


@when(r"In --require-hashes mode|Hashes are required in --require-hashes")
def _needs_hashes(_words: Words) -> str:
    return "hashes are asked for, and a requirement has none or is not pinned with =="


@when(r"^.*(?:Permission denied|os error 13\b).*$")
def _no_permission(words: Words) -> str:
    return f"a file or directory may not be written: {words[0]}"


_YANKED_THEN = (
    "and no other version fits; name exactly this version with == to install it nevertheless"
)


def _no_such_package(name: str, by: str | None) -> str:
    if by and by != name:
        return f"{by} needs {name}, and the package index has no such package"
    return f"the package index has no package called {name}; look at the spelling"


def _this(words: Words) -> str:
    return f"and this is Python {words.python}"


def _host(url: str | None) -> str:
    try:
        return urlsplit(url or "").netloc.rpartition("@")[2] or "the package index"
    except ValueError:
        return "the package index"


def _cut(sentence: str) -> str:
    sentence = " ".join(sentence.split())
    return sentence if len(sentence) <= _LONGEST else f"{sentence[: _LONGEST - 1]}…"
