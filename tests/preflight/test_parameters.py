# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Counting parameters without building a model, against the models themselves."""

from __future__ import annotations

import pytest
from preflight_kit import LLAMA, study

from railcrate.preflight.parameters import Size, counted, size_of, vocabulary_of
from railcrate.study.models import ScratchModel

ARCHITECTURES = {
    "llama": LLAMA,
    "llama, every option": {
        "model_type": "llama", "hidden_size": 96, "intermediate_size": 200, "num_hidden_layers": 3,
        "num_attention_heads": 6, "num_key_value_heads": 2, "attention_bias": True, "mlp_bias": True,
    },
    "llama, wide heads": {
        "model_type": "llama", "hidden_size": 96, "intermediate_size": 200, "num_hidden_layers": 3,
        "num_attention_heads": 6, "num_key_value_heads": 2, "head_dim": 32, "max_position_embeddings": 999,
    },
    "mistral": {
        "model_type": "mistral", "hidden_size": 96, "intermediate_size": 200, "num_hidden_layers": 3,
        "num_attention_heads": 6, "num_key_value_heads": 3,
    },
    "gpt2": {"model_type": "gpt2", "n_embd": 64, "n_layer": 2, "n_head": 2},
    "gpt2, other names": {
        "model_type": "gpt2", "hidden_size": 64, "num_hidden_layers": 3, "num_attention_heads": 2, "n_inner": 100,
        "n_positions": 200, "tie_word_embeddings": False,
    },
    "gpt_neox": {
        "model_type": "gpt_neox", "hidden_size": 64, "intermediate_size": 256, "num_hidden_layers": 2,
        "num_attention_heads": 4,
    },
    "gpt_neox, tied": {
        "model_type": "gpt_neox", "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 1,
        "num_attention_heads": 4, "tie_word_embeddings": True, "partial_rotary_factor": 0.5,
    },
}  # fmt: skip


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_the_formula_counts_what_the_model_has(name):
    from railcrate.model.rehearsal import count_parameters

    architecture = ARCHITECTURES[name]
    settings = ScratchModel(kind="scratch", tokenizer="own", architecture=architecture)
    assert counted(architecture, 1000, 64) == count_parameters("small", settings, 1000, 64)


@pytest.mark.parametrize(
    "architecture",
    [
        {"model_type": "mamba", "hidden_size": 64},
        {"model_type": "llama", "hidden_size": 64},  # the rest is left to transformers' defaults
        {**LLAMA, "a_key_of_tomorrow": 3},
        {**LLAMA, "hidden_size": "64"},
        {"model_type": "mistral", **{key: value for key, value in LLAMA.items() if key != "model_type"}},
        {**ARCHITECTURES["gpt_neox"], "attention_bias": False},
        {},
    ],
)  # fmt: skip
def test_what_has_no_formula_is_not_guessed(architecture):
    assert counted(architecture, 1000, 64) is None


def test_the_size_of_a_vocabulary():
    assert vocabulary_of(study(), "small") == 512
    assert vocabulary_of(study(tokenizers={"own": {"kind": "byte", "vocab_size": 512}}), "small") == 259


def test_bases_are_counted_by_their_headers(tmp_path):
    import numpy as np
    from safetensors.numpy import save_file

    (tmp_path / "base").mkdir()
    save_file({"a": np.zeros((3, 5), np.float16), "b": np.zeros(7, np.float16)}, tmp_path / "base" / "m.safetensors")
    base = {"path": "base", "license": "Apache-2.0"}
    models = {
        "full": {"kind": "finetune", "base": base},
        "lora": {"kind": "finetune", "base": base, "lora": {}},
        "asis": {"kind": "pretrained", "base": base},
    }
    made = study(models=models)
    assert size_of(tmp_path, made, "full", {}) == Size(22, 22)
    assert size_of(tmp_path, made, "lora", {}) == Size(22, None)
    assert size_of(tmp_path, made, "asis", {}) == Size(22, 0)
    (tmp_path / "base" / "m.safetensors").write_bytes(b"no weights at all")
    assert size_of(tmp_path, made, "full", {}) is None


def test_what_pytorch_counted_goes_first(tmp_path):
    assert size_of(tmp_path, study(), "small", {"small": 7}) == Size(7, 7)


def test_an_adapter_by_the_summary_of_its_training(tmp_path):
    import json

    base = {"repository": "a/b", "revision": "0" * 40, "license": "Apache-2.0"}
    made = study(models={"lora": {"kind": "finetune", "base": base, "lora": {}}})
    assert size_of(tmp_path, made, "lora", {}) is None
    (tmp_path / "models" / "bases" / "lora").mkdir(parents=True)
    import numpy as np
    from safetensors.numpy import save_file

    save_file({"a": np.zeros(9, np.float32)}, tmp_path / "models" / "bases" / "lora" / "model.safetensors")
    summary = tmp_path / "models" / "weights" / "lora.raw.seed0" / "training.json"
    summary.parent.mkdir(parents=True)
    summary.write_text(json.dumps({"parameters": 11, "trainable_parameters": 2}))
    assert size_of(tmp_path, made, "lora", {}) == Size(11, 2)
