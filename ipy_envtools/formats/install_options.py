"""The options of ``pip install`` and ``uv pip install``, and what becomes of each."""

from __future__ import annotations

import difflib
from typing import Literal, NamedTuple

from .install_request import BadRequest, quoted

__all__ = ["Option", "find_option"]

Meaning = Literal[
    "requirements",
    "constraints",
    "editable",
    "url",
    "place",
    "word",
    "words",
    "prereleases",
    "prerelease",
    "no-deps",
    "user",
    "upgrade",
    "reinstall",
    "harmless",
    "hash",
]


class Option(NamedTuple):
    """What an option means to a request."""

    name: str
    """The spelling that uv and pip both know."""
    meaning: Meaning
    takes_value: bool


def _options() -> dict[str, Option]:
    table: dict[str, Option] = {}

    def add(meaning: Meaning, spellings: str, *, value: bool, name: str = "") -> None:
        for spelling in spellings.split():
            table[spelling] = Option(name or spellings.split()[0], meaning, value)

    add("requirements", "--requirements --requirement -r", value=True)
    add("constraints", "--constraint --constraints -c", value=True)
    add("editable", "--editable -e", value=True)
    add("url", "--index-url -i --default-index --pypi-url", value=True)
    add("url", "--extra-index-url --index", value=True)
    add("place", "--find-links -f", value=True)
    add("word", "--no-index", value=False)
    add("words", "--only-binary", value=True)
    add("words", "--no-binary", value=True)
    add("words", "--trusted-host --allow-insecure-host", value=True)
    add("words", "--config-settings --config-setting -C", value=True)
    add("word", "--no-build-isolation", value=False)
    add("word", "--require-hashes", value=False)
    add("prereleases", "--pre", value=False)
    add("prerelease", "--prerelease", value=True)
    add("no-deps", "--no-deps --no-dependencies", value=False)
    add("user", "--user", value=False)
    add("upgrade", "--upgrade -U", value=False)
    add("reinstall", "--force-reinstall --reinstall", value=False)
    add("hash", "--hash", value=True)
    # What they ask for is done anyway, or changes nothing that a plan shows.
    add(
        "harmless",
        "-q -qq -v -vv -vvv --quiet --verbose --no-input --no-color --no-cache-dir --no-cache -n "
        "--no-progress --no-compile --no-warn-script-location --no-warn-conflicts "
        "--disable-pip-version-check --no-python-version-warning --prefer-binary --use-pep517 "
        "--verify-hashes --compile-bytecode",
        value=False,
    )
    add(
        "harmless",
        "--progress-bar --timeout --default-timeout --retries --color --log --exists-action "
        "--root-user-action --use-feature --link-mode",
        value=True,
    )
    return table


_OPTIONS = _options()
_OF_THE_LINE = ("--dry-run", "--force", "--yes")
"""What %pkg takes out of a line before it is read here."""
_HERE = "packages go into this kernel's environment"
_REFUSED = {
    "--target": _HERE,
    "-t": _HERE,
    "--prefix": _HERE,
    "--root": _HERE,
    "--python": f"{_HERE}; %pkgs --python shows another one",
    "-p": f"{_HERE}; %pkgs --python shows another one",
    "--system": _HERE,
    "--break-system-packages": "the plan names what protects it, and --force overrides that",
    "--ignore-installed": "write --force-reinstall",
    "-I": "write --force-reinstall",
    "--exact": "%pkg sync takes away what a file does not name",
    "--proxy": "set the environment variable HTTPS_PROXY",
    "--cert": "set the environment variable SSL_CERT_FILE",
}


def find_option(word: str, where: str = "") -> Option:
    """Return what an option means.

    Raises:
        BadRequest: it is unknown, or there is none for it here; the text says what to do.
    """
    option = _OPTIONS.get(word)
    if option is not None:
        return option
    reason = _REFUSED.get(word)
    if reason is not None:
        raise BadRequest(f"{word} is not supported here: {reason}{where}")
    if word in _OF_THE_LINE:
        raise BadRequest(f"{word} is only understood behind %pkg install in a cell{where}")
    close = difflib.get_close_matches(word, [*_OPTIONS, *_OF_THE_LINE], 1)
    guess = f"; perhaps {close[0]} is meant" if close else ""
    raise BadRequest(f"{quoted(word)} is no option that is supported here{guess}{where}")
