# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Does a text hold what the study's benchmarks ask? Overlap of n-grams of words.

The usual measure is a shared run of 13 words (Brown et al. 2020, arXiv:2005.14165,
appendix C). Texts of small benchmarks are often shorter: a text of fewer words than n, but
at least `SHORTEST`, counts as found when all its words stand in a row. Each text of an item
(a sentence, a question, an option) is looked for on its own. An item of which every text is
shorter than `SHORTEST` words cannot be found; such items are counted apart.

n-grams are kept as hashes in sorted arrays: at most 28 bytes for each, however long they are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from railcrate.data.errors import SourceError
from railcrate.data.shingles import WordNumbers, mix_in, run_hashes, whole_runs
from railcrate.study.config import Study

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SHORTEST = 5  # words; shorter runs are everywhere
PENDING = 1000  # texts of items whose n-grams are computed at once
FILTER = 8  # places of the filter for each n-gram, at least
WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Item:
    """An item of a benchmark.

    Attributes:
        benchmark: the benchmark.
        name: `file:line`.
    """

    benchmark: str
    name: str


@dataclass(frozen=True)
class Match:
    """An n-gram of a benchmark that stands in a text.

    Attributes:
        text: the text's place among those that were asked for.
        ngram: the words.
        owners: numbers of the items that hold it; see `NgramIndex.items`.
    """

    text: int
    ngram: str
    owners: NDArray[np.uint32]


def words_of(text: str) -> list[str]:
    """Split a text into words: small letters, without punctuation."""
    return WORD.findall(text.lower())


def benchmark_items(folder: Path, study: Study, benchmark: str) -> Iterator[tuple[str, list[str]]]:
    """Read the items of a benchmark from its `data` files.

    Args:
        folder: the study's folder.
        study: the configuration.
        benchmark: the benchmark's name.

    Yields:
        `file:line` (`file:row` in tables) and all texts of the item, whatever their fields.

    Raises:
        SourceError: when a file is missing or is not JSON Lines, CSV, TSV, Parquet or text.
    """
    for name in study.benchmarks[benchmark].data:
        path = folder / name
        if not path.is_file():
            raise SourceError(f"{name}, data of the benchmark '{benchmark}', is not there", "Run snakemake.")
        if name.endswith(".parquet"):
            rows: Iterable[tuple[int, Any]] = enumerate(_parquet(path, name), start=1)
        elif name.endswith((".csv", ".tsv")):
            rows = enumerate(_table(path, "\t" if name.endswith(".tsv") else ","), start=1)
        else:
            rows = _lines(path, name)
        try:
            for number, row in rows:
                yield f"{Path(name).name}:{number}", list(_texts(row))
        except UnicodeDecodeError as error:
            raise SourceError(f"{name}, data of '{benchmark}', is not UTF-8: {error.reason}", "Recode it.") from None


@dataclass(frozen=True)
class _Ngrams:
    """n-grams of one length: their hashes, the items that hold them, and the hashes of their first words."""

    hashes: NDArray[np.uint64]
    owners: NDArray[np.uint32]
    starts: NDArray[np.uint64]


class NgramIndex:
    """The n-grams of benchmarks, to be looked for in texts.

    Args:
        n: words of an n-gram.

    Attributes:
        items: every item, by its number.
        counts: by benchmark: its items, and how many of them are too short to be found.
    """

    def __init__(self, n: int) -> None:
        """Start with nothing."""
        self.n = n
        self.items: list[Item] = []
        self.counts: dict[str, dict[str, int]] = {}
        self._numbers = WordNumbers()
        self._waiting: list[tuple[int, list[str]]] = []
        self._parts: dict[int, list[_Ngrams]] = {}
        self._tables: dict[int, _Ngrams] = {}
        self._filter: NDArray[np.bool_] | None = None

    @classmethod
    def of(cls, folder: Path, study: Study, n: int, benchmarks: Iterable[str] | None = None) -> NgramIndex:
        """Read benchmarks.

        Args:
            folder: the study's folder.
            study: the configuration.
            n: words of an n-gram.
            benchmarks: names; all of the study's by default.

        Raises:
            SourceError: when a file of a benchmark is missing or cannot be read.
        """
        index = cls(n)
        for benchmark in study.benchmarks if benchmarks is None else benchmarks:
            index.counts[benchmark] = {"items": 0, "too_short": 0}
            for name, texts in benchmark_items(folder, study, benchmark):
                index.add(Item(benchmark, name), texts)
        return index

    def add(self, item: Item, texts: Iterable[str]) -> None:
        """Add an item's n-grams: of each of its texts, or a shorter text as a whole."""
        count = self.counts.setdefault(item.benchmark, {"items": 0, "too_short": 0})
        long_enough = [words for words in map(words_of, texts) if len(words) >= SHORTEST]
        count["items"] += 1
        count["too_short"] += not long_enough
        self._waiting += [(len(self.items), words) for words in long_enough]
        self.items.append(item)
        self._filter = None
        if len(self._waiting) >= PENDING:
            self._hash_waiting()

    def find(self, texts: Sequence[str]) -> Iterator[Match]:
        """Find the n-grams that stand in texts.

        Args:
            texts: the texts; some hundred at a time are fast.

        Yields:
            A match for each place where an n-gram stands, text by text for each length of n-grams.
        """
        import numpy as np

        if self._filter is None:
            self._settle()
        assert self._filter is not None
        words = [words_of(text) for text in texts]
        numbers, sizes = self._numbers.of(words)
        # Every n-gram has at least SHORTEST words: where these are not of one, nothing is.
        hashes = run_hashes(numbers, SHORTEST)
        places = np.flatnonzero(self._filter[hashes & np.uint64(len(self._filter) - 1)] & whole_runs(sizes, SHORTEST))
        if not len(places):
            return
        ends = np.cumsum(sizes)
        owner = np.searchsorted(ends, places, side="right")
        started = hashes[places]
        for length in range(SHORTEST, self.n + 1):
            if length > SHORTEST:
                fits = places + length <= ends[owner]
                places, owner, started = places[fits], owner[fits], started[fits]
                mix_in(started, numbers[places + length - 1])
            table = self._tables.get(length)
            if table is None or not len(places):
                continue
            left = np.searchsorted(table.hashes, started, side="left")
            right = np.searchsorted(table.hashes, started, side="right")
            for hit in np.flatnonzero(right > left):
                text = int(owner[hit])
                start = int(places[hit] - (ends[text] - sizes[text]))
                ngram = " ".join(words[text][start : start + length])
                yield Match(text, ngram, table.owners[left[hit] : right[hit]])

    def _hash_waiting(self) -> None:
        """Hash the n-grams of the texts that wait, by their length."""
        import numpy as np

        by_length: dict[int, list[tuple[int, list[str]]]] = {}
        for number, words in self._waiting:
            by_length.setdefault(min(self.n, len(words)), []).append((number, words))
        self._waiting = []
        for length, group in by_length.items():
            numbers, sizes = self._numbers.of([words for _, words in group])
            whole = whole_runs(sizes, length)
            owners = np.array([number for number, _ in group], np.uint32)
            part = _Ngrams(
                hashes=run_hashes(numbers, length)[whole],
                owners=np.repeat(owners, sizes - length + 1),
                starts=run_hashes(numbers, SHORTEST)[: len(whole)][whole],
            )
            self._parts.setdefault(length, []).append(part)

    def _settle(self) -> None:
        """Sort the n-grams, each once for each item, and note how they start."""
        import numpy as np

        self._hash_waiting()
        total = sum(len(part.hashes) for parts in self._parts.values() for part in parts)
        size = 1 << max(10, (FILTER * total - 1).bit_length())
        self._filter = np.zeros(size, bool)
        for length, parts in self._parts.items():
            hashes = np.concatenate([part.hashes for part in parts])
            owners = np.concatenate([part.owners for part in parts])
            starts = np.concatenate([part.starts for part in parts])
            self._filter[starts & np.uint64(size - 1)] = True
            order = np.lexsort((owners, hashes))
            hashes, owners, starts = hashes[order], owners[order], starts[order]
            new = np.r_[True, (hashes[1:] != hashes[:-1]) | (owners[1:] != owners[:-1])]
            self._parts[length] = [_Ngrams(hashes[new], owners[new], starts[new])]
            self._tables[length] = self._parts[length][0]


def _texts(row: Any) -> Iterator[str]:
    if isinstance(row, str):
        yield row
    elif isinstance(row, dict):
        for value in row.values():
            yield from _texts(value)
    elif isinstance(row, list):
        for value in row:
            yield from _texts(value)


def _lines(path: Path, name: str) -> Iterator[tuple[int, Any]]:
    plain = not name.endswith((".jsonl", ".json", ".ndjson"))
    with path.open(encoding="utf-8") as content:
        if name.endswith(".json"):
            try:
                rows = json.load(content)
            except json.JSONDecodeError as error:
                raise SourceError(f"{name}:{error.lineno} is not JSON: {error.msg}", "Mend this line.") from None
            yield from enumerate(rows if isinstance(rows, list) else [rows], start=1)
            return
        for number, line in enumerate(content, start=1):
            if line.strip():
                try:
                    yield number, (line if plain else json.loads(line))
                except json.JSONDecodeError as error:
                    raise SourceError(f"{name}:{number} is not JSON: {error.msg}", "Mend this line.") from None


def _table(path: Path, delimiter: str) -> Iterator[Any]:
    import csv

    with path.open(encoding="utf-8", newline="") as content:
        yield from csv.DictReader(content, delimiter=delimiter)


def _parquet(path: Path, name: str) -> Iterator[Any]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as table:
            for batch in table.iter_batches(batch_size=1024, use_threads=False):
                yield from batch.to_pylist()
    except pa.ArrowInvalid as error:
        raise SourceError(f"{name} is damaged or no Parquet file: {error}", "Delete it and run snakemake.") from error
