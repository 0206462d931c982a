# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A step of this study: take out sentences that stand in many documents."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from pydantic import Field

from railcrate.data.steps.registry import EXAMPLES, StepContext, StepParameters, StepResult, example, texts_of

if TYPE_CHECKING:
    from datasets import Dataset


class Parameters(StepParameters):
    """Parameters of `drop_repeated_sentences`."""

    documents: int = Field(25, ge=2, description="a sentence that stands in this many documents is taken out")


def sentences(text: str) -> list[str]:
    """Cut a text behind its periods, exclamation marks and vertical bars."""
    return [part for part in re.split(r"(?<=[.!|])\s+", text) if part]


def shape(sentence: str) -> str:
    """What stays the same in a template: months and numbers are masked."""
    months = "January|March|April|June|July|September|October|December"
    return re.sub(rf"\b({months})\b", "<month>", re.sub(r"\d+", "<number>", sentence))


def drop_repeated_sentences(rows: Dataset, parameters: Parameters, context: StepContext) -> StepResult:
    """Take out sentences that stand in many documents, whatever their numbers: menus, notices, advertisements."""
    seen: Counter[str] = Counter()
    for batch in texts_of(rows):
        for text in batch["text"]:
            seen.update({shape(sentence) for sentence in sentences(text)})
    repeated = {sentence for sentence, count in seen.items() if count >= parameters.documents}
    result = StepResult(rows, details={"sentences": len(repeated)})

    def clean(batch: dict[str, list[str]]) -> dict[str, list[str]]:
        return {"text": [" ".join(s for s in sentences(text) if shape(s) not in repeated) for text in batch["text"]]}

    cleaned = rows.map(clean, batched=True)
    for before, after in zip(texts_of(rows), texts_of(cleaned), strict=True):
        for identifier, old, new in zip(before["id"], before["text"], after["text"], strict=True):
            if old != new:
                result.changed += bool(new)
                result.removed += not new
                if len(result.examples) < EXAMPLES:
                    result.examples.append(example(identifier, old, new or None, "sentences of many documents"))
    result.rows = cleaned.filter(lambda batch: [bool(text) for text in batch["text"]], batched=True)
    return result
