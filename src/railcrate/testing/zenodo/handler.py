# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""HTTP: from the bytes of a request to the bytes of its answer."""

from __future__ import annotations

import contextlib
import json
import re
import select
import socket
import struct
import time
from email.message import Message
from http.server import BaseHTTPRequestHandler
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import parse_qsl, urlsplit

from railcrate.testing.zenodo import admin
from railcrate.testing.zenodo.body import BLOCK, Body, ClientGoneError
from railcrate.testing.zenodo.errors import RefusalError
from railcrate.testing.zenodo.mischief import DroppedError, Surroundings, misbehave
from railcrate.testing.zenodo.requests_log import Request, note
from railcrate.testing.zenodo.routes import Route, find
from railcrate.testing.zenodo.site import Answer, Call

if TYPE_CHECKING:
    from railcrate.testing.zenodo.server import ZenodoServer

LINGER = 5.0  # seconds in which a client that is still sending may read its answer


class Handler(BaseHTTPRequestHandler):
    """One connection. A subclass names the server that it belongs to."""

    zenodo: ZenodoServer
    protocol_version = "HTTP/1.1"
    server_version = "zenodo-test-server"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answer any request; the table of routes tells them apart."""
        if self.zenodo.stopping.is_set():
            self.close_connection = True
            return
        parts = urlsplit(self.path)
        body = Body(self.rfile, self.headers, self._go_on)
        if parts.path.startswith("/_test/"):
            self._send(admin.respond(self.zenodo, self.command, parts.path, body.everything()), body)
            return
        route, ids = find(self.command, parts.path)
        site = self.zenodo.site
        noted = note(self.command, parts.path, parts.query, route.name, self.headers, site.token, time.time())
        self.zenodo.requests.append(noted)
        query = dict(parse_qsl(parts.query))
        owner = noted.token == "right"
        call = Call(site, self.command, parts.path, query, self.headers, ids, owner, body)
        try:
            answer = self._answer(call, route, noted)
            noted.status = answer.status
            self._send(answer, body)
        except DroppedError as dropped:
            self._drop(reset=dropped.reset)
        except (ClientGoneError, ConnectionError, TimeoutError):
            self.close_connection = True
        finally:
            noted.received = body.received

    do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do_GET  # noqa: N815  (http.server's names)

    def _answer(self, call: Call, route: Route, noted: Request) -> Answer:
        """The answer, as it should be or as a fault has it; a limit that is used up comes first."""

        def respond(call: Call) -> Answer:
            try:
                return self._respond(call, route)
            except RefusalError as error:
                return Answer(error.status, error.body())

        exceeded, limits = self.zenodo.limiter.count()
        if exceeded is not None:
            return Answer(429, {"status": 429, "message": exceeded}, limits)
        fault = self.zenodo.strikes.next(self.zenodo.faults, self.command, route.name, call.path)
        if fault is None:
            answer = respond(call)
        else:
            noted.fault = fault.kind
            around = Surroundings(respond, self._wait, self.zenodo.timers.later, self.zenodo.put_file)
            answer = misbehave(fault, call, around)
        if fault is None or not isinstance(answer.content, str):  # a proxy's page knows nothing of limits
            answer.headers = limits | answer.headers
        return answer

    def _respond(self, call: Call, route: Route) -> Answer:
        """The answer as it should be."""
        if not route.public:
            call.require_owner()
        if route.slow:
            return route.respond(call)
        if call.method != "GET":
            call.body.everything()  # slow clients do not hold the lock
        with call.site.store.lock:
            return route.respond(call)

    def _send(self, answer: Answer, body: Body) -> None:
        """Send an answer; a body that nobody wanted is read after it, so that the client gets to see it."""
        content, size, kind = _content(answer)
        with content:
            headers = {"Content-Type": kind, **{name: value for name, value in answer.headers.items() if value}}
            status, start, count = answer.status, 0, size
            if "Accept-Ranges" in headers:
                status, start, count = _range(answer, self.headers, size)
                if status == 206:
                    headers["Content-Range"] = f"bytes {start}-{start + count - 1}/{size}"
                elif status == 416:
                    headers["Content-Range"] = f"bytes */{size}"
            if status not in {204, 304}:
                headers["Content-Length"] = str(count)
            self.close_connection = self.close_connection or answer.close or not body.ended
            if self.close_connection:
                headers["Connection"] = "close"
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD" and count:
                self._send_content(content, start, count, answer)
        if not body.ended and not body.unsent:
            self._linger()

    def _send_content(self, content: BinaryIO, start: int, count: int, answer: Answer) -> None:
        if answer.cut >= 0:
            count = min(count, answer.cut)
        if isinstance(answer.content, Path) and not answer.rate and answer.spoil < 0:
            self.connection.sendfile(content, start, count) if count else None
            return
        content.seek(start)
        step = max(1, int(answer.rate / 10)) if answer.rate else BLOCK
        while count > 0 and (block := bytearray(content.read(min(step, count)))):
            if start <= answer.spoil < start + len(block):
                block[answer.spoil - start] ^= 0xFF
            self.wfile.write(block)
            start, count = start + len(block), count - len(block)
            if answer.rate and count and self.zenodo.stopping.wait(len(block) / answer.rate):
                raise DroppedError(reset=False)

    def _go_on(self) -> None:
        self.send_response_only(100)
        self.end_headers()

    def handle_expect_100(self) -> bool:
        """Send "100 Continue" only when somebody wants the body."""
        return True

    def _wait(self, seconds: float) -> None:
        """Wait so long (0: for ever), or until the client or the server goes away."""
        end = time.monotonic() + (seconds or float("inf"))
        while time.monotonic() < end and not self.zenodo.stopping.is_set():
            ready, _, _ = select.select([self.connection], [], [], 0.05)
            if ready and not self.connection.recv(1, socket.MSG_PEEK):
                return
            if ready:
                time.sleep(0.05)

    def _linger(self) -> None:
        """Read what the client is still sending, for a while: closing at once could cost it the answer."""
        end = time.monotonic() + LINGER
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(0.5)
            while time.monotonic() < end and self.connection.recv(BLOCK):
                pass

    def _drop(self, *, reset: bool) -> None:
        self.close_connection = True
        if reset:  # SO_LINGER of zero seconds makes the close a reset, once nothing holds the socket any more
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.rfile.close()
        self.connection.close()

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet: `requests` tells what came in."""


def _content(answer: Answer) -> tuple[BinaryIO, int, str]:
    """The content as something to read, its size and its type."""
    match answer.content:
        case Path() as path:
            return path.open("rb"), path.stat().st_size, "application/octet-stream"
        case str() as page:
            content, kind = page.encode(), "text/html; charset=utf-8"
        case bytes() as content:
            kind = "application/octet-stream"
        case None:
            content, kind = b"", "application/json"
        case _:
            content, kind = json.dumps(answer.content).encode(), "application/json"
    return BytesIO(content), len(content), kind


def _range(answer: Answer, asked: Message, size: int) -> tuple[int, int, int]:
    """Which part of a file is wanted (RFC 9110, 13 and 14): status, first byte and number of bytes."""
    tag = answer.headers.get("ETag")
    if tag is not None and tag in re.split(r"\s*,\s*", asked.get("If-None-Match", "")):
        return 304, 0, 0
    wanted = re.fullmatch(r"bytes=(\d*)-(\d*)", asked.get("Range", ""))
    if wanted is None or wanted[0] == "bytes=-" or asked.get("If-Range", tag) != tag:
        return 200, 0, size
    if not wanted[1]:
        start, end = max(0, size - int(wanted[2])), size - 1
    else:
        start, end = int(wanted[1]), min(size - 1, int(wanted[2] or size - 1))
    return (206, start, end - start + 1) if start < size and start <= end else (416, 0, 0)
