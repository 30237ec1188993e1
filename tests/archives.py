"""Source trees and source distributions that build without a download, and pip."""

from __future__ import annotations

import ensurepip
import io
import tarfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from .builders import wheel

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .builders import Venv

__all__ = ["add_pip", "source_distribution", "source_tree"]

# An in-tree backend (PEP 517): the wheel is built already, and only has to be handed out. The
# editable one (PEP 660) has a .pth in place of the modules.
_BACKEND = """\
import base64, hashlib, os, shutil, zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
BUILT = os.path.join(HERE, "built")

def _name():
    return next(name for name in os.listdir(BUILT) if name.endswith(".whl"))

def build_wheel(directory, config_settings=None, metadata_directory=None):
    shutil.copy(os.path.join(BUILT, _name()), directory)
    return _name()

def build_sdist(directory, config_settings=None):
    raise RuntimeError("only wheels are made here")

def prepare_metadata_for_build_wheel(directory, config_settings=None):
    with zipfile.ZipFile(os.path.join(BUILT, _name())) as archive:
        names = [name for name in archive.namelist() if ".dist-info/" in name]
        archive.extractall(directory, names)
    return names[0].split("/")[0]

prepare_metadata_for_build_editable = prepare_metadata_for_build_wheel

def build_editable(directory, config_settings=None, metadata_directory=None):
    stem = "-".join(_name().split("-")[:2])
    with zipfile.ZipFile(os.path.join(BUILT, _name())) as archive:
        kept = {
            name: archive.read(name)
            for name in archive.namelist()
            if ".dist-info/" in name and not name.endswith("/RECORD")
        }
    kept["__editable__." + stem + ".pth"] = (os.path.join(HERE, "src") + "\\n").encode()
    rows = []
    for name, content in kept.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        rows.append(name + ",sha256=" + digest + "," + str(len(content)))
    record = stem + ".dist-info/RECORD"
    kept[record] = "\\n".join(rows + [record + ",,", ""]).encode()
    with zipfile.ZipFile(os.path.join(directory, _name()), "w") as archive:
        for name, content in kept.items():
            archive.writestr(name, content)
    return _name()
"""

_BROKEN = """\
def build_wheel(directory, config_settings=None, metadata_directory=None):
    raise RuntimeError("this does not build")
"""

_PYPROJECT = """\
[build-system]
requires = []
build-backend = "in_tree_backend"
backend-path = ["."]

[project]
name = "{name}"
version = "{version}"
dynamic = ["dependencies", "optional-dependencies", "scripts"]
"""


def source_tree(
    directory: Path,
    name: str,
    version: str = "1.0",
    *,
    requires: Iterable[str] = (),
    extras: Iterable[str] = (),
    files: Mapping[str, str | bytes] | None = None,
    entry_points: str = "",
    broken: bool = False,
) -> Path:
    """Make a project that can be installed from its directory, editable too, and return it."""
    built = wheel(
        directory / "built",
        name,
        version,
        requires=requires,
        extras=extras,
        files=files,
        entry_points=entry_points,
    )
    with zipfile.ZipFile(built) as archive:
        modules = [inside for inside in archive.namelist() if ".dist-info/" not in inside]
        archive.extractall(directory / "src", modules)
    for path, text in _project(name, version, broken=broken).items():
        directory.joinpath(path).write_text(text)
    return directory


def source_distribution(built: Path, *, broken: bool = False) -> Path:
    """Put a source distribution in the place of the wheel that it builds."""
    name, version = built.name.split("-")[:2]
    stem = f"{name}-{version}"
    path = built.with_name(f"{stem}.tar.gz")
    with zipfile.ZipFile(built) as archive:
        metadata = archive.read(f"{stem}.dist-info/METADATA")
    contents = {
        path: text.encode() for path, text in _project(name, version, broken=broken).items()
    }
    contents |= {"PKG-INFO": metadata, f"built/{built.name}": built.read_bytes()}
    with tarfile.open(path, "w:gz") as archive:
        for inside, content in contents.items():
            member = tarfile.TarInfo(f"{stem}/{inside}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    built.unlink()
    return path


def add_pip(venv: Venv) -> None:
    """Unpack the pip that came with Python, as ``ensurepip`` would but twenty times faster."""
    bundled = Path(ensurepip.__file__).parent / "_bundled"
    with zipfile.ZipFile(next(bundled.glob("pip-*.whl"))) as archive:
        archive.extractall(venv.site)


def _project(name: str, version: str, *, broken: bool) -> dict[str, str]:
    return {
        "pyproject.toml": _PYPROJECT.format(name=name, version=version),
        "in_tree_backend.py": _BROKEN if broken else _BACKEND,
    }
