# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The two kinds of language models, and under which names the libraries know each.

A decoder reads a text and predicts each token from those before it. An encoder-decoder, such as
T5, reads one text with its encoder and predicts another with its decoder. What is trained on
follows from the kind in `railcrate.model.objective`, how it is scored in `railcrate.evaluate.harness`;
all else is the same for both. It imports nothing heavy.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from railcrate.study.files import read_json


@dataclass(frozen=True)
class Kind:
    """A kind of language model.

    Attributes:
        name: what we call it, as the catalogue of models does.
        title: the same in a sentence, with its article.
        loader: transformers' class that loads one.
        task: peft's name of its task.
        backend: lm-eval's name for it.
    """

    name: str
    title: str
    loader: str
    task: str
    backend: str


DECODER = Kind("decoder", "a causal language model", "AutoModelForCausalLM", "CAUSAL_LM", "causal")
ENCODER_DECODER = Kind(
    "encoder-decoder", "an encoder-decoder language model", "AutoModelForSeq2SeqLM", "SEQ_2_SEQ_LM", "seq2seq"
)


def kind_of(config: Any) -> Kind:
    """Tell a model's kind.

    Args:
        config: its transformers configuration.

    Returns:
        The kind.
    """
    return ENCODER_DECODER if getattr(config, "is_encoder_decoder", False) else DECODER


def kind_of_weights(folder: Path) -> Kind:
    """Tell the kind of trained weights by the configuration beside them, without transformers.

    Args:
        folder: what a training has written: a model, or an adapter.

    Returns:
        The kind; a decoder where there is no configuration.
    """
    adapter, model = folder / "adapter_config.json", folder / "config.json"
    if adapter.is_file():
        return ENCODER_DECODER if read_json(adapter).get("task_type") == ENCODER_DECODER.task else DECODER
    whole = read_json(model) if model.is_file() else {}
    return ENCODER_DECODER if whole.get("is_encoder_decoder") else DECODER
