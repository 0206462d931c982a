# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What a model of the catalogue asks of this machine, before anything of it is fetched: memory, and time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from railcrate.preflight.machine import Amount
from railcrate.preflight.memory import together
from railcrate.study.catalogue import KnownModel
from railcrate.study.config import Evaluation
from railcrate.study.demand import (
    BY_LORA,
    IN_FULL,
    TO_EVALUATE,
    Shape,
    adapter,
    evaluation_memory,
    training_memory,
)
from railcrate.study.models import Lora, Training

Use = Literal["evaluate", "LoRA", "in full"]
USES: tuple[Use, ...] = ("evaluate", "LoRA", "in full")  # the one that asks for the least first
_WORK: Mapping[Use, int] = {"evaluate": TO_EVALUATE, "LoRA": BY_LORA, "in full": IN_FULL}


@dataclass(frozen=True)
class Need:
    """The memory that one use of a model takes.

    Attributes:
        use: what is done with it.
        bytes: how much, with what every job takes for itself.
        fits: whether the machine has as much, all in all.
        now: whether as much is free at present.
    """

    use: Use
    bytes: int
    fits: bool
    now: bool


def needs_of(model: KnownModel, there: Amount, training: Training, evaluation: Evaluation) -> Mapping[Use, Need]:
    """Work out how much memory it takes to evaluate a model, and to fine-tune it by LoRA and in full.

    Args:
        model: its entry.
        there: the memory of the machine.
        training: the settings of the training; a block is no longer than the model reads at once.
        evaluation: the settings of the evaluation.

    Returns:
        The needs by use; for one job at a time.
    """
    shape = Shape(model.architecture, model.hidden, model.layers, model.vocabulary, model.context)
    settings = training.model_copy(update={"block_length": min(training.block_length, model.context)})
    few = min(adapter(shape, Lora().rank), model.parameters)
    amounts: dict[Use, int] = {
        "evaluate": evaluation_memory(evaluation, model.parameters, shape),
        "LoRA": training_memory(settings, model.parameters, few, shape),
        "in full": training_memory(settings, model.parameters, model.parameters, shape),
    }
    found: dict[Use, Need] = {}
    for use, amount in amounts.items():
        whole = together(amount, 1)
        found[use] = Need(use, whole, whole <= there.total, whole <= there.free)
    return found


def most_that_fits(needs: Mapping[Use, Need]) -> Use | None:
    """Name the use that asks for most of those that the machine has memory for; None where it has for none."""
    return next((use for use in reversed(USES) if needs[use].fits), None)


def seconds_of(model: KnownModel, tokens: int, speed: float) -> Mapping[Use, float]:
    """Estimate how long a number of tokens takes in each use.

    Args:
        model: its entry. Of a mixture of experts each token passes some, so it takes less.
        tokens: how many are trained on, or evaluated.
        speed: operations a second that work on a model reaches.

    Returns:
        Seconds by use, by the operations that a token costs (`railcrate.study.demand`).
    """
    return {use: _WORK[use] * model.parameters * tokens / speed for use in USES}
