# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What a request brings: read in large blocks, by length or in chunks, and only when somebody wants it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from email.message import Message
from io import BufferedIOBase

BLOCK = 1 << 20


class ClientGoneError(Exception):
    """The client went away before it had sent all."""


class Body:
    """The body of a request.

    Args:
        stream: where it comes from.
        headers: of the request: they tell its length, or that it comes in chunks.
        go_on: sends "100 Continue", for a client that waits for it.

    Attributes:
        received: how many bytes of it were read.
        spoil: the byte that is turned round as it comes in; -1 for none.
        keep: how many bytes count; what comes after them is read and lost; -1 for all.
    """

    def __init__(self, stream: BufferedIOBase, headers: Message, go_on: Callable[[], None]) -> None:
        """Read nothing yet."""
        self._stream = stream
        self._go_on = go_on
        self._waits = headers.get("Expect", "").lower() == "100-continue"
        self._chunked = "chunked" in headers.get("Transfer-Encoding", "").lower()
        self.length: int | None = None if self._chunked else int(headers.get("Content-Length") or 0)
        self._left = self.length or 0
        self._ended = self.length == 0
        self._whole: bytes | None = None
        self.received = 0
        self.spoil = -1
        self.keep = -1

    @property
    def ended(self) -> bool:
        """Whether all of it was read."""
        return self._ended

    @property
    def unsent(self) -> bool:
        """Whether the client still waits to be told to send it."""
        return self._waits and not self._ended

    def everything(self) -> bytes:
        """All of it; a second call gives the same."""
        if self._whole is None:
            self._whole = b"".join(bytes(block) for block in self.blocks())
        return self._whole

    def blocks(self) -> Iterator[memoryview]:
        """Read it block by block; each is good until the next is asked for.

        Raises:
            ClientGoneError: when the connection ends before the body does.
        """
        if self._whole is not None:
            yield memoryview(self._whole)
            return
        buffer = memoryview(bytearray(min(BLOCK, self.length or BLOCK)))
        while count := self._fill(buffer):
            start, self.received = self.received, self.received + count
            if start <= self.spoil < self.received:
                buffer[self.spoil - start] ^= 0xFF
            wanted = count if self.keep < 0 else max(0, min(count, self.keep - start))
            if wanted:
                yield buffer[:wanted]

    def skip(self, limit: int | None = None) -> None:
        """Read what is left, or up to so many bytes, and throw it away."""
        buffer = memoryview(bytearray(BLOCK))
        while limit is None or limit > 0:
            count = self._fill(buffer if limit is None else buffer[:limit])
            self.received += count
            if not count:
                return
            limit = None if limit is None else limit - count

    def _fill(self, buffer: memoryview) -> int:
        """Read as much as fits; 0 at the end."""
        if self._ended:
            return 0
        if self._waits:
            self._waits = False
            self._go_on()
        if self._left == 0 and self._chunked:
            self._left = self._chunk_size()
            if self._left == 0:
                self._ended = True
                return 0
        count = self._stream.readinto(buffer[: min(len(buffer), self._left)])
        if not count:
            raise ClientGoneError
        self._left -= count
        if self._left == 0 and self._chunked:
            self._stream.readline()
        self._ended = self._left == 0 and not self._chunked
        return count

    def _chunk_size(self) -> int:
        """Read the line before a chunk (RFC 9112, 7.1); after the last one, what trails it."""
        line = self._stream.readline()
        if not line:
            raise ClientGoneError
        size = int(line.split(b";")[0], 16)
        if size == 0:
            while self._stream.readline().strip():
                pass
        return size
