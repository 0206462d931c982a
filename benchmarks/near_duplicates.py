# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What near-duplicate removal takes: memory and disk per million texts, megabytes in a second.

A corpus of the size asked for is drawn from a vocabulary with Zipf's frequencies, and every
tenth text is an earlier one with a word exchanged. The step then runs on it as in a
recipe. Memory is the process's own (RssAnon, sampled), without the pages of mapped files,
which the system takes back when it needs them.

    python benchmarks/near_duplicates.py --megabytes 200
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
from datasets import Dataset
from datasketch import MinHash

from railcrate.data.shingles import WordNumbers
from railcrate.data.steps.near_duplicates import NearDuplicateParameters, near_duplicates, signatures_of

BATCH = 10_000
COPIES = 0.1  # share of texts that are copies of earlier ones, with a word exchanged
EXCHANGED = 1  # words of a copy: about 0.88 similar at 80 words


def write_corpus(path: Path, megabytes: float, words: int, seed: int = 0) -> tuple[int, int, int]:
    """Write a corpus as an Arrow file.

    Args:
        path: the file.
        megabytes: how much text.
        words: words of a text, on average.
        seed: of the draw.

    Returns:
        Texts, bytes of text, and how many of the texts are copies.
    """
    draw = np.random.default_rng(seed)
    letters = np.array(list("etaoinshrdlucmfwypvbgk"))
    vocabulary = np.array(["".join(draw.choice(letters, draw.integers(2, 10))) for _ in range(50_000)], dtype=object)
    weights = 1 / np.arange(1, len(vocabulary) + 1)
    cumulative = np.cumsum(weights / weights.sum())
    schema = pa.schema([("id", pa.string()), ("text", pa.string()), ("source", pa.string())])
    rows = size = copies = 0
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, schema) as writer:
        while size < megabytes * 1e6:
            lengths = draw.integers(words // 2, words * 3 // 2, BATCH)
            numbers = np.searchsorted(cumulative, draw.random(int(lengths.sum())))
            texts = [part.tolist() for part in np.split(vocabulary[numbers], np.cumsum(lengths)[:-1])]
            for place in np.flatnonzero(draw.random(BATCH) < COPIES):
                if place:
                    copy = list(texts[int(draw.integers(0, place))])
                    for word in draw.integers(0, len(copy), EXCHANGED):
                        copy[word] = vocabulary[draw.integers(0, len(vocabulary))]
                    texts[place] = copy
                    copies += 1
            joined = [" ".join(text) for text in texts]
            ids = [f"corpus/text.txt:{rows + place}" for place in range(BATCH)]
            writer.write_batch(pa.record_batch([ids, joined, ["corpus"] * BATCH], schema=schema))
            rows, size = rows + BATCH, size + sum(map(len, joined))
    return rows, size, copies


class Watch:
    """Samples how much memory this process has of its own, and how much disk a folder takes."""

    def __init__(self, folder: Path) -> None:
        """Take the memory there is now as nothing."""
        self.folder, self.start = folder, self._memory()
        self.memory = self.disk = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._done.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._done.wait(0.05):
            self.memory = max(self.memory, self._memory() - self.start)
            self.disk = max(self.disk, sum(file.stat().st_size for file in self.folder.iterdir()))

    @staticmethod
    def _memory() -> int:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("RssAnon"))


def against_datasketch(texts: list[str], parameters: NearDuplicateParameters) -> float:
    """How many times as fast signatures are as those of datasketch's MinHash, one text after another."""
    numbers = WordNumbers()
    start = time.perf_counter()
    for begin in range(0, len(texts), 500):
        signatures_of(texts[begin : begin + 500], parameters, numbers)
    own = time.perf_counter() - start
    start = time.perf_counter()
    empty = MinHash(num_perm=parameters.permutations, seed=parameters.seed)
    for text in texts:
        words = text.lower().split()
        count = max(1, len(words) - parameters.shingle + 1)
        empty.copy().update_batch(" ".join(words[at : at + parameters.shingle]).encode() for at in range(count))
    return (time.perf_counter() - start) / own


@dataclass(frozen=True)
class Found:
    """What one run of the step took: its report, seconds, bytes of memory and disk, and a ratio of speeds."""

    removed: int
    compared: int
    seconds: float
    memory: int
    disk: int
    ratio: float


def measure(corpus: Path, scratch: Path, parameters: NearDuplicateParameters) -> Found:
    """Run the step on a corpus, once everything that it needs is imported."""
    rows = Dataset.from_file(str(corpus))
    ratio = against_datasketch(rows[:4000]["text"], parameters)
    start = time.perf_counter()
    with Watch(scratch) as watch:
        result = near_duplicates(rows, parameters, SimpleNamespace(scratch=scratch))
    seconds = time.perf_counter() - start
    return Found(result.removed, result.details["compared"], seconds, watch.memory, watch.disk, ratio)


def main() -> int:
    """Measure, and print."""
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    options.add_argument("--megabytes", type=float, default=20, help="size of the corpus")
    options.add_argument("--words", type=int, default=80, help="words of a text, on average")
    options.add_argument("--folder", type=Path, help="where temporary files go; the system's folder by default")
    given = options.parse_args()
    parameters = NearDuplicateParameters()
    with tempfile.TemporaryDirectory(dir=given.folder) as temporary:
        corpus, scratch = Path(temporary) / "corpus.arrow", Path(temporary) / "scratch"
        scratch.mkdir()
        count, size, copies = write_corpus(corpus, given.megabytes, given.words)
        # In a process of its own: memory that writing the corpus left free would hide what the step takes.
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
            found = process.submit(measure, corpus, scratch, parameters).result()
    millions, megabytes = count / 1e6, size / 1e6
    lines = {
        "texts": f"{count:,} of {size / count:.0f} bytes, {megabytes:,.0f} MB",
        "removed": f"{found.removed:,}; {copies:,} were copies with {EXCHANGED} word exchanged",
        "pairs compared": f"{found.compared:,}",
        "speed": f"{megabytes / found.seconds:.1f} MB/s, {found.seconds / millions:.0f} s per million texts",
        "memory": f"{found.memory / 1e6:.0f} MB, {found.memory / 1e6 / millions:.0f} MB per million texts",
        "disk": f"{found.disk / 1e6:.0f} MB, {found.disk / 1e6 / millions:.0f} MB per million texts",
        "signatures": f"{found.ratio:.1f} times as fast as datasketch's MinHash",
    }
    for name, value in lines.items():
        print(f"{name:<16}{value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
