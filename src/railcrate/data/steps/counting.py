# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Tokenizers that a recipe counts with: a variant may rest on one that is trained on another variant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.problems import Key, Problem, nearest

PARAMETER = "tokenizer"  # a step that counts tokens names one under this key


def tokenizer_file(study: Study, tokenizer: str) -> str:
    """Give the file of a tokenizer that is trained on one variant for all.

    Args:
        study: the configuration.
        tokenizer: its name; `check_tokenizer` has found nothing wrong with it.

    Returns:
        Its tokenizer.json, relative to the study's folder.
    """
    return paths.tokenizer_files(tokenizer, str(study.tokenizers[tokenizer].train_on))[0]


def named(study: Study, variant: str) -> list[str]:
    """Name the tokenizers that a recipe's steps count with, each once.

    Args:
        study: the configuration.
        variant: the recipe.

    Returns:
        Their names, without those that the study does not have.
    """
    found = [
        settings[PARAMETER]
        for entry in study.recipes[variant].steps
        if isinstance(entry, dict)
        for settings in entry.values()
        if isinstance(settings, dict) and isinstance(settings.get(PARAMETER), str)
    ]
    return [name for name in dict.fromkeys(found) if name in study.tokenizers]


def check_tokenizer(study: Study, variant: str, key: Key, given: Mapping[str, Any]) -> Iterator[Problem]:
    """Find what is wrong with the tokenizer that a step counts with.

    Args:
        study: the configuration.
        variant: the recipe.
        key: the step's key.
        given: its parameters.

    Yields:
        A problem when there is no such tokenizer, when it is not trained on one variant, or
        when that variant rests on this one.
    """
    name = given.get(PARAMETER)
    if not isinstance(name, str):
        return
    key = (*key, PARAMETER)
    if name not in study.tokenizers:
        yield Problem(key, f"'{name}'", "the name of a tokenizer", nearest(name, study.tokenizers))
        return
    corpus = study.tokenizers[name].train_on
    if corpus is None:
        yield Problem(
            key,
            f"'{name}', which is trained on each experiment's own variant",
            "a tokenizer that is trained on one recipe",
            f"Set tokenizers.{name}.train_on.",
        )
    elif variant in _rests_on(study, corpus):
        yield Problem(
            key,
            f"'{name}', which is trained on '{corpus}', and that rests on '{variant}'",
            "a tokenizer that is trained on a recipe without this one",
        )


def _rests_on(study: Study, variant: str) -> set[str]:
    """A variant, and all those that it is made from or counted with."""
    found: set[str] = set()
    ahead = [variant]
    while ahead:
        name = ahead.pop()
        if name in study.recipes and name not in found:
            found.add(name)
            ahead += study.recipes[name].inputs
            ahead += [str(study.tokenizers[other].train_on) for other in named(study, name)]
    return found
