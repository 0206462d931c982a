# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What a server asks us to wait, and how fast it lets us ask.

Zenodo takes 100 requests a minute and 5,000 an hour, and says in each answer what is left
(X-RateLimit-Limit, -Remaining, -Reset: https://developers.zenodo.org/#rate-limiting).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime

FEW = 10  # requests left, from which on what is left is spread over the time that is left
EPOCH = 1_000_000_000  # a reset below it is no time since 1970, but seconds from now


def asked_wait(headers: Mapping[str, str], now: float) -> float | None:
    """Tell how long an answer asks to wait.

    Args:
        headers: the answer's.
        now: seconds since 1970.

    Returns:
        Seconds: by Retry-After (a number or a date, RFC 9110, section 10.2.3), else until
        X-RateLimit-Reset; None where it does not say.
    """
    after = headers.get("Retry-After", "").strip()
    if after.isdigit():
        return float(after)
    if after:
        try:
            moment = parsedate_to_datetime(after)
        except ValueError:
            return _until_reset(headers, now)
        return max(0.0, (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now)
    return _until_reset(headers, now)


def _until_reset(headers: Mapping[str, str], now: float) -> float | None:
    try:
        reset = float(headers.get("X-RateLimit-Reset", ""))
    except ValueError:
        return None
    return max(0.0, reset - now if reset > EPOCH else reset)


@dataclass
class Pace:
    """How many requests the server still takes, as its last answer says, and until when.

    Attributes:
        left: requests; None where it does not say.
        reset: when it starts to count anew, in seconds since 1970.
    """

    left: int | None = None
    reset: float = 0.0

    def note(self, headers: Mapping[str, str], now: float) -> None:
        """Read what an answer says of it."""
        wait = _until_reset(headers, now)
        text = headers.get("X-RateLimit-Remaining", "").strip()
        self.left = int(text) if wait is not None and text.isdigit() else None
        self.reset = now + (wait or 0.0)

    def wait(self, now: float) -> float:
        """Seconds to wait before the next request: nothing while many are left."""
        if self.left is None or self.left >= FEW or now >= self.reset:
            return 0.0
        return (self.reset - now) / (self.left + 1)
