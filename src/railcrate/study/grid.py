# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The grid of experiments: model × variant × seed, in one order that never changes."""

from __future__ import annotations

from dataclasses import dataclass

from railcrate.study.config import Study
from railcrate.study.models import Base, FinetuneModel, PretrainedModel, ScratchModel, Training


@dataclass(frozen=True)
class Experiment:
    """One cell of the grid.

    Attributes:
        model: name of the model.
        variant: name of the variant it is trained on; None for a pretrained model.
        seed: seed of initialisation, data order and dropout; None for a pretrained model.
    """

    model: str
    variant: str | None = None
    seed: int | None = None

    @property
    def id(self) -> str:
        """Name in paths and tables: `model.variant.seed3`, or `model.pretrained`."""
        if self.variant is None:
            return f"{self.model}.pretrained"
        return f"{self.model}.{self.variant}.seed{self.seed}"


def experiments(study: Study) -> list[Experiment]:
    """List the cells of the grid, in the order of the configuration.

    Args:
        study: the configuration.

    Returns:
        Every experiment once.
    """
    cells: list[Experiment] = []
    for name, model in study.models.items():
        if isinstance(model, PretrainedModel):
            cells.append(Experiment(name))
            continue
        for variant in variants_of(study, name):
            seeds = model.seeds if model.seeds is not None else study.seeds
            cells.extend(Experiment(name, variant, seed) for seed in seeds)
    return cells


def variants_of(study: Study, model: str) -> list[str]:
    """Name the variants that a model is trained on; none for a pretrained one."""
    chosen = study.models[model]
    if isinstance(chosen, PretrainedModel):
        return []
    return list(chosen.variants) if chosen.variants is not None else list(study.recipes)


def training_of(study: Study, model: str) -> Training:
    """Give a model's training settings: the study's, with the model's own on top."""
    chosen = study.models[model]
    own = getattr(chosen, "training", None)
    if own is None:
        return study.training
    return study.training.model_copy(update=own.model_dump(exclude_none=True))


def base_of(study: Study, model: str) -> Base | None:
    """Give the base that a model starts from; None for one from scratch."""
    chosen = study.models[model]
    if isinstance(chosen, FinetuneModel | PretrainedModel):
        return chosen.base
    return None


def tokenizer_corpus(study: Study, model: str, variant: str) -> str | None:
    """Name the variant that a scratch model's tokenizer is trained on; None where a base brings its own."""
    chosen = study.models[model]
    if not isinstance(chosen, ScratchModel):
        return None
    return study.tokenizers[chosen.tokenizer].train_on or variant


def is_adapter(study: Study, model: str) -> bool:
    """Tell whether a model's weights are a LoRA adapter."""
    chosen = study.models[model]
    return isinstance(chosen, FinetuneModel) and chosen.lora is not None


def sources_of(study: Study, variant: str) -> list[str]:
    """Name the sources that a variant's text is from, by way of other recipes as well."""
    found: list[str] = []
    for name in study.recipes[variant].inputs:
        found += [name] if name in study.sources else sources_of(study, name)
    return list(dict.fromkeys(found))
