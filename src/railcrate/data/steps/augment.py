# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Synthetic augmentation: so much of one source beside all of the others.

What is added is a source of the study like any other, most often of the type `synthetic`,
and stands in the recipe's `from`: so its generator, seed, license and citation are stated,
it is fetched and recorded, and cards and licenses know of it.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from pydantic import Field, model_validator

from railcrate.data.errors import EmptyVariantError, StepError, TooFewRowsError
from railcrate.data.steps.apply import chosen
from railcrate.data.steps.budget import Share, fill, row_sizes, source_rows
from railcrate.data.steps.registry import EXAMPLES, StepContext, StepParameters, StepResult, example, step
from railcrate.study.problems import nearest

if TYPE_CHECKING:
    from datasets import Dataset


class AugmentParameters(StepParameters):
    """Parameters of `augment`; one of rows, words, bytes and share."""

    source: str = Field(description="the source whose rows are added; it must come in by the recipe's `from`")
    rows: int | None = Field(None, ge=1, description="how many rows of it are added")
    words: int | None = Field(None, ge=1, description="how many words of it are added")
    bytes: int | None = Field(None, ge=1, description="how many bytes of it are added")
    share: Share | None = Field(None, description="which share of the result's bytes it makes, such as 20%")
    seed: int | None = Field(0, ge=0, description="seed of the draw; null takes its first rows")

    @model_validator(mode="after")
    def _one(self) -> AugmentParameters:
        given = [name for name in ("rows", "words", "bytes", "share") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"exactly one of rows, words, bytes and share (here: {', '.join(given) or 'none'})")
        if self.share is not None and float(self.share.rstrip("%")) >= 100:
            raise ValueError("a share below 100%, beside which something else stands")
        return self

    @property
    def unit(self) -> str:
        """What is added is counted in."""
        return "rows" if self.rows is not None else "words" if self.words is not None else "bytes"


@step("augment")
def augment(rows: Dataset, parameters: AugmentParameters, context: StepContext) -> StepResult:
    """Add so much of one (synthetic) source to all the others: what is beyond the budget is left out."""
    import numpy as np

    sources, key = source_rows(rows), f"{context.where}.augment"
    if parameters.source not in sources:
        kind = TooFewRowsError if parameters.source in context.study.sources else StepError
        raise kind(
            f"{key}.source: there are no rows of a source '{parameters.source}'", nearest(parameters.source, sources)
        )
    own, unit = sources[parameters.source], parameters.unit
    sizes = row_sizes(rows, unit)
    there, others = int(sizes[own].sum()), int(sizes.sum()) - int(sizes[own].sum())
    wanted = getattr(parameters, unit) or beside(str(parameters.share), others)
    if there < wanted:
        raise TooFewRowsError(
            f"{key}: {wanted:,} {unit} of '{parameters.source}' are to be added, but there are only {there:,}",
            "Let its generator make more, or add less.",
        )
    order = own if parameters.seed is None else np.random.default_rng(parameters.seed).permutation(own)
    taken = fill(sizes, order, wanted)
    if not len(taken):
        raise EmptyVariantError(
            f"{key}: {wanted:,} {unit} are less than the smallest of the {len(own):,} rows of '{parameters.source}', "
            f"which has {int(sizes[own].min()):,}",
            "Add more, or leave the step out.",
        )
    kept = np.ones(len(rows), bool)
    kept[own] = False
    kept[taken] = True
    total = others + int(sizes[taken].sum())
    return StepResult(
        chosen(rows, np.flatnonzero(kept)),
        removed=len(own) - len(taken),
        details={
            "source": parameters.source,
            "unit": unit,
            "wanted": wanted,
            "added": int(sizes[taken].sum()),
            "rows": len(taken),
            "share": round((total - others) / total, 6),
        },
        examples=[
            example(rows[number]["id"], None, rows[number]["text"], f"added from {parameters.source}")
            for number in map(int, np.sort(taken)[:EXAMPLES])
        ],
    )


def beside(share: str, others: int) -> int:
    """How much makes a share of the whole beside what else there is, rounded down."""
    part = Fraction(share.rstrip("%")) / 100
    return int(others * part / (1 - part))
