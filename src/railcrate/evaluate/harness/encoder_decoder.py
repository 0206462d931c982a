# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""An encoder-decoder for lm-eval, as its own backend for such models (`seq2seq`) has it.

The encoder reads the context, and the decoder is scored on the continuation; without a context
the encoder reads the token that begins a document. So each of the two has all of the model's
length, and they are tokenized apart: a tokenizer that ends a text with a token of its own, as T5's
does with `</s>`, ends the context with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from railcrate.evaluate.harness.lm import BatchedLM, Encoded, Pair, summed
from railcrate.model.kinds import ENCODER_DECODER, kind_of


class EncoderDecoderLM(BatchedLM):
    """lm-eval's interface to an encoder-decoder that is already in memory; see `BatchedLM`."""

    kind = ENCODER_DECODER

    def _encode_pairs(self, pairs: Sequence[Pair]) -> list[Encoded]:
        # A space at the end of the context belongs to the continuation.
        stems = [context.rstrip() if context else "" for context, _ in pairs]
        texts = [context[len(stem) :] + text for stem, (context, text) in zip(stems, pairs, strict=True)]
        contexts = list(dict.fromkeys(stem for stem, (context, _) in zip(stems, pairs, strict=True) if context))
        known = dict(zip(contexts, self._encode_texts(contexts), strict=True))
        prefix = self.prefix_token_id
        encoded: list[Encoded] = []
        for (context, _), stem, ids in zip(pairs, stems, self._tokenize(texts, special=False), strict=True):
            if context:
                encoded.append((known[stem], ids))
            else:
                encoded.append((ids[:1], ids[1:]) if ids and ids[0] == prefix else ([prefix], ids))
        return encoded

    def _fitted(self, ids: Encoded) -> Encoded:
        context, text = ids
        return (context[-self._longest :], text) if len(context) > self._longest else ids

    def _columns(self, longest: int, ids: Encoded) -> int:
        return len(ids[1])

    def _score_batch(self, pairs: list[Encoded]) -> list[tuple[float, bool]]:
        contexts = self._padded([context for context, _ in pairs])
        texts = self._padded([text for _, text in pairs])
        read, scored = (np.array([len(ids) for ids in part])[:, None] for part in zip(*pairs, strict=True))
        mask = torch.from_numpy(np.arange(contexts.shape[1])[None, :] < read).to(self.device)
        wanted = torch.from_numpy(np.arange(texts.shape[1])[None, :] < scored).to(self.device)
        with torch.inference_mode():
            # The model shifts what it is to predict to the right, and so makes what its decoder reads.
            logits = self.model(input_ids=contexts, attention_mask=mask.long(), labels=texts, **self._options).logits
            return summed(logits, texts, wanted)


def as_lm(model: Any, tokenizer: Any, *, batch_size: int, max_length: int | None = None) -> BatchedLM:
    """Wrap a model for lm-eval, whichever kind it is of.

    Args:
        model: a language model of transformers, or a peft model around one.
        tokenizer: its tokenizer.
        batch_size: sequences in a batch, at most.
        max_length: tokens that the model reads, at most; None for the model's own limit.

    Returns:
        lm-eval's interface to it.
    """
    made = EncoderDecoderLM if kind_of(model.config) is ENCODER_DECODER else BatchedLM
    return made(model, tokenizer, batch_size=batch_size, max_length=max_length)
