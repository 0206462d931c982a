# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""How much memory a training and an evaluation take: as recorded, as tried, or by a formula.

A training holds 16 bytes for each parameter that is trained (the weight, its gradient, Adam's two
means, all in float32) and 4 for each other one; see Rajbhandari et al. 2020, arXiv:1910.02054,
section 3.1. On top come the activations, in proportion to the tokens of a step: for each token
some numbers for each layer's width, and some for each token of the vocabulary. How many was
measured (PyTorch 2.13 on a CPU, Llama and GPT-2 of 1 to 29 million parameters, blocks of 64 to
512 tokens): the formula came to 0.9 to 1.1 times the memory that was used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from railcrate.preflight.parameters import Size, vocabulary_of
from railcrate.preflight.recorded import read_or_none
from railcrate.study import paths
from railcrate.study.config import Evaluation, Study
from railcrate.study.grid import base_of, training_of
from railcrate.study.models import ScratchModel, Training

TRAINED, KEPT = 16, 4  # bytes of a parameter that is trained, and of one that is not
SHARED = 400_000_000  # bytes that jobs share: what the warm process has imported
OWN = 60_000_000  # bytes that any job takes beside its model
LAYER = {"llama": 27, "mistral": 27, "qwen2": 27, "qwen3": 27}  # numbers of a token for a layer's width
LAYER_OTHERS = 51  # with dropout and an MLP without gate, as GPT-2's
LOGITS = 3.5  # numbers of a token for each token of the vocabulary
HALF = 0.75  # of that with precision: bfloat16, where some of it stays in float32
BLOCK = 1 << 28  # bytes of logits that an evaluation computes at once, at most
COPIES = 3  # of these, on the way to a score
CONTEXT = 500_000_000  # bytes that CUDA takes for itself


@dataclass(frozen=True)
class Shape:
    """What of a model's configuration decides how much memory its activations take.

    Attributes:
        kind: model_type.
        width: hidden size.
        layers: number of layers.
        vocabulary: tokens.
        positions: tokens that it reads, at most; None where it does not say.
    """

    kind: str
    width: int
    layers: int
    vocabulary: int
    positions: int | None = None


def shape_of(folder: Path, study: Study, model: str) -> Shape | None:
    """Read a model's shape from the study, or from its base's configuration; None where they do not state it."""
    chosen = study.models[model]
    keys: dict[str, Any] = {}
    if isinstance(chosen, ScratchModel):
        length = training_of(study, model).block_length
        keys = {"max_position_embeddings": length, **chosen.architecture, "vocab_size": vocabulary_of(study, model)}
    else:
        base = base_of(study, model)
        places = [paths.base_folder(model), *([base.path] if base is not None and base.path else [])]
        keys = next((found for place in places if (found := read_or_none(folder / place / "config.json"))), {})
    width = keys.get("hidden_size") or keys.get("n_embd") or keys.get("d_model")
    layers = keys.get("num_hidden_layers") or keys.get("n_layer") or keys.get("num_layers")
    if not all(isinstance(value, int) for value in (width, layers, keys.get("vocab_size"))):
        return None
    positions = keys.get("max_position_embeddings") or keys.get("n_positions")
    return Shape(str(keys.get("model_type", "")), int(str(width)), int(str(layers)), keys["vocab_size"], positions)


def training(study: Study, model: str, size: Size, shape: Shape | None) -> int | None:
    """Work out the memory of a training, without what all jobs share.

    Args:
        study: the configuration.
        model: the model's name.
        size: how many parameters it has.
        shape: its shape.

    Returns:
        Bytes; None where the shape is not known.
    """
    return None if shape is None else training_with(training_of(study, model), size, shape)


def training_with(settings: Training, size: Size, shape: Shape) -> int:
    """Work out the memory of a training with given settings, without what all jobs share; bytes."""
    trained = size.parameters if size.trained is None else size.trained
    states = TRAINED * trained + KEPT * (size.parameters - trained)
    per_token = LAYER.get(shape.kind, LAYER_OTHERS) * shape.width * shape.layers + LOGITS * shape.vocabulary
    share = HALF if settings.precision == "bfloat16" else 1.0
    activations = settings.block_length * settings.batch_size * per_token * 4 * share
    return OWN + states + round(activations) + (CONTEXT if settings.device == "cuda" else 0)


def evaluation(study: Study, size: Size, shape: Shape | None) -> int:
    """Work out the memory of an evaluation, without what all jobs share; bytes, at most."""
    return evaluation_with(study.evaluation, size, shape)


def evaluation_with(settings: Evaluation, size: Size, shape: Shape | None) -> int:
    """Work out the memory of an evaluation with given settings, without what all jobs share; bytes, at most."""
    logits = BLOCK
    length = settings.max_length or (shape.positions if shape is not None else None)
    if shape is not None and length is not None:
        logits = min(BLOCK, settings.batch_size * length * shape.vocabulary * 4)
    bytes_each = 2 if settings.precision == "bfloat16" else 4
    return OWN + bytes_each * size.parameters + COPIES * logits + (CONTEXT if settings.device == "cuda" else 0)


def together(of_one: int, at_once: int) -> int:
    """The memory of several jobs at once, with what they share."""
    return SHARED + of_one * at_once


def measured(peak: int) -> int:
    """What a job took beside what all share, by the peak of its process."""
    return max(OWN, peak - SHARED)


def largest(needs: Mapping[str, int]) -> tuple[str, int]:
    """The model that needs most, and how much."""
    return max(needs.items(), key=lambda entry: entry[1])
