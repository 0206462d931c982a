# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A study whose models train in a second or two, with its variant, tokenizer and blocks made."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from railcrate.study import paths
from railcrate.study.config import Study

WORDS = "the a small old cat dog farmer sees likes feeds near under house garden quickly again".split()  # noqa: SIM905
ARCHITECTURE = {
    "model_type": "llama",
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "attention_dropout": 0.1,
}


def study(**changes) -> Study:
    """The configuration, with some keys changed."""
    content = {
        "title": "Small",
        "abstract": "Does it train?",
        "creators": [{"name": "Doe, Jane"}],
        "sources": {"words": {"type": "local", "path": "words.txt", "license": "CC0-1.0", "citation": "nobody"}},
        "recipes": {"raw": {"from": ["words"]}},
        "tokenizers": {"own": {"vocab_size": 300, "train_on": "raw"}},
        "models": {"tiny": {"kind": "scratch", "tokenizer": "own", "architecture": ARCHITECTURE}},
        "training": {
            "tokens": 60 * 4 * 16, "block_length": 16, "batch_size": 4, "checkpoints": 3, "log_every": 5,
        },
        "benchmarks": {"quiz": {"tasks": ["*"], "path": "tasks"}},
    }  # fmt: skip
    return Study.model_validate({**content, **changes})


def write_text(folder: Path, variant: str, count: int, seed: int = 0) -> None:
    """Write a variant of sentences of random words."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    draw = Random(seed)
    texts = [" ".join(draw.choices(WORDS, k=draw.randint(4, 12))).capitalize() + "." for _ in range(count)]
    path = folder / paths.variant_text(variant)
    path.parent.mkdir(parents=True, exist_ok=True)
    ids = [f"words/{number}" for number in range(count)]
    pq.write_table(pa.table({"id": ids, "text": texts, "source": ["words"] * count}), path)


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """A study's folder with everything that training needs."""
    from railcrate.model.blocks import pack_blocks
    from railcrate.model.tokenizer import train_tokenizer

    monkeypatch.chdir(tmp_path)
    write_text(tmp_path, "raw", 200)
    train_tokenizer(tmp_path, study(), "own", "raw")
    pack_blocks(tmp_path, study(), "tiny", "raw")
    return tmp_path
