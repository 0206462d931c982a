# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The step that drops near-duplicates: MinHash and locality-sensitive hashing.

A text is a set of shingles, runs of words or of characters. MinHash (Broder 1997, "On the
resemblance and containment of documents") gives each text a signature of which two agree in
as large a share as their sets overlap (Jaccard similarity). Signatures are cut into bands;
texts that agree in a whole band are compared (Leskovec, Rajaraman and Ullman, "Mining of
Massive Datasets", chapter 3). Every text that is dropped is as similar as the threshold
says, by its signature, to one that is kept: similarity is not passed on from text to text.

Memory is bounded: signatures and the keys of their bands lie in files, and one band at a
time is read. benchmarks/near_duplicates.py, with 1 GB of text in 1.86 million texts of 540
bytes, on one core: 97 MB of memory and 584 MB of disk for each million texts, 70 s in all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from railcrate.data.shingles import WordNumbers, characters, mix_in, pad, run_hashes, whole_runs
from railcrate.data.steps.registry import EXAMPLES, StepContext, StepParameters, StepResult, example, step, texts_of

if TYPE_CHECKING:
    import numpy as np
    from datasets import Dataset
    from numpy.typing import NDArray

ROUNDS = 50  # texts of one bucket that others are compared with, at most
PASSES = 5  # over all bands, at most; a second is made when texts came back, see `_settle`
PAIRS = 20_000  # pairs of signatures in memory at a time
BATCH = 500  # texts in memory at a time
CURVE = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)


class NearDuplicateParameters(StepParameters):
    """Parameters of `near-duplicates`."""

    threshold: float = Field(0.8, gt=0, lt=1, description="least Jaccard similarity of near-duplicates")
    shingle: int = Field(5, ge=1, le=50, description="words (or characters) of a shingle")
    unit: Literal["words", "characters"] = Field(
        "words", description="what a shingle is made of; characters for languages without spaces"
    )
    permutations: int = Field(128, ge=16, le=1024, description="length of a signature: more is surer and slower")
    seed: int = Field(1, ge=0, lt=1 << 32, description="seed of the permutations")
    keep: Literal["first", "longest"] = Field("first", description="which of several texts stays")


@dataclass(frozen=True)
class Twins:
    """Near-duplicates among texts.

    Attributes:
        twin: for each text, the number of the kept text that it is like; -1 for one that is kept.
        bands: bands of a signature.
        width: permutations of a band.
        compared: pairs of texts that agreed in a band and were compared.
        similarity: the estimated similarity of the first texts that are not kept, by their number.
    """

    twin: NDArray[np.int64]
    bands: int
    width: int
    compared: int
    similarity: dict[int, float]

    @property
    def copies(self) -> NDArray[np.int64]:
        """Numbers of the texts that are not kept."""
        return (self.twin >= 0).nonzero()[0]

    def chance(self, similarity: float) -> float:
        """How likely two texts of a similarity agree in at least one band, and are compared."""
        return float(1 - (1 - similarity**self.width) ** self.bands)


@step("near-duplicates")
def near_duplicates(rows: Dataset, parameters: NearDuplicateParameters, context: StepContext) -> StepResult:
    """Drop texts that are nearly the same as one that is kept (MinHash with locality-sensitive hashing)."""
    import numpy as np

    texts = (batch["text"] for batch in texts_of(rows.select_columns("text"), size=BATCH))
    found = find_twins(texts, len(rows), parameters, context.scratch)
    examples = []
    for place in map(int, found.copies[:EXAMPLES]):
        like = rows[int(found.twin[place])]["id"]
        reason = f"like {like} (similarity about {found.similarity[place]:.2f})"
        examples.append(example(rows[place]["id"], rows[place]["text"], None, reason))
    sizes = np.bincount(found.twin[found.copies], minlength=1) + 1
    details = {
        "bands": found.bands,
        "rows_of_a_band": found.width,
        "compared": found.compared,
        "chance_of_comparison": {str(similarity): round(found.chance(similarity), 4) for similarity in CURVE},
        "groups": int((sizes > 1).sum()),
        "largest_group": int(sizes.max()),
    }
    kept = rows.select(np.flatnonzero(found.twin < 0)) if len(found.copies) else rows
    return StepResult(kept, removed=len(found.copies), details=details, examples=examples)


def bands_of(parameters: NearDuplicateParameters) -> tuple[int, int]:
    """Choose the bands: how many, and how many permutations each has.

    datasketch weighs false positives and false negatives at the threshold alike.
    """
    from datasketch import MinHashLSH

    lsh = MinHashLSH(threshold=parameters.threshold, num_perm=parameters.permutations)
    return int(lsh.b), int(lsh.r)


def find_twins(batches: Iterable[list[str]], total: int, parameters: NearDuplicateParameters, scratch: Path) -> Twins:
    """Find near-duplicates.

    Args:
        batches: the texts, read once.
        total: how many there are.
        parameters: what counts as a near-duplicate.
        scratch: a folder for two files, which are removed at the end.

    Returns:
        Which text is like which.
    """
    import numpy as np

    bands, width = bands_of(parameters)
    signed, keyed = scratch / "signatures", scratch / "bands"
    try:
        lengths = _sign(batches, total, parameters, signed, keyed)
        order = None if parameters.keep == "first" else np.argsort(-lengths, kind="stable")
        del lengths
        twin = np.full(total, -1, np.int64)
        compared = 0
        for _ in range(PASSES if total else 0):
            for band in range(bands):
                keys = np.fromfile(keyed, np.uint64, total, offset=8 * total * band)
                # Mapped anew for each band, so that pages that were read can leave memory.
                signatures = np.memmap(signed, np.uint32, "r", shape=(total, parameters.permutations))
                for first, second in _candidates(keys, order, twin):
                    compared += len(first)
                    like = _similarity(signatures, first, second) >= parameters.threshold
                    twin[second[like]] = first[like]
            if not _settle(twin, signatures, parameters.threshold):
                break
        copies = np.flatnonzero(twin >= 0)[:EXAMPLES]
        shares = _similarity(signatures, twin[copies], copies) if len(copies) else ()
        similarity = {int(place): float(share) for place, share in zip(copies, shares, strict=True)}
    finally:
        signed.unlink(missing_ok=True)
        keyed.unlink(missing_ok=True)
    return Twins(twin, bands, width, compared, similarity)


def signatures_of(texts: list[str], parameters: NearDuplicateParameters, numbers: WordNumbers) -> NDArray[np.uint32]:
    """Compute the MinHash signatures of texts; shape (texts, permutations).

    The permutations are datasketch's (a*h + b modulo 2**32, a odd), here for all texts at
    once: 3 to 5 times as fast as its MinHash, which takes one text and hashes each shingle
    by SHA-1, so that 1 GB takes a minute and not five. A text with fewer words than a shingle is one shingle.
    """
    import numpy as np
    from datasketch import MinHash

    factors, summands = MinHash(num_perm=parameters.permutations, seed=parameters.seed).permutations
    parts = [text.lower().split() for text in texts]
    plain = parameters.unit == "words"
    units, sizes = numbers.of(parts) if plain else characters(" ".join(words) for words in parts)
    units, sizes = pad(units, sizes, parameters.shingle)
    hashes = run_hashes(units, parameters.shingle)[whole_runs(sizes, parameters.shingle)]
    shingles = (hashes >> np.uint64(32)).astype(np.uint32)
    ends = np.cumsum(sizes - parameters.shingle + 1)
    starts = np.concatenate([[0], ends[:-1]])
    signatures = np.empty((parameters.permutations, len(texts)), np.uint32)
    permuted = np.empty_like(shingles)
    for place, (factor, summand) in enumerate(zip(factors, summands, strict=True)):
        np.multiply(shingles, factor, out=permuted)
        np.add(permuted, summand, out=permuted)
        np.minimum.reduceat(permuted, starts, out=signatures[place])
    return signatures.T


def _sign(
    batches: Iterable[list[str]], total: int, parameters: NearDuplicateParameters, signed: Path, keyed: Path
) -> NDArray[np.int64]:
    """Write every text's signature and the keys of its bands, band by band; give the texts' lengths."""
    import numpy as np

    bands, width = bands_of(parameters)
    numbers, lengths, number = WordNumbers(), np.zeros(total, np.int64), 0
    with signed.open("wb") as signatures, keyed.open("wb") as keys:
        for texts in batches:
            rows = signatures_of(texts, parameters, numbers)
            signatures.write(np.ascontiguousarray(rows).data)
            for band in range(bands):
                keys.seek(8 * (total * band + number))
                keys.write(_keys(rows[:, band * width : (band + 1) * width]).data)
            lengths[number : number + len(texts)] = [len(text) for text in texts]
            number += len(texts)
    return lengths


def _keys(band: NDArray[np.uint32]) -> NDArray[np.uint64]:
    """One number for each text's part of a band."""
    import numpy as np

    keys = np.zeros(len(band), np.uint64)
    for column in range(band.shape[1]):
        mix_in(keys, band[:, column].astype(np.uint64))
    return keys


def _candidates(
    keys: NDArray[np.uint64], order: NDArray[np.int64] | None, twin: NDArray[np.int64]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Give pairs of texts that agree in a band, the one to be kept first.

    In each bucket the others are compared with its first text; those that are not like it,
    with the next one that is left; and so on. `twin` is read again after each round, so a
    text that has found its twin is not compared any more.
    """
    import numpy as np

    if order is not None:
        keys = keys[order]
    places = np.argsort(keys, kind="stable")
    buckets = keys[places]
    inside = np.zeros(len(places), bool)
    inside[1:] = buckets[1:] == buckets[:-1]
    inside[:-1] |= inside[1:]
    places, buckets = places[inside], buckets[inside]
    places = places if order is None else order[places]
    for _ in range(ROUNDS):
        left = twin[places] < 0
        places, buckets = places[left], buckets[left]
        if len(places) < 2:
            return
        starts = np.flatnonzero(np.r_[True, buckets[1:] != buckets[:-1]])
        firsts = np.repeat(places[starts], np.diff(np.r_[starts, len(buckets)]))
        others = np.ones(len(places), bool)
        others[starts] = False
        first, second, buckets = firsts[others], places[others], buckets[others]
        for begin in range(0, len(first), PAIRS):
            yield first[begin : begin + PAIRS], second[begin : begin + PAIRS]
        places = second  # the first of each bucket has met all the others


def _settle(twin: NDArray[np.int64], signatures: NDArray[np.uint32], threshold: float) -> int:
    """Lead every text to a twin that is kept.

    A text's twin may since have found a twin of its own. The text is then compared with
    that one, and comes back if it is not like it.

    Returns:
        How many texts came back. Another pass must compare them with what is kept.
    """
    import numpy as np

    back = 0
    while True:
        places = np.flatnonzero(twin >= 0)
        places = places[twin[twin[places]] >= 0]
        if not len(places):
            return back
        places = places[twin[twin[twin[places]]] < 0]
        kept = twin[twin[places]]
        for begin in range(0, len(places), PAIRS):
            some, new = places[begin : begin + PAIRS], kept[begin : begin + PAIRS]
            like = _similarity(signatures, new, some) >= threshold
            twin[some] = np.where(like, new, -1)
            back += int((~like).sum())


def _similarity(
    signatures: NDArray[np.uint32], first: NDArray[np.int64], second: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Estimate the Jaccard similarity of pairs: the share of their signatures that agrees."""
    return (signatures[first] == signatures[second]).mean(axis=1)
