"""Install packages: works out exactly what changes, and can be taken back with %pkg undo.

  %pkg install "pandas<3" scikit-learn
  %pkg install -r requirements.txt -e ./mypackage

What only adds packages is installed at once, so that the next cell can import it. Whatever
replaces something, or breaks what another package needs, is shown first and asks y/n; where nobody
can answer that needs -y. %%pkg install takes one requirement a line, with comments. Every option
of pip that says where to look and what to take works, and so does a pasted pip install line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from ..plans import InstallPlan
    from ..transactions import Transaction
    from .lines import LineParser
    from .session import Session

_FILES = (
    ("-r", "--requirement", "FILE", "what a requirements file or a pylock.toml names"),
    ("-e", "--editable", "PATH", "a project that you work on, where it lies"),
)
_WHERE = (
    ("-c", "--constraint", "FILE", "versions that nothing may leave"),
    ("", "--index-url", "URL", "look there instead"),
    ("", "--extra-index-url", "URL", "look there too"),
    ("-f", "--find-links", "URL|DIR", "files that lie there"),
    ("", "--only-binary", "NAME|:all:", "build nothing, which would run its code"),
    ("", "--no-binary", "NAME|:all:", "build it from its source"),
)
_AGAIN = (
    ("-U", "--upgrade", "the newest, also where an older one would do"),
    ("", "--force-reinstall", "also what is there already"),
)
_SWITCHES = (
    ("", "--no-deps", "nothing that they need"),
    ("", "--pre", "pre-releases too"),
    ("", "--user", "into the user site"),
    ("", "--no-index", "look only where --find-links says"),
)


def add_arguments(parser: LineParser) -> None:
    """What the line may hold, for help and completion; :func:`parse_line` reads it."""
    parser.add_argument("requirements", metavar="SPEC", nargs="*", help="as for pip install")
    for short, name, value, text in _FILES:
        parser.add_argument(short, name, metavar=value, help=text)
    for short, name, text in _AGAIN:
        parser.add_argument(*([short] if short else []), name, action="store_true", help=text)
    add_source_arguments(parser)
    add_change_arguments(parser)


def add_source_arguments(parser: LineParser) -> None:
    """Where to look and what to take."""
    for short, name, value, text in _WHERE:
        parser.add_argument(*([short] if short else []), name, metavar=value, help=text)
    for short, name, text in _SWITCHES:
        parser.add_argument(*([short] if short else []), name, action="store_true", help=text)


def add_change_arguments(parser: LineParser) -> None:
    """What every verb takes that changes something."""
    parser.add_argument("--dry-run", action="store_true", help="show the plan only")
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask")
    parser.add_argument(
        "--force", action="store_true", help="override a protection that the plan names"
    )


def parse_line(line: str, parser: LineParser, cell: str | None = None) -> argparse.Namespace:
    """Take our own options out; what is left belongs to the request."""
    from .installing import as_usage_error, own_options, read_line

    words, arguments = own_options(line, parser)
    with as_usage_error(parser.prog):
        arguments.request = read_line(words, cell)
    return arguments


def run(arguments: argparse.Namespace, session: Session) -> InstallPlan | Transaction:
    """Return the plan where it was only shown, the transaction where it was carried out."""
    from .installing import install

    return install(arguments.request, arguments, session)
