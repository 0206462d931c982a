# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A step of this study: take out lines that stand in many documents."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from pydantic import Field

from railcrate.data.steps.apply import rewrite
from railcrate.data.steps.registry import StepContext, StepParameters, StepResult, texts_of

if TYPE_CHECKING:
    from datasets import Dataset


class Parameters(StepParameters):
    """Parameters of `drop_repeated_lines`."""

    documents: int = Field(25, ge=2, description="a line that stands in this many documents is taken out")


def shape(line: str) -> str:
    """What stays the same in a template: months and numbers are masked."""
    months = "January|March|April|June|July|September|October|December"
    return re.sub(rf"\b({months})\b", "<month>", re.sub(r"\d+", "<number>", line))


def drop_repeated_lines(rows: Dataset, parameters: Parameters, context: StepContext) -> StepResult:
    """Take out lines that stand in many documents, whatever their numbers: menus, notices, advertisements."""
    seen: Counter[str] = Counter()
    for batch in texts_of(rows):
        for text in batch["text"]:
            seen.update({shape(line) for line in text.split("\n")})
    repeated = {line for line, count in seen.items() if count >= parameters.documents}

    def clean(text: str) -> str:
        return "\n".join(line for line in text.split("\n") if shape(line) not in repeated)

    result = rewrite(rows, clean, "lines of many documents")
    result.details = {"lines": len(repeated)}
    return result
