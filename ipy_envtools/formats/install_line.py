"""The words behind ``install``, and the lines of a requirements file, as one request."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from .install_options import find_option
from .install_request import BadRequest, InstallRequest, WantedRequirement, quoted
from .requirements_file import read_lines, read_text, split_lines
from .wanted import check_url, read_requirement, with_scheme

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .install_options import Option

__all__ = ["read_request", "read_request_lines"]

_PROGRAM = re.compile(r"(?:python|py|pypy)[\d.]*(?:\.exe)?|\{sys\.executable\}")
_PIP = re.compile(r"pip[\d.]*(?:\.exe)?")
_PYLOCK = re.compile(r"pylock(?:\.[^.]+)?\.toml")
# There are packages of some of these names, which nobody wants.
_VERBS = frozenset({"add", "import", "install", "remove", "uninstall"})
_SHELL = frozenset({"&&", "||", "|", ";", "&", ">>"})
_OF_ONE = re.compile(r"\s(?=--[A-Za-z])")


def read_request(words: Sequence[str], *, directory: Path | None = None) -> InstallRequest:
    """Understand the words of a line behind ``install``, quotes already taken away.

    They may begin with ``pip install``, ``uv pip install`` or ``python -m pip install``, because
    such lines get pasted.

    Args:
        words: as a shell would hand them to a program.
        directory: where relative paths begin; the working directory if None.

    Raises:
        BadRequest: one sentence.
    """
    reader = _Reader(directory)
    reader.take_words(_without_program(words))
    return reader.request()


def read_request_lines(
    lines: str | Iterable[str], *, directory: Path | None = None
) -> InstallRequest:
    """Understand lines as in a requirements file, comments and options among them.

    Args:
        lines: a text; or one requirement an element, where an option that says from where or
            how packages come is refused: a list of names must not lead to another index.
        directory: as for :func:`read_request`.

    Raises:
        BadRequest: one sentence.
    """
    reader = _Reader(directory)
    if isinstance(lines, str):
        lines = split_lines(lines)
    else:
        lines = list(lines)
        for line in lines:
            if not isinstance(line, str) or "\n" in line or "\r" in line:
                raise BadRequest(f"{quoted(str(line))} is not one line")
            _require_one_element(line.strip())
    reader.take_lines(lines, "", reader.directory)
    return reader.request()


def _require_one_element(line: str) -> None:
    if not line.startswith("-"):
        return
    word = line.split()[0]
    name = word.partition("=")[0] if word.startswith("--") else word[:2]
    option = find_option(name)
    if option.meaning in ("url", "place", "words", "word"):
        raise BadRequest(
            f"{quoted(name)} is an option where a requirement should stand; "
            "options can be among the lines of one text"
        )
    if line == name and option.takes_value:
        raise BadRequest(
            f"{quoted(name)} stands without its value; a list has one requirement an element, "
            f"such as {quoted(f'{name} …')}"
        )


def _without_program(words: Sequence[str]) -> Sequence[str]:
    """The words behind ``install`` of a pasted line; else all of them."""
    rest = [word for word in words if word]
    if rest and rest[0] in ("!", "%", "$"):
        del rest[0]
    if not rest:
        return words
    rest[0] = rest[0].lstrip("!%$")
    program = rest[0].replace("\\", "/").rpartition("/")[2]
    if _PROGRAM.fullmatch(program) and rest[1:2] == ["-m"]:
        del rest[:2]
    elif program == "uv" and rest[1:2] == ["pip"]:
        del rest[0]
    elif _PIP.fullmatch(program):
        rest[0] = program
    if len(rest) > 1 and _PIP.fullmatch(rest[0]) and rest[1] == "install":
        return rest[2:]
    return words


def _working_directory() -> Path:
    try:
        return Path.cwd()
    except FileNotFoundError:  # it is gone, which only matters to who names a file in it
        return Path(os.sep)


class _Reader:
    def __init__(self, directory: Path | None) -> None:
        self.directory = Path(os.path.abspath(directory or _working_directory()))
        self._requirements: list[WantedRequirement] = []
        self._constraints: list[str] = []
        self._options: list[str] = []
        self._files: list[str] = []
        self._flags: set[str] = set()
        self._conditions: list[str] = []
        self._open: list[Path] = []

    def request(self) -> InstallRequest:
        if not self._requirements:
            raise BadRequest("nothing to install is named, such as flask or flask>=3")
        return InstallRequest(
            requirements=tuple(dict.fromkeys(self._requirements)),
            constraints=tuple(dict.fromkeys(self._constraints)),
            options=tuple(self._options),
            files=tuple(dict.fromkeys(self._files)),
            prereleases="prereleases" in self._flags,
            dependencies="no-deps" not in self._flags,
            condition=" and ".join(self._conditions),
            user="user" in self._flags,
            upgrade="upgrade" in self._flags,
            reinstall="reinstall" in self._flags,
        )

    def take_words(self, words: Sequence[str]) -> None:
        """Take what was typed in a line."""
        rest = list(words)
        while rest:
            word = rest.pop(0)
            if word in _SHELL:
                raise BadRequest(f"{quoted(word)} is for a shell; write one command without it")
            if word in _VERBS and len(words) > 1:
                command = " ".join(words[: len(words) - len(rest)])
                raise BadRequest(
                    f"{quoted(command)} is not understood here; write only the packages"
                )
            if not word.startswith("-"):
                self._require(word, "")
                continue
            if any(char.isspace() for char in word.partition("=")[0]):
                raise BadRequest(f"{quoted(word)} is neither one option nor one requirement")
            self._option(word, rest, "", self.directory)

    def take_lines(self, lines: Iterable[str], file: str, beside: Path) -> None:
        """Take the lines of a file called ``file``, or of a cell where that is empty."""
        found = list(read_lines(lines, variables=bool(file)))
        for text, number in found:
            origin = f"{file}, line {number}" if file else f"line {number}"
            if not file and len(found) == 1:
                origin = ""
            if not text.startswith("-"):
                self._with_options(text, origin)
                continue
            name, _, value = text.partition(" ")
            value = value.strip()
            if value and not _has_more_options(name, value):
                # A path or marker may hold blanks, so this is one value.
                self._option(name, [_unquoted(value)], origin, beside)
                continue
            words = _split(text, origin)
            while words:
                word = words.pop(0)
                if not word.startswith("-"):
                    raise BadRequest(f"{quoted(text)} is no option and its value{_at(origin)}")
                self._option(word, words, origin, beside)

    def _with_options(self, text: str, origin: str) -> None:
        """One requirement, and the options that belong to it alone."""
        match = _OF_ONE.search(text)
        hashes: list[str] = []
        where = _at(origin)
        if match:
            text, words = text[: match.start()], _split(text[match.end() :], origin)
            while words:
                word = words.pop(0)
                name, equals, value = word.partition("=")
                if find_option(name, where).meaning != "hash":
                    raise BadRequest(f"{quoted(word)} cannot stand behind a requirement{where}")
                hashes.append(value if equals else _value(name, words, where))
        self._require(text, origin, hashes=hashes)

    def _require(
        self, text: str, origin: str, *, editable: bool = False, hashes: Iterable[str] = ()
    ) -> None:
        self._requirements.append(
            read_requirement(text, self.directory, editable=editable, hashes=hashes, origin=origin)
        )

    def _option(self, word: str, rest: list[str], origin: str, beside: Path) -> None:
        where = _at(origin)
        name, equals, value = word.partition("=") if word.startswith("--") else (word, "", "")
        if not word.startswith("--") and len(word) > 2 and not _is_known(word):
            name, value, equals = word[:2], word[2:].removeprefix("="), "="  # -rfile, as in pip
        option = find_option(name, where)
        if not option.takes_value:
            if equals:
                raise BadRequest(f"{name} takes no value{where}")
            self._switch(option)
            return
        if not equals:
            value = _value(name, rest, where)
        if not value.strip() or not value.isprintable():
            raise BadRequest(f"{name} needs a value{where}")
        self._valued(option, name, value, origin, beside)

    def _switch(self, option: Option) -> None:
        if option.meaning == "word":
            self._options.append(option.name)
        else:
            self._flags.add(option.meaning)

    def _valued(self, option: Option, name: str, value: str, origin: str, beside: Path) -> None:
        where = _at(origin)
        meaning = option.meaning
        if meaning == "editable":
            self._require(value, origin, editable=True)
        elif meaning == "requirements":
            self._file(beside / os.path.expanduser(value), value, where)
        elif meaning == "constraints":
            self._constraints.append(_constraint(value, beside, where))
        elif meaning in ("url", "place"):
            self._options += [option.name, _location(name, value, beside, where)]
        elif meaning == "words":
            self._options += [option.name, value]
        elif meaning == "prerelease":
            if value not in ("allow", "disallow", "if-necessary", "if-necessary-or-explicit"):
                raise BadRequest(f"--prerelease knows allow and disallow here{where}")
            self._flags |= {"prereleases"} if value == "allow" else set()
        elif meaning == "hash":
            raise BadRequest(f"{name} belongs behind a requirement of a requirements file{where}")

    def _file(self, path: Path, written: str, where: str) -> None:
        if "://" in written:
            check_url(written, where)
            raise BadRequest(f"{quoted(written)} is not on this machine; download it first{where}")
        path = Path(os.path.abspath(path))
        shown = quoted(written).strip("“”")
        if path in self._open:
            raise BadRequest(f"{shown} leads back to itself{where}")
        if path.name == "pyproject.toml" or path.suffix in (".py", ".cfg"):
            raise BadRequest(f"{quoted(written)} is no requirements file or pylock.toml{where}")
        text = read_text(path, where)
        if _PYLOCK.fullmatch(path.name):
            from .lock_file import read_lock_file

            lock = read_lock_file(text, path, shown)
            self._requirements += lock.requirements
            self._options += lock.options
            self._files += lock.files
            self._conditions += [f"({lock.condition})"] if lock.condition else []
            self._flags.add("no-deps")
            return
        self._open.append(path)
        self.take_lines(split_lines(text), shown, path.parent)
        self._open.pop()


def _at(origin: str) -> str:
    return f" ({origin})" if origin else ""


def _is_known(word: str) -> bool:
    try:
        find_option(word)
    except BadRequest:
        return False
    return True


def _has_more_options(name: str, value: str) -> bool:
    return (
        "=" in name or not find_option(name).takes_value or _OF_ONE.search(f" {value}") is not None
    )


def _value(name: str, rest: list[str], where: str) -> str:
    if not rest or rest[0].startswith("-"):
        raise BadRequest(f"{name} needs a value{where}")
    return rest.pop(0)


def _split(text: str, origin: str) -> list[str]:
    try:
        return shlex.split(text, posix=os.name != "nt")
    except ValueError:
        raise BadRequest(f"a quotation mark is missing in {quoted(text)}{_at(origin)}") from None


def _unquoted(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return value


def _constraint(value: str, beside: Path, where: str) -> str:
    if "://" in value:
        check_url(value, where)
        return value
    path = Path(os.path.abspath(beside / os.path.expanduser(value)))
    if not path.is_file():
        raise BadRequest(f"the constraints file {quoted(value)} is not there{where}")
    return str(path)


def _location(name: str, value: str, beside: Path, where: str) -> str:
    """The URL of an index or page; a directory that exists becomes absolute."""
    if "://" not in value:
        path = Path(os.path.abspath(beside / os.path.expanduser(value)))
        if path.exists():
            return str(path)
        raise BadRequest(
            f"{name} needs a URL such as https://example.org/simple or a directory, and "
            f"{quoted(value)} is neither{with_scheme(value)}{where}"
        )
    check_url(value, where)
    return value
