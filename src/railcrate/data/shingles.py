# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Runs of words (shingles, n-grams) as 64-bit hashes, for many texts at once.

Every word has a number of 64 bits; the hash of a run is computed from the numbers of its
words, for all places of all texts in a few operations on arrays. Hashes are the same on
every machine and in every run. NumPy is imported when the first text is read, because the
workflow reads the modules of the steps on every call.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

REMEMBERED = 1 << 20  # words whose numbers are kept in memory, about 150 MB of them
FACTOR = 0x9E3779B97F4A7C15  # an odd number without pattern: 2**64 divided by the golden ratio
PADDING = 0  # stands where a short text has no word


class WordNumbers(dict[str, int]):
    """A number of 64 bits for each word; the words seen are remembered, up to `REMEMBERED`."""

    def __missing__(self, word: str) -> int:
        """Hash a word that is not remembered."""
        if len(self) >= REMEMBERED:
            self.clear()
        number = text_hash(word)
        self[word] = number
        return number

    def of(self, texts: Sequence[Sequence[str]]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """Number the words of texts.

        Args:
            texts: the words of each text.

        Returns:
            The numbers of all words, one text after another, and how many words each text has.
        """
        import numpy as np

        sizes = np.fromiter(map(len, texts), np.int64, len(texts))
        words = map(self.__getitem__, chain.from_iterable(texts))
        return np.fromiter(words, np.uint64, int(sizes.sum())), sizes


def text_hash(text: str) -> int:
    """Hash a text to 64 bits, of which all depend on all of its bytes (BLAKE2b)."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def characters(texts: Iterable[str]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Number the characters of texts, as `WordNumbers.of` numbers their words."""
    import numpy as np

    parts = [np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32) for text in texts]
    sizes = np.fromiter(map(len, parts), np.int64, len(parts))
    return np.concatenate([np.empty(0, np.uint32), *parts]).astype(np.uint64) + np.uint64(1), sizes


def run_hashes(numbers: NDArray[np.uint64], length: int) -> NDArray[np.uint64]:
    """Hash every run of numbers.

    Args:
        numbers: numbers of words.
        length: words of a run.

    Returns:
        The hash of the run that starts at each place; none where there are fewer numbers.
    """
    import numpy as np

    count = max(0, len(numbers) - length + 1)
    hashes = np.zeros(count, np.uint64)
    for place in range(length):
        mix_in(hashes, numbers[place : place + count])
    return hashes


def mix_in(hashes: NDArray[np.uint64], numbers: NDArray[np.uint64]) -> None:
    """Take the next number into each hash, in place: multiplication and shift (modulo 2**64)."""
    import numpy as np

    hashes ^= numbers
    hashes *= np.uint64(FACTOR)
    hashes ^= hashes >> np.uint64(32)


def whole_runs(sizes: NDArray[np.int64], length: int) -> NDArray[np.bool_]:
    """Tell at which places a run ends before its text does.

    Args:
        sizes: words of each text.
        length: words of a run.

    Returns:
        For each place that `run_hashes` hashes, whether its run lies within one text.
    """
    import numpy as np

    total = int(sizes.sum())
    left = np.repeat(np.cumsum(sizes), sizes) - np.arange(total)
    return left[: max(0, total - length + 1)] >= length


def pad(
    numbers: NDArray[np.uint64], sizes: NDArray[np.int64], length: int
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Lengthen texts of fewer words than a run to exactly one run.

    Args:
        numbers: numbers of all words.
        sizes: words of each text.
        length: words of a run.

    Returns:
        Numbers and sizes, with `PADDING` at the end of short texts.
    """
    import numpy as np

    missing = np.maximum(0, length - sizes)
    if not missing.any():
        return numbers, sizes
    places = np.repeat(np.cumsum(sizes), missing)
    return np.insert(numbers, places, np.uint64(PADDING)), sizes + missing
