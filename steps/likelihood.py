# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A step of this study: take out the sentences that the corpus itself finds least likely."""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import TYPE_CHECKING

from pydantic import Field

from railcrate.data.steps.apply import rewrite
from railcrate.data.steps.registry import StepContext, StepParameters, StepResult, texts_of

if TYPE_CHECKING:
    from datasets import Dataset


COMMON = 80  # words that are shapes of their own


class Parameters(StepParameters):
    """Parameters of `drop_unlikely_sentences`."""

    share: float = Field(0.15, gt=0, lt=1, description="share of the sentences that are taken out")


class Shapes:
    """How likely one shape of a word is after two others, by counts over the corpus.

    The commonest words are shapes of their own; of the others only the ending counts. A
    trigram model over such classes (Brown et al. 1992, https://aclanthology.org/J92-4003)
    knows nothing of grammar, and finds "these dog" and "birds sleeps" odd all the same.
    """

    def __init__(self, words: Counter[str]) -> None:
        """Choose the words that are shapes of their own."""
        self.own = {word for word, _ in sorted(words.items(), key=lambda entry: (-entry[1], entry[0]))[:COMMON]}
        self.pairs: Counter[tuple[str, str]] = Counter()
        self.triples: Counter[tuple[str, str, str]] = Counter()

    def shapes(self, words: list[str]) -> list[str]:
        """The shapes of a sentence, with a mark at either end."""
        return ["<s>", "<s>", *(word if word in self.own else f"-{word[-1:]}" for word in words), "</s>"]

    def add(self, words: list[str]) -> None:
        """Count a sentence."""
        shapes = self.shapes(words)
        triples = list(zip(shapes, shapes[1:], shapes[2:], strict=False))
        self.triples.update(triples)
        self.pairs.update((first, second) for first, second, _ in triples)

    def worst(self, words: list[str]) -> float:
        """The log-probability of the least likely shape of a sentence, without the sentence's own count.

        Half a count is added to each (Krichevsky and Trofimov 1981): what never follows a
        common pair is less likely than what never follows a rare one.
        """
        shapes = self.shapes(words)
        steps = [
            math.log((self.triples[triple] - 0.5) / (self.pairs[triple[:2]] - 1 + 0.5 * (COMMON + 26)))
            for triple in zip(shapes, shapes[1:], shapes[2:], strict=False)
        ]
        return min(steps, default=0.0)


def sentences(text: str) -> list[str]:
    """Cut a text behind its periods."""
    return re.split(r"(?<=\.)\s+", text)


def tokens(sentence: str) -> list[str]:
    """The words of a sentence, in small letters."""
    return sentence.rstrip(".").lower().split()


def drop_unlikely_sentences(rows: Dataset, parameters: Parameters, context: StepContext) -> StepResult:
    """Take out the share of sentences whose words follow one another least as they do elsewhere in the corpus."""
    words: Counter[str] = Counter()
    for batch in texts_of(rows):
        for text in batch["text"]:
            words.update(text.replace(".", "").lower().split())
    model = Shapes(words)
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

    def clean(text: str) -> str:
        return " ".join(sentence for sentence in sentences(text) if model.worst(tokens(sentence)) >= limit)

    result = rewrite(rows, clean, "unlikely sentences")
    result.details = {"sentences": len(scores), "limit": round(limit, 6)}
    return result
