# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A server of files that knows ranges and validators, and has bad days when it is told to."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Trouble:
    """What goes wrong with one request; the one after it meets the next trouble, or none.

    Attributes:
        status: answer this, with `headers`, instead of the file.
        cut: break the connection off after so many bytes of the body.
    """

    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None


@dataclass(frozen=True)
class Request:
    """A request that came in."""

    method: str
    path: str
    headers: dict[str, str]


class FileServer:
    """Files by their path, and how the server behaves.

    Attributes:
        files: content by path, such as "/corpus.txt".
        troubles: what goes wrong with the next requests, in this order.
        requests: what came in.
        ranges: whether Range is honored.
        validators: whether ETag is sent and If-Range understood.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.troubles: list[Trouble] = []
        self.requests: list[Request] = []
        self.ranges = True
        self.validators = True
        self.address = ""

    def url(self, path: str) -> str:
        return f"{self.address}{path}"


def etag(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:16]}"'


class _Handler(BaseHTTPRequestHandler):
    files: FileServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        server = self.files
        server.requests.append(Request("GET", self.path, dict(self.headers)))
        trouble = server.troubles.pop(0) if server.troubles else Trouble()
        if trouble.status is not None:
            self._answer(trouble.status, trouble.headers, b"")
            return
        content = server.files.get(self.path)
        if content is None:
            self._answer(404, {}, b"not here")
            return
        headers = {"ETag": etag(content)} if server.validators else {}
        start = self._start(content)
        if start is None:
            self._answer(200, headers, content, trouble.cut)
        elif start >= len(content):
            self._answer(416, {**headers, "Content-Range": f"bytes */{len(content)}"}, b"")
        else:
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
            self._answer(206, headers, content[start:], trouble.cut)

    def _start(self, content: bytes) -> int | None:
        """First byte that is wanted; None for the whole file."""
        wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        changed = self.headers.get("If-Range") not in {None, etag(content)}
        return int(wanted[1]) if wanted and self.files.ranges and not changed else None

    def _answer(self, status: int, headers: dict[str, str], body: bytes, cut: int | None = None) -> None:
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(body)))
        if cut is not None:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body if cut is None else body[:cut])
        self.close_connection = self.close_connection or cut is not None

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet: tests look at `requests`."""


@contextmanager
def file_server() -> Iterator[FileServer]:
    """Serve on a free port of the loopback address, each request in a thread of its own."""
    files = FileServer()
    with serving(type("Handler", (_Handler,), {"files": files})) as address:
        files.address = address
        yield files


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Run a handler until the body ends; give the server's address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
