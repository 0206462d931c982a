# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The parts `tokenizers`, `models` and `training`: what is trained, and how."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from railcrate.study.parts import Name, Part, RelativePath, Revision


class Tokenizer(Part):
    """A tokenizer that the study trains."""

    kind: Literal["bpe", "unigram", "byte"] = Field(
        "bpe", description="byte-pair encoding, a unigram model, or one token for each byte, which needs no training"
    )
    vocab_size: int = Field(1024, ge=257, le=262144, description="how many tokens it knows")
    train_on: Name | None = Field(
        None, description="the recipe whose variant it is trained on; each experiment's own variant by default"
    )


class Training(Part):
    """How the weights are trained. A model's own `training` overrides the study's, key by key."""

    tokens: int = Field(1_000_000, ge=1, description="budget: tokens seen in training, the same for every variant")
    block_length: int = Field(128, ge=8, description="tokens in a packed block")
    batch_size: int = Field(16, ge=1, description="blocks in a step")
    learning_rate: float = Field(1e-3, gt=0, description="the highest learning rate (of AdamW)")
    schedule: Literal["constant", "linear", "cosine"] = Field(
        "cosine", description="how the learning rate falls after the warm-up"
    )
    warmup: float = Field(0.05, ge=0, lt=1, description="share of the steps in which the learning rate rises")
    weight_decay: float = Field(0.1, ge=0, description="how strongly AdamW pulls weights towards zero")
    gradient_clip: float = Field(1.0, gt=0, description="the largest norm of a gradient")
    checkpoints: int = Field(4, ge=1, le=100, description="how many checkpoints, at even distances")
    log_every: int = Field(10, ge=1, description="steps between two points of the training curve")
    device: Literal["cpu", "cuda"] = Field("cpu", description="what trains: the processor, or an Nvidia GPU")
    precision: Literal["float32", "bfloat16"] = Field("float32", description="the numbers that it is computed with")
    threads: int = Field(1, ge=1, description="CPU threads of one training run; part of what makes it reproducible")


class TrainingOverride(Part):
    """The keys of `training` that one model sets otherwise."""

    tokens: int | None = Field(None, ge=1)
    block_length: int | None = Field(None, ge=8)
    batch_size: int | None = Field(None, ge=1)
    learning_rate: float | None = Field(None, gt=0)
    schedule: Literal["constant", "linear", "cosine"] | None = None
    warmup: float | None = Field(None, ge=0, lt=1)
    weight_decay: float | None = Field(None, ge=0)
    gradient_clip: float | None = Field(None, gt=0)
    checkpoints: int | None = Field(None, ge=1, le=100)
    log_every: int | None = Field(None, ge=1)
    device: Literal["cpu", "cuda"] | None = None
    precision: Literal["float32", "bfloat16"] | None = None
    threads: int | None = Field(None, ge=1)


class ModelBase(Part):
    """What every model may say."""

    title: str | None = Field(None, description="how the report names it")
    variants: list[Name] | None = Field(None, description="the variants it is trained on; every recipe by default")
    seeds: list[int] | None = Field(None, description="its seeds; the study's by default")
    training: TrainingOverride | None = Field(
        None, description="keys of the study's `training` that this model sets otherwise"
    )


class ScratchModel(ModelBase):
    """A causal language model that starts from random weights."""

    kind: Literal["scratch"] = Field(description="trained from random weights")
    tokenizer: Name = Field(description="the tokenizer that it reads text with")
    architecture: dict[str, Any] = Field(
        description="model_type and the keys of that transformers configuration (hidden_size, num_hidden_layers, …)"
    )


class Base(Part):
    """Weights that somebody trained before: a folder, a hub repository at a commit, or a model of the catalogue."""

    path: RelativePath | None = Field(None, description="a folder with safetensors weights, config and tokenizer")
    repository: str | None = Field(None, description="owner/name at the Hugging Face hub")
    catalogue: str | None = Field(
        None, description="a model that `railcrate models` lists; repository and license are then the catalogue's"
    )
    revision: Revision | None = Field(
        None,
        description="the full commit hash; required with repository. With catalogue, without one, the commit that the "
        "first fetch finds is kept in config/bases.lock.yaml",
    )
    license: str = Field(
        "",
        min_length=1,
        description="the license of these weights: SPDX expression, or LicenseRef-…; the catalogue's by default",
    )
    citation: str | None = Field(None, description="whom to cite for it")
    trust_remote_code: bool = Field(False, description="run code that the repository brings; read it first")


# Keys that state something of a base, and bring no other weights.
BASE_STATEMENTS = {"license", "citation"}
# Keys of a model that name cells of the grid and columns of tables, stand elsewhere, or state something:
# what is trained does not rest on them.
NOT_TRAINED: dict[str, Any] = {
    **dict.fromkeys(("title", "variants", "seeds", "training"), True),
    "base": BASE_STATEMENTS,
}


class Lora(Part):
    """Low-rank adaptation (Hu et al. 2021, arXiv:2106.09685), as peft does it."""

    rank: int = Field(8, ge=1, description="the adapter's rank: how much it can learn")
    alpha: float = Field(16, gt=0, description="the adapter's weight is alpha/rank")
    dropout: float = Field(0.0, ge=0, lt=1, description="share of the adapter's inputs that training leaves out")
    target_modules: list[str] | Literal["all-linear"] = Field(
        "all-linear", description="the layers that get an adapter: their names, or all linear ones"
    )


class FinetuneModel(ModelBase):
    """A base that is trained further, in full or by LoRA."""

    kind: Literal["finetune"] = Field(description="a base that is trained further")
    base: Base = Field(description="the weights that it starts from")
    lora: Lora | None = Field(None, description="train an adapter; without it all weights are trained")


class PretrainedModel(Part):
    """A base that is evaluated as it is."""

    kind: Literal["pretrained"] = Field(description="a base that is evaluated as it is")
    base: Base = Field(description="the weights")
    title: str | None = Field(None, description="how the report names it")


Model = Annotated[ScratchModel | FinetuneModel | PretrainedModel, Field(discriminator="kind")]
