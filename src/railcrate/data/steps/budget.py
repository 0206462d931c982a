# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Budgets: how large rows are, and which of them fit."""

from __future__ import annotations

import re
from array import array
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator

from railcrate.data.steps.registry import texts_of

if TYPE_CHECKING:
    import numpy as np
    from datasets import Dataset
    from numpy.typing import NDArray

PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*%")


def _share(value: Any) -> str:
    found = PERCENT.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None or not 0 < Fraction(found[1]) <= 100:
        raise ValueError("a share such as 40%, above 0 and at most 100%")
    return f"{found[1]}%"


Share = Annotated[str, BeforeValidator(_share)]


def share_of(share: str, total: int) -> int:
    """Compute a share such as 40% of a number, exactly, rounded down."""
    return int(Fraction(share.rstrip("%")) * total / 100)


def row_sizes(rows: Dataset, unit: str) -> NDArray[np.int64]:
    """Measure rows.

    Args:
        rows: the rows.
        unit: "rows", "words" (what space sets apart) or "bytes" (of UTF-8).

    Returns:
        The size of each row.
    """
    import numpy as np

    if unit == "rows":
        return np.ones(len(rows), np.int64)
    texts = chain.from_iterable(batch["text"] for batch in texts_of(rows))
    sizes = (len(text.split()) if unit == "words" else len(text.encode()) for text in texts)
    return np.fromiter(sizes, np.int64, len(rows))


def token_sizes(rows: Dataset, tokenizer: Path) -> NDArray[np.int64]:
    """Count the tokens of rows, as packing does: with one more for the bound behind each document.

    Args:
        rows: the rows.
        tokenizer: the tokenizer.json to count with.

    Returns:
        The tokens of each row.
    """
    import numpy as np
    from tokenizers import Tokenizer

    counter = Tokenizer.from_file(str(tokenizer))
    batches = (counter.encode_batch_fast(batch["text"], add_special_tokens=False) for batch in texts_of(rows, size=64))
    return np.fromiter((len(encoding) + 1 for encoding in chain.from_iterable(batches)), np.int64, len(rows))


def source_rows(rows: Dataset) -> dict[str, NDArray[np.int64]]:
    """Number the rows of each source, in the order in which the sources come."""
    import numpy as np

    found: dict[str, array[int]] = {}
    names = chain.from_iterable(batch["source"] for batch in texts_of(rows.select_columns(["source"])))
    for number, name in enumerate(names):
        found.setdefault(name, array("q")).append(number)
    return {name: np.frombuffer(numbers, np.int64) for name, numbers in found.items()}


def fill(sizes: NDArray[np.int64], order: NDArray[np.int64], budget: int) -> NDArray[np.int64]:
    """Take rows one after another, each that fits what is left of a budget.

    A row that is too long is passed over, so that one long row early in the order does not
    leave most of the budget unused; less than the smallest row that was left out remains.

    Args:
        sizes: the size of each row.
        order: numbers of rows, in the order in which they are tried.
        budget: in the unit of the sizes.

    Returns:
        The numbers of the rows that were taken, in that order.
    """
    import numpy as np

    sums = np.cumsum(sizes[order])
    first = int(np.searchsorted(sums, budget, side="right"))  # all up to here fit
    room = budget - (int(sums[first - 1]) if first else 0)
    rest = order[first:]
    small = rest[sizes[rest] <= room]  # of those that follow, only these can fit at all
    taken = array("q")
    for number, size in zip(small.tolist(), sizes[small].tolist(), strict=True):
        if size <= room:
            taken.append(number)
            room -= size
    return np.concatenate([order[:first], np.frombuffer(taken, np.int64)])
