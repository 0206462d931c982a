# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Steps that choose how much of what: a part of the rows, an order, weights of sources."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, Field, model_validator

from railcrate.data.errors import EmptyVariantError
from railcrate.data.steps.registry import EXAMPLES, StepContext, StepParameters, StepResult, example, step, texts_of

if TYPE_CHECKING:
    from datasets import Dataset


def _share(text: str) -> str:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*%", text)
    if found is None or not 0 < float(found[1]) <= 100:
        raise ValueError("a share such as 40%, above 0 and at most 100%")
    return text


class SubsampleParameters(StepParameters):
    """Parameters of `subsample`; one of rows, words, bytes and share."""

    rows: int | None = Field(None, ge=1, description="budget in rows")
    words: int | None = Field(None, ge=1, description="budget in words; about three quarters of as many tokens")
    bytes: int | None = Field(None, ge=1, description="budget in bytes of UTF-8")
    share: Annotated[str, AfterValidator(_share)] | None = Field(None, description="share of the bytes, such as 40%")
    seed: int | None = Field(0, description="seed of the draw; null takes the first rows")

    @model_validator(mode="after")
    def _one(self) -> SubsampleParameters:
        given = [name for name in ("rows", "words", "bytes", "share") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"found {', '.join(given) or 'none'}; expected one of rows, words, bytes and share")
        return self


@step("subsample")
def subsample(rows: Dataset, parameters: SubsampleParameters, context: StepContext) -> StepResult:
    """Keep rows up to a budget in rows, words or bytes; their order stays as it was."""
    import numpy as np

    sizes = np.array([size for batch in texts_of(rows) for size in _sizes(batch["text"], parameters)], np.int64)
    budget = _budget(parameters, int(sizes.sum()))
    if parameters.seed is None:
        order = np.arange(len(rows))
    else:
        order = np.random.default_rng(parameters.seed).permutation(len(rows))
    taken = order[np.cumsum(sizes[order]) <= budget]
    if not len(taken):
        raise EmptyVariantError(
            f"{context.where}: a budget of {budget:,} {_unit(parameters)} keeps none of {len(rows):,} rows, of which "
            f"the smallest has {int(sizes.min()):,}",
            "Raise the budget.",
        )
    kept = np.sort(taken)
    dropped = np.setdiff1d(np.arange(len(rows)), kept)[:EXAMPLES]
    examples = [example(rows[int(n)]["id"], rows[int(n)]["text"], None, "beyond the budget") for n in dropped]
    details = {"budget": budget, "unit": _unit(parameters), "taken": int(sizes[kept].sum()), "before": int(sizes.sum())}
    return StepResult(rows.select(kept), removed=len(rows) - len(kept), details=details, examples=examples)


def _unit(parameters: SubsampleParameters) -> str:
    return "rows" if parameters.rows is not None else "words" if parameters.words is not None else "bytes"


def _sizes(texts: list[str], parameters: SubsampleParameters) -> list[int]:
    unit = _unit(parameters)
    if unit == "rows":
        return [1] * len(texts)
    return [len(text.split()) if unit == "words" else len(text.encode()) for text in texts]


def _budget(parameters: SubsampleParameters, total: int) -> int:
    if parameters.share is not None:
        return int(total * float(parameters.share.rstrip("% ")) / 100)
    return parameters.rows or parameters.words or parameters.bytes or 0


class ShuffleParameters(StepParameters):
    """Parameters of `shuffle`."""

    seed: int = Field(0, description="seed of the order")


@step("shuffle")
def shuffle(rows: Dataset, parameters: ShuffleParameters, context: StepContext) -> StepResult:
    """Put the rows into a random order."""
    import numpy as np

    return StepResult(rows.select(np.random.default_rng(parameters.seed).permutation(len(rows))))


class RepeatParameters(StepParameters):
    """Parameters of `repeat`."""

    times: int = Field(ge=2, le=1000, description="how often each row stands in the result")


@step("repeat")
def repeat(rows: Dataset, parameters: RepeatParameters, context: StepContext) -> StepResult:
    """Repeat all rows, one round after another."""
    return _copies(rows, [(number, turn) for turn in range(parameters.times) for number in range(len(rows))])


class MixParameters(StepParameters):
    """Parameters of `mix`."""

    weights: dict[str, float] = Field(min_length=1, description="weight of each source, by its name; 0 leaves it out")
    bytes: int | None = Field(None, ge=1, description="bytes of the result; as many as there are by default")
    seed: int = Field(0, description="seed of the order")

    @model_validator(mode="after")
    def _positive(self) -> MixParameters:
        if min(self.weights.values()) < 0 or sum(self.weights.values()) <= 0:
            raise ValueError("weights of at least 0, one of them above 0")
        return self


@step("mix")
def mix(rows: Dataset, parameters: MixParameters, context: StepContext) -> StepResult:
    """Mix sources by weight, counted in bytes: rows of a source are repeated, or left out, until its part is full."""
    import numpy as np

    sizes: dict[str, list[tuple[int, int]]] = {}
    number = 0
    for batch in texts_of(rows):
        for text, source in zip(batch["text"], batch["source"], strict=True):
            sizes.setdefault(source, []).append((number, len(text.encode())))
            number += 1
    _known_sources(parameters, sizes, context)
    wanted = parameters.bytes or sum(size for entries in sizes.values() for _, size in entries)
    total = sum(parameters.weights.values())
    draw = np.random.default_rng(parameters.seed)
    picked: list[tuple[int, int]] = []
    details: dict[str, Any] = {}
    for source, weight in parameters.weights.items():
        room, turn, taken, before = wanted * weight / total, 0, 0, len(picked)
        while taken < room:
            for place in draw.permutation(len(sizes[source])):
                entry, size = sizes[source][place]
                if taken + size / 2 > room:
                    taken = int(room) + 1
                    break
                picked.append((entry, turn))
                taken += size
            turn += 1
        details[source] = {"weight": weight, "rounds": turn, "rows": len(picked) - before}
    order = draw.permutation(len(picked))
    result = _copies(rows, [picked[place] for place in order])
    result.details = details
    return result


def _known_sources(parameters: MixParameters, sizes: dict[str, Any], context: StepContext) -> None:
    from railcrate.data.errors import StepError
    from railcrate.study.problems import nearest

    for source in parameters.weights:
        if source not in sizes:
            raise StepError(f"{context.where}: there are no rows of a source '{source}'", nearest(source, sizes))
    missing = [source for source in sizes if source not in parameters.weights]
    if missing:
        raise StepError(f"{context.where}: no weight for {', '.join(missing)}", "Give each a weight; 0 leaves it out.")


def _copies(rows: Dataset, picks: list[tuple[int, int]]) -> StepResult:
    """Take rows by number and round; the copies of a later round get ids of their own."""
    turns = [turn for _, turn in picks]
    chosen = rows.select([number for number, _ in picks])

    def renamed(batch: dict[str, list[str]], places: list[int]) -> dict[str, list[str]]:
        return {
            "id": [
                identifier if turns[place] == 0 else f"{identifier}#{turns[place] + 1}"
                for identifier, place in zip(batch["id"], places, strict=True)
            ]
        }

    result = chosen.map(renamed, batched=True, with_indices=True, load_from_cache_file=False)
    different = len({number for number, _ in picks})
    return StepResult(result, removed=len(rows) - different, added=len(picks) - different)
