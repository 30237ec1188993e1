"""uv as an engine."""

from __future__ import annotations

import contextlib
import itertools
import os
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

from ..environment import scan
from ..environment.file_urls import file_url_path
from ..environment.platform_tags import tag_ranks
from ..errors import EnvironmentUnreadable
from ..formats.direct_place import direct_place
from .engine import EngineFailed, Resolution
from .failures import explain
from .remarks import remarks
from .request_files import (
    Options,
    desk,
    direct_lines,
    pin_lines,
    request_lines,
    write_lines,
)
from .running import Process, presentable
from .sources import as_built, built_in, is_as_installed, needing
from .telling import Teller
from .uv_answers import (
    UnknownAnswer,
    editable_in,
    needs_of,
    planned_pins,
    size_in_bytes,
    superfluous,
    with_files,
    yanked_versions,
)
from .uv_configuration import uv_setting, uv_setting_in_files, uv_variables

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from threading import Event

    from ..environment import Environment, InstalledPackages
    from ..formats.install_request import InstallRequest, WantedRequirement
    from .engine import Job, Pin
    from .running import Finished

__all__ = ["UvEngine", "UvRefuses"]

_LOCK_SECONDS = "3"
_REFUSES = re.compile(
    r"^(?:error|  cause): Failed to read metadata (?:from|for):? (?:installed package )?(.*)$",
    re.MULTILINE,
)
_DOWNLOADING = re.compile(r"^\s*Downloading ([\w.-]+) \(([^)]*)\)")
_DOWNLOADED = re.compile(r"^\s*Downloaded ([\w.-]+)")
_BUILDING = re.compile(r"^\s*Building (?:file://\S*/)?([\w.-]+)")
_BUILT = re.compile(r"^\s*Built (?:file://\S*/)?([\w.-]+)")
_PREPARED = re.compile(r"^Prepared \d+ packages? in")


class UvRefuses(EngineFailed):
    """uv cannot work in this environment, or says what is not understood; pip may be able to."""


class UvEngine:
    """uv, found at ``program``."""

    name = "uv"

    def __init__(self, program: Path, version: str) -> None:
        self.program = program
        self.version = version
        self.notes: tuple[str, ...] = ()

    def resolve(self, job: Job) -> Resolution:
        """As :meth:`Engine.resolve`.

        Raises:
            UvRefuses: a package of the environment is broken, or uv has changed.
        """
        request, environment = job.request, job.environment
        for name in ("target", "prefix"):
            if uv_setting_in_files(name):
                raise UvRefuses(f"a configuration file of uv sets {name}: it installs only there")
        if any(each.name is None and "%23" in each.text for each in request.requirements):
            raise UvRefuses("uv finds nothing at a path with # in it")
        tell = Teller(job.on_progress)
        with desk() as place:
            options = Options(request, place, digests=False)
            trees, others = _split(request.requirements)
            lines = [*options.lines, *request_lines(others)]
            asked = write_lines(place / "requirements.txt", lines)
            words = _version_options(job)
            # Nothing is written, so nobody has to be asked whether it may be.
            words += ["--dry-run", "--output-format", "json", "--break-system-packages"]
            words += ["--exact"] if job.whole else []
            tell("resolving", "", 0, None, "packages")
            command = self._command("install", job, options, words)
            # Whoever holds the lock for longer changes the environment: the plan is outdated then.
            more = {"UV_LOCK_TIMEOUT": _LOCK_SECONDS}
            finished = self._run([*command, "-r", asked, *trees], options, tell, job, more)
            if finished.status != 0:
                self._raise(finished, environment)
            log = presentable(finished.words)
            try:
                pins = planned_pins(finished.output, finished.words, request.requirements)
            except UnknownAnswer:
                raise UvRefuses(
                    f"uv {self.version} gives its plan in a form that is not known here", log
                ) from None
            yanked = yanked_versions(finished.words)
            pins = tuple(
                replace(pin, yanked=yanked.get((pin.name, pin.version or ""))) for pin in pins
            )
            pins = self._with_editables(pins, job, options, place, tell)
            pins = self._with_sources(pins, job, place / "built", tell)
            pins = self._with_details(pins, job, options, place)
            needed = None
            if job.whole:
                coming = {pin.name for pin in pins}
                needed = (coming | _installed(environment)) - superfluous(finished.output)
        needs = None if needed is None else frozenset(needed)
        return Resolution(pins, log, remarks(log), needs)

    def fill(self, stage: Path, pins: Sequence[Pin], job: Job) -> None:
        """As :meth:`Engine.fill`."""
        if not pins:
            return
        tell = Teller(job.on_progress, pins)
        tell.downloads_begin()
        lines = [*pin_lines(pins), *direct_lines(pins)]
        self._install(stage, lines, (), job, tell)
        tell.installed()

    def _install(
        self, prefix: Path, lines: Sequence[str], trees: Sequence[str], job: Job, tell: Teller
    ) -> None:
        """Install lines of a requirements file, and ``trees`` built anew, below ``prefix``."""
        words = ["--prefix", str(prefix), "--no-deps", "--verify-hashes", "--no-compile-bytecode"]
        if uv_setting("link-mode") == "symlink":
            # A package has to outlive uv's cache, and the undo of its installation as well.
            words += ["--link-mode", "hardlink"]
        with desk() as place:
            options = Options(job.request, place, digests=False)
            asked = write_lines(place / "pins.txt", [*options.lines, *lines])
            command = self._command("install", job, options, words)
            finished = self._run([*command, "-r", asked, *trees], options, tell, job)
        if finished.status != 0:
            self._raise(finished, job.environment)

    def _command(
        self,
        verb: str,
        job: Job,
        options: Options,
        words: Sequence[str],
    ) -> list[str | Path]:
        python = job.environment.python
        assert python is not None  # an engine is only found where there is one
        rest = [
            word for word in options.words if word != "--require-hashes" or "--dry-run" in words
        ]
        prerelease = ["--prerelease", "allow"] if job.request.prereleases else []
        common = ["--python", str(python), "--no-progress", "--color", "never"]
        return [self.program, "pip", verb, *common, *prerelease, *rest, *words]

    def _run(
        self,
        command: Sequence[str | Path],
        options: Options,
        tell: Teller,
        job: Job,
        more: Mapping[str, str] | None = None,
    ) -> Finished:
        variables = {**(more or {}), **uv_variables(options, job.environment)}
        with Process(command, variables=variables, stop=job.stop) as process:
            return process.finish(lambda line: _follow(line, tell), tell.again)

    def _with_editables(
        self, pins: tuple[Pin, ...], job: Job, options: Options, place: Path, tell: Teller
    ) -> tuple[Pin, ...]:
        """Say which directories that only other packages need are to be editable.

        Projects of one workspace may ask for each other so. A lock file tells that, no plan.
        """
        from ..formats.toml_text import parse_toml

        asked = {wanted.text for wanted in job.request.requirements}
        needed = [pin for pin in pins if pin.direct not in asked and _is_tree(pin)]
        if not needed:
            return pins
        lines = [*options.lines, *request_lines(job.request.requirements)]
        roots = write_lines(place / "asked.in", lines)
        words = ["-q", "--format", "pylock.toml", str(roots)]
        finished = self._run(self._command("compile", job, options, words), options, tell, job)
        try:
            editable = editable_in(parse_toml(finished.output))
        except (ValueError, TypeError, LookupError, AttributeError, ImportError):
            return pins
        return tuple(
            replace(pin, direct=pin.url, editable=True)
            if pin in needed and pin.name in editable
            else pin
            for pin in pins
        )

    def _with_sources(
        self, pins: tuple[Pin, ...], job: Job, stage: Path, tell: Teller
    ) -> tuple[Pin, ...]:
        """Build what only tells by that which version it is and what it needs.

        A directory is always built: uv keeps what it built of one until its ``pyproject.toml``
        changes. What comes out as it is installed already needs nothing done.
        """
        asked, _ = _split(job.request.requirements)
        trees = [pin for pin in pins if pin.direct in asked or _is_tree(pin)]
        sources = [pin for pin in pins if pin in trees or (pin.direct and not pin.version)]
        if not sources:
            return pins
        lines = direct_lines([pin for pin in sources if pin not in trees])
        anew = [pin.direct for pin in trees if pin.direct is not None]
        self._install(stage, lines, anew, job, tell)
        built = built_in(stage, job.environment)
        again = job.reinstall or job.request.reinstall
        installed = _copies(job.environment)
        return tuple(
            as_built(pin, built.get(pin.name)) if pin in sources else pin
            for pin in pins
            if again
            or pin not in sources
            or not is_as_installed(pin, built.get(pin.name), installed)
        )

    def _with_details(
        self,
        pins: tuple[Pin, ...],
        job: Job,
        options: Options,
        place: Path,
    ) -> tuple[Pin, ...]:
        """Add files and who needs what; what cannot be learnt stays unknown.

        Both are asked at the same time, and first without network: the resolution has cached all.
        """
        from ..formats.toml_text import parse_toml

        if not pins:
            return pins
        pinned = [f"{pin.name}=={pin.version}" for pin in pins if pin.direct is None]
        direct = direct_lines(pins)
        archives = [line for line in direct if not line.startswith("-e ")]
        files = write_lines(place / "pins.in", [*options.lines, *pinned, *archives])
        questions = [["--no-deps", "--format", "pylock.toml", str(files)]]
        if len(pins) > 1 and job.request.dependencies:
            lines = [*options.lines, *_with_extras(pins, job.request), *direct]
            roots = write_lines(place / "roots.in", lines)
            others = write_lines(place / "others.txt", _others(pins, job.environment))
            annotate = ["--annotation-style", "line", "--no-strip-extras"]
            questions.append([*annotate, "--excludes", str(others), str(roots)])
        answers: list[Finished] = []
        for network in (["--offline"], []):
            commands = [
                self._command(
                    "compile",
                    job,
                    options,
                    ["-q", "--no-header", *network, *words],
                )
                for words in questions
            ]
            answers = _finish_all(commands, uv_variables(options, job.environment), job.stop)
            if all(answer.status == 0 for answer in answers):
                break
        needs: dict[str, tuple[str, ...]] = {}
        for answer in answers[1:]:
            needs = needs_of(answer.output)
        try:
            lock: Mapping[str, Any] = parse_toml(answers[0].output)
            pins = with_files(pins, lock, tag_ranks(job.environment))
        except (ValueError, TypeError, AttributeError, ImportError):
            pass
        return tuple(replace(pin, via=needs.get(pin.name, needing(pin, pins))) for pin in pins)

    def _raise(self, finished: Finished, environment: Environment) -> None:
        log = presentable(finished.words)
        if match := _REFUSES.search(log):
            raise UvRefuses(f"uv refuses this environment, because it cannot read {match[1]}", log)
        raise EngineFailed(explain(log, "uv", environment), log)


def _finish_all(
    commands: Sequence[Sequence[str | Path]], variables: Mapping[str, str], stop: Event | None
) -> list[Finished]:
    """Run them at the same time."""
    with contextlib.ExitStack() as stack:
        processes = [
            stack.enter_context(Process(command, variables=variables, stop=stop))
            for command in commands
        ]
        return [process.finish() for process in processes]


def _split(
    requirements: Sequence[WantedRequirement],
) -> tuple[list[str], list[WantedRequirement]]:
    """Directories as words of a command, where uv looks whether they changed; and the rest."""
    trees = [wanted for wanted in requirements if wanted.directory and not wanted.editable]
    return [tree.text for tree in trees], [each for each in requirements if each not in trees]


def _is_tree(pin: Pin) -> bool:
    """Whether it comes of a directory, and is copied from there."""
    path = None if pin.direct is None or pin.editable else file_url_path(pin.url or "")
    return path is not None and os.path.isdir(path)


def _version_options(job: Job) -> list[str]:
    request = job.request
    words = [] if request.dependencies else ["--no-deps"]
    options = []
    if job.upgrade or request.upgrade:
        options.append("--upgrade-package")
    if job.reinstall or request.reinstall:
        options.append("--reinstall-package")
    if options:
        named = (_names(wanted, job.environment) for wanted in request.requirements)
        for name in dict.fromkeys(itertools.chain.from_iterable(named)):
            words += [word for option in options for word in (option, name)]
    return words


def _names(wanted: WantedRequirement, environment: Environment) -> list[str]:
    """What it is called: where it does not say that itself, what came from the same place."""
    if wanted.name is not None:
        return [wanted.name]
    place = direct_place(wanted.text)
    return [
        copy.canonical_name
        for copy in _copies(environment)
        if copy.direct_url is not None and direct_place(copy.direct_url.url) == place
    ]


def _with_extras(pins: Sequence[Pin], request: InstallRequest) -> list[str]:
    """Pins with the extras that were asked for: these are needed by the package itself."""
    extras: dict[str, set[str]] = {}
    for wanted in request.requirements:
        if wanted.name:
            extras.setdefault(wanted.name, set()).update(wanted.extras)
    lines = []
    for pin in pins:
        if pin.direct is None:
            asked = sorted(extras.get(pin.name, ()))
            lines.append(f"{pin.name}{f'[{chr(44).join(asked)}]' if asked else ''}=={pin.version}")
    return lines


def _others(pins: Sequence[Pin], environment: Environment) -> list[str]:
    """What is installed and stays: without looking at it, only the pins' metadata are needed."""
    coming = {pin.name for pin in pins}
    names = _installed(environment) - coming
    return sorted(name for name in names if re.fullmatch(r"[a-z0-9][a-z0-9-]*", name))


def _installed(environment: Environment) -> set[str]:
    try:
        return {distribution.canonical_name for distribution in _copies(environment)}
    except EnvironmentUnreadable:
        return set()


def _copies(environment: Environment) -> InstalledPackages:
    return scan(paths=[site.path for site in environment.site_directories])


def _follow(line: str, tell: Teller) -> None:
    if match := _DOWNLOADING.match(line):
        tell.download(match[1], 0, size_in_bytes(match[2]))
    elif match := _DOWNLOADED.match(line):
        tell.downloaded(match[1])
    elif match := _BUILDING.match(line):
        tell("building", canonicalize_name(match[1]), 0, 1, "packages")
    elif match := _BUILT.match(line):
        tell("building", canonicalize_name(match[1]), 1, 1, "packages")
    elif _PREPARED.match(line):
        tell.prepared()
