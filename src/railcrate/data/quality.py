# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Measures of a text collection: its quality, and what it shares with another one.

All of them run over the texts once, in bounded memory: what would grow with the collection
(distinct words, n-grams) is counted on a sample whose members a hash decides, so that two
collections are sampled alike.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from railcrate.data.contamination import words_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

COMPRESSED = 1 << 20  # bytes of text that are compressed to measure redundancy
NGRAM = 8  # words; shared runs of this length are no accident
SKETCH = 1_000_000  # n-grams that are kept of a collection, at most
LANGUAGE_SAMPLE = 200  # texts whose language is identified

DEFINITIONS = {
    "mean_words": "words of a text, on average",
    "median_words": "words of a text, in the middle",
    "distinct_words": "different words, in small letters",
    "type_token_ratio": "different words by words",
    "letters": "share of letters among what is no space",
    "duplicate_rows": "share of texts that stood there before",
    "repeated_ngrams": f"share of runs of {NGRAM} words that stood there before",
    "compression": f"size when compressed (zlib) by size, first {COMPRESSED >> 20} MB",
    "language_share": f"share of texts in the commonest language, of {LANGUAGE_SAMPLE} spread over the variant",
}


@dataclass
class Collection:
    """What one pass over a collection of texts gives.

    Attributes:
        rows: texts.
        bytes: their size in UTF-8.
        words: their words.
        quality: measures by the names of `DEFINITIONS`.
        language: the commonest language, as an ISO 639-1 code.
        texts: 8-byte hashes of the texts, sorted.
        ngrams: 8-byte hashes of their n-grams, each once, sorted; a sample where there are many.
    """

    rows: int = 0
    bytes: int = 0
    words: int = 0
    quality: dict[str, float] = field(default_factory=dict)
    language: str = ""
    texts: NDArray[np.uint64] = field(default_factory=lambda: np.empty(0, np.uint64))
    ngrams: NDArray[np.uint64] = field(default_factory=lambda: np.empty(0, np.uint64))


class _WordNumbers(dict[str, int]):
    """A number for each word that is the same on every machine and in every run."""

    def __missing__(self, word: str) -> int:
        data = word.encode()
        number = zlib.crc32(data) << 32 | zlib.crc32(data, 0x9E3779B9)
        self[word] = number
        return number


class Sketch:
    """The n-grams of a collection, or every second, fourth, … of them, by their hash.

    Broder's containment over hashes below a limit that is halved whenever they are too many
    (as FracMinHash: Irber et al. 2022, https://doi.org/10.1101/2022.01.11.475838).
    """

    def __init__(self) -> None:
        """Start with all n-grams."""
        self.limit = 1 << 64
        self.total = 0
        self._pending: list[NDArray[np.uint64]] = []
        self._waiting = 0
        self.hashes = np.empty(0, np.uint64)

    def add(self, numbers: NDArray[np.uint64]) -> None:
        """Add the n-grams of one text, given as the numbers of its words."""
        if len(numbers) < NGRAM:
            return
        hashes = np.zeros(len(numbers) - NGRAM + 1, np.uint64)
        for place in range(NGRAM):
            hashes = (hashes ^ numbers[place : len(numbers) - NGRAM + 1 + place]) * np.uint64(0x9E3779B97F4A7C15)
            hashes ^= hashes >> np.uint64(31)
        self.total += len(hashes)
        if self.limit < 1 << 64:
            hashes = hashes[hashes < np.uint64(self.limit)]
        self._pending.append(hashes)
        self._waiting += len(hashes)
        if self._waiting > SKETCH:
            self.settle()

    def settle(self) -> None:
        """Put what is pending in order, each n-gram once; halve the limit while they are too many."""
        self.hashes = np.unique(np.concatenate([self.hashes, *self._pending]))
        self._pending, self._waiting = [], 0
        while len(self.hashes) > SKETCH:
            self.limit //= 2
            self.hashes = self.hashes[self.hashes < np.uint64(self.limit)]


def measure(texts: Iterable[str], *, total: int, identify: bool = True) -> Collection:
    """Measure a collection of texts.

    Args:
        texts: the texts, read once.
        total: how many there are.
        identify: whether to identify the language of a sample, which takes a model's loading.

    Returns:
        Its counts, measures, and hashes for `shared`.
    """
    found = Collection()
    numbers, sketch = _WordNumbers(), Sketch()
    lengths, hashes, letters, marks = [], [], 0, 0
    sample: list[str] = []
    packed, packer, unpacked = 0, zlib.compressobj(6), 0
    every = max(1, total // LANGUAGE_SAMPLE)
    for number, text in enumerate(texts):
        data = text.encode()
        words = words_of(text)
        found.rows, found.bytes, found.words = found.rows + 1, found.bytes + len(data), found.words + len(words)
        lengths.append(len(words))
        hashes.append(zlib.crc32(data) << 32 | zlib.crc32(data, 0x9E3779B9))
        sketch.add(np.fromiter(map(numbers.__getitem__, words), np.uint64, len(words)))
        whole = "".join(text.split())
        marks += len(whole)
        letters += sum(map(str.isalpha, whole))
        if unpacked < COMPRESSED:
            packed += len(packer.compress(data + b"\n"))
            unpacked += len(data) + 1
        if number % every == 0 and len(sample) < LANGUAGE_SAMPLE:
            sample.append(text)
    packed += len(packer.flush())
    sketch.settle()
    found.texts = np.unique(np.array(hashes, np.uint64))
    found.ngrams = sketch.hashes
    kept = max(1.0, sketch.total * sketch.limit / (1 << 64))
    found.quality = {
        "mean_words": round(found.words / max(1, found.rows), 2),
        "median_words": float(np.median(lengths)) if lengths else 0.0,
        "distinct_words": len(numbers),
        "type_token_ratio": round(len(numbers) / max(1, found.words), 4),
        "letters": round(letters / max(1, marks), 4),
        "duplicate_rows": round(1 - len(found.texts) / max(1, found.rows), 4),
        "repeated_ngrams": round(max(0.0, 1 - len(sketch.hashes) / kept), 4) if sketch.total else 0.0,
        "compression": round(packed / max(1, unpacked), 4),
    }
    if identify and sample:
        from railcrate.data.steps.filters import language_identifier

        identifier = language_identifier()
        languages = Counter(identifier(text)[0] for text in sample)
        found.language, count = sorted(languages.items(), key=lambda entry: (-entry[1], entry[0]))[0]
        found.quality["language_share"] = round(count / len(sample), 4)
    return found


def shared(one: Collection, other: Collection) -> dict[str, float]:
    """Say how much of one collection stands in another.

    Args:
        one: the collection.
        other: the other one.

    Returns:
        exact_share, of its different texts, and ngram_share, of its different n-grams.
    """
    exact = np.isin(one.texts, other.texts, assume_unique=True).mean() if len(one.texts) else 0.0
    limit = min(_limit(one), _limit(other))
    mine = one.ngrams[one.ngrams <= limit]
    theirs = other.ngrams[other.ngrams <= limit]
    common = np.isin(mine, theirs, assume_unique=True).mean() if len(mine) else 0.0
    return {"exact_share": round(float(exact), 4), "ngram_share": round(float(common), 4)}


def _limit(collection: Collection) -> np.uint64:
    """The largest hash that a sketch could hold and still be complete below."""
    return collection.ngrams[-1] if len(collection.ngrams) else np.uint64(0)
