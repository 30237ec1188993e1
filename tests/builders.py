"""Fabricated environments on real files, from small builders."""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import venv
import zipfile
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Venv", "dist_info", "egg_info", "make_venv", "record_row", "snapshot", "wheel"]


@dataclass(frozen=True)
class Venv:
    """A virtual environment that holds nothing yet."""

    root: Path
    python: Path
    site: Path
    scripts: Path


def make_venv(root: Path, *, system_site_packages: bool = False) -> Venv:
    """Make a real virtual environment without pip, of the Python that runs the tests."""
    builder = venv.EnvBuilder(symlinks=True, system_site_packages=system_site_packages)
    builder.create(root)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return Venv(
        root, root / "bin" / "python", root / "lib" / version / "site-packages", root / "bin"
    )


def record_row(path: str, content: bytes | None) -> str:
    """One row of RECORD, with the true hash and size of ``content``."""
    if content is None:
        return f"{path},,"
    digest = urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    return f"{path},sha256={digest},{len(content)}"


def metadata_text(
    name: str,
    version: str,
    requires: Iterable[str] = (),
    extras: Iterable[str] = (),
    headers: Iterable[str] = (),
) -> str:
    """The headers of METADATA."""
    lines = [
        "Metadata-Version: 2.1",
        f"Name: {name}",
        f"Version: {version}",
        *headers,
        *(f"Provides-Extra: {extra}" for extra in extras),
        *(f"Requires-Dist: {requirement}" for requirement in requires),
    ]
    return "\n".join(lines) + "\n\nA long description.\n"


def dist_info(
    site: Path,
    name: str,
    version: str = "1.0",
    *,
    files: Mapping[str, str | bytes] | None = None,
    requires: Iterable[str] = (),
    extras: Iterable[str] = (),
    headers: Iterable[str] = (),
    scripts: Iterable[str] = (),
    installer: str | None = "pip",
    requested: bool = True,
    record: bool = True,
    rows: Iterable[str] = (),
    direct_url: str | None = None,
    extra_files: Mapping[str, str | bytes] | None = None,
) -> Path:
    """Put a package into a site directory as an installer would, and return its dist-info.

    Args:
        files: paths relative to ``site`` to contents; a module of the package's name if None.
        scripts: names of console scripts, put where ``../../../bin`` leads.
        rows: further rows of RECORD, as text.
        extra_files: further files inside the dist-info, not recorded.
    """
    module = name.lower().replace("-", "_").replace(".", "_")
    if files is None:
        files = {f"{module}/__init__.py": f"__version__ = {version!r}\n"}
    contents = {path: _bytes(content) for path, content in files.items()}
    for script in scripts:
        text = f"#!/usr/bin/env python\nfrom {module} import main\nmain()\n"
        contents[f"../../../bin/{script}"] = text.encode()
    stem = f"{name.replace('-', '_')}-{version}.dist-info"
    contents[f"{stem}/METADATA"] = metadata_text(name, version, requires, extras, headers).encode()
    contents[f"{stem}/WHEEL"] = b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    if installer is not None:
        contents[f"{stem}/INSTALLER"] = f"{installer}\n".encode()
    if requested:
        contents[f"{stem}/REQUESTED"] = b""
    if direct_url is not None:
        contents[f"{stem}/direct_url.json"] = direct_url.encode()
    if record:
        recorded = [record_row(path, content) for path, content in contents.items()]
        text = "\n".join([*recorded, *rows, f"{stem}/RECORD,,", ""])
        contents[f"{stem}/RECORD"] = text.encode(errors="surrogateescape")
    for path, content in (extra_files or {}).items():
        contents[f"{stem}/{path}"] = _bytes(content)
    for path, content in contents.items():
        target = Path(os.path.normpath(site / path))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        if target.parent.name == "bin":
            target.chmod(0o755)
    return site / stem


def egg_info(
    site: Path,
    name: str,
    version: str | None = "1.0",
    *,
    requires_txt: str = "",
    files: Mapping[str, str | bytes] | None = None,
    installed_files: Iterable[str] | None = None,
) -> Path:
    """Put an ``.egg-info`` directory into a site directory, and return it."""
    stem = name.replace("-", "_")
    info = site / (f"{stem}-{version}.egg-info" if version else f"{stem}.egg-info")
    info.mkdir(parents=True)
    (info / "PKG-INFO").write_text(metadata_text(name, version or "1.0"))
    (info / "top_level.txt").write_text(f"{stem.lower()}\n")
    if requires_txt:
        (info / "requires.txt").write_text(requires_txt)
    for path, content in (files or {}).items():
        target = site / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(_bytes(content))
    if installed_files is not None:
        (info / "installed-files.txt").write_text("\n".join(installed_files) + "\n")
    return info


def wheel(
    directory: Path,
    name: str,
    version: str = "1.0",
    *,
    files: Mapping[str, str | bytes] | None = None,
    requires: Iterable[str] = (),
    extras: Iterable[str] = (),
    headers: Iterable[str] = (),
    entry_points: str = "",
) -> Path:
    """Write a valid wheel and return its path."""
    stem = f"{name.replace('-', '_')}-{version}"
    module = name.lower().replace("-", "_").replace(".", "_")
    if files is None:
        files = {
            f"{module}/__init__.py": f"__version__ = {version!r}\n\ndef main(): print({name!r})\n"
        }
    contents = {path: _bytes(content) for path, content in files.items()}
    info = f"{stem}.dist-info"
    contents[f"{info}/METADATA"] = metadata_text(name, version, requires, extras, headers).encode()
    contents[f"{info}/WHEEL"] = (
        b"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    if entry_points:
        contents[f"{info}/entry_points.txt"] = entry_points.encode()
    rows = [record_row(path, content) for path, content in contents.items()]
    contents[f"{info}/RECORD"] = "\n".join([*rows, f"{info}/RECORD,,", ""]).encode()
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for inside, content in contents.items():
            archive.writestr(inside, content)
    return path


def snapshot(
    root: Path, *, ignore: Iterable[str] = (".ipy-envtools",)
) -> dict[str, tuple[object, ...]]:
    """Everything below ``root``: kind, mode, modification time in ns, and content or link target.

    Names in ``ignore`` are left out wherever they stand.
    """
    ignored = set(ignore)
    seen: dict[str, tuple[object, ...]] = {}

    def look(path: Path, name: str) -> None:
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode):
            seen[name] = ("link", os.readlink(path), status.st_mtime_ns)
            return
        if stat.S_ISREG(status.st_mode):
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            seen[name] = ("file", status.st_mode, status.st_mtime_ns, digest)
            return
        if not stat.S_ISDIR(status.st_mode):
            seen[name] = ("special", status.st_mode, status.st_mtime_ns)
            return
        names = sorted(os.listdir(path))
        seen[name] = ("directory", status.st_mode, status.st_mtime_ns)
        for inside in names:
            if inside not in ignored:
                look(path / inside, f"{name}/{inside}")

    look(root, ".")
    return seen


def _bytes(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content
