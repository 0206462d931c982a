# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""How long a release waits for a server, and how often it asks again."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Patience:
    """Every wait of a release, in seconds, so that a test can make them short.

    Attributes:
        connect: to reach the server. A block of an upload has to leave within it, too.
        silence: between two pieces of an answer.
        answer: for a whole answer, however slowly it drips in.
        attempts: how often a request is sent before it is given up.
        first_pause: after the first attempt; doubled after each.
        longest_pause: what that doubling ends at.
        longest_wait: the longest wait that a server may ask for.
        settle: how long the effect of a request whose answer was lost may take. A publish was seen
            to take effect a minute after its 504.
        look: between two looks whether it has, at first; doubled after each.
        sleep: waits.
        clock: tells the time, in seconds since 1970.
    """

    connect: float = 30
    silence: float = 120
    answer: float = 300
    attempts: int = 8
    first_pause: float = 1
    longest_pause: float = 60
    longest_wait: float = 900
    settle: float = 180
    look: float = 1
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.time

    def pause(self, attempt: int) -> float:
        """Seconds to wait after an attempt, counted from 1."""
        return min(self.longest_pause, self.first_pause * float(2 ** (attempt - 1)))

    def looks(self) -> list[float]:
        """The waits between looks for an effect: together not less than `settle`."""
        waits: list[float] = []
        while sum(waits) < self.settle:
            waits.append(min(self.look * float(2 ** len(waits)), max(self.look, self.settle / 6)))
        return waits
