# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Parts of the configuration, by their dotted keys, where a job rests on some keys of many things."""

from __future__ import annotations

from typing import Any

from railcrate.study.config import Study
from railcrate.study.grid import sources_of
from railcrate.study.sources import SOURCE_STATEMENTS


def described_parts(study: Study, variant: str) -> dict[str, Any]:
    """The parts that a variant's card rests on: its recipe, and what is stated of its sources."""
    parts: dict[str, Any] = {f"recipes.{variant}": study.recipes[variant]}
    for name in sources_of(study, variant):
        keys = ("title", "type", "license", "citation", "limit")
        parts |= {f"sources.{name}.{key}": getattr(study.sources[name], key) for key in keys}
    return parts


def licensed_parts(study: Study) -> dict[str, Any]:
    """The parts that the licenses rest on."""
    parts: dict[str, Any] = {"title": study.title, "creators": study.creators, "licenses": study.licenses}
    for name, source in study.sources.items():
        parts |= {f"sources.{name}.{key}": getattr(source, key) for key in SOURCE_STATEMENTS}
    for name, recipe in study.recipes.items():
        parts |= {f"recipes.{name}.from": recipe.inputs, f"recipes.{name}.title": recipe.title}
    for name, tokenizer in study.tokenizers.items():
        parts[f"tokenizers.{name}.train_on"] = tokenizer.train_on
    for name, model in study.models.items():
        chosen = ("title", "base", "variants", "tokenizer")
        parts |= {f"models.{name}.{key}": getattr(model, key, None) for key in chosen}
    return parts


def assessed_parts(study: Study) -> dict[str, Any]:
    """The parts that the assessment of openness rests on, beside the results that it reads."""
    parts: dict[str, Any] = {
        "title": study.title,
        "creators": study.creators,
        "funding": study.funding,
        "licenses": study.licenses,
        "answers": {name: answer.model_dump(mode="json") for name, answer in study.answers.items()},
        "training.checkpoints": study.training.checkpoints,
        "release.target": study.release.target,
        "release.related": study.release.related,
    }
    for group in ("sources", "recipes", "models", "benchmarks"):
        parts |= {f"{group}.{name}": entry for name, entry in getattr(study, group).items()}
    return parts | {f"comparisons.{name}": entry for name, entry in study.comparisons.items()}
