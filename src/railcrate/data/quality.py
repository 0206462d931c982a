# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Measures of a text collection: its quality, and what it shares with another one.

All of them run over the texts once, in bounded memory: what would grow with the collection
(different words, n-grams) is counted on a sample whose members a hash decides, so that two
collections are sampled alike. Up to a million different words or n-grams the sample is all
of them. 24 bytes are kept for each text.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from railcrate.data.contamination import words_of
from railcrate.data.shingles import WordNumbers, run_hashes, text_hash, whole_runs

if TYPE_CHECKING:
    from numpy.typing import NDArray

COMPRESSED = 1 << 20  # bytes of text that are compressed to measure redundancy
NGRAM = 8  # words; shared runs of this length are no accident
SKETCH = 1_000_000  # hashes that are kept of a collection's words or n-grams, at most
LANGUAGE_SAMPLE = 200  # texts whose language is identified

DEFINITIONS = {
    "mean_words": "words of a text, on average",
    "median_words": "words of a text, in the middle",
    "distinct_words": "different words, in small letters",
    "type_token_ratio": "different words by words",
    "letters": "share of letters among what is no space",
    "duplicate_rows": "share of texts that stood there before",
    "near_duplicate_rows": "share of texts that the step near-duplicates would drop, as it is by default",
    "repeated_ngrams": f"share of runs of {NGRAM} words that stood there before",
    "compression": f"size when compressed (zlib) by size, first {COMPRESSED >> 20} MB",
    "language_share": f"share of texts in the commonest language, of {LANGUAGE_SAMPLE} spread over the variant",
}


class Sketch:
    """The different hashes of a collection, or those below a limit where there are many.

    The limit is halved whenever more than `SKETCH` are below it. Two sketches can be compared
    below the lower of their limits (as FracMinHash: Irber et al. 2022,
    https://doi.org/10.1101/2022.01.11.475838).

    Attributes:
        limit: what every hash is below.
        total: how many hashes were added, with repetitions.
        hashes: the different ones below the limit, sorted, once `settle` was called.
    """

    def __init__(self) -> None:
        """Start with nothing."""
        self.limit = 1 << 64
        self.total = 0
        self.hashes = np.empty(0, np.uint64)
        self._pending: list[NDArray[np.uint64]] = []
        self._waiting = 0

    def add(self, hashes: NDArray[np.uint64]) -> None:
        """Add hashes, of which some may have been added before."""
        self.total += len(hashes)
        hashes = self._below(hashes)
        self._pending.append(hashes)
        self._waiting += len(hashes)
        if self._waiting > SKETCH:
            self.settle()

    def settle(self) -> None:
        """Put what was added in order, each once; halve the limit while they are too many."""
        self.hashes = np.unique(np.concatenate([self.hashes, *self._pending]))
        self._pending, self._waiting = [], 0
        while len(self.hashes) > SKETCH:
            self.limit //= 2
            self.hashes = self._below(self.hashes)

    @property
    def different(self) -> int:
        """How many different hashes were added: counted, or estimated where the limit was halved."""
        return len(self.hashes) * ((1 << 64) // self.limit)

    def _below(self, hashes: NDArray[np.uint64]) -> NDArray[np.uint64]:
        return hashes if self.limit == 1 << 64 else hashes[hashes < np.uint64(self.limit)]


@dataclass
class Collection:
    """What one pass over a collection of texts gives.

    Attributes:
        rows: texts.
        bytes: their size in UTF-8.
        words: their words.
        quality: measures by the names of `DEFINITIONS`.
        language: the commonest language, as an ISO 639-1 code; empty where it was not identified.
        texts: 8-byte hashes of the texts, each once, sorted.
        ngrams: their n-grams.
    """

    rows: int = 0
    bytes: int = 0
    words: int = 0
    quality: dict[str, float] = field(default_factory=dict)
    language: str = ""
    texts: NDArray[np.uint64] = field(default_factory=lambda: np.empty(0, np.uint64))
    ngrams: Sketch = field(default_factory=Sketch)


def hashed(batches: Iterable[list[str]]) -> Collection:
    """Hash a collection of texts, for `shared` alone.

    Args:
        batches: the texts, read once, some hundred at a time.

    Returns:
        Its hashes, without measures.
    """
    found, numbers = Collection(), WordNumbers()
    texts = [np.empty(0, np.uint64)]
    for batch in batches:
        texts.append(_hash(batch, found, numbers)[0])
    found.ngrams.settle()
    found.texts = np.unique(np.concatenate(texts))
    return found


def _hash(
    batch: list[str], found: Collection, numbers: WordNumbers
) -> tuple[NDArray[np.uint64], NDArray[np.uint64], NDArray[np.int64]]:
    """Add texts' n-grams to a collection; give their hashes, the numbers of all words, and words of each text."""
    units, sizes = numbers.of([words_of(text) for text in batch])
    found.ngrams.add(run_hashes(units, NGRAM)[whole_runs(sizes, NGRAM)])
    return np.fromiter(map(text_hash, batch), np.uint64, len(batch)), units, sizes


def measure(batches: Iterable[list[str]], *, total: int, identify: bool = True) -> Collection:
    """Measure a collection of texts.

    Args:
        batches: the texts, read once, some hundred at a time.
        total: how many there are.
        identify: whether to identify the language of a sample, which takes a model's loading.

    Returns:
        Its counts, measures, and hashes for `shared`.
    """
    found = Collection()
    numbers, words = WordNumbers(), Sketch()
    lengths = np.zeros(total, np.int64)
    texts = np.zeros(total, np.uint64)
    sample: list[str] = []
    every = max(1, total // LANGUAGE_SAMPLE)
    letters = marks = packed = unpacked = 0
    packer = zlib.compressobj(6)
    for batch in batches:
        here = slice(found.rows, found.rows + len(batch))
        texts[here], units, lengths[here] = _hash(batch, found, numbers)
        words.add(units)
        for number, text in enumerate(batch, start=found.rows):
            if number % every == 0 and len(sample) < LANGUAGE_SAMPLE:
                sample.append(text)
        whole = "".join(chain.from_iterable(map(str.split, batch)))
        marks += len(whole)
        letters += sum(map(str.isalpha, whole))
        data = "\n".join(batch).encode("utf-8", "surrogatepass")
        found.bytes += len(data) - len(batch) + 1
        first = data[: COMPRESSED - unpacked]
        packed += len(packer.compress(first))
        unpacked += len(first)
        found.rows += len(batch)
    packed += len(packer.flush())
    words.settle()
    found.ngrams.settle()
    found.words = words.total
    found.texts = np.unique(texts)
    found.quality = {
        "mean_words": round(found.words / max(1, found.rows), 2),
        "median_words": float(np.median(lengths)) if total else 0.0,
        "distinct_words": words.different,
        "type_token_ratio": round(words.different / max(1, found.words), 4),
        "letters": round(letters / max(1, marks), 4),
        "duplicate_rows": round(1 - len(found.texts) / max(1, found.rows), 4),
        "repeated_ngrams": _repeated(found.ngrams),
        "compression": round(packed / max(1, unpacked), 4),
    }
    if identify and sample:
        found.language, found.quality["language_share"] = _language(sample)
    return found


def _repeated(ngrams: Sketch) -> float:
    return round(max(0.0, 1 - ngrams.different / ngrams.total), 4) if ngrams.total else 0.0


def _language(sample: list[str]) -> tuple[str, float]:
    from railcrate.data.steps.filters import language_identifier

    identifier = language_identifier()
    languages = Counter(identifier(text)[0] for text in sample)
    language, count = min(languages.items(), key=lambda entry: (-entry[1], entry[0]))
    return str(language), round(count / len(sample), 4)


def shared(one: Collection, other: Collection) -> dict[str, float]:
    """Say how much of one collection stands in another.

    Args:
        one: the collection.
        other: the other one.

    Returns:
        exact_share, of its different texts, and ngram_share, of its different n-grams.
    """
    exact = np.isin(one.texts, other.texts, assume_unique=True).mean() if len(one.texts) else 0.0
    limit = min(one.ngrams.limit, other.ngrams.limit) - 1
    mine = one.ngrams.hashes[one.ngrams.hashes <= np.uint64(limit)]
    common = np.isin(mine, other.ngrams.hashes, assume_unique=True).mean() if len(mine) else 0.0
    return {"exact_share": round(float(exact), 4), "ngram_share": round(float(common), 4)}
