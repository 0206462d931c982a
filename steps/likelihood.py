# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A step of this study: take out the sentences that the corpus itself finds least likely."""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import TYPE_CHECKING

from pydantic import Field

from railcrate.data.steps.registry import EXAMPLES, StepContext, StepParameters, StepResult, example, texts_of

if TYPE_CHECKING:
    from datasets import Dataset


class Parameters(StepParameters):
    """Parameters of `drop_unlikely_sentences`."""

    share: float = Field(0.15, gt=0, lt=1, description="share of the sentences that are taken out")


class WordPairs:
    """How likely one word is after another, by counts over the corpus.

    Jelinek-Mercer smoothing of bigrams with unigrams (Chen and Goodman 1999,
    https://doi.org/10.1006/csla.1999.0128), half and half.
    """

    def __init__(self) -> None:
        """Start without counts."""
        self.words: Counter[str] = Counter()
        self.pairs: Counter[tuple[str, str]] = Counter()
        self.total = 0

    def add(self, words: list[str]) -> None:
        """Count a sentence."""
        self.words.update(words)
        self.pairs.update(zip(words, words[1:], strict=False))
        self.total += len(words)

    def worst(self, words: list[str]) -> float:
        """The log-probability of the least likely step from one word to the next, without this sentence's own count."""
        steps = [self._step(first, second) for first, second in zip(words, words[1:], strict=False)]
        return min(steps, default=0.0)

    def _step(self, first: str, second: str) -> float:
        pair = (self.pairs[first, second] - 1) / max(1, self.words[first] - 1)
        # The word's own frequency is divided out: a rare word in its place is no mistake.
        alone = self.words[second] / self.total
        return math.log(0.5 * pair / alone + 0.5)


def sentences(text: str) -> list[str]:
    """Cut a text behind its periods."""
    return re.split(r"(?<=\.)\s+", text)


def tokens(sentence: str) -> list[str]:
    """The words of a sentence, with a mark at either end."""
    return ["<s>", *sentence.rstrip(".").lower().split(), "</s>"]


def drop_unlikely_sentences(rows: Dataset, parameters: Parameters, context: StepContext) -> StepResult:
    """Take out the share of sentences whose words follow one another least as they do elsewhere in the corpus."""
    model = WordPairs()
    for batch in texts_of(rows):
        for text in batch["text"]:
            for sentence in sentences(text):
                model.add(tokens(sentence))
    scores = sorted(
        model.worst(tokens(sentence))
        for batch in texts_of(rows)
        for text in batch["text"]
        for sentence in sentences(text)
    )
    limit = scores[min(len(scores) - 1, int(len(scores) * parameters.share))]
    result = StepResult(rows, details={"sentences": len(scores), "limit": round(limit, 4)})

    def clean(batch: dict[str, list[str]]) -> dict[str, list[str]]:
        return {
            "text": [
                " ".join(sentence for sentence in sentences(text) if model.worst(tokens(sentence)) >= limit)
                for text in batch["text"]
            ]
        }

    cleaned = rows.map(clean, batched=True)
    for before, after in zip(texts_of(rows), texts_of(cleaned), strict=True):
        for identifier, old, new in zip(before["id"], before["text"], after["text"], strict=True):
            if old != new:
                result.changed += bool(new)
                result.removed += not new
                if len(result.examples) < EXAMPLES:
                    result.examples.append(example(identifier, old, new or None, "unlikely sentences"))
    result.rows = cleaned.filter(lambda batch: [bool(text) for text in batch["text"]], batched=True)
    return result
