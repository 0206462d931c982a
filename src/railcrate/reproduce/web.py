# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Asking servers that may answer nonsense, nothing, or for ever slowly.

The usual time-outs hold between two pieces, so a server that sends one byte now and then is
waited for without end. Here a whole answer has its time, and a download a least speed.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cached_property
from importlib.metadata import version
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

import httpx2
from tenacity import RetryCallState, Retrying, retry_if_exception_type

from railcrate.data.sources.download import LONGEST_PAUSE, LONGEST_WAIT, PASSING, PAUSE
from railcrate.reproduce.errors import ServerError, UnreachableError
from railcrate.study.errors import RailcrateError

LONGEST_DOCUMENT = 64 << 20  # bytes; a record with a hundred files has about 60 kB
REDIRECTS = 10
TOO_MANY = 429
AGAIN = "Run the same command again later."

T = TypeVar("T")


@dataclass(frozen=True)
class Patience:
    """How long a server is waited for.

    Attributes:
        connect: seconds until a connection must be there.
        answer: seconds for a whole document, such as the description of a record.
        stall: seconds in which a download must bring `stall * slowest` bytes.
        slowest: bytes in a second below which a download counts as stalled.
        attempts: tries that bring nothing, one after another, before it is given up.
    """

    connect: float = 10
    answer: float = 30
    stall: float = 60
    slowest: int = 1024
    attempts: int = 4


class TryAgainError(Exception):
    """What may well be different at the next attempt.

    Attributes:
        error: what to tell when there is no next attempt.
        after: seconds that the server asks to wait; None where it does not say.
    """

    def __init__(self, error: RailcrateError, after: float | None = None) -> None:
        """Keep what to tell."""
        super().__init__(error.message)
        self.error, self.after = error, after


@dataclass(frozen=True)
class Answer:
    """A document that a server sent.

    Attributes:
        url: where it is from, after redirects.
        status: the status code.
        headers: with names in lower case.
        body: its bytes.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Read it as JSON.

        Raises:
            ServerError: when it is empty, a web page, or anything else.
        """
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            text = self.body.lstrip()
            found = "a web page" if text.startswith(b"<") else "what is not JSON" if text else "nothing"
            raise ServerError(
                f"{self.url} answers {found} (status {self.status}), where the description of a record was expected",
                "It may be under maintenance, or a proxy answers in its place. " + AGAIN,
            ) from None


class Web:
    """A client for one command's requests.

    Args:
        patience: how long servers are waited for.
    """

    def __init__(self, patience: Patience | None = None) -> None:
        """Connect to nothing yet."""
        self.patience = patience or Patience()

    def __enter__(self) -> Self:
        """Be ready."""
        self._runner = asyncio.Runner()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        if "_client" in self.__dict__:
            self._runner.run(self._client.aclose())
        self._runner.close()

    @cached_property
    def _client(self) -> httpx2.AsyncClient:
        """Made when it is first needed: to read the certificates takes longer than many a fetch from a folder."""
        return httpx2.AsyncClient(
            headers={"User-Agent": f"railcrate/{version('railcrate')}"},
            timeout=httpx2.Timeout(None, connect=self.patience.connect),
            max_redirects=REDIRECTS,
        )

    def get(self, url: str, accept: str = "application/json", *, follow: bool = True) -> Answer:
        """Ask for a document; what passes (no connection, 429, 5xx) is tried again.

        Args:
            url: its address.
            accept: the kinds of document that are understood, as the header Accept has them.
            follow: go where redirects lead; otherwise the redirect is the answer.

        Returns:
            The answer, whatever its status.

        Raises:
            UnreachableError: when there is no connection.
            ServerError: when the answer does not come in time, is too long, or the server fails.
        """
        return self.insist(lambda: self._run(self._document(url, accept, follow)), lambda: False)

    def receive(
        self, url: str, start: int, begin: Callable[[int, Mapping[str, str]], None], take: Callable[[bytes], None]
    ) -> None:
        """Read a file piece by piece, once.

        Args:
            url: its address.
            start: the first byte that is wanted.
            begin: gets status and headers (names in lower case) before the first piece; what it raises ends it.
            take: gets each piece.

        Raises:
            TryAgainError: when the connection breaks, or stalls.
            UnreachableError: when the address cannot be one.
        """
        self._run(self._pieces(url, start, begin, take))

    def insist(self, attempt: Callable[[], T], moved: Callable[[], bool]) -> T:
        """Attempt until it works, with growing pauses, or those that the server asks for.

        Args:
            attempt: raises TryAgainError where it may work the next time.
            moved: tells whether the last attempt brought something, so that it does not count as one in vain.

        Returns:
            What the attempt gives.

        Raises:
            RailcrateError: the one of the last attempt.
        """
        vain = 0

        def once() -> T:
            nonlocal vain
            vain += 1
            try:
                return attempt()
            except TryAgainError:
                vain = 1 if moved() else vain
                raise

        def pause(state: RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome is not None else None
            own = min(LONGEST_PAUSE, float(os.environ.get(PAUSE, "1")) * 2 ** (vain - 1))
            return max(own, error.after) if isinstance(error, TryAgainError) and error.after is not None else own

        retrying = Retrying(
            retry=retry_if_exception_type(TryAgainError),
            stop=lambda _: vain >= self.patience.attempts,
            wait=pause,
            reraise=True,
        )
        try:
            return retrying(once)
        except TryAgainError as error:
            raise error.error from error

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    async def _document(self, url: str, accept: str, follow: bool) -> Answer:
        body = bytearray()
        headers = {"Accept": accept}
        try:
            async with (
                asyncio.timeout(self.patience.answer),
                self._client.stream("GET", url, headers=headers, follow_redirects=follow) as answer,
            ):
                async for piece in answer.aiter_bytes():
                    body += piece
                    if len(body) > LONGEST_DOCUMENT:
                        raise ServerError(
                            f"{url} answers more than {LONGEST_DOCUMENT >> 20} MiB, where a description was expected",
                            "Check the reference.",
                        )
        except TimeoutError:
            known = f"only {len(body)} bytes of an answer came" if body else "no answer came"
            raise TryAgainError(ServerError(f"{url}: {known} within {self.patience.answer:g} seconds", AGAIN)) from None
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise _told(url, error) from error
        _refuse_passing(url, answer.status_code, answer.headers)
        return Answer(str(answer.url), answer.status_code, answer.headers, bytes(body))

    async def _pieces(
        self, url: str, start: int, begin: Callable[[int, Mapping[str, str]], None], take: Callable[[bytes], None]
    ) -> None:
        patience, clock = self.patience, asyncio.get_running_loop().time
        # Nothing may be packed on the way: what is counted and hashed is the file itself.
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={start}-"} if start else {})
        came = 0
        try:
            async with (
                asyncio.timeout(patience.connect + patience.stall) as limit,
                self._client.stream("GET", url, headers=headers, follow_redirects=True) as answer,
            ):
                _refuse_passing(url, answer.status_code, answer.headers)
                begin(answer.status_code, answer.headers)
                limit.reschedule(clock() + patience.stall)
                async for piece in answer.aiter_raw():
                    take(piece)
                    came += len(piece)
                    if came >= patience.stall * patience.slowest:
                        came = 0
                        limit.reschedule(clock() + patience.stall)
        except TimeoutError:
            raise TryAgainError(
                ServerError(f"{url}: {came} bytes in {patience.stall:g} seconds, which counts as stalled", AGAIN)
            ) from None
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise _told(url, error) from error


def _refuse_passing(url: str, status: int, headers: Mapping[str, str]) -> None:
    """Raise what a status asks for that may be another one the next time."""
    if status not in PASSING:
        return
    error = ServerError(f"{url}: the server answers {status}", AGAIN)
    after = wanted_pause(headers, limited=status == TOO_MANY)
    if after is not None and after > LONGEST_WAIT:
        raise ServerError(f"{error.message} and asks to wait {after:.0f} s", AGAIN)
    raise TryAgainError(error, after)


def wanted_pause(headers: Mapping[str, str], *, limited: bool) -> float | None:
    """Find how long a server asks to wait.

    Args:
        headers: of an answer, with names in lower case.
        limited: whether there were too many requests; X-RateLimit-Reset stands in other answers, too.

    Returns:
        Seconds, from Retry-After (a number or a date; RFC 9110, section 10.2.3) or from
        X-RateLimit-Reset (seconds since 1970); None where it has neither.
    """
    after = headers.get("retry-after", "").strip()
    reset = headers.get("x-ratelimit-reset", "").strip()
    if after.isdigit():
        return float(after)
    if after:
        try:
            return max(0.0, parsedate_to_datetime(after).timestamp() - time.time())
        except ValueError:
            pass  # neither a number nor a date: as if it were not there
    return max(0.0, float(reset) - time.time()) if limited and reset.isdigit() else None


def _told(url: str, error: Exception) -> Exception:
    """Put what the client raises into words, and say whether it may pass."""
    host = urlsplit(url).netloc or url
    cause = _reason(error)
    if isinstance(error, httpx2.UnsupportedProtocol | httpx2.InvalidURL):
        return UnreachableError(f"{url} is no address of a web server: {cause}", "Check the reference.")
    if isinstance(error, httpx2.TooManyRedirects):
        return ServerError(f"{url} leads in a circle (more than {REDIRECTS} redirects)", AGAIN)
    if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.ProxyError):
        return TryAgainError(
            UnreachableError(
                f"there is no connection to {host}: {cause}", "Check the network and the address, then try again."
            )
        )
    return TryAgainError(ServerError(f"{host} broke the connection off, or does not speak HTTP: {cause}", AGAIN))


def _reason(error: BaseException) -> str:
    """The innermost cause in its own words."""
    while error.__cause__ is not None or error.__context__ is not None:
        error = error.__cause__ or error.__context__ or error
    if isinstance(error, OSError) and (error.errno or 0) > 0:
        return os.strerror(error.errno or 0)
    return str(error) or type(error).__name__
