# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""How far a training is, read from the log that it writes."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path

from snakemake_logger_plugin_railcrate.jobs import SKEW

_LINE = re.compile(r": step (\d+) of (\d+), ([\d,]+) tokens, loss ([-\d.]+)")  # see railcrate.model.progress
_TAIL = 4096  # bytes that hold the last line


@dataclass(frozen=True)
class Progress:
    """How far a training is.

    Attributes:
        step: the step that it has done.
        steps: how many there are.
        tokens: the tokens that it has seen.
        loss: the loss there, in nats.
        when: when it said so, in seconds of the clock.
        rate: tokens in a second since it was first seen; None while only one line is known.
    """

    step: int
    steps: int
    tokens: int
    loss: float
    when: float
    rate: float | None = None

    @property
    def share(self) -> float:
        """The part that is done, from 0 to 1."""
        return self.step / self.steps

    def left(self, now: float) -> float | None:
        """Seconds that are left; None while the rate is unknown."""
        if self.rate is None:
            return None
        whole = self.tokens / self.step * self.steps
        return max((whole - self.tokens) / self.rate - (now - self.when), 0.0)


class Watch:
    """Reads how far trainings are; each call reads the end of one log."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._first: dict[str, Progress] = {}

    def look(self, log: Path, since: float) -> Progress | None:
        """Read a log.

        Args:
            log: the training's log.
            since: when the training began; what an earlier one wrote does not count.

        Returns:
            How far it is; None while it has not said so.
        """
        found = _last_line(log, since)
        if found is None:
            return None
        first = self._first.get(str(log))
        if first is None or first.when < since - SKEW or first.step > found.step:
            self._first[str(log)] = first = found
        if found.when > first.when and found.tokens > first.tokens:
            return replace(found, rate=(found.tokens - first.tokens) / (found.when - first.when))
        return found


def _last_line(log: Path, since: float) -> Progress | None:
    try:
        with log.open("rb") as file:
            when = os.fstat(file.fileno()).st_mtime
            file.seek(max(os.fstat(file.fileno()).st_size - _TAIL, 0))
            text = file.read().decode("utf-8", "replace")
    except FileNotFoundError:
        return None
    matches = _LINE.findall(text)
    if not matches or when < since - SKEW:
        return None
    step, steps, tokens, loss = matches[-1]
    return Progress(int(step), int(steps), int(tokens.replace(",", "")), float(loss), when)
