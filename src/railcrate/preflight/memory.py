# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""How much memory a study's trainings and evaluations take: by the formulas of `railcrate.study.demand`."""

from __future__ import annotations

from pathlib import Path

from railcrate.preflight.parameters import Size, vocabulary_of
from railcrate.study.config import Study
from railcrate.study.demand import (
    OWN,
    SHARED,
    Shape,
    configuration_of,
    evaluation_memory,
    shape_from,
    training_memory,
)
from railcrate.study.grid import training_of
from railcrate.study.models import ScratchModel


def shape_of(folder: Path, study: Study, model: str) -> Shape | None:
    """Read a model's shape from the study, or from its base's configuration; None where they do not state it."""
    vocabulary = vocabulary_of(study, model) if isinstance(study.models[model], ScratchModel) else 0
    return shape_from(configuration_of(folder, study, model, vocabulary))


def training(study: Study, model: str, size: Size, shape: Shape | None) -> int | None:
    """Work out the memory of a training, without what all jobs share.

    Args:
        study: the configuration.
        model: the model's name.
        size: how many parameters it has.
        shape: its shape.

    Returns:
        Bytes; None where the shape is not known.
    """
    if shape is None:
        return None
    trained = size.parameters if size.trained is None else size.trained
    return training_memory(training_of(study, model), size.parameters, trained, shape)


def evaluation(study: Study, size: Size, shape: Shape | None) -> int:
    """Work out the memory of an evaluation, without what all jobs share; bytes, at most."""
    return evaluation_memory(study.evaluation, size.parameters, shape)


def together(of_one: int, at_once: int) -> int:
    """The memory of several jobs at once, with what they share."""
    return SHARED + of_one * at_once


def measured(peak: int) -> int:
    """What a job took beside what all share, by the peak of its process."""
    return max(OWN, peak - SHARED)
