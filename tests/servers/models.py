# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Tiny models with random weights, as repositories of the hub: one of each architecture of the catalogue.

They are made from transformers' own configurations. Two architectures of the catalogue are not in
transformers: their repositories bring code of their own, which here is a few lines of ours.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

WORDS = "the a small old cat dog farmer sees likes feeds near under house garden quickly again".split()  # noqa: SIM905
_SIZES = {
    "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2,
    "max_position_embeddings": 128,
}  # fmt: skip
_GROUPED = {**_SIZES, "num_key_value_heads": 1}
_GPT = {"n_embd": 32, "n_layer": 2, "n_head": 2, "n_positions": 128}
SHAPES: dict[str, dict[str, Any]] = {
    "bloom": {"hidden_size": 32, "n_layer": 2, "n_head": 2},
    "crystalcoder": _GPT,
    "falcon": {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2},
    "gemma2": {**_GROUPED, "head_dim": 16},
    "gemma3": {
        "text_config": {**_GROUPED, "head_dim": 16},
        "vision_config": {
            "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2,
            "image_size": 28, "patch_size": 14,
        },
        "mm_tokens_per_image": 4, "image_token_index": 5, "boi_token_index": 6, "eoi_token_index": 7,
    },
    "gpt_neox": _SIZES,
    "gptj": {**_GPT, "rotary_dim": 8},
    "grok-1": {**_GROUPED, "num_local_experts": 4},
    "llama": _GROUPED,
    "mistral": _GROUPED,
    "mixtral": {**_GROUPED, "num_local_experts": 4},
    "olmo": _GROUPED,
    "olmo2": _GROUPED,
    "openai-gpt": _GPT,
    "phi": _GROUPED,
    "phi3": _GROUPED,
    "qwen2": _GROUPED,
    "starcoder2": _GROUPED,
    "t5": {"d_model": 32, "d_kv": 16, "d_ff": 64, "num_layers": 2, "num_heads": 2},
}  # fmt: skip
# Of the two that bring their own code: what the code is called, and what it makes its own.
OWN_CODE = {
    "crystalcoder": ("CrystalCoder", "GPT2", "GPT2LMHeadModel"),
    "grok-1": ("Grok", "Mixtral", "MixtralForCausalLM"),
}
_CODE = {
    "configuration_own.py": "from transformers import {parent}Config\n\n\n"
    'class {name}Config({parent}Config):\n    model_type = "{kind}"\n',
    "modeling_own.py": "from transformers import {model}\n\nfrom .configuration_own import {name}Config\n\n\n"
    "class {name}ForCausalLM({model}):\n    config_class = {name}Config\n",
}


@cache
def repository(architecture: str) -> dict[str, bytes]:
    """Make a model.

    Args:
        architecture: its `model_type`, a key of `SHAPES`.

    Returns:
        The files of its repository by name: configuration, weights, tokenizer, and code where it brings its own.
    """
    import torch
    import transformers

    torch.manual_seed(0)
    tokenizer = tokenizer_of(architecture)
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        shape = SHAPES[architecture]
        if architecture in OWN_CODE:
            config = _own_config(architecture, folder)
        elif "text_config" in shape:
            config = transformers.AutoConfig.for_model(
                architecture, **{**shape, "text_config": {**shape["text_config"], **_tokens(tokenizer)}}
            )
        else:
            config = transformers.AutoConfig.for_model(architecture, **shape, **_tokens(tokenizer))
        made = transformers.AutoModelForSeq2SeqLM if config.is_encoder_decoder else transformers.AutoModelForCausalLM
        made.from_config(config, dtype=torch.float32, trust_remote_code=True).save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}


def sentences(count: int, seed: int = 0) -> list[str]:
    """Sentences of random words, which the tokenizers know."""
    draw = Random(seed)
    return [" ".join(draw.choices(WORDS, k=draw.randint(4, 12))) + "." for _ in range(count)]


def _tokens(tokenizer: Any) -> dict[str, Any]:
    names = ("bos_token_id", "eos_token_id", "pad_token_id")
    ids = {name: getattr(tokenizer, name) for name in names}
    start = {"decoder_start_token_id": tokenizer.pad_token_id} if tokenizer.eos_token == "</s>" else {}
    return {"vocab_size": len(tokenizer), **start, **ids}


def tokenizer_of(architecture: str) -> Any:
    """A tokenizer of the family's kind: what it sets around a text, and which special tokens it has."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    special = _SPECIAL.get(architecture, {"eos_token": "<|endoftext|>"})
    if architecture == "t5":
        trained = Tokenizer(models.Unigram())
        trained.pre_tokenizer, trained.decoder = pre_tokenizers.Metaspace(), decoders.Metaspace()
        options = {"unk_token": "<unk>", "special_tokens": ["<pad>", "</s>", "<unk>"]}
        trainer: Any = trainers.UnigramTrainer(vocab_size=120, show_progress=False, **options)
    else:
        trained = Tokenizer(models.BPE(unk_token=special.get("unk_token")))
        trained.pre_tokenizer, trained.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
        alphabet = pre_tokenizers.ByteLevel.alphabet()
        names = list(dict.fromkeys(special.values()))
        trainer = trainers.BpeTrainer(
            vocab_size=300, special_tokens=names, initial_alphabet=alphabet, show_progress=False
        )
    trained.train_from_iterator(sentences(100), trainer)
    if architecture == "t5":
        trained.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    elif "bos_token" in special:
        bos = special["bos_token"]
        trained.post_processor = processors.TemplateProcessing(
            single=f"{bos} $A", special_tokens=[(bos, trained.token_to_id(bos))]
        )
    return PreTrainedTokenizerFast(tokenizer_object=trained, **special)


# Those with more than one token that ends a document; GPT-1 has none.
_SENTENCEPIECE = {"unk_token": "<unk>", "bos_token": "<s>", "eos_token": "</s>"}
_GEMMA = {"pad_token": "<pad>", "eos_token": "<eos>", "bos_token": "<bos>", "unk_token": "<unk>"}
_SPECIAL: dict[str, dict[str, str]] = {
    "crystalcoder": _SENTENCEPIECE,
    "gemma2": _GEMMA,
    "gemma3": _GEMMA,
    "llama": {"bos_token": "<|begin_of_text|>", "eos_token": "<|end_of_text|>"},
    "mistral": _SENTENCEPIECE,
    "mixtral": _SENTENCEPIECE,
    "openai-gpt": {"unk_token": "<unk>"},
    "t5": {"pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>"},
}


def _own_config(architecture: str, folder: Path) -> Any:
    """Write the code of an architecture that transformers does not have, and read its configuration by it."""
    from transformers import AutoConfig

    name, parent, model = OWN_CODE[architecture]
    for file, code in _CODE.items():
        (folder / file).write_text(code.format(name=name, parent=parent, model=model, kind=architecture))
    mapped = {
        "AutoConfig": f"configuration_own.{name}Config",
        "AutoModelForCausalLM": f"modeling_own.{name}ForCausalLM",
    }
    content = {
        "model_type": architecture,
        "auto_map": mapped,
        **SHAPES[architecture],
        **_tokens(tokenizer_of(architecture)),
    }
    (folder / "config.json").write_text(json.dumps(content))
    return AutoConfig.from_pretrained(folder, trust_remote_code=True)
