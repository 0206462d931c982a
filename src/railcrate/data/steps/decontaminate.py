# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The step that drops texts which hold what the study's own benchmarks ask."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from pydantic import Field

from railcrate.data.contamination import SHORTEST, Match, NgramIndex
from railcrate.data.errors import StepError
from railcrate.data.steps.registry import EXAMPLES, StepContext, StepParameters, StepResult, example, step, texts_of
from railcrate.study.problems import nearest

if TYPE_CHECKING:
    from datasets import Dataset

LISTED = 100  # texts with matches that the report lists


class DecontaminateParameters(StepParameters):
    """Parameters of `decontaminate`."""

    n: int = Field(13, ge=SHORTEST, le=50, description="words in a row that a text and an item share")
    matches: int = Field(1, ge=1, description="how many n-grams of items a text must hold to be dropped")
    benchmarks: list[str] | None = Field(None, description="benchmarks to look at; all of the study's by default")


@step("decontaminate", reads_benchmarks=True)
def decontaminate(rows: Dataset, parameters: DecontaminateParameters, context: StepContext) -> StepResult:
    """Drop texts that share n words in a row with an item of a benchmark, or hold a shorter item whole."""
    for name in parameters.benchmarks or []:
        if name not in context.study.benchmarks:
            raise StepError(f"{context.where}: there is no benchmark '{name}'", nearest(name, context.study.benchmarks))
    index = NgramIndex.of(context.folder, context.study, parameters.n, parameters.benchmarks)
    items_matched: set[int] = set()
    texts_matched: Counter[str] = Counter()
    kept: list[int] = []
    listed: list[dict[str, str]] = []
    result, seen = StepResult(rows), 0
    for batch in texts_of(rows, size=500):
        found: dict[int, list[Match]] = {}
        for match in index.find(batch["text"]):
            found.setdefault(match.text, []).append(match)
        for place, (identifier, text) in enumerate(zip(batch["id"], batch["text"], strict=True)):
            matches = found.get(place, [])
            owners = {int(owner) for match in matches for owner in match.owners}
            items_matched |= owners
            texts_matched.update({index.items[owner].benchmark for owner in owners})
            if len({match.ngram for match in matches}) < parameters.matches:
                kept.append(seen + place)
                continue
            item, ngram = index.items[int(matches[0].owners[0])], matches[0].ngram
            if len(listed) < LISTED:
                listed.append({"id": identifier, "benchmark": item.benchmark, "item": item.name, "ngram": ngram})
            if len(result.examples) < EXAMPLES:
                reason = f"shares “{ngram}” with {item.benchmark} ({item.name})"
                result.examples.append(example(identifier, text, None, reason))
        seen += len(batch["text"])
    result.removed = seen - len(kept)
    if result.removed:
        result.rows = rows.select(kept)
    by_item = Counter(index.items[owner].benchmark for owner in items_matched)
    result.details = {
        "n": parameters.n,
        "benchmarks": {
            name: {**count, "items_matched": by_item[name], "texts_matched": texts_matched[name]}
            for name, count in index.counts.items()
        },
        "matches": listed,
    }
    return result
