# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The step that drops exact copies."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from pydantic import Field

from railcrate.data.steps.apply import chosen
from railcrate.data.steps.registry import EXAMPLES, StepContext, StepParameters, StepResult, example, step, texts_of

if TYPE_CHECKING:
    import numpy as np
    from datasets import Dataset
    from numpy.typing import NDArray


class DuplicateParameters(StepParameters):
    """Parameters of `deduplicate`."""

    ignore_case: bool = Field(False, description="take texts for the same that differ in capitals only")
    ignore_spaces: bool = Field(True, description="take texts for the same that differ in spaces and line breaks only")


@step("deduplicate")
def deduplicate(rows: Dataset, parameters: DuplicateParameters, context: StepContext) -> StepResult:
    """Drop exact copies; the first of them stays. Of each text 16 bytes of a hash (BLAKE2b) are kept, no more."""
    import numpy as np

    digests = bytearray()
    for batch in texts_of(rows):
        for text in batch["text"]:
            digests += hashlib.blake2b(_key(text, parameters).encode(), digest_size=16).digest()
    first = first_of_each(np.frombuffer(digests, np.uint64).reshape(-1, 2))
    copies = np.flatnonzero(first != np.arange(len(first)))
    examples = [
        example(rows[copy]["id"], rows[copy]["text"], None, f"a copy of {rows[int(first[copy])]['id']}")
        for copy in map(int, copies[:EXAMPLES])
    ]
    if not len(copies):
        return StepResult(rows)
    kept = np.flatnonzero(first == np.arange(len(first)))
    return StepResult(chosen(rows, kept), removed=len(copies), examples=examples)


def first_of_each(digests: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Find for each hash where it stands first.

    Args:
        digests: hashes in two halves, of shape (texts, 2).

    Returns:
        A place for each text: its own where no equal one stands before it.
    """
    import numpy as np

    order = np.lexsort((digests[:, 1], digests[:, 0]))  # stable: of equal ones the first comes first
    ordered = digests[order]
    begins = np.ones(len(order), bool)
    begins[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    first = np.empty(len(order), np.int64)
    first[order] = order[begins][np.cumsum(begins) - 1]
    return first


def _key(text: str, parameters: DuplicateParameters) -> str:
    if parameters.ignore_spaces:
        text = " ".join(text.split())
    return text.casefold() if parameters.ignore_case else text
