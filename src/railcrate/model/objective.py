# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What a model learns from a block of text: batches for transformers' models.

A decoder predicts every token of a block from those before it. An encoder-decoder learns by prefix
language modelling (Raffel et al. 2020, arXiv:1910.10683, section 3.3.1; Lester et al. 2021,
arXiv:2104.08691, call it LM adaptation): its encoder reads the first part of a block, and
its decoder predicts the rest.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch.nn.utils.rnn import pad_sequence

from railcrate.model.kinds import ENCODER_DECODER, Kind

IGNORED = -100  # the label of a place whose token is not learned, in all of transformers' losses

Batch = dict[str, torch.Tensor]


def collator(kind: Kind, tokenizer: Any) -> Callable[[list[torch.Tensor]], Batch]:
    """Give the function that makes a batch of blocks for Trainer.

    Args:
        kind: the model's kind.
        tokenizer: its tokenizer.

    Returns:
        A function of a list of blocks, each of `block_length` token ids.
    """
    return Prefixes(tokenizer) if kind is ENCODER_DECODER else whole


def longest_input(kind: Kind, tokenizer: Any, block_length: int) -> int:
    """Tell how many tokens at most a model reads at once of a block of a length."""
    return block_length - 1 + sum(map(len, around(tokenizer))) if kind is ENCODER_DECODER else block_length


def whole(blocks: list[torch.Tensor]) -> Batch:
    """Make a batch for a decoder: transformers' models shift the labels themselves."""
    tokens = torch.stack(blocks)
    return {"input_ids": tokens, "labels": tokens.clone()}


class Prefixes:
    """Makes batches for an encoder-decoder: each block is cut in two, at any place with the same chance.

    So T5's own code cuts, too (`random_prefix_noise_mask`). The places are drawn from the tokens of
    the batch alone: equal batches are always cut equally, whichever step a run goes on from, and a
    block is cut elsewhere in the next epoch, beside other blocks. The encoder reads its part between
    the tokens that the tokenizer sets around a text, as it does when the model is evaluated.

    Args:
        tokenizer: the model's tokenizer.
    """

    def __init__(self, tokenizer: Any) -> None:
        """Look up the tokens around a text."""
        self._before, self._after = (torch.tensor(ids, dtype=torch.int64) for ids in around(tokenizer))
        self._padding = tokenizer.pad_token_id or 0  # masked, so that any will do

    def __call__(self, blocks: list[torch.Tensor]) -> Batch:
        """Cut the blocks of a batch.

        Args:
            blocks: at least two token ids each, all of one length.

        Returns:
            `input_ids` and `attention_mask` for the encoder; `labels`, which transformers' models
            shift to the right for the decoder.
        """
        tokens = torch.stack(blocks)
        draw = np.random.default_rng(zlib.crc32(tokens.numpy().tobytes()))
        cuts = draw.integers(1, tokens.shape[1], len(blocks)).tolist()
        read = [torch.cat((self._before, row[:cut], self._after)) for row, cut in zip(tokens, cuts, strict=True)]
        written = [row[cut:] for row, cut in zip(tokens, cuts, strict=True)]
        return {
            "input_ids": pad_sequence(read, batch_first=True, padding_value=self._padding),
            "attention_mask": pad_sequence([torch.ones_like(row) for row in read], batch_first=True),
            "labels": pad_sequence(written, batch_first=True, padding_value=IGNORED),
        }


def around(tokenizer: Any) -> tuple[list[int], list[int]]:
    """Tell which tokens a tokenizer sets before and after a text: for T5 nothing and `</s>`."""
    with_ids, ids = (tokenizer("a", add_special_tokens=special)["input_ids"] for special in (True, False))
    start = next(place for place in range(len(with_ids)) if with_ids[place : place + len(ids)] == ids)
    return with_ids[:start], with_ids[start + len(ids) :]
