# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Steps that choose how much of what: a part of the rows, an order, copies, weights of sources."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from pydantic import Field, field_validator, model_validator

from railcrate.data.errors import EmptyVariantError, StepError, TooFewRowsError
from railcrate.data.steps.apply import chosen, mapped
from railcrate.data.steps.budget import Share, fill, row_sizes, share_of, source_rows, token_sizes
from railcrate.data.steps.counting import tokenizer_file
from railcrate.data.steps.registry import EXAMPLES, StepContext, StepParameters, StepResult, example, step
from railcrate.study.problems import nearest

if TYPE_CHECKING:
    import numpy as np
    from datasets import Dataset
    from numpy.typing import NDArray


class SubsampleParameters(StepParameters):
    """Parameters of `subsample`; one of rows, words, tokens, bytes and share."""

    rows: int | None = Field(None, ge=1, description="budget in rows")
    words: int | None = Field(None, ge=1, description="budget in words; about three quarters of as many tokens")
    tokens: int | None = Field(None, ge=1, description="budget in tokens, counted by `tokenizer`")
    tokenizer: str | None = Field(None, description="a tokenizer of the study that is trained on another recipe")
    bytes: int | None = Field(None, ge=1, description="budget in bytes of UTF-8")
    share: Share | None = Field(None, description="share of the bytes, such as 40%")
    seed: int | None = Field(0, ge=0, description="seed of the draw; null takes the first rows")

    @model_validator(mode="after")
    def _one(self) -> SubsampleParameters:
        given = [name for name in ("rows", "words", "tokens", "bytes", "share") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(
                f"exactly one of rows, words, tokens, bytes and share (here: {', '.join(given) or 'none'})"
            )
        if (self.tokens is None) != (self.tokenizer is None):
            raise ValueError("tokens and tokenizer together")
        return self

    @property
    def unit(self) -> str:
        """What the budget is counted in."""
        return next((name for name in ("rows", "words", "tokens") if getattr(self, name) is not None), "bytes")


@step("subsample")
def subsample(rows: Dataset, parameters: SubsampleParameters, context: StepContext) -> StepResult:
    """Keep rows up to a budget in rows, words, tokens or bytes, without those that do not fit, in their order."""
    import numpy as np

    unit = parameters.unit
    if parameters.tokenizer is not None:
        sizes = token_sizes(rows, context.folder / tokenizer_file(context.study, parameters.tokenizer))
    else:
        sizes = row_sizes(rows, unit)
    total = int(sizes.sum())
    budget = getattr(parameters, unit) or share_of(str(parameters.share), total)
    order = np.arange(len(rows))
    if parameters.seed is not None:
        order = np.random.default_rng(parameters.seed).permutation(len(rows))
    kept = np.sort(fill(sizes, order, budget))
    if not len(kept):
        key = "share" if parameters.share is not None else unit
        raise EmptyVariantError(
            f"{context.where}.subsample.{key}: a budget of {budget:,} {unit} keeps none of {len(rows):,} rows "
            f"with {total:,} {unit}, of which the smallest has {int(sizes.min()):,}",
            "Raise the budget.",
        )
    if len(kept) == len(rows):
        return StepResult(rows, details={"budget": budget, "unit": unit, "taken": total, "before": total})
    examples = [
        example(rows[place]["id"], rows[place]["text"], None, "beyond the budget")
        for place in map(int, np.setdiff1d(order, kept)[:EXAMPLES])
    ]
    details = {"budget": budget, "unit": unit, "taken": int(sizes[kept].sum()), "before": total}
    return StepResult(chosen(rows, kept), removed=len(rows) - len(kept), details=details, examples=examples)


class ShuffleParameters(StepParameters):
    """Parameters of `shuffle`."""

    seed: int = Field(0, ge=0, description="seed of the order")


@step("shuffle")
def shuffle(rows: Dataset, parameters: ShuffleParameters, context: StepContext) -> StepResult:
    """Put the rows into a random order."""
    import numpy as np

    return StepResult(chosen(rows, np.random.default_rng(parameters.seed).permutation(len(rows))))


class RepeatParameters(StepParameters):
    """Parameters of `repeat`."""

    times: int = Field(ge=2, le=1000, description="how often each row stands in the result")


@step("repeat")
def repeat(rows: Dataset, parameters: RepeatParameters, context: StepContext) -> StepResult:
    """Repeat all rows, one round after another; copies get ids of their own."""
    import numpy as np

    numbers = np.tile(np.arange(len(rows)), parameters.times)
    return copies(rows, numbers, np.repeat(np.arange(parameters.times), len(rows)), context)


class MixParameters(StepParameters):
    """Parameters of `mix`."""

    weights: dict[str, float] = Field(min_length=1, description="weight of each source, by its name; 0 leaves it out")
    bytes: int | None = Field(None, ge=1, description="bytes of the result; as many as come in by default")
    seed: int = Field(0, ge=0, description="seed of the draw and of the order")

    @field_validator("weights")
    @classmethod
    def _positive(cls, weights: dict[str, float]) -> dict[str, float]:
        if not all(map(math.isfinite, weights.values())) or min(weights.values()) < 0 or not any(weights.values()):
            raise ValueError("weights of at least 0, one of them above 0")
        return weights


@step("mix")
def mix(rows: Dataset, parameters: MixParameters, context: StepContext) -> StepResult:
    """Mix sources by weight, counted in bytes: rows of a source are repeated, or left out, until its part is full."""
    import numpy as np

    sizes, sources = row_sizes(rows, "bytes"), source_rows(rows)
    _check_sources(parameters, sources, context)
    wanted, total = parameters.bytes or int(sizes.sum()), sum(parameters.weights.values())
    draw = np.random.default_rng(parameters.seed)
    numbers, turns = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    details: dict[str, Any] = {}
    for source, weight in parameters.weights.items():
        if not weight:
            details[source] = {"weight": 0, "bytes": 0, "rows": 0}
            continue
        own, room = sources[source], int(wanted * (weight / total))
        rounds, rest = divmod(room, int(sizes[own].sum()))
        last = fill(sizes, draw.permutation(own), rest)
        picked = np.concatenate([np.tile(own, rounds), last])
        if not len(picked):
            raise EmptyVariantError(
                f"{context.where}.mix.weights.{source}: {room:,} bytes are its part of {wanted:,}, but the smallest "
                f"of its {len(own):,} rows has {int(sizes[own].min()):,}",
                "Raise its weight or `bytes`, or give it the weight 0.",
            )
        numbers.append(picked)
        turns.append(np.concatenate([np.repeat(np.arange(rounds), len(own)), np.full(len(last), rounds)]))
        details[source] = {"weight": weight, "bytes": int(sizes[picked].sum()), "rows": len(picked)}
    order = draw.permutation(sum(map(len, numbers)))
    result = copies(rows, np.concatenate(numbers)[order], np.concatenate(turns)[order], context)
    result.details = details
    return result


def _check_sources(parameters: MixParameters, sources: dict[str, NDArray[np.int64]], context: StepContext) -> None:
    key = f"{context.where}.mix.weights"
    for source in parameters.weights:
        if source not in sources:
            kind = TooFewRowsError if source in context.study.sources else StepError
            raise kind(f"{key}: there are no rows of a source '{source}'", nearest(source, sources))
    missing = [source for source in sources if source not in parameters.weights]
    if missing:
        raise StepError(f"{key}: no weight for {', '.join(missing)}", "Give each a weight; 0 leaves it out.")


def copies(rows: Dataset, numbers: NDArray[np.int64], turns: NDArray[np.int64], context: StepContext) -> StepResult:
    """Take rows, some of them more than once.

    Args:
        rows: the rows.
        numbers: which rows, in which order.
        turns: for each of them the how-manieth copy it is, from 0.
        context: where the step stands.

    Returns:
        The rows; a copy's id ends with the step's place and its turn, so that repeating copies is possible, too.
    """
    import numpy as np

    result = chosen(rows, numbers)
    if turns.any():
        mark = f"{context.variant}.{context.position}"

        def renamed(batch: dict[str, list[str]], places: list[int]) -> dict[str, list[str]]:
            pairs = zip(batch["id"], turns[places].tolist(), strict=True)
            return {"id": [f"{identifier}#{mark}.{turn + 1}" if turn else identifier for identifier, turn in pairs]}

        result = mapped(result, renamed, with_indices=True)
    kept = int((turns == 0).sum())
    first = [(place, int(turns[place])) for place in map(int, np.flatnonzero(turns)[:EXAMPLES])]
    return StepResult(
        result,
        removed=len(rows) - kept,
        added=len(numbers) - kept,
        examples=[
            example(result[place]["id"], None, result[place]["text"], f"repeated, time {turn + 1}")
            for place, turn in first
        ],
    )
