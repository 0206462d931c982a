# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The step that drops exact copies."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from pydantic import Field

from railcrate.data.steps.registry import EXAMPLES, StepContext, StepParameters, StepResult, example, step, texts_of

if TYPE_CHECKING:
    from datasets import Dataset


class DuplicateParameters(StepParameters):
    """Parameters of `deduplicate`."""

    ignore_case: bool = Field(False, description="take texts for the same that differ in capitals only")
    ignore_spaces: bool = Field(True, description="take texts for the same that differ in spaces and line breaks only")


@step("deduplicate")
def deduplicate(rows: Dataset, parameters: DuplicateParameters, context: StepContext) -> StepResult:
    """Drop exact copies; the first of them stays. 16 bytes of a hash are kept for each text."""
    seen: dict[bytes, int] = {}
    kept: list[int] = []
    result, number = StepResult(rows), 0
    copies: list[tuple[str, str, int]] = []
    for batch in texts_of(rows):
        for identifier, text in zip(batch["id"], batch["text"], strict=True):
            key = hashlib.blake2b(_key(text, parameters).encode(), digest_size=16).digest()
            twin = seen.setdefault(key, number)
            if twin == number:
                kept.append(number)
            elif len(copies) < EXAMPLES:
                copies.append((identifier, text, twin))
            number += 1
    result.removed = number - len(kept)
    first = {twin: str(rows[twin]["id"]) for _, _, twin in copies}
    result.examples = [example(copy, text, None, f"a copy of {first[twin]}") for copy, text, twin in copies]
    if result.removed:
        result.rows = rows.select(kept)
    return result


def _key(text: str, parameters: DuplicateParameters) -> str:
    if parameters.ignore_spaces:
        text = " ".join(text.split())
    return text.casefold() if parameters.ignore_case else text
