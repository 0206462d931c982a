# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Doing one step on a few texts."""

from __future__ import annotations

from pathlib import Path

from datasets import Dataset
from tests.data.conftest import study_of

from railcrate.data.steps import find_step, read_parameters
from railcrate.data.steps.registry import StepContext, StepResult


def rows_of(*texts, source="web", ids=None):
    """Rows with these texts; a pair is a text and its source."""
    pairs = [text if isinstance(text, tuple) else (text, source) for text in texts]
    return Dataset.from_dict(
        {
            "id": ids or [f"{name}/f:{number}" for number, (_, name) in enumerate(pairs)],
            "text": [text for text, _ in pairs],
            "source": [name for _, name in pairs],
        }
    )


def do(name, rows, /, folder=Path(), position=0, **given) -> StepResult:
    """Do a step of the recipe `raw`."""
    study = study_of(web={"type": "local", "path": "f"})
    context = StepContext(folder, study, "raw", position, folder)
    step = find_step(name, folder)
    return step.function(rows, read_parameters(step, given, context.where), context)


def texts(result) -> list[str]:
    """The texts that a step has left."""
    return list(result.rows["text"])
