# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Does a text hold what the study's benchmarks ask? Overlap of n-grams of words.

The usual measure is a shared run of 13 words (Brown et al. 2020, arXiv:2005.14165,
appendix C). Items of small benchmarks are often shorter: an item of fewer words than n,
but at least `SHORTEST`, counts as found when all its words stand in a row.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from railcrate.data.errors import SourceError
from railcrate.study.config import Study

SHORTEST = 5  # words; shorter runs are everywhere
PREFIX = 3  # words that are looked up before a whole n-gram is
WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Match:
    """An n-gram of a benchmark that stands in a text.

    Attributes:
        benchmark: the benchmark.
        item: the item, as `file:line`.
        ngram: the words.
    """

    benchmark: str
    item: str
    ngram: str


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
        `file:line` and all texts of the item, whatever their fields.

    Raises:
        SourceError: when a file is missing or is not JSON Lines, CSV, TSV, Parquet or text.
    """
    for name in study.benchmarks[benchmark].data:
        path = folder / name
        if not path.is_file():
            raise SourceError(f"{name}, data of the benchmark '{benchmark}', is not there", "Run snakemake.")
        if name.endswith(".parquet"):
            rows: Iterable[Any] = _parquet(path)
        elif name.endswith((".csv", ".tsv")):
            rows = _table(path, "\t" if name.endswith(".tsv") else ",")
        else:
            rows = _lines(path, name)
        for number, row in enumerate(rows, start=1):
            yield f"{Path(name).name}:{number}", list(_texts(row))


class NgramIndex:
    """The n-grams of benchmarks, to be looked for in texts.

    Args:
        n: words of an n-gram.
    """

    def __init__(self, n: int) -> None:
        """Start with nothing."""
        self.n = n
        self.items: dict[str, int] = {}
        self._grams: dict[tuple[str, ...], list[tuple[str, str]]] = {}
        self._prefixes: dict[tuple[str, ...], set[int]] = {}

    @classmethod
    def of(cls, folder: Path, study: Study, n: int, benchmarks: Iterable[str] | None = None) -> NgramIndex:
        """Read benchmarks.

        Args:
            folder: the study's folder.
            study: the configuration.
            n: words of an n-gram.
            benchmarks: names; all of the study's by default.
        """
        index = cls(n)
        for benchmark in study.benchmarks if benchmarks is None else benchmarks:
            index.items[benchmark] = 0
            for item, texts in benchmark_items(folder, study, benchmark):
                index.items[benchmark] += 1
                for text in texts:
                    index.add(benchmark, item, text)
        return index

    def add(self, benchmark: str, item: str, text: str) -> None:
        """Add the n-grams of one text of an item; a shorter text as a whole."""
        words = words_of(text)
        if len(words) < SHORTEST:
            return
        length = min(self.n, len(words))
        for place in range(len(words) - length + 1):
            gram = tuple(words[place : place + length])
            owners = self._grams.setdefault(gram, [])
            if (benchmark, item) not in owners:
                owners.append((benchmark, item))
            self._prefixes.setdefault(gram[:PREFIX], set()).add(length)

    def matches(self, text: str) -> Iterator[Match]:
        """Find the n-grams that stand in a text."""
        words = words_of(text)
        for place in range(len(words) - PREFIX + 1):
            for length in self._prefixes.get(tuple(words[place : place + PREFIX]), ()):
                gram = tuple(words[place : place + length])
                for benchmark, item in self._grams.get(gram, ()):
                    yield Match(benchmark, item, " ".join(gram))


def _texts(row: Any) -> Iterator[str]:
    if isinstance(row, str):
        yield row
    elif isinstance(row, dict):
        for value in row.values():
            yield from _texts(value)
    elif isinstance(row, list):
        for value in row:
            yield from _texts(value)


def _lines(path: Path, name: str) -> Iterator[Any]:
    plain = not name.endswith((".jsonl", ".json", ".ndjson"))
    with path.open(encoding="utf-8") as content:
        if name.endswith(".json"):
            rows = json.load(content)
            yield from rows if isinstance(rows, list) else [rows]
            return
        for number, line in enumerate(content, start=1):
            if line.strip():
                try:
                    yield line if plain else json.loads(line)
                except json.JSONDecodeError as error:
                    raise SourceError(f"{name}:{number} is not JSON: {error.msg}", "Mend this line.") from None


def _table(path: Path, delimiter: str) -> Iterator[Any]:
    import csv

    with path.open(encoding="utf-8", newline="") as content:
        yield from csv.DictReader(content, delimiter=delimiter)


def _parquet(path: Path) -> Iterator[Any]:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as table:
        for batch in table.iter_batches(batch_size=1024, use_threads=False):
            yield from batch.to_pylist()
