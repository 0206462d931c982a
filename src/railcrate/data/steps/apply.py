# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The two shapes that most steps have: rows are kept or dropped, or their texts are rewritten."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from railcrate.data.steps.registry import EXAMPLES, StepResult, example, texts_of

if TYPE_CHECKING:
    from datasets import Dataset


def keep(rows: Dataset, judge: Callable[[str], str | None]) -> StepResult:
    """Drop rows.

    Args:
        rows: the rows.
        judge: gives the reason why a text is dropped; None for one that is kept.

    Returns:
        The rows that are kept, in their order, with how many were dropped for which reason.
    """
    kept: list[int] = []
    result = StepResult(rows)
    reasons: dict[str, int] = {}
    number = 0
    for batch in texts_of(rows):
        for identifier, text in zip(batch["id"], batch["text"], strict=True):
            reason = judge(text)
            if reason is None:
                kept.append(number)
            else:
                reasons[reason] = reasons.get(reason, 0) + 1
                if len(result.examples) < EXAMPLES:
                    result.examples.append(example(identifier, text, None, reason))
            number += 1
    result.removed = number - len(kept)
    result.details = {"reasons": dict(sorted(reasons.items()))}
    if result.removed:
        result.rows = rows.select(kept)
    return result


def rewrite(rows: Dataset, change: Callable[[str], str], reason: str) -> StepResult:
    """Change texts; a text of which nothing is left is dropped.

    Args:
        rows: the rows.
        change: gives the new text.
        reason: what the examples say.

    Returns:
        The rows with their new texts.
    """
    result = StepResult(rows)

    def batch_of(batch: dict[str, list[str]]) -> dict[str, list[str]]:
        texts = [change(text) for text in batch["text"]]
        for identifier, before, after in zip(batch["id"], batch["text"], texts, strict=True):
            if before != after:
                result.changed += bool(after)
                result.removed += not after
                if len(result.examples) < EXAMPLES:
                    result.examples.append(example(identifier, before, after or None, reason))
        return {"text": texts}

    changed = rows.map(batch_of, batched=True, load_from_cache_file=False)
    result.rows = changed
    if result.removed:
        result.rows = changed.filter(
            lambda batch: [bool(text) for text in batch["text"]], batched=True, load_from_cache_file=False
        )
    return result
