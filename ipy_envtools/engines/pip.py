"""pip as an engine: the environment's own, as ``python -m pip``."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name
from packaging.version import Version

from ..environment import scan
from ..environment.file_urls import file_url_path
from ..environment.printable import printable
from ..environment.versions import parse_version
from .engine import EngineFailed, Pin, Resolution
from .failures import explain
from .pip_answers import planned_pins
from .remarks import remarks
from .request_files import (
    Options,
    desk,
    direct_lines,
    pin_lines,
    request_lines,
    write_lines,
)
from .running import Process, environment_variables, presentable
from .sources import is_same_tree
from .telling import Teller
from .uv_answers import size_in_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from ..environment import Environment
    from ..formats.install_request import InstallRequest, WantedRequirement
    from .engine import Job

__all__ = ["PipEngine"]

_RAW_PROGRESS = Version("24.1")
_SAFE_PATH = Version("3.11")
_FILE_WITH_EXTRAS = re.compile(r"(?P<url>file:[^\s\[\]]+)(?P<extras>\[[^\]]*\])")
_LOCAL_REPOSITORY = re.compile(
    r"(?P<name>[\w.-]+)\s*(?P<extras>\[[^\]]*\])?\s*@\s*(?P<url>\w+\+file:[^\s#]+)(?P<rest>#\S+)?"
)
# Variables that would make it install elsewhere or otherwise than asked. All others are respected.
_NOT_OURS = (
    "PIP_COMPILE",
    "PIP_DRY_RUN",
    "PIP_FORCE_REINSTALL",
    "PIP_IGNORE_INSTALLED",
    "PIP_LOG",
    "PIP_PREFIX",
    "PIP_PROGRESS_BAR",
    "PIP_PYTHON",
    "PIP_QUIET",
    "PIP_REPORT",
    "PIP_REQUIRE_HASHES",
    "PIP_ROOT",
    "PIP_TARGET",
    "PIP_UPGRADE",
    "PIP_USER",
    "PIP_VERBOSE",
)
# A variable that says nothing leaves the say to pip's files, where the same may stand.
_OVER_FILES = {
    "PIP_DRY_RUN": "0",
    "PIP_FORCE_REINSTALL": "0",
    "PIP_IGNORE_INSTALLED": "0",
    "PIP_NO_COLOR": "1",
    "PIP_REQUIRE_HASHES": "0",
    "PIP_UPGRADE": "0",
    "PIP_USER": "0",
    **({"PIP_ROOT": "/"} if os.name != "nt" else {}),
}
_YANKED = re.compile(
    r"is a yanked version: '([\w.-]+)' candidate \(version (\S+) at .*\n"
    r"Reason for being yanked: (.*)$",
    re.MULTILINE,
)
_COLLECTING = re.compile(r"^Collecting ([A-Za-z0-9][\w.-]*)")
_DOWNLOADING = re.compile(r"^\s*Downloading (\S+?)(?:\s\(([^)]*)\))?$")
_PROGRESS = re.compile(r"^Progress (\d+) of (\d+)")
_BUILDING = re.compile(r"^\s*Building (?:wheel|editable) for ([\w.-]+) .*: (started|finished)")
_INSTALLING = re.compile(r"^Installing collected packages: ")
_REASON = re.compile(
    r"(?:^|\s)((?:Could not fetch URL|Skipping link: none of the wheel's tags).*?)(?: - skipping)?$"
)
_MOST_REASONS = 20
_NO_REASON = "<none given>"


class PipEngine:
    """The pip of an environment."""

    name = "pip"

    def __init__(self, version: str, notes: tuple[str, ...] = ()) -> None:
        self.version = version
        self.notes = notes

    def resolve(self, job: Job) -> Resolution:
        """As :meth:`Engine.resolve`; ``needed`` can be had from ``requires`` of the pins."""
        request, environment = job.request, job.environment
        tell = Teller(job.on_progress)
        tell("resolving", "", 0, None, "packages")
        words = [] if request.dependencies else ["--no-deps"]
        if job.upgrade or request.upgrade:
            words += ["--upgrade", "--upgrade-strategy", "only-if-needed"]
        rows: list[Mapping[str, Any]] = []
        log = ""
        for some in _runs(request):
            lines = [*map(_as_pip_reads, request_lines(some))]
            more, more_log = self._report(lines, words, job, tell)
            rows, log = [*rows, *more], f"{log}\n{more_log}".lstrip()
        reinstall = job.reinstall or request.reinstall
        if reinstall:
            again = _satisfied(rows, request, environment)
            if again:
                more, more_log = self._report(again, ["--no-deps", "--force-reinstall"], job, tell)
                rows, log = [*rows, *more], f"{log}\n{more_log}"
        pins = planned_pins(rows, request.requirements, environment)
        if not reinstall and any(pin.editable for pin in pins):
            installed = scan(paths=[site.path for site in environment.site_directories])
            pins = [pin for pin in pins if not is_same_tree(pin, installed)]
        yanked: dict[tuple[str, str], str] = {
            (canonicalize_name(name), version): "" if reason == _NO_REASON else printable(reason)
            for name, version, reason in _YANKED.findall(log)
        }
        pins = [
            replace(pin, yanked=yanked.get((pin.name, pin.version or ""), pin.yanked))
            for pin in pins
        ]
        return Resolution(tuple(sorted(pins, key=lambda pin: pin.name)), log, remarks(log))

    def fill(self, stage: Path, pins: Sequence[Pin], job: Job) -> None:
        """As :meth:`Engine.fill`, what has no hashes in a run of its own.

        One hash makes pip ask for hashes of all, and a repository or directory has none.
        """
        tell = Teller(job.on_progress, pins)
        words = ["--prefix", str(stage), "--no-user", "--no-deps", "--ignore-installed"]
        words += ["--no-compile", "--no-warn-script-location", "--no-warn-conflicts"]
        tell.downloads_begin()
        for some in ([p for p in pins if p.hashes], [p for p in pins if not p.hashes]):
            lines = [*pin_lines(some), *map(_as_pip_reads, direct_lines(some))]
            if not lines:
                continue
            with desk() as place:
                options = Options(job.request, place, digests=True)
                asked = write_lines(place / "pins.txt", [*_index_lines(options), *lines])
                command = self._command(job, options, words, hashes=False)
                self._run([*command, "-r", str(asked)], job, place, tell)
        tell.installed()

    def _report(
        self,
        lines: Sequence[str],
        words: Sequence[str],
        job: Job,
        tell: Teller,
    ) -> tuple[list[Mapping[str, Any]], str]:
        with desk() as place:
            options = Options(job.request, place, digests=True)
            asked = write_lines(place / "requirements.txt", [*_index_lines(options), *lines])
            report = place / "report.json"
            more = [*words, "--dry-run", "--report", str(report)]
            command = self._command(job, options, more, hashes=True)
            log = self._run([*command, "-r", str(asked)], job, place, tell)
            try:
                document = json.loads(report.read_text(encoding="utf-8"))
                rows = document["install"]
                if document["version"] not in ("0", "1") or not isinstance(rows, list):
                    raise ValueError
            except (OSError, ValueError, LookupError, TypeError):
                raise EngineFailed(
                    f"pip {self.version} gives its plan in a form that is not known here; install "
                    "uv, or another version of pip",
                    log,
                ) from None
        return rows, log

    def _command(
        self, job: Job, options: Options, words: Sequence[str], *, hashes: bool
    ) -> list[str]:
        python = job.environment.python
        assert python is not None  # an engine is only found where there is one
        rest = [word for word in options.words if hashes or word != "--require-hashes"]
        prerelease = ["--pre"] if job.request.prereleases else []
        bar = "raw" if Version(self.version) >= _RAW_PROGRESS else "off"
        common = ["--no-input", "--disable-pip-version-check", "--progress-bar", bar]
        here = ["--target", ""]  # whatever a configuration file says
        # A pip.py in the working directory is not pip.
        language = parse_version(job.environment.version)
        safe = ["-P"] if language is not None and language >= _SAFE_PATH else []
        start = [str(python), *safe, "-m", "pip", "install"]
        return [*start, *common, *here, *prerelease, *rest, *words]

    def _run(self, command: Sequence[str], job: Job, place: Path, tell: Teller) -> str:
        """Run it and return what it says, fit to be shown."""
        # Only there it tells why an index gave nothing; and with it, only the verbose form tells
        # what a failing build said.
        diary = place / "pip.log"
        command = [*command, "--verbose", "--log", str(diary)]
        # What it builds in would stay there for good where it is cancelled.
        temporary = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(place))
        variables = environment_variables({**_OVER_FILES, **temporary}, _NOT_OURS)
        follow = _Follower(tell)
        with Process(command, variables=variables, stop=job.stop, output_is_words=True) as process:
            finished = process.finish(follow, tell.again)
        # Where our own file names a requirement is of no use to anybody.
        ours = rf"-r {re.escape(str(place))}\S* \(line \d+\)"
        words = re.sub(rf" \(from {ours}\)|->{ours}", "", finished.words)
        if finished.status == 0:
            return presentable(words)
        log = presentable("\n".join([words, *_reasons(diary)]))
        raise EngineFailed(explain(log, "pip", job.environment), log)


def _runs(request: InstallRequest) -> Iterator[Sequence[WantedRequirement]]:
    """What can be asked for at once: one hash makes pip want hashes of all.

    What is needed beside it is not looked for in a lock file, so there the others come apart.
    """
    wanted = request.requirements
    if not request.dependencies and "--require-hashes" not in request.options:
        with_hashes = [each for each in wanted if each.hashes]
        wanted = tuple(each for each in wanted if not each.hashes)
        if with_hashes:
            yield with_hashes
    if wanted or not request.requirements:
        yield wanted


def _as_pip_reads(line: str) -> str:
    """A line that some releases of pip would refuse, as all of them take it.

    Extras of a directory or file are only known behind a path, and before 24.1 the name of a
    repository without a host only in its fragment.
    """
    if match := _LOCAL_REPOSITORY.match(line):
        egg = f"#egg={match['name']}{match['extras'] or ''}"
        rest = (match["rest"] or "").replace("#", "&")
        return f"{match['url']}{egg}{rest}{line[match.end() :]}"
    match = _FILE_WITH_EXTRAS.match(line)
    path = file_url_path(match["url"]) if match else None
    if match is None or path is None:
        return line
    return f"{path}{match['extras']}{line[match.end() :]}"


def _reasons(diary: Path) -> list[str]:
    """Why an index gave nothing, from pip's log file."""
    try:
        with diary.open(encoding="utf-8", errors="replace") as lines:
            found = dict.fromkeys(match[1] for line in lines if (match := _REASON.search(line)))
    except OSError:
        return []
    return list(found)[:_MOST_REASONS]


def _index_lines(options: Options) -> list[str]:
    lines = [f"--index-url {options.index_url}"] if options.index_url is not None else []
    lines += [f"--extra-index-url {url}" for url in options.extra_index_urls]
    return [*lines, *options.lines]


def _satisfied(
    rows: Sequence[Mapping[str, Any]], request: InstallRequest, environment: Environment
) -> list[str]:
    """What was asked for and is there, as lines that name the very version."""
    coming = {canonicalize_name(row["metadata"]["name"]) for row in rows}
    installed = scan(paths=[site.path for site in environment.site_directories])
    lines = []
    for wanted in request.requirements:
        if wanted.name is None or wanted.name in coming or wanted.direct:
            continue
        copies = installed.copies(wanted.name)
        if copies:
            lines.append(f"{wanted.name}=={copies[0].version}")
    return list(dict.fromkeys(lines))


class _Follower:
    """Reads pip's lines as they come."""

    def __init__(self, tell: Teller) -> None:
        self._tell = tell
        self._file = ""

    def __call__(self, line: str) -> None:
        tell = self._tell
        if match := _PROGRESS.match(line):
            if self._file:
                tell.download(self._file, int(match[1]), int(match[2]))
        elif match := _DOWNLOADING.match(line):
            file_name = match[1].partition("#")[0].rpartition("/")[2]
            self._file = "" if file_name.endswith(".metadata") else _project(file_name)
            if self._file:
                tell.download(self._file, 0, size_in_bytes(match[2] or ""))
        elif match := _COLLECTING.match(line):
            tell("resolving", canonicalize_name(match[1]), 0, None, "packages")
        elif match := _BUILDING.match(line):
            tell("building", canonicalize_name(match[1]), match[2] != "started", 1, "packages")
        elif _INSTALLING.match(line):
            tell.prepared()


def _project(file_name: str) -> str:
    """The project of a file's name, roughly: for progress only."""
    name = file_name.partition("-")[0]
    return name if re.fullmatch(r"[A-Za-z0-9][\w.]*", name) else ""
