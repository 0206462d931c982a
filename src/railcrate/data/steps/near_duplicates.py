# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The step that drops near-duplicates: MinHash and locality-sensitive hashing.

A text is a set of shingles, runs of words. MinHash (Broder 1997, "On the resemblance and
containment of documents") gives each text a signature of which two agree in as large a
share as their sets overlap (Jaccard similarity). Signatures are cut into bands; texts that
agree in a whole band are compared (Leskovec, Rajaraman and Ullman, "Mining of Massive
Datasets", chapter 3). datasketch makes the signatures and chooses the bands.

Memory is bounded: signatures lie in a file that is mapped, 4 bytes for each permutation;
one band at a time is in memory, 24 bytes for each text. benchmarks/near_duplicates.py
measures both.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pydantic import Field

from railcrate.data.steps.registry import EXAMPLES, StepContext, StepParameters, StepResult, example, step, texts_of

if TYPE_CHECKING:
    import numpy as np
    from datasets import Dataset
    from numpy.typing import NDArray

ROUNDS = 50  # texts of one bucket that others are compared with, at most
PAIRS = 100_000  # pairs of signatures in memory at a time


class NearDuplicateParameters(StepParameters):
    """Parameters of `near-duplicates`."""

    threshold: float = Field(0.8, gt=0, lt=1, description="least Jaccard similarity of near-duplicates")
    shingle: int = Field(5, ge=1, le=20, description="words of a shingle")
    permutations: int = Field(128, ge=16, le=1024, description="length of a signature: more is surer and slower")
    seed: int = Field(1, description="seed of the permutations")


@step("near-duplicates")
def near_duplicates(rows: Dataset, parameters: NearDuplicateParameters, context: StepContext) -> StepResult:
    """Drop texts that are nearly the same as one before them (MinHash with locality-sensitive hashing)."""
    import numpy as np

    signatures = _signatures(rows, parameters, context)
    bands, width = bands_of(parameters)
    twin = np.full(len(rows), -1, np.int64)
    candidates = 0
    for band in range(bands):
        for first, second in _candidates(signatures[:, band * width : (band + 1) * width], twin):
            candidates += len(first)
            found = _similarity(signatures, first, second) >= parameters.threshold
            twin[second[found]] = first[found]
    copies = np.flatnonzero(twin >= 0)
    examples = []
    for place in copies[:EXAMPLES]:
        similarity = float(_similarity(signatures, twin[[place]], np.array([place]))[0])
        reason = f"like {rows[int(twin[place])]['id']} (similarity about {similarity:.2f})"
        examples.append(example(rows[int(place)]["id"], rows[int(place)]["text"], None, reason))
    details = {"bands": bands, "rows_of_a_band": width, "compared": candidates, **_clusters(twin)}
    kept = rows.select(np.flatnonzero(twin < 0)) if len(copies) else rows
    return StepResult(kept, removed=len(copies), details=details, examples=examples)


def bands_of(parameters: NearDuplicateParameters) -> tuple[int, int]:
    """Choose the bands: how many, and how many rows of a signature each has.

    datasketch weighs false positives and false negatives at the threshold alike.
    """
    from datasketch import MinHashLSH

    lsh = MinHashLSH(threshold=parameters.threshold, num_perm=parameters.permutations)
    return int(lsh.b), int(lsh.r)


def shingles(text: str, words: int) -> list[bytes]:
    """Cut a text into runs of words, in small letters; a shorter text is one run."""
    parts = text.lower().split()
    if len(parts) <= words:
        return [" ".join(parts).encode()]
    return [" ".join(parts[place : place + words]).encode() for place in range(len(parts) - words + 1)]


def _signatures(rows: Dataset, parameters: NearDuplicateParameters, context: StepContext) -> NDArray[np.uint32]:
    """Write the signature of every text into a file; shape (texts, permutations)."""
    import numpy as np
    from datasketch import MinHash

    empty = MinHash(num_perm=parameters.permutations, seed=parameters.seed)
    path = context.scratch / f"signatures-{context.position}"
    signatures = np.memmap(path, np.uint32, "w+", shape=(max(1, len(rows)), parameters.permutations))
    number = 0
    for batch in texts_of(rows):
        for text in batch["text"]:
            signature = empty.copy()
            signature.update_batch(shingles(text, parameters.shingle))
            signatures[number] = signature.hashvalues
            number += 1
    return signatures


def _candidates(
    band: NDArray[np.uint32], twin: NDArray[np.int64]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Give pairs of texts that agree in a band, the earlier one first.

    In each bucket the others are compared with its first text; those that are not like it,
    with the next one that is left; and so on. `twin` is read again after each round, so a
    text that has found its twin is not compared any more.
    """
    import numpy as np

    keys = _keys(band)
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    same = np.flatnonzero(keys[1:] == keys[:-1])
    inside = np.zeros(len(order), bool)
    inside[same] = inside[same + 1] = True
    places, buckets = order[inside], keys[inside]
    for _ in range(ROUNDS):
        left = twin[places] < 0
        places, buckets = places[left], buckets[left]
        if len(places) < 2:
            return
        starts = np.flatnonzero(np.r_[True, buckets[1:] != buckets[:-1]])
        sizes = np.diff(np.r_[starts, len(buckets)])
        firsts = np.repeat(places[starts], sizes)
        others = np.ones(len(places), bool)
        others[starts] = False
        if not others.any():
            return
        first, second = firsts[others], places[others]
        for begin in range(0, len(first), PAIRS):
            yield first[begin : begin + PAIRS], second[begin : begin + PAIRS]
        # The first of each bucket has met all the others.
        places, buckets = second, buckets[others]


def _keys(band: NDArray[np.uint32]) -> NDArray[np.uint64]:
    """One number for each text's part of a band (a polynomial hash modulo 2**64), in pieces."""
    import numpy as np

    keys = np.zeros(len(band), np.uint64)
    factor = np.uint64(0x9E3779B97F4A7C15)
    for begin in range(0, len(band), PAIRS):
        piece = band[begin : begin + PAIRS].astype(np.uint64)
        for column in range(piece.shape[1]):
            mixed = keys[begin : begin + PAIRS] ^ piece[:, column]
            mixed *= factor
            keys[begin : begin + PAIRS] = mixed ^ (mixed >> np.uint64(29))
    return keys


def _similarity(
    signatures: NDArray[np.uint32], first: NDArray[np.int64], second: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Estimate the Jaccard similarity of pairs: the share of their signatures that agrees."""
    return (signatures[first] == signatures[second]).mean(axis=1)


def _clusters(twin: NDArray[np.int64]) -> dict[str, Any]:
    """Count groups of texts that follow from one another, and the largest."""
    import numpy as np

    root = np.where(twin < 0, np.arange(len(twin)), twin)
    while True:
        further = root[root]
        if (further == root).all():
            break
        root = further
    sizes = np.bincount(root, minlength=1)
    return {"groups": int((sizes > 1).sum()), "largest_group": int(sizes.max())}
