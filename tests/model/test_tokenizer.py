# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Tokenizers represent any text, come out the same again, and blocks hold what the text says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from railcrate.model.blocks import load_blocks, pack_blocks
from railcrate.model.errors import BaseError, EmptyTextError
from railcrate.model.tokenizer import Bounds, bounds, build_tokenizer, load_tokenizer, read_texts, train_tokenizer
from railcrate.study import paths
from railcrate.study.files import read_json, sha256_file
from railcrate.study.models import Tokenizer
from tests.servers.models import tokenizer_of

from .conftest import WORDS, study, write_text

KINDS = ["bpe", "unigram", "byte"]


@pytest.fixture(scope="module", params=KINDS)
def tokenizer(request):
    return build_tokenizer(Tokenizer(kind=request.param, vocab_size=400), iter([" ".join(WORDS)] * 20))


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=60))
def test_any_text_survives(tokenizer, text):
    assert tokenizer.decode(tokenizer(text, add_special_tokens=False)["input_ids"]) == text


def test_a_document_cannot_end_itself(tokenizer):
    ids = tokenizer("<|endoftext|>", add_special_tokens=False)["input_ids"]
    assert tokenizer.eos_token_id not in ids


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_bytes_again(tmp_path, kind):
    write_text(tmp_path, "raw", 300)
    own = study(tokenizers={"own": {"kind": kind, "vocab_size": 300, "train_on": "raw"}})
    found = []
    for _ in range(2):
        train_tokenizer(tmp_path, own, "own", "raw")
        found.append(sha256_file(tmp_path / paths.tokenizer_folder("own", "raw") / "tokenizer.json"))
    assert found[0] == found[1]


def test_blocks_are_the_documents_between_their_bounds(folder):
    tokenizer = load_tokenizer(folder / paths.tokenizer_folder("own", "raw"))
    edge = bounds(tokenizer).start
    stream = [edge]
    for texts in read_texts(folder / paths.variant_text("raw")):
        for text in texts:
            stream += [*tokenizer(text, add_special_tokens=False)["input_ids"], edge]
    blocks = load_blocks(folder / paths.blocks("tiny", "raw"))
    counts = read_json(folder / paths.blocks_report("tiny", "raw"))
    assert (len(blocks), blocks.shape[1], blocks.dtype) == (counts["blocks"], 16, np.uint16)
    assert blocks.ravel().tolist() == stream[: blocks.size]
    assert counts["tokens"] == len(stream) == blocks.size + counts["dropped_tokens"]


def test_a_variant_that_fills_no_block(folder):
    write_text(folder, "raw", 1)
    before = sha256_file(folder / paths.blocks("tiny", "raw"))
    with pytest.raises(EmptyTextError, match=r"1 documents with \d+ tokens"):
        pack_blocks(folder, study(training={"block_length": 512}), "tiny", "raw")
    assert sha256_file(folder / paths.blocks("tiny", "raw")) == before


def test_a_corpus_without_text():
    with pytest.raises(EmptyTextError, match="has no text"):
        build_tokenizer(Tokenizer(), iter(["", ""]))


def test_a_tokenizer_that_cannot_be_loaded(tmp_path):
    """As of a base that has a sentencepiece model alone: that is told, and what helps."""
    (tmp_path / "config.json").write_text('{"model_type": "t5"}')
    (tmp_path / "spiece.model").write_bytes(b"no model")
    with pytest.raises(BaseError, match=f"the tokenizer in .*/{tmp_path.name} cannot be loaded: ") as caught:
        load_tokenizer(tmp_path)
    assert "protobuf" in caught.value.hint


def test_a_tokenizer_without_tokens_for_bounds_takes_the_unknown():
    tokenizer = tokenizer_of("openai-gpt")
    assert bounds(tokenizer) == Bounds(tokenizer.unk_token_id, tokenizer.unk_token_id)
