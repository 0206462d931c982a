# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Bringing one file of a bundle: resumed where it was broken off, hashed while it arrives.

Size and checksums are known before, so nothing needs to be remembered beside the part that
has arrived: whatever it was pieced together from, the sums tell whether it is the file.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from railcrate.bundle.sums import Summing, pieces
from railcrate.reproduce.errors import DamagedError, NoRecordError, RestrictedError, ServerError
from railcrate.reproduce.record import FORBIDDEN
from railcrate.reproduce.unpack import Content, check
from railcrate.reproduce.web import TryAgainError, Web

WHOLE, PART, NOT_SATISFIABLE = 200, 206, 416

Watch = Callable[[int], None]  # gets the bytes that arrived; less than nothing where they must come again


def download(web: Web, url: str, target: Path, content: Content, watch: Watch = lambda _: None) -> None:
    """Download a file and check it.

    What has arrived is kept in `.<name>.part` beside the target, and taken up again in this run or
    the next.

    Args:
        web: the client.
        url: where it is.
        target: where it goes; its folder must exist.
        content: what it must be.
        watch: gets the bytes that arrived.

    Raises:
        DamagedError: when what the server sends is not the file, twice from its beginning; it is then in
            the target's place, to be looked at.
        NoRecordError: when the server has no such file.
        RestrictedError: when not everyone may read it.
        ServerError: when the server fails, or too slowly sends.
        UnreachableError: when there is no connection.
        OSError: when it cannot be written.
    """
    arrival = _Arrival(url, target, content, watch)
    for last in (False, True):
        web.insist(lambda: arrival.attempt(web), arrival.moved)
        try:
            check(arrival.summing, content)
        except DamagedError as error:
            if last:
                arrival.part.replace(target)
                raise DamagedError(f"{url}: {error.message}", error.hint) from None
            arrival.forget()
        else:
            break
    with arrival.part.open("rb") as written:
        os.fsync(written.fileno())
    arrival.part.replace(target)


class _Arrival:
    """What has arrived of a file, with its sums."""

    def __init__(self, url: str, target: Path, content: Content, watch: Watch) -> None:
        self.part = target.with_name(f".{target.name}.part")
        self.summing = Summing()
        self._url, self._content, self._watch = url, content, watch
        self._before = 0
        if self.part.exists():
            if self.part.stat().st_size > content.size:
                self.part.unlink()
            else:
                for piece in pieces(self.part):
                    self._count(piece)

    def forget(self) -> None:
        """Start from the beginning."""
        self.part.unlink(missing_ok=True)
        self._watch(-self.summing.size)
        self.summing, self._before = Summing(), 0

    def moved(self) -> bool:
        """Whether the last attempt brought more than a stalled server would."""
        return self.summing.size - self._before >= 1 << 16

    def attempt(self, web: Web) -> None:
        """Ask for what is missing, and append it."""
        self._before = self.summing.size
        if self.summing.size == self._content.size and self.part.exists():
            return
        with self.part.open("ab") as output:

            def begin(status: int, headers: Mapping[str, str]) -> None:
                if self._begin(status, headers):
                    output.truncate(0)

            def take(piece: bytes) -> None:
                if self.summing.size + len(piece) > self._content.size:
                    raise ServerError(
                        f"{self._url}: the server sends more than the {self._content.size:,} bytes of the file",
                        "It may answer a web page in the file's place. Run the same command again later.",
                    )
                output.write(piece)
                self._count(piece)

            web.receive(self._url, self.summing.size, begin, take)
        if self.summing.size < self._content.size:
            raise TryAgainError(
                ServerError(
                    f"{self._url}: the connection ended after {self.summing.size:,} of {self._content.size:,} bytes",
                    "Run the same command again later: what has arrived is kept.",
                )
            )

    def _begin(self, status: int, headers: Mapping[str, str]) -> bool:
        """Judge an answer; True where it is the whole file, so that what has arrived is of no use."""
        if status == PART and headers.get("content-range", "").startswith(f"bytes {self.summing.size}-"):
            return False
        if status in {PART, NOT_SATISFIABLE}:
            self.forget()
            raise TryAgainError(ServerError(f"{self._url}: the server sends another part than was asked for", ""))
        if status in FORBIDDEN:
            raise RestrictedError(f"{self._url} is restricted: the server answers {status}", "Ask its authors.")
        if status != WHOLE:
            raise NoRecordError(f"{self._url}: the server answers {status}, where a file was expected", "Check it.")
        length = headers.get("content-length", "")
        if length.isdigit() and int(length) != self._content.size:
            raise ServerError(
                f"{self._url}: the server sends {int(length):,} bytes, the file has {self._content.size:,}",
                "It may answer a web page in the file's place. Run the same command again later.",
            )
        had = self.summing.size
        self._watch(-had)
        self.summing = Summing()
        self._before = 0
        return had > 0

    def _count(self, piece: bytes) -> None:
        self.summing.add(piece)
        self._watch(len(piece))
