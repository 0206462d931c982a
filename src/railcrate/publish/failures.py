# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Requests that failed on the way: whether they can have had an effect, and why they failed."""

from __future__ import annotations

import ssl
from collections.abc import Iterator

import requests
import urllib3


class AgainError(Exception):
    """This attempt failed; another one may not.

    Attributes:
        reason: why.
        sent: whether the request may have taken effect.
        after: seconds that the server asks to wait.
    """

    def __init__(self, reason: str, *, sent: bool, after: float | None = None) -> None:
        """Keep what decides over the next attempt."""
        super().__init__(reason)
        self.reason, self.sent, self.after = reason, sent, after


def never_left(error: Exception) -> bool:
    """Tell whether a request cannot have reached the server, because there never was a connection."""
    if isinstance(error, requests.exceptions.ConnectTimeout | requests.exceptions.ProxyError):
        return True
    return any(isinstance(cause, urllib3.exceptions.NewConnectionError) for cause in _causes(error))


def is_unsafe(error: Exception) -> bool:
    """Tell whether the server's certificate is not its own: then nothing was sent, and nothing is to be.

    Other errors of TLS are those of a connection: one that ends in the middle is told as one, too.
    """
    return any(isinstance(cause, ssl.SSLCertVerificationError) for cause in _causes(error))


def reason_of(error: Exception) -> str:
    """The innermost cause, for requests wraps it several times; it names host and path at most."""
    cause: BaseException = error
    while cause.__context__ is not None:
        cause = cause.__context__
    return str(cause) or type(cause).__name__


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and all that it wraps: in Python's chain, in urllib3's `reason`, or as what it was made from."""
    seen: set[int] = set()
    open_ones: list[object] = [error]
    while open_ones:
        one = open_ones.pop()
        if isinstance(one, BaseException) and id(one) not in seen:
            seen.add(id(one))
            yield one
            open_ones += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
