# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A step of the study's own; it waits for as long as a test holds it back."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from railcrate.data.steps.apply import rewrite
from railcrate.data.steps.registry import StepContext, StepParameters, StepResult

if TYPE_CHECKING:
    from datasets import Dataset


class Parameters(StepParameters):
    """It has none."""


def drop_short(rows: Dataset, parameters: Parameters, context: StepContext) -> StepResult:
    """Take out the texts of fewer than four words."""
    while Path(os.environ.get("HOLD_CURATE", "nothing")).exists():
        time.sleep(0.05)
    return rewrite(rows, lambda text: text if len(text.split()) >= 4 else "", "too short")
