# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Models: from a configuration with random weights, from a base, and with an adapter on a base.

A base may be a decoder or an encoder-decoder; what starts from random weights is a decoder.

Attention is left to transformers, which takes PyTorch's fused one (`sdpa`) where the
architecture has it: on one CPU thread it was as fast as the plain one at blocks of 64 and
128 tokens, and on a GPU it is faster. Training and evaluation go through here, so both
use the same.
"""

from __future__ import annotations

import copy
import dataclasses
import re
import sys
from pathlib import Path
from typing import Any

from railcrate.model.errors import ArchitectureError, BaseError, SettingError, nearest
from railcrate.model.kinds import ENCODER_DECODER, kind_of
from railcrate.study.models import FinetuneModel, Lora, ScratchModel

# Keys that follow from the study's other parts, so that they cannot contradict them.
DERIVED = {
    "vocab_size": "it is the tokenizer's (tokenizers.<name>.vocab_size)",
    "bos_token_id": "it is the tokenizer's",
    "eos_token_id": "it is the tokenizer's",
    "pad_token_id": "it is the tokenizer's",
    "dtype": "it is training.precision",
    "architectures": "it follows from model_type",
    "transformers_version": "it is the installed one",
}
# What transformers, or code that a base brings, raises where a model cannot be loaded.
_NOT_LOADED = (OSError, ValueError, RuntimeError, LookupError, ImportError, AttributeError, TypeError, SyntaxError)


def scratch_config(model: str, settings: ScratchModel, tokenizer: Any, block_length: int) -> Any:
    """Make the transformers configuration of a scratch model.

    Args:
        model: the model's name, for messages.
        settings: its part of the study's configuration.
        tokenizer: the tokenizer, which gives vocabulary size and special tokens.
        block_length: tokens in a training block; `max_position_embeddings` unless that is set.

    Returns:
        A `PreTrainedConfig`.

    Raises:
        ArchitectureError: when model_type is unknown or not a causal language model, a key
            is not one of its configuration's, or a value is refused by it.
    """
    from huggingface_hub.errors import StrictDataclassError
    from transformers import AutoConfig

    where = f"models.{model}.architecture"
    keys = dict(settings.architecture)
    kind = str(keys.pop("model_type", ""))
    known = _known_keys(where, kind)
    for key in keys:
        if key in DERIVED:
            raise ArchitectureError(f"{where}.{key}: {DERIVED[key]}", "Remove this key.")
        if key not in known:
            raise ArchitectureError(
                f"{where}.{key}: the configuration of '{kind}' has no such key",
                nearest(key, known) or f"See https://huggingface.co/docs/transformers/model_doc/{kind}",
            )
    positions = known.get("max_position_embeddings")
    if positions is not None and not keys.keys() & {"max_position_embeddings", positions}:
        keys["max_position_embeddings"] = block_length
    try:
        config = AutoConfig.for_model(
            kind,
            vocab_size=len(tokenizer),
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
            **keys,
        )
    except (StrictDataclassError, ValueError, TypeError) as error:
        raise ArchitectureError(
            f"{where}: {' '.join(str(error).split())}", "Correct the value in config/study.yaml."
        ) from error
    room = getattr(config, "max_position_embeddings", None)
    if room is not None and room < block_length:
        raise ArchitectureError(
            f"{where}.max_position_embeddings: {room}, and training.block_length: {block_length}",
            "A model must have a position for every token of a block.",
        )
    return config


def build_scratch(model: str, config: Any) -> Any:
    """Make a model with random weights in float32, drawn from torch's current seed.

    Args:
        model: the model's name, for messages.
        config: its transformers configuration.

    Returns:
        A `PreTrainedModel`.

    Raises:
        ArchitectureError: when the architecture cannot be built from these values.
    """
    import torch
    from transformers import AutoModelForCausalLM

    try:
        return AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    except (ValueError, TypeError, RuntimeError, AssertionError, ZeroDivisionError, KeyError) as error:
        raise ArchitectureError(
            f"models.{model}.architecture: transformers cannot build it: {error}",
            "Sizes must fit together: hidden_size is a multiple of num_attention_heads, for one.",
        ) from error


def load_full(folder: Path, *, precision: str = "float32", trust_remote_code: bool = False) -> Any:
    """Load a model with all its weights from a folder.

    Args:
        folder: safetensors weights and their configuration.
        precision: "float32" or "bfloat16".
        trust_remote_code: whether to run code that the folder brings.

    Returns:
        A `PreTrainedModel`.

    Raises:
        BaseError: when transformers cannot load it as a language model.
    """
    import torch
    import transformers
    from transformers.utils import logging as transformers_logging

    if not sys.stderr.isatty():  # a log is no place for a bar
        transformers_logging.disable_progress_bar()
    try:
        config = transformers.AutoConfig.from_pretrained(
            folder, local_files_only=True, trust_remote_code=trust_remote_code
        )
        return getattr(transformers, kind_of(config).loader).from_pretrained(
            folder,
            config=config,
            dtype=getattr(torch, precision),
            local_files_only=True,
            use_safetensors=True,
            trust_remote_code=trust_remote_code,
        )
    except _NOT_LOADED as error:
        hint = "A repository with code of its own needs base.trust_remote_code: true."
        if trust_remote_code:
            hint = f"Its own code may be made for another transformers than {transformers.__version__}, the one here."
        raise BaseError(
            f"{folder.parent.name}/{folder.name} cannot be loaded as a language model: {error}",
            f"Look at its config.json. {hint}",
        ) from error


def build_finetune(model: str, settings: FinetuneModel, folder: Path, tokenizer: Any, block_length: int) -> Any:
    """Load a base to be trained further, with an adapter where the study asks for one.

    Weights are trained in float32 whatever the base keeps them in; `training.precision`
    sets what is computed with.

    Args:
        model: the model's name, for messages.
        settings: its part of the study's configuration.
        folder: the base's files.
        tokenizer: the base's tokenizer.
        block_length: tokens in a training block.

    Returns:
        A `PreTrainedModel`, or a `PeftModel` around one.

    Raises:
        BaseError: when the base cannot be loaded, has fewer embeddings than its tokenizer
            has tokens, or fewer positions than a block.
        SettingError: when the base has no module that LoRA could adapt.
    """
    from railcrate.model.objective import longest_input

    loaded = load_full(folder, trust_remote_code=settings.base.trust_remote_code)
    rows = loaded.get_input_embeddings().num_embeddings
    if rows < len(tokenizer):
        raise BaseError(
            f"the base of '{model}' has {rows} embeddings, its tokenizer {len(tokenizer)} tokens",
            "Take the tokenizer that belongs to the base.",
        )
    room = getattr(loaded.config.get_text_config(), "max_position_embeddings", None)
    over = longest_input(kind_of(loaded.config), tokenizer, block_length) - block_length
    if room is not None and room < block_length + over:
        raise BaseError(
            f"the base of '{model}' has {room} positions, and training.block_length is {block_length}",
            f"Set models.{model}.training.block_length to {room - max(over, 0)} or less.",
        )
    return loaded if settings.lora is None else _with_adapter(model, loaded, settings.lora)


def load_adapter(loaded: Any, folder: Path) -> Any:
    """Put a trained adapter on its base.

    Args:
        loaded: the base.
        folder: adapter_model.safetensors and adapter_config.json.

    Returns:
        A `PeftModel`.
    """
    from peft import PeftModel

    return PeftModel.from_pretrained(loaded, folder, local_files_only=True)


def _with_adapter(model: str, loaded: Any, lora: Lora) -> Any:
    from peft import LoraConfig, get_peft_model

    config = LoraConfig(
        r=lora.rank,
        lora_alpha=lora.alpha,
        lora_dropout=lora.dropout,
        target_modules=copy.copy(lora.target_modules),
        exclude_modules=_not_for_text(loaded),
        task_type=kind_of(loaded.config).task,
    )
    hint = f"target_modules can name: {', '.join(_linear_names(loaded))}. Or set 'all-linear'."
    try:
        adapted = get_peft_model(loaded, config)
    except (ValueError, NotImplementedError) as error:
        raise SettingError(
            f"models.{model}.lora: peft cannot adapt the base so: {' '.join(str(error).split())}", hint
        ) from error
    reached = [f".{name}" for name in adapted.base_model.targeted_module_names]
    asked = lora.target_modules if isinstance(lora.target_modules, list) else []
    missed = [name for name in asked if not any(one.endswith(f".{name}") for one in reached)]
    if missed and not config.target_parameters:  # experts that are one parameter have other names for peft
        names = ", ".join(map(repr, missed))
        is_or_are = "is" if len(missed) == 1 else "are"
        raise SettingError(
            f"models.{model}.lora.target_modules: {names} {is_or_are} none of the base's layers for text", hint
        )
    return adapted


def _not_for_text(loaded: Any) -> str | None:
    """Give a pattern for the modules that read no text, such as the vision tower of Gemma 3; None without such.

    No text trains them, so an adapter on them would only be in the way. They are all that is not
    part of the decoder for text.
    """
    if loaded.config.get_text_config() is loaded.config or kind_of(loaded.config) is ENCODER_DECODER:
        return None
    decoder = loaded.get_decoder()
    inside = next(name for name, part in loaded.named_modules() if part is decoder)
    return rf"(?!{re.escape(inside)}\.).*" if inside else None


def _linear_names(loaded: Any) -> list[str]:
    """Name the layers that LoRA can adapt, each once, without the numbers of the layers they stand in."""
    from torch.nn import Linear
    from transformers.pytorch_utils import Conv1D

    found = (name for name, part in loaded.named_modules() if isinstance(part, Linear | Conv1D))
    return sorted({name.rsplit(".", 1)[-1] for name in found})


def _known_keys(where: str, kind: str) -> dict[str, str]:
    """Map every key that a model type's configuration takes to the name it is kept under."""
    from transformers import CONFIG_MAPPING
    from transformers.models.auto.modeling_auto import (
        MODEL_FOR_CAUSAL_LM_MAPPING_NAMES,
        MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES,
    )

    if kind in set(MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES) - set(MODEL_FOR_CAUSAL_LM_MAPPING_NAMES):
        raise ArchitectureError(
            f"{where}.model_type: '{kind}', an encoder and a decoder; from random weights only decoders are trained",
            "Take a decoder, such as llama or gpt_neox, or train such a model further (kind: finetune).",
        )
    if kind not in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES:
        found = f"'{kind}'" if kind else "nothing"
        state = "no causal language model of transformers" if kind in CONFIG_MAPPING else "unknown to transformers"
        raise ArchitectureError(
            f"{where}.model_type: {found}, which is {state}" if kind else f"{where}.model_type is missing",
            nearest(kind, MODEL_FOR_CAUSAL_LM_MAPPING_NAMES) or "Such as llama, gpt2, gpt_neox, qwen3, mistral.",
        )
    config = CONFIG_MAPPING[kind]
    keys = {field.name: field.name for field in dataclasses.fields(config)}
    # Old names of position settings are not fields, and transformers still reads them.
    keys |= {
        name: name for name in ("rope_theta", "rope_scaling", "partial_rotary_factor") if "rope_parameters" in keys
    }
    return keys | dict(config.attribute_map)
