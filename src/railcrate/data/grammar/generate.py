# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The generator `grammar`: corpora, clean or spoilt, and the tests that are held out from them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any, Literal

from railcrate.data.grammar.lexicon import load_lexicon
from railcrate.data.grammar.noise import Spoil, spoil_corpus
from railcrate.data.grammar.phenomena import PARADIGMS, attempt, completions, held_out, pairs
from railcrate.data.grammar.sentences import Grammar, Word

CORPUS = "text.jsonl"
COMPLETIONS = "completions.jsonl"
SHOTS = "completions-shots.jsonl"
HELD_OUT = "heldout.jsonl"


def generate(
    output: Path,
    *,
    seed: int,
    part: Literal["corpus", "tests"] = "corpus",
    documents: int = 1000,
    sentences: Sequence[int] = (3, 8),
    spoil: Mapping[str, float] | None = None,
    pairs_each: int = 100,
) -> None:
    """Write a corpus, or the tests.

    A corpus is `text.jsonl`: one document in each line, with `text`, and `noise`, which
    says what was done to it. With the same seed, a spoilt corpus rests on the same clean
    documents as one that is not spoilt.

    Tests are `pairs/<paradigm>.jsonl` for each of thirteen paradigms, `completions.jsonl`
    with `completions-shots.jsonl` for its examples, and `heldout.jsonl`.

    Args:
        output: the folder to write to.
        seed: the seed.
        part: what to write.
        documents: clean documents of a corpus; texts held out, for tests.
        sentences: fewest and most sentences in a document.
        spoil: shares, by the names of `Spoil`.
        pairs_each: minimal pairs of each paradigm; three completions for each two of them.

    Raises:
        ValueError: when a number makes no sense, or `part` is unknown.
        TypeError: when `spoil` has an unknown name.
    """
    fewest, most = sentences
    if documents < 1 or not 1 <= fewest <= most:
        raise ValueError(f"documents: {documents}, sentences: {list(sentences)}: expected at least one of each")
    if part == "corpus":
        clean = list(_documents(Random(f"corpus {seed}"), documents, fewest, most))
        _write(output / CORPUS, spoil_corpus(clean, Spoil(**(spoil or {})), Random(f"noise {seed}")))
    elif part == "tests":
        for paradigm in PARADIGMS:
            draw = Random(f"{paradigm.name} {seed}")
            _write(output / "pairs" / f"{paradigm.name}.jsonl", pairs(paradigm, draw, pairs_each))
        choices = list(completions(Random(f"completions {seed}"), pairs_each * 3 // 2 + 12))
        _write(output / SHOTS, choices[:12])
        _write(output / COMPLETIONS, choices[12:])
        _write(output / HELD_OUT, held_out(Random(f"held out {seed}"), documents, most))
    else:
        raise ValueError(f"part: '{part}'; expected 'corpus' or 'tests'")


def _documents(draw: Random, count: int, fewest: int, most: int) -> Iterable[list[list[Word]]]:
    topics = load_lexicon().topics
    for _ in range(count):
        grammar, length = Grammar(draw, draw.choice(topics)), draw.randint(fewest, most)
        document: list[list[Word]] = []
        while len(document) < length:
            words = attempt(grammar, Grammar.sentence)
            if words is not None:
                document.append(words)
        yield document


def _write(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text("".join(lines), encoding="utf-8", newline="\n")
