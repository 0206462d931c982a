# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What a model of the catalogue asks of this machine, before anything of it is fetched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from railcrate.preflight import memory
from railcrate.preflight.machine import Amount
from railcrate.preflight.parameters import Size
from railcrate.study.catalogue import KnownModel
from railcrate.study.config import Evaluation
from railcrate.study.models import Lora, Training

# Of an adapter on all linear layers, for each layer, rank and width. A matrix from m to n numbers gets rank × (m + n)
# of them (Hu et al. 2021, arXiv:2106.09685, section 4.1): attention has four of width to width, and a gated MLP
# three between width and 8/3 of it, together 8 + 11; an MLP without gate, two between width and four times it: 8 + 10.
_ADAPTER = 19

Use = Literal["evaluate", "LoRA", "in full"]


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
        training: the settings of the training.
        evaluation: the settings of the evaluation.

    Returns:
        The needs by use; on a processor, for one job at a time.
    """
    shape = memory.Shape(model.architecture, model.hidden, model.layers, model.vocabulary, model.context)
    adapter = min(Lora().rank * _ADAPTER * model.layers * model.hidden, model.parameters)
    amounts: dict[Use, int] = {
        "evaluate": memory.evaluation_with(evaluation, Size(model.parameters, 0), shape),
        "LoRA": memory.training_with(training, Size(model.parameters, adapter), shape),
        "in full": memory.training_with(training, Size(model.parameters, model.parameters), shape),
    }
    found: dict[Use, Need] = {}
    for use, amount in amounts.items():
        whole = memory.together(amount, 1)
        found[use] = Need(use, whole, whole <= there.total, whole <= there.free)
    return found
