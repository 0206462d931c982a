# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The two shapes that most steps have: rows are kept or dropped, or their texts are rewritten.

A study's own steps may use them, too. When what they are given fails, the error says at which row.
"""

from __future__ import annotations

import uuid
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from railcrate.data.steps.registry import EXAMPLES, StepResult, batch_size, example, texts_of

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
    kept = array("q")
    result = StepResult(rows)
    reasons: dict[str, int] = {}
    number = 0
    for batch in texts_of(rows):
        for identifier, text in zip(batch["id"], batch["text"], strict=True):
            with at_row(identifier):
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
        result.rows = chosen(rows, kept)
    return result


def chosen(rows: Dataset, numbers: Any) -> Dataset:
    """Choose rows by their numbers.

    Args:
        rows: the rows.
        numbers: from 0, as a buffer of 64-bit integers such as `array("q")` or an array of NumPy.
    """
    import numpy as np

    return rows.select(np.asarray(numbers, np.int64))


def rewrite(rows: Dataset, change: Callable[[str], str], reason: str) -> StepResult:
    """Change texts; a text of which nothing but space is left is dropped.

    Args:
        rows: the rows.
        change: gives the new text.
        reason: what the examples say.

    Returns:
        The rows with their new texts.
    """
    count = {"changed": 0, "removed": 0}
    examples: list[dict[str, Any]] = []

    def batch_of(batch: dict[str, list[str]]) -> dict[str, list[str]]:
        texts = []
        for identifier, before in zip(batch["id"], batch["text"], strict=True):
            with at_row(identifier):
                after = change(before)
            left = bool(after.strip())
            count["removed"] += not left
            count["changed"] += left and before != after
            if (before != after or not left) and len(examples) < EXAMPLES:
                examples.append(example(identifier, before, after if left else None, reason))
            texts.append(after)
        return {"text": texts}

    result = StepResult(mapped(rows, batch_of), count["changed"], count["removed"], examples=examples)
    if result.removed:
        kept = array("q")
        number = 0
        for batch in texts_of(result.rows):
            kept.extend(place for place, text in enumerate(batch["text"], number) if text.strip())
            number += len(batch["text"])
        result.rows = chosen(result.rows, kept)
    return result


def mapped(rows: Dataset, function: Callable[..., dict[str, list[str]]], *, with_indices: bool = False) -> Dataset:
    """Map batches of rows into a new Arrow file beside that of the rows.

    The file's name is drawn, so that no two share one: `datasets` would name it by a hash of
    the function and all that the function refers to, which may be much.
    """
    size = batch_size(rows)
    return rows.map(
        function,
        batched=True,
        batch_size=size,
        writer_batch_size=size,
        with_indices=with_indices,
        load_from_cache_file=False,
        new_fingerprint=uuid.uuid4().hex,
    )


@contextmanager
def at_row(identifier: str) -> Iterator[None]:
    """Note at which row something failed."""
    try:
        yield
    except Exception as error:
        error.add_note(f"at the row {identifier}")
        raise
