# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The step that drops texts which hold what the study's own benchmarks ask."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from pydantic import Field

from railcrate.data.contamination import SHORTEST, NgramIndex
from railcrate.data.errors import StepError
from railcrate.data.steps.apply import keep
from railcrate.data.steps.registry import StepContext, StepParameters, StepResult, step
from railcrate.study.problems import nearest

if TYPE_CHECKING:
    from datasets import Dataset

LISTED = 100  # matches that the report lists


class DecontaminateParameters(StepParameters):
    """Parameters of `decontaminate`."""

    n: int = Field(13, ge=SHORTEST, le=50, description="words in a row that a text and an item share")
    benchmarks: list[str] | None = Field(None, description="benchmarks to look at; all of the study's by default")


@step("decontaminate", reads_benchmarks=True)
def decontaminate(rows: Dataset, parameters: DecontaminateParameters, context: StepContext) -> StepResult:
    """Drop texts that share n words in a row with an item of a benchmark, or hold a shorter item whole."""
    for name in parameters.benchmarks or []:
        if name not in context.study.benchmarks:
            raise StepError(f"{context.where}: there is no benchmark '{name}'", nearest(name, context.study.benchmarks))
    index = NgramIndex.of(context.folder, context.study, parameters.n, parameters.benchmarks)
    items: dict[str, set[str]] = {name: set() for name in index.items}
    texts: Counter[str] = Counter()
    listed: list[dict[str, str]] = []

    def judge(text: str) -> str | None:
        found = list(index.matches(text))
        for match in found:
            items[match.benchmark].add(match.item)
        for name in {match.benchmark for match in found}:
            texts[name] += 1
        if found and len(listed) < LISTED:
            first = found[0]
            listed.append({"benchmark": first.benchmark, "item": first.item, "ngram": first.ngram})
        return f"shares “{found[0].ngram}” with {found[0].benchmark} ({found[0].item})" if found else None

    result = keep(rows, judge)
    by_benchmark = {
        name: {"items": count, "items_matched": len(items[name]), "texts_matched": texts[name]}
        for name, count in index.items.items()
    }
    result.details = {"n": parameters.n, "benchmarks": by_benchmark, "matches": listed}
    return result
