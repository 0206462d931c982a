# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What was done with the training data on the way: every step of every recipe, and what the variants came out as."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from railcrate.data.steps import STEPS, parts
from railcrate.data.steps.own import own_file
from railcrate.openness.seen import Seen
from railcrate.study import paths

# What a step of railcrate's is for; filters are called so.
_KINDS = {
    "deduplicate": "copies", "near-duplicates": "copies", "decontaminate": "benchmarks", "normalize": "rewriting",
    "repair-rules": "rewriting", "augment": "sampling", "subsample": "sampling", "shuffle": "sampling",
    "repeat": "sampling", "mix": "sampling",
}  # fmt: skip


def recipes_used(seen: Seen) -> list[str]:
    """Name the recipes that come into what is trained on, also by way of others, those first that others begin with."""
    found: dict[str, None] = {}

    def visit(recipe: str) -> None:
        for name in seen.study.recipes[recipe].inputs:
            if name in seen.study.recipes:
                visit(name)
        found.setdefault(recipe)

    for variant in seen.trained_on:
        visit(variant)
    return list(found)


def steps_of(seen: Seen) -> Iterator[dict[str, Any]]:
    """List the steps of the training data.

    Args:
        seen: the study.

    Yields:
        Each step with its `variant`, what `kind` of step it is, what it `does`, and how many rows it read, removed,
        added and changed; None where it has not run yet.
    """
    for variant in recipes_used(seen):
        report = seen.read(paths.variant_report(variant))
        ran = report["steps"] if report is not None else []
        for number, entry in enumerate(seen.study.recipes[variant].steps):
            name = parts(entry)[0]
            told = ran[number] if number < len(ran) and ran[number]["step"] == name else {}
            yield {
                "variant": variant,
                "step": name,
                "kind": _kind(name),
                "does": STEPS[name].summary if name in STEPS else "a step of the study's own",
                **{key: told.get(key) for key in ("rows_in", "rows_out", "removed", "added", "changed")},
            }


def _kind(name: str) -> str:
    if own_file(name) is not None:
        return "own"
    return "filter" if name.startswith("filter-") else _KINDS.get(name, "rewriting")


def curated(seen: Seen) -> Iterator[dict[str, Any]]:
    """List the variants that are trained on, with what their cards measure.

    Args:
        seen: the study.

    Yields:
        Each variant with its title, description, rows, bytes, words, language, and overlap with benchmarks; what
        no card tells yet is None, or empty.
    """
    for variant in seen.trained_on:
        recipe = seen.study.recipes[variant]
        card = seen.read(paths.card_json(variant)) or {}
        overlap = card.get("overlap", {}).get("benchmarks", {})
        yield {
            "variant": variant,
            "title": recipe.title or variant,
            "description": recipe.description or "",
            **{key: card.get(key) for key in ("rows", "bytes", "words", "language")},
            "overlap": {name: {key: entry[key] for key in ("items", "matched")} for name, entry in overlap.items()},
        }
