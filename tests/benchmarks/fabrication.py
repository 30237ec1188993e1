"""Made-up packages as large as real ones, so that thousands of them are cheap to have.

Sizes are drawn from what 367 real packages have (the lock beside this file, on CPython 3.11):
``_HEADERS`` and its siblings are their quantiles. Only the ``.dist-info`` directories exist; the
files that RECORD names do not, so nothing that looks at files may be measured on them.
"""

from __future__ import annotations

import base64
import random
from bisect import bisect_right
from pathlib import Path

__all__ = ["fabricate", "fabrication_source"]

_SHARES = (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 1.0)
_HEADERS = (234, 762, 934, 1090, 1206, 1373, 1537, 1661, 1892, 2401, 3692, 4829, 7050, 17466, 76290)
"""Bytes of METADATA up to the first blank line."""
_DESCRIPTION = (
    0,
    372,
    620,
    1167,
    1585,
    2379,
    3229,
    4678,
    5846,
    7985,
    17188,
    28693,
    48876,
    9e4,
    1e5,
)
"""Bytes of METADATA behind it."""
_ROWS = (7, 9, 10, 12, 15, 20, 26, 38, 63, 94, 198, 603, 1552, 1910, 5628)
"""Rows of RECORD: 26 in the middle, 134 on average."""
_PLAIN = (0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 6, 8, 12, 14, 20)
"""Requires-Dist lines without an extra; 0.3 a package have a marker."""
_OPTIONAL = (0, 0, 0, 0, 0, 0, 1, 2, 5, 8, 24, 36, 51, 71, 103)
"""Requires-Dist lines behind an extra."""

_FIRST = ("amber", "brisk", "civic", "delta", "ember", "frost", "grand", "hazel", "ivory", "jolly")
_SECOND = ("anchor", "beacon", "copper", "dynamo", "engine", "falcon", "garnet", "harbor")
_EXTRAS = ("all", "async", "dev", "docs", "http", "server", "speed", "test", "typing")
_MARKERS = (
    'python_version < "3.{}"',
    'python_full_version < "3.{}.3"',
    'python_version >= "3.{}"',
    'sys_platform == "win32" and python_version < "3.{}"',
    'platform_system == "Darwin"',
    'implementation_name == "pypy" and sys_platform != "cygwin"',
)


def fabricate(site_packages: Path, count: int) -> None:
    """Write ``count`` packages, the same ones whenever it is called."""
    chance = random.Random(count)
    names = [f"{_FIRST[i % 10]}-{_SECOND[i // 10 % 8]}-{i:04}" for i in range(count)]
    versions = [
        f"{chance.randrange(1, 30)}.{chance.randrange(20)}.{chance.randrange(9)}" for _ in names
    ]
    for i, (name, version) in enumerate(zip(names, versions, strict=True)):
        info = site_packages / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        needs = [
            _requirement(chance, names, versions, int(i * chance.random() ** 2))
            for _ in range(_drawn(chance, _PLAIN) if i else 0)
        ]
        (info / "METADATA").write_text(_metadata(chance, name, version, needs))
        (info / "RECORD").write_text(_record(chance, name, info.name))
        (info / "INSTALLER").write_text("uv" if chance.random() < 0.5 else "pip\n")
        (info / "WHEEL").write_text(
            "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        if chance.random() < 0.2:
            (info / "REQUESTED").touch()


def fabrication_source() -> str:
    """What the fabricated packages depend on: this module's own text."""
    return Path(__file__).read_text()


def _drawn(chance: random.Random, quantiles: tuple[float, ...]) -> int:
    """A number distributed as the quantiles say, straight lines between them."""
    share = chance.random()
    i = bisect_right(_SHARES, share) - 1
    part = (share - _SHARES[i]) / (_SHARES[i + 1] - _SHARES[i])
    return round(quantiles[i] + part * (quantiles[i + 1] - quantiles[i]))


def _requirement(chance: random.Random, names: list[str], versions: list[str], target: int) -> str:
    """A requirement that the target fulfils; popular targets are asked for in few spellings."""
    major, minor, _ = versions[target].split(".")
    text = names[target] + chance.choice(
        (
            "",
            f">={major}.0",
            f">={major}.{minor}",
            f">={major}.{minor}.0",
            f"!={major}.{int(minor) + 1}.*,<{int(major) + 1},>={major}.{minor}",
        )
    )
    if chance.random() < 0.15:
        text += f" ; {_marker(chance)}"
    return text


def _marker(chance: random.Random) -> str:
    return chance.choice(_MARKERS).format(chance.randrange(7, 16))


def _metadata(chance: random.Random, name: str, version: str, needs: list[str]) -> str:
    size = _drawn(chance, _HEADERS)
    lines = [
        "Metadata-Version: 2.4",
        f"Name: {name}",
        f"Version: {version}",
        f"Summary: What {name} does, in one line of the usual length",
        f"Project-URL: Homepage, https://{name}.example.org",
        f"Project-URL: Source, https://code.example.org/{name}/{name}",
        f"Author-email: The people of {name} <{name}@example.org>",
        "License-Expression: MIT",
        "License-File: LICENSE",
        "Requires-Python: >=3.9",
        *(f"Requires-Dist: {requirement}" for requirement in needs),
    ]
    optional = _drawn(chance, _OPTIONAL)
    extras = chance.sample(_EXTRAS, min(len(_EXTRAS), -(-optional // 3)))
    lines += [f"Provides-Extra: {extra}" for extra in extras]
    for _ in range(optional):
        # Few names in few spellings: what test suites need is the same everywhere
        wanted = chance.choice(("tool", "linter", "plugin", "theme")) + f"-{chance.randrange(400)}"
        specifier = f">={chance.randrange(1, 9)}.{chance.randrange(9)}"
        marker = f'extra == "{chance.choice(extras)}"'
        if chance.random() < 0.07:
            marker = f"{_marker(chance)} and {marker}"
        lines.append(
            f"Requires-Dist: {wanted}{specifier if chance.random() < 0.5 else ''}; {marker}"
        )
    lines.append("Description-Content-Type: text/markdown")
    missing = size - sum(map(len, lines)) - len(lines)
    while missing > 0:
        classifier = f"Classifier: Topic :: Made Up :: Topic {missing % 97} of {name}"
        lines.insert(6, classifier)
        missing -= len(classifier) + 1
    description = f"# {name}\n\n" + f"{name} is a package among many. " * (
        _drawn(chance, _DESCRIPTION) // (len(name) + 27)
    )
    return "\n".join(lines) + "\n\n" + description + "\n"


def _record(chance: random.Random, name: str, info: str) -> str:
    package = name.replace("-", "_")
    digest = base64.urlsafe_b64encode(chance.randbytes(32)).decode().rstrip("=")
    rows = []
    for i in range(_drawn(chance, _ROWS) - 4):
        turned = digest[i % 32 :] + digest[: i % 32]
        rows.append(f"{package}/part_{i // 20}/module_{i}.py,sha256={turned},{i * 37 % 20011}")
    rows += [
        f"{info}/INSTALLER,sha256={digest},2",
        f"{info}/METADATA,sha256={digest},4821",
        f"{info}/WHEEL,sha256={digest},81",
        f"{info}/RECORD,,",
    ]
    return "\n".join(rows) + "\n"
