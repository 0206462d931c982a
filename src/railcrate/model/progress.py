# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What a training run says while it runs, and its curve when it has ended."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

from transformers import TrainerCallback

from railcrate.model.errors import TrainingDivergedError
from railcrate.model.schedule import Schedule

LINES = 10  # of a run without a terminal, at least
EVERY = 30.0  # seconds: a long run says sooner how far it is


class Progress(TrainerCallback):
    """Watch the loss; without a terminal, print a line now and then.

    Args:
        experiment: the experiment's id.
        schedule: the run's course.
    """

    def __init__(self, experiment: str, schedule: Schedule) -> None:
        """Remember what is told."""
        self._experiment = experiment
        self._schedule = schedule
        self._shown = 0
        self._told = time.monotonic()

    def on_log(self, args: Any, state: Any, control: Any, logs: Mapping[str, Any] | None = None, **rest: Any) -> None:
        """Stop a run whose loss is no longer a number, and show how far it is.

        Raises:
            TrainingDivergedError: when the loss is infinite or not a number.
        """
        if logs is None or "loss" not in logs:
            return
        loss, step = float(logs["loss"]), state.global_step
        if not math.isfinite(loss):
            raise TrainingDivergedError(
                f"{self._experiment}: the loss is {loss} at step {step}",
                "Lower training.learning_rate, or raise training.warmup.",
            )
        part, now = step * LINES // self._schedule.steps, time.monotonic()
        if (part > self._shown or now - self._told > EVERY) and not sys.stderr.isatty():
            self._shown, self._told = part, now
            tokens = step * self._schedule.tokens_per_step
            print(
                f"{self._experiment}: step {step} of {self._schedule.steps}, {tokens:,} tokens, loss {loss:.3f}",
                file=sys.stderr,
                flush=True,
            )


def curve_of(history: Sequence[Mapping[str, Any]], schedule: Schedule) -> list[tuple[int, int, float, float]]:
    """Take the training curve from Trainer's log.

    Args:
        history: the log, of the whole run even where it was resumed.
        schedule: the run's course.

    Returns:
        (step, tokens, mean loss in nats since the point before, learning rate) for each point.
    """
    return [
        (
            int(entry["step"]),
            int(entry["step"]) * schedule.tokens_per_step,
            float(entry["loss"]),
            float(entry["learning_rate"]),
        )
        for entry in history
        if "loss" in entry
    ]
