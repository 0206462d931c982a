# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""How many requests a client may send: counted in windows of time, and told in every answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Limit:
    """So many requests in so many seconds."""

    requests: int
    seconds: float


# For those who are signed in. Zenodo's own; a test that is not about limits wants them higher.
ZENODO_LIMITS = (Limit(100, 60), Limit(5000, 3600))
GENEROUS = (Limit(1_000_000, 60),)


class Limiter:
    """Counts requests against limits, each in a window that begins with its first request.

    Args:
        limits: all of them hold.
    """

    def __init__(self, limits: Sequence[Limit]) -> None:
        """Begin with windows that are empty."""
        self._limits = list(limits)
        self._windows: list[tuple[float, int]] = [(0.0, 0)] * len(self._limits)
        self._lock = threading.Lock()

    def count(self) -> tuple[str | None, dict[str, str]]:
        """Count one request.

        Returns:
            Why it is refused, or None; and the headers of its answer, which speak of the limit
            that is nearest to its end. `Retry-After` is among them when nothing is refused, too.
        """
        moment = time.time()
        with self._lock:
            for i, (limit, (begun, count)) in enumerate(zip(self._limits, self._windows, strict=True)):
                self._windows[i] = (moment, 1) if moment >= begun + limit.seconds else (begun, count + 1)
            state = zip(self._limits, self._windows, strict=True)
            left, reset, limit = min(
                ((limit.requests - count, begun + limit.seconds, limit) for limit, (begun, count) in state),
                key=lambda found: found[0],
            )
        headers = {
            "X-RateLimit-Limit": str(limit.requests),
            "X-RateLimit-Remaining": str(max(0, left)),
            "X-RateLimit-Reset": str(int(reset) + 1),
            "Retry-After": str(max(1, int(reset - moment) + 1)),
        }
        return (f"{limit.requests} per {limit.seconds:g} seconds" if left < 0 else None), headers
