# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The server as tests hold it: start and stop, its records, its faults, what came in."""

from __future__ import annotations

import contextlib
import hashlib
import socket
import sys
import tempfile
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

from railcrate.testing.zenodo.endpoints.reviews import take_in
from railcrate.testing.zenodo.faults import Fault, Strikes
from railcrate.testing.zenodo.handler import Handler
from railcrate.testing.zenodo.limits import GENEROUS, Limit, Limiter
from railcrate.testing.zenodo.mischief import Timers
from railcrate.testing.zenodo.record import PublicFile, PublicRecord, Record, StoredFile, now
from railcrate.testing.zenodo.requests_log import Request
from railcrate.testing.zenodo.site import Site
from railcrate.testing.zenodo.store import Store


class _Listener(ThreadingHTTPServer):
    """Listens, and knows its open connections, so that a stopped server answers nobody any more."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], handler: type[Handler]) -> None:
        super().__init__(address, handler)
        self._open: set[socket.socket] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say what went wrong, unless it is only that the client or the server is gone."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class ZenodoServer:
    """A server on the loopback address.

    Args:
        state: the folder that holds its records; what lies there from before is taken up.
        limits: how many requests are answered in a time; very many unless a test is about that.
        settings: further attributes of `Site`: token, prefix, max_files, quota, refused, communities.

    Attributes:
        site: records and settings.
        faults: what goes wrong; a test may change the list at any time.
        requests: what came in.
    """

    def __init__(self, state: Path, *, limits: Sequence[Limit] = GENEROUS, **settings: Any) -> None:
        """Take up the state; nothing listens before `start`."""
        store = Store(state)
        self.site = Site(store, **{"token": store.token(), **settings})
        self.faults: list[Fault] = []
        self.requests: list[Request] = []
        self.strikes = Strikes()
        self.limiter = Limiter(limits)
        self.timers = Timers()
        self.stopping = threading.Event()
        self._listener: _Listener | None = None
        self._thread: threading.Thread | None = None

    @property
    def address(self) -> str:
        """Where it listens, as "http://127.0.0.1:1234"."""
        return self.site.address

    @property
    def token(self) -> str:
        """The one token that is right."""
        return self.site.token

    def start(self, port: int = 0) -> None:
        """Listen, each connection in a thread of its own.

        Args:
            port: 0 for a free one.
        """
        self._listener = _Listener(("127.0.0.1", port), type("BoundHandler", (Handler,), {"zenodo": self}))
        self.site.address = f"http://127.0.0.1:{self._listener.server_port}"
        serve = self._listener.serve_forever
        self._thread = threading.Thread(target=serve, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Listen no more, hang up on everybody, and let nothing late happen."""
        self.stopping.set()
        self.timers.cancel()
        if self._listener is not None and self._thread is not None:
            self._listener.shutdown()
            self._listener.server_close()
            self._listener.hang_up()
            self._thread.join()

    def records(self) -> list[PublicRecord]:
        """Everything there is, by number: what is published, and drafts of what never was."""
        with self.site.store.lock:
            return [self._public(record) for record in self.site.store.records.values()]

    def published(self) -> list[PublicRecord]:
        """What is published and not deleted, by number."""
        return [record for record in self.records() if record.published and not record.deleted]

    def drafts(self) -> list[PublicRecord]:
        """Drafts of what was never published, by number."""
        return [record for record in self.records() if not record.published]

    def put_file(self, record_id: str, key: str, content: bytes) -> None:
        """Put a committed file into a draft, as somebody else might have done.

        Raises:
            KeyError: when there is no such draft.
        """
        store = self.site.store
        with store.lock:
            record = store.records[record_id]
            if record.draft is None:
                raise KeyError(f"record {record_id} has no draft")
            arriving = store.arriving()
            arriving.write_bytes(content)
            md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
            record.draft.files[key] = StoredFile(
                key=key,
                id=str(uuid.uuid4()),
                status="completed",
                content=store.keep(arriving),
                md5=md5,
                size=len(content),
            )
            record.draft.touch()
            store.save(record)

    def delete_record(self, record_id: str) -> None:
        """Put a tombstone in the place of a published record.

        Raises:
            KeyError: when there is no such record.
        """
        with self.site.store.lock:
            record = self.site.store.records[record_id]
            record.tombstone = {
                "removal_reason": {"id": "retracted"},
                "note": "",
                "removal_date": now(),
                "citation_text": f"https://doi.org/{self.site.doi(record_id)}",
                "is_visible": True,
            }
            self.site.store.save(record)

    def accept_review(self, record_id: str) -> None:
        """Let a community take in what was submitted to it, which publishes it.

        Raises:
            KeyError: when nothing was submitted.
        """
        with self.site.store.lock:
            take_in(self.site, self.site.store.records[record_id])

    def _public(self, record: Record) -> PublicRecord:
        copy = record.published or record.draft
        if copy is None:
            raise KeyError(f"record {record.id} is empty")
        parent = self.site.parent(record)
        doi = copy.pids.get("doi", {}).get("identifier")
        return PublicRecord(
            id=record.id,
            concept_id=record.parent,
            index=record.index,
            published=record.published is not None,
            doi=doi,
            concept_doi=self.site.doi(record.parent) if doi else None,
            metadata=copy.metadata,
            access=copy.access,
            communities=tuple(parent.communities),
            files={key: self._public_file(file) for key, file in copy.files.items()},
            deleted=record.tombstone is not None,
        )

    def _public_file(self, file: StoredFile) -> PublicFile:
        path = self.site.store.content(file.content) if file.content else None
        return PublicFile(file.key, file.md5 or "", file.size or 0, path, file.status)


@contextmanager
def zenodo_server(state: Path | None = None, *, port: int = 0, **settings: Any) -> Iterator[ZenodoServer]:
    """Serve until the body ends.

    Args:
        state: the folder that holds the records; a temporary one if it is left out.
        port: 0 for a free one.
        settings: of `ZenodoServer`.

    Yields:
        The server, which is listening.
    """
    with contextlib.ExitStack() as stack:
        folder = state or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="zenodo-")))
        server = ZenodoServer(folder, **settings)
        server.start(port)
        try:
            yield server
        finally:
            server.stop()
