# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The connections: requests' own, with large blocks, and with an end to an answer that drips in for ever."""

from __future__ import annotations

import http.client
import io
import socket
import time
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

# Bytes that are read from a file and handed to the socket at once. urllib3's 16 KiB cost a
# third of the speed; from 256 KiB on nothing more is gained. And a block has to leave within
# the time that the connection may take, so on a slow line a large one would be given up.
BLOCK = 256 * 1024
LARGEST_ANSWER = 32 * 1024 * 1024  # bytes; a list of files has a thousandth of it


class EndlessAnswerError(requests.exceptions.RequestException):
    """An answer is larger than any should be."""


class _Timed(io.RawIOBase):
    """What arrives at a socket, until a time is over.

    A socket's own timeout begins anew with each byte, so that an answer can drip in for ever.

    Args:
        connection: the socket.
        file: the one that http.client has opened on it, to be closed with this.
        seconds: how long all of the answer may take.
    """

    def __init__(self, connection: socket.socket, file: io.BufferedIOBase, seconds: float) -> None:
        """Begin to count."""
        self._socket, self._file = connection, file
        self._end = time.monotonic() + seconds

    def readable(self) -> bool:
        """It can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Wait for the next bytes, no longer than what is left of the time.

        Raises:
            TimeoutError: when nothing came, or the time is over.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer does not come to its end")
        silence = self._socket.gettimeout()
        self._socket.settimeout(left if silence is None else min(silence, left))
        try:
            return self._socket.recv_into(buffer)
        finally:
            self._socket.settimeout(silence)

    def close(self) -> None:
        """Close it, and let the socket know."""
        self._file.close()
        super().close()


class Adapter(HTTPAdapter):
    """Requests' adapter with our connections.

    Args:
        answer_seconds: how long an answer may take.
    """

    def __init__(self, answer_seconds: float) -> None:
        """Make the pools."""
        self.answer_seconds = answer_seconds
        super().__init__(max_retries=0)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **more: Any) -> None:
        """Make the pools of direct connections."""
        super().init_poolmanager(connections, maxsize, block, blocksize=BLOCK, **more)
        self._use_ours(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **more: Any) -> Any:
        """Make the pools of connections through a proxy."""
        manager = super().proxy_manager_for(proxy, blocksize=BLOCK, **more)
        self._use_ours(manager)
        return manager

    def _use_ours(self, manager: PoolManager) -> None:
        seconds = self.answer_seconds

        class Answer(http.client.HTTPResponse):
            def __init__(self, sock: socket.socket, *words: Any, **more: Any) -> None:
                super().__init__(sock, *words, **more)
                self.fp = io.BufferedReader(_Timed(sock, self.fp, seconds))

        plain = type("Plain", (HTTPConnection,), {"response_class": Answer})
        secure = type("Secure", (HTTPSConnection,), {"response_class": Answer})
        manager.pool_classes_by_scheme = {
            "http": type("PlainPool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
            "https": type("SecurePool", (HTTPSConnectionPool,), {"ConnectionCls": secure}),
        }


def whole_body(answer: requests.Response) -> bytes:
    """Read an answer's body, if it is not too large.

    Args:
        answer: opened with `stream=True`.

    Returns:
        The body, unpacked.

    Raises:
        EndlessAnswerError: when it is too large.
        urllib3.exceptions.HTTPError: when it breaks off, or takes too long.
    """
    body = bytearray()
    for piece in answer.raw.stream(1 << 16, decode_content=True):
        body += piece
        if len(body) > LARGEST_ANSWER:
            raise EndlessAnswerError(f"the answer has more than {LARGEST_ANSWER} bytes")
    return bytes(body)
