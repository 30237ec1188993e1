"""A package index on 127.0.0.1 with fabricated wheels and source distributions, and its faults."""

from __future__ import annotations

import base64
import hashlib
import html
import io
import json
import threading
import time
import zipfile
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Literal

from packaging.utils import canonicalize_name

from .archives import source_distribution
from .builders import wheel

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from typing_extensions import Self

__all__ = ["Fault", "Index"]

Fault = Literal["missing", "cut", "changed", "hanging"]
"""What happens to a file that somebody asks for: it is not there; the connection ends in its
middle; other bytes come than were listed; half of it comes, and then nothing more."""

_JSON = "application/vnd.pypi.simple.v1+json"
_SLICE = 1 << 16


@dataclass
class _Listed:
    path: Path
    sha256: str
    requires_python: str | None
    yanked: str | None
    metadata: bytes | None


class Index:
    """An index as PEP 503 and PEP 691 describe it, to be used as a context.

    ``index.add("flask", "3.1.0", requires=["werkzeug>=3"])`` is all that most tests need.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.faults: dict[str, Fault] = {}
        """By file name, or by canonical name of a project for all of its files."""
        self.asked: list[str] = []
        """The paths that were asked for, in order."""
        self.delay = 0.0
        """Seconds before every answer."""
        self.html_only = False
        self.core_metadata = True
        """Whether METADATA is offered beside each wheel (PEP 658)."""
        self.hashes = True
        """Whether the hash of each file stands in its listing."""
        self._projects: dict[str, dict[str, _Listed]] = {}
        self._credentials: str | None = None
        self._server: ThreadingHTTPServer | None = None
        self._port = 0
        self._stopped = threading.Event()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """With the credentials, where they are asked for."""
        user = f"{self._credentials}@" if self._credentials else ""
        return f"http://{user}127.0.0.1:{self._port}/simple/"

    @property
    def options(self) -> list[str]:
        """The words that make uv and pip use it."""
        return ["--index-url", self.url]

    @property
    def downloads(self) -> list[str]:
        """Names of the wheels and source distributions that were asked for."""
        files = [path.rpartition("/")[2] for path in self.asked if path.startswith("/files/")]
        return [name for name in files if not name.endswith(".metadata")]

    def add(
        self,
        name: str,
        version: str,
        *,
        requires: Iterable[str] = (),
        extras: Iterable[str] = (),
        files: Mapping[str, str | bytes] | None = None,
        entry_points: str = "",
        headers: Iterable[str] = (),
        requires_python: str | None = None,
        yanked: str | None = None,
        tag: str = "py3-none-any",
        sdist: bool = False,
        broken: bool = False,
        size: int = 0,
    ) -> Path:
        """Offer one file, a wheel or (``sdist``) a source distribution, and return its path.

        Args:
            files: as for :func:`tests.builders.wheel`.
            yanked: the reason, possibly empty; None where it is not yanked.
            tag: of the wheel's file name.
            broken: the source distribution fails to build, with ``this does not build``.
            size: bytes that cannot be compressed, added in a file ``NAME_data.bin``.
        """
        place = self.directory / canonicalize_name(name) / tag
        headers = [*headers, *([f"Requires-Python: {requires_python}"] if requires_python else [])]
        if size:
            module = name.lower().replace("-", "_").replace(".", "_")
            usual = {f"{module}/__init__.py": f"__version__ = {version!r}\n"}
            padding = hashlib.shake_128(name.encode()).digest(size)
            files = {**(usual if files is None else files), f"{module}_data.bin": padding}
        path = wheel(
            place,
            name,
            version,
            requires=requires,
            extras=extras,
            files=files,
            headers=headers,
            entry_points=entry_points,
        )
        if sdist or broken:
            path = source_distribution(path, broken=broken)
        elif tag != "py3-none-any":
            path = path.rename(path.with_name(path.name.replace("py3-none-any", tag)))
        self.offer(path, requires_python=requires_python, yanked=yanked)
        return path

    def offer(
        self, path: Path, *, requires_python: str | None = None, yanked: str | None = None
    ) -> None:
        """Offer a wheel or source distribution that exists; again, if it has changed."""
        project = canonicalize_name(path.name.partition("-")[0])
        metadata = None
        if path.suffix == ".whl" and self.core_metadata:
            with zipfile.ZipFile(path) as archive:
                inside = [name for name in archive.namelist() if name.endswith("/METADATA")]
                metadata = archive.read(inside[0])
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        listed = _Listed(path, digest, requires_python, yanked, metadata)
        self._projects.setdefault(project, {})[path.name] = listed

    def withdraw(self, file_name: str) -> None:
        """Offer a file no longer."""
        for files in self._projects.values():
            files.pop(file_name, None)

    def protect(self, user: str, password: str) -> None:
        """Answer only to these (HTTP basic authentication); ``url`` has them from now on."""
        self._credentials = f"{user}:{password}"

    def start(self) -> None:
        """Answer, at the same port as before a stop."""
        index = self

        class Handler(_Handler):
            pass

        Handler.index = index
        self._stopped = threading.Event()
        self._server = _Server(("127.0.0.1", self._port), Handler)
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """Refuse connections from now on."""
        self._stopped.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def _page(self, project: str, accepted: str) -> tuple[str, bytes]:
        files = self._projects[project]
        if _JSON in accepted and not self.html_only:
            rows = [
                {
                    "filename": name,
                    "url": f"../../files/{project}/{name}",
                    "hashes": {"sha256": listed.sha256} if self.hashes else {},
                    "size": listed.path.stat().st_size,
                    "yanked": False if listed.yanked is None else listed.yanked or True,
                    **(
                        {"requires-python": listed.requires_python}
                        if listed.requires_python
                        else {}
                    ),
                    **({"core-metadata": _hashes(listed.metadata)} if listed.metadata else {}),
                }
                for name, listed in files.items()
            ]
            document = {"meta": {"api-version": "1.1"}, "name": project, "files": rows}
            document["versions"] = sorted({_version(name) for name in files})
            return _JSON, json.dumps(document).encode()
        links = "".join(
            _link(project, name, listed, f"#sha256={listed.sha256}" if self.hashes else "")
            for name, listed in files.items()
        )
        return "text/html", f"<!DOCTYPE html><html><body>{links}</body></html>".encode()

    def _answer(self, path: str, accepted: str) -> tuple[str, bytes] | None:
        parts = path.strip("/").split("/")
        if parts[0] == "simple" and len(parts) == 2 and parts[1] in self._projects:
            return self._page(parts[1], accepted)
        if parts[0] == "files" and len(parts) == 3 and parts[1] in self._projects:
            listed = self._projects[parts[1]].get(parts[2].removesuffix(".metadata"))
            if listed is not None and parts[2].endswith(".metadata"):
                return ("text/plain", listed.metadata) if listed.metadata else None
            if listed is not None and listed.path.exists():
                return "application/octet-stream", listed.path.read_bytes()
        return None


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Say nothing of those who went before they had the answer."""


class _Handler(BaseHTTPRequestHandler):
    index: Index
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        index = self.index
        path = self.path.partition("?")[0]
        index.asked.append(path)
        if index.delay:
            time.sleep(index.delay)
        if index._credentials is not None and not self._is_known(index._credentials):
            self._send(401, "text/plain", b"who is it?", {"WWW-Authenticate": 'Basic realm="x"'})
            return
        answer = index._answer(path, self.headers.get("Accept", ""))
        name = path.rpartition("/")[2]
        fault = None
        if path.startswith("/files/") and not name.endswith(".metadata"):
            fault = index.faults.get(name) or index.faults.get(path.split("/")[2])
        if answer is None or fault == "missing":
            self._send(404, "text/plain", b"not here")
            return
        kind, content = answer
        if fault == "changed":
            content = _changed(content)
        # As the Python Package Index says it: files never change, pages do.
        fresh = "max-age=365000000, immutable, public" if "/files/" in path else "no-cache"
        self._send(200, kind, content, {"Cache-Control": fresh}, fault)

    def _is_known(self, credentials: str) -> bool:
        expected = base64.b64encode(credentials.encode()).decode()
        return self.headers.get("Authorization") == f"Basic {expected}"

    def _send(
        self,
        status: int,
        kind: str,
        content: bytes,
        headers: Mapping[str, str] | None = None,
        fault: Fault | None = None,
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        if fault in ("cut", "hanging"):
            content = content[: len(content) // 2]
            self.close_connection = True
        try:
            for part in _slices(content):
                self.wfile.write(part)
            self.wfile.flush()
        except OSError:  # whoever asked has gone
            return
        if fault == "hanging":
            self.index._stopped.wait(60)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


def _changed(content: bytes) -> bytes:
    """Another archive of the same kind, as somebody who wants to do harm would put there."""
    if not content.startswith(b"PK"):
        return content + bytes(1024)
    changed = io.BytesIO(content)
    with zipfile.ZipFile(changed, "a") as archive:
        archive.writestr("harm.py", b"")
    return changed.getvalue()


def _slices(content: bytes) -> Iterator[bytes]:
    for start in range(0, len(content), _SLICE):
        yield content[start : start + _SLICE]


def _hashes(content: bytes) -> dict[str, str]:
    return {"sha256": hashlib.sha256(content).hexdigest()}


def _version(file_name: str) -> str:
    return file_name.split("-")[1].removesuffix(".tar.gz")


def _link(project: str, name: str, listed: _Listed, fragment: str) -> str:
    attributes = ""
    if listed.requires_python:
        attributes += f' data-requires-python="{html.escape(listed.requires_python)}"'
    if listed.yanked is not None:
        attributes += f' data-yanked="{html.escape(listed.yanked)}"'
    if listed.metadata:
        digest = hashlib.sha256(listed.metadata).hexdigest()
        attributes += f' data-dist-info-metadata="sha256={digest}"'
    url = f"../../files/{project}/{name}{fragment}"
    return f'<a href="{url}"{attributes}>{name}</a><br>\n'
