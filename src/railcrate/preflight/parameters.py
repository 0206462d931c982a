# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""How many parameters a model has, without building it.

For the usual architectures they are counted from the configuration, where that states every
size; which is instant, and imports nothing. For others PyTorch is asked, on its `meta` device,
by `railcrate.model.rehearsal`. Of a base they stand in the headers of its weights.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from railcrate.model.safetensors_files import LONGEST_HEADER
from railcrate.model.tokenizer import SPECIAL
from railcrate.preflight.recorded import read_or_none
from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.grid import base_of, experiments, training_of
from railcrate.study.models import FinetuneModel, ScratchModel

BYTES = 256  # tokens of a byte tokenizer, beside the special ones


@dataclass(frozen=True)
class Size:
    """How large a model is.

    Attributes:
        parameters: all of them.
        trained: those that are trained; 0 for a pretrained model, None where nobody knows yet.
    """

    parameters: int
    trained: int | None


def vocabulary_of(study: Study, model: str) -> int:
    """Give the size of a scratch model's vocabulary; its tokenizer may come out smaller on very little text."""
    chosen = study.models[model]
    assert isinstance(chosen, ScratchModel)
    tokenizer = study.tokenizers[chosen.tokenizer]
    return BYTES + len(SPECIAL) if tokenizer.kind == "byte" else tokenizer.vocab_size


def size_of(folder: Path, study: Study, model: str, counts: Mapping[str, int]) -> Size | None:
    """Find out how large a model is: by its formula, by what PyTorch counted, or by the headers of its base.

    Args:
        folder: the study's folder.
        study: the configuration.
        model: the model's name.
        counts: what PyTorch counted, by the model's name, for those that were asked for.

    Returns:
        Its size; None where nothing says.
    """
    chosen = study.models[model]
    if isinstance(chosen, ScratchModel):
        count = counts.get(model) or counted(
            chosen.architecture, vocabulary_of(study, model), training_of(study, model).block_length
        )
        return None if count is None else Size(count, count)
    total = _base_size(folder, study, model)
    if total is None:
        return None
    if not isinstance(chosen, FinetuneModel):
        return Size(total, 0)
    return Size(total, total) if chosen.lora is None else _adapted(folder, study, model, total)


def _adapted(folder: Path, study: Study, model: str, base: int) -> Size:
    """The size of a base with an adapter, by the summary of a training that there was."""
    for cell in experiments(study):
        summary = read_or_none(folder / paths.training_summary(cell.id)) if cell.model == model else None
        if summary is not None:
            return Size(int(summary["parameters"]), int(summary["trainable_parameters"]))
    return Size(base, None)


def _base_size(folder: Path, study: Study, model: str) -> int | None:
    base = base_of(study, model)
    places = [folder / paths.base_folder(model)]
    if base is not None and base.path is not None:
        places.append(folder / base.path)
    for place in places:
        files = sorted(place.glob("*.safetensors"))
        sizes = [_tensors(file) for file in files]
        if files and None not in sizes:
            return sum(size for size in sizes if size is not None)
    return None


def _tensors(path: Path) -> int | None:
    """The numbers that a safetensors file holds, by its header; None where that cannot be read."""
    with path.open("rb") as content:
        start = content.read(8)
        length = struct.unpack("<Q", start)[0] if len(start) == 8 else LONGEST_HEADER + 1
        if length > LONGEST_HEADER:
            return None
        try:
            header = json.loads(content.read(length))
            return sum(int(math.prod(entry["shape"])) for name, entry in header.items() if name != "__metadata__")
        except (ValueError, KeyError, TypeError, AttributeError):
            return None


def counted(architecture: Mapping[str, Any], vocabulary: int, positions: int) -> int | None:
    """Count the parameters of an architecture by its formula.

    Args:
        architecture: model_type and the keys of its transformers configuration.
        vocabulary: tokens of its tokenizer.
        positions: places of its learned position embeddings, where it has them.

    Returns:
        The count; None where the architecture has no formula here, or leaves a size to
        transformers' defaults.
    """
    keys = dict(architecture)
    formula = _FORMULAS.get(str(keys.pop("model_type", "")))
    if formula is None:
        return None
    try:
        return formula(keys, vocabulary, positions)
    except (KeyError, TypeError):  # a size that is not stated, or is no number
        return None


def _llama(keys: dict[str, Any], vocabulary: int, _: int) -> int:
    """Llama and those that share its layers (Touvron et al. 2023, arXiv:2302.13971): RMS norms, a gated MLP."""
    if keys.keys() - {*_LLAMA, *_COUNTLESS}:
        raise KeyError
    width, inner, layers, heads = (keys[key] for key in _LLAMA[:4])
    groups = keys.get("num_key_value_heads", heads)
    size = keys.get("head_dim", width // heads)
    attention = width * size * (2 * heads + 2 * groups)
    if keys.get("attention_bias", False):
        attention += size * (heads + 2 * groups) + width
    mlp = 3 * width * inner + ((2 * inner + width) if keys.get("mlp_bias", False) else 0)
    embeddings = vocabulary * width * (1 if keys.get("tie_word_embeddings", False) else 2)
    return int(embeddings + layers * (attention + mlp + 2 * width) + width)


def _gpt2(keys: dict[str, Any], vocabulary: int, positions: int) -> int:
    """GPT-2 (Radford et al. 2019): learned positions, layer norms and biases everywhere."""
    if keys.keys() - {*_GPT2, *_GPT2_ALSO, *_COUNTLESS}:
        raise KeyError
    width, layers = (keys.get(key, keys.get(also)) for key, also in (_GPT2_WIDTH, _GPT2_LAYERS))
    if width is None or layers is None:
        raise KeyError
    inner = keys.get("n_inner") or 4 * width
    places = keys.get("n_positions", keys.get("max_position_embeddings", positions))
    attention = width * 3 * width + 3 * width + width * width + width
    mlp = width * inner + inner + inner * width + width
    embeddings = vocabulary * width * (1 if keys.get("tie_word_embeddings", True) else 2) + places * width
    return int(embeddings + layers * (attention + mlp + 4 * width) + 2 * width)


def _gpt_neox(keys: dict[str, Any], vocabulary: int, _: int) -> int:
    """GPT-NeoX (Black et al. 2022, arXiv:2204.06745), as Pythia has it: rotary positions, two embeddings."""
    if keys.keys() - {*_NEOX, *_COUNTLESS} or keys.get("attention_bias", True) is not True:
        raise KeyError
    width, inner, layers = (keys[key] for key in _NEOX[:3])
    attention = width * 3 * width + 3 * width + width * width + width
    mlp = width * inner + inner + inner * width + width
    embeddings = vocabulary * width * (1 if keys.get("tie_word_embeddings", False) else 2)
    return int(embeddings + layers * (attention + mlp + 4 * width) + 2 * width)


_LLAMA = (
    "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads", "head_dim",
    "attention_bias", "mlp_bias", "tie_word_embeddings",
)  # fmt: skip
_GPT2_WIDTH, _GPT2_LAYERS = ("n_embd", "hidden_size"), ("n_layer", "num_hidden_layers")
_GPT2 = (*_GPT2_WIDTH, *_GPT2_LAYERS, "n_head", "num_attention_heads", "n_inner", "n_positions")
_GPT2_ALSO = ("tie_word_embeddings", "activation_function", "resid_pdrop", "embd_pdrop", "attn_pdrop")
_NEOX = (
    "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "attention_bias",
    "use_parallel_residual", "attention_dropout", "hidden_dropout", "tie_word_embeddings",
)  # fmt: skip
# Keys that change no count.
_COUNTLESS = (
    "max_position_embeddings", "hidden_act", "initializer_range", "rms_norm_eps", "layer_norm_eps", "rope_theta",
    "rope_scaling", "rope_parameters", "partial_rotary_factor", "attention_dropout", "use_cache",
)  # fmt: skip
# Mistral's number of key-value heads is not its number of heads by default: it must be stated.
_FORMULAS: dict[str, Callable[[dict[str, Any], int, int], int]] = {
    "llama": _llama,
    "mistral": lambda keys, vocabulary, positions: _llama(
        {**keys, "num_key_value_heads": keys["num_key_value_heads"]}, vocabulary, positions
    ),
    "gpt2": _gpt2,
    "gpt_neox": _gpt_neox,
}
