# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What training and evaluating a model takes, by its size: memory, and arithmetic. One place for all that ask.

Memory. A training holds 16 bytes for each parameter that is trained (the weight, its gradient, Adam's
two means, all in float32) and 4 for each other one; see Rajbhandari et al. 2020, arXiv:1910.02054,
section 3.1. On top come the activations, in proportion to the tokens of a step: for each token
some numbers for each layer's width, and some for each token of the vocabulary. How many was
measured (PyTorch 2.13 on a CPU, Llama, GPT-NeoX and GPT-2 of 1 to 29 million parameters, blocks of
64 to 512 tokens): the formula came to 0.9 to 1.1 times the memory that was used. On an NVIDIA H100
(PyTorch 2.11, Llama and GPT-NeoX of 135 million to 1.7 billion parameters, in full and by LoRA, blocks
of 1,024 tokens) it came to 0.85 to 1.4 times: there attention is computed otherwise.

Arithmetic. A multiplication and the addition that follows count as two operations, so a token costs two
for each parameter on the way forward, and twice that on the way back (Kaplan et al. 2020,
arXiv:2001.08361, section 2.1; Hoffmann et al. 2022, arXiv:2203.15556, appendix F, count the same way).
On the way back, half of it is for the gradients of the weights, which LoRA does not compute for those of
the base (Hu et al. 2021, arXiv:2106.09685).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from railcrate.study import paths
from railcrate.study.config import Evaluation, Study
from railcrate.study.grid import training_of
from railcrate.study.models import ScratchModel, Training

TRAINED, KEPT = 16, 4  # bytes of a parameter that is trained, and of one that is not
SHARED = 400_000_000  # bytes that jobs share: what the warm process has imported
OWN = 60_000_000  # bytes that any job takes beside its model
CONTEXT = 500_000_000  # bytes that CUDA takes for itself
# Numbers of a token for a layer's width.
_LAYER = {"llama": 27, "mistral": 27, "qwen2": 27, "qwen3": 27, "gpt_neox": 22}
_LAYER_OTHERS = 51  # with dropout and an MLP without gate, as GPT-2's
_LOGITS = 3.5  # numbers of a token for each token of the vocabulary
_HALF = 0.75  # of that with precision: bfloat16, where some of it stays in float32
_BLOCK = 1 << 28  # bytes of logits that an evaluation computes at once, at most
_COPIES = 3  # of these, on the way to a score
# Of an adapter on all linear layers, for each layer, rank and width. A matrix from m to n numbers gets rank × (m + n)
# of them (Hu et al. 2021, section 4.1): attention has four of width to width, and a gated MLP
# three between width and 8/3 of it, together 8 + 11; an MLP without gate, two between width and four times it: 8 + 10.
_ADAPTER = 19
# Operations for each parameter and token.
IN_FULL, BY_LORA, TO_EVALUATE = 6, 4, 2


@dataclass(frozen=True)
class Shape:
    """What of a model's configuration decides how much memory its activations take.

    Attributes:
        kind: model_type.
        width: hidden size.
        layers: number of layers, of encoder and decoder together where there are both.
        vocabulary: tokens.
        positions: tokens that it reads, at most; None where it does not say.
    """

    kind: str
    width: int
    layers: int
    vocabulary: int
    positions: int | None = None


def configuration_of(folder: Path, study: Study, model: str, vocabulary: int) -> dict[str, Any]:
    """Give the transformers configuration of a study's model, as far as it is known before it is built.

    Args:
        folder: the study's folder.
        study: the configuration.
        model: the model's name.
        vocabulary: tokens of a scratch model's tokenizer.

    Returns:
        What the study states of a scratch model, or what a base's own file does; empty where that is not
        fetched yet, or damaged.
    """
    chosen = study.models[model]
    if isinstance(chosen, ScratchModel):
        length = training_of(study, model).block_length
        return {"max_position_embeddings": length, **chosen.architecture, "vocab_size": vocabulary}
    for place in (paths.base_folder(model), chosen.base.path):
        try:
            keys = json.loads((folder / place / "config.json").read_text(encoding="utf-8")) if place else None
        except (OSError, ValueError):
            continue
        if isinstance(keys, dict) and keys:
            return keys
    return {}


def shape_from(keys: Mapping[str, Any]) -> Shape | None:
    """Read a shape from a transformers configuration.

    Args:
        keys: the configuration; of a model that also sees, what its part for text says counts.

    Returns:
        The shape; None where the configuration does not state it.
    """
    inner = keys.get("text_config")
    found = {**keys, **inner} if isinstance(inner, Mapping) else keys

    def size(*names: str) -> int | None:
        return next((found[name] for name in names if isinstance(found.get(name), int)), None)

    width, vocabulary = size("hidden_size", "n_embd", "d_model"), size("vocab_size")
    if found.get("is_encoder_decoder"):
        encoder = size("encoder_layers", "num_layers", "num_hidden_layers")
        decoder = size("decoder_layers", "num_decoder_layers") or encoder
        layers = None if encoder is None or decoder is None else encoder + decoder
    else:
        layers = size("num_hidden_layers", "n_layer", "num_layers")
    if width is None or layers is None or vocabulary is None:
        return None
    positions = size("max_position_embeddings", "n_positions")
    return Shape(str(keys.get("model_type", "")), width, layers, vocabulary, positions)


def adapter(shape: Shape, rank: int) -> int:
    """Estimate how many parameters a LoRA adapter on all linear layers has.

    Args:
        shape: the base's shape.
        rank: the adapter's.
    """
    return rank * _ADAPTER * shape.layers * shape.width


def training_memory(settings: Training, parameters: int, trained: int, shape: Shape) -> int:
    """Work out the memory of a training, without what all jobs share.

    Args:
        settings: how it is trained.
        parameters: of the whole model.
        trained: those of them that are trained: all, or the adapter's.
        shape: the model's shape.

    Returns:
        Bytes.
    """
    states = TRAINED * trained + KEPT * max(0, parameters - trained)
    per_token = _LAYER.get(shape.kind, _LAYER_OTHERS) * shape.width * shape.layers + _LOGITS * shape.vocabulary
    share = _HALF if settings.precision == "bfloat16" else 1.0
    activations = settings.block_length * settings.batch_size * per_token * 4 * share
    return OWN + states + round(activations) + (CONTEXT if settings.device == "cuda" else 0)


def evaluation_memory(settings: Evaluation, parameters: int, shape: Shape | None) -> int:
    """Work out the memory of an evaluation, without what all jobs share.

    Args:
        settings: how it is evaluated.
        parameters: of the model.
        shape: the model's shape; without it the largest block of scores is assumed.

    Returns:
        Bytes, at most.
    """
    logits = _BLOCK
    length = settings.max_length or (shape.positions if shape is not None else None)
    if shape is not None and length is not None:
        logits = min(_BLOCK, settings.batch_size * length * shape.vocabulary * 4)
    each = 2 if settings.precision == "bfloat16" else 4
    return OWN + each * parameters + _COPIES * logits + (CONTEXT if settings.device == "cuda" else 0)
