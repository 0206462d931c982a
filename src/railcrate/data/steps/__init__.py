# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The curation steps: which there are, which a recipe uses, and whether their parameters are right.

Importing this registers every step of railcrate. It imports nothing heavy: steps import
`datasets` and the like when they run.
"""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from railcrate.data.errors import StepError
from railcrate.data.steps import augment, decontaminate, duplicates, filters, near_duplicates, normalize, sampling
from railcrate.data.steps.counting import check_tokenizer
from railcrate.data.steps.own import own_file, own_step
from railcrate.data.steps.registry import STEPS, Step, StepParameters
from railcrate.study.config import Study
from railcrate.study.problems import Problem, nearest
from railcrate.study.translate import translate

ROOM = Path(__file__).parent.parent
SPLIT = "Write a `-` before each."
PLUMBING = {"counting", "errors", "own", "registry", "steps"}  # what cannot change a result


def parts(entry: Any) -> tuple[str, dict[str, Any]]:
    """Take a step of a recipe apart: its name and its parameters."""
    if isinstance(entry, str):
        return entry, {}
    name, parameters = next(iter(entry.items()))
    return name, dict(parameters or {})


def find_step(name: str, folder: Path | None = None) -> Step:
    """Find a step by its name.

    Args:
        name: the name of one of railcrate's steps, or 'steps/mine.py:function'.
        folder: the study's folder, for its own steps.

    Returns:
        The step.

    Raises:
        StepError: when there is no such step, or the study's own cannot be imported.
    """
    if own_file(name) is not None:
        return own_step(folder or Path.cwd(), name)
    if name not in STEPS:
        raise StepError(f"there is no step '{name}'", nearest(name, STEPS))
    return STEPS[name]


def recipe_steps(study: Study, variant: str) -> list[tuple[str, dict[str, Any]]]:
    """List the steps of a recipe: names and parameters as they are written."""
    return [parts(entry) for entry in study.recipes[variant].steps]


def files_of(study: Study, variant: str) -> list[str]:
    """List the files of the study's folder that a recipe's own steps are in."""
    found = [own_file(name) for name, _ in recipe_steps(study, variant)]
    return list(dict.fromkeys(file for file in found if file is not None))


def modules_of(study: Study, variant: str) -> list[Path]:
    """List railcrate's source files that hold a recipe's steps, with those of this room that they import."""
    names = [name for name, _ in recipe_steps(study, variant) if name in STEPS]
    modules = dict.fromkeys(STEPS[name].function.__module__ for name in names)
    found = dict.fromkeys(file for module in modules for file in _sources_of(module))
    return list(found)


@cache
def _sources_of(module: str) -> tuple[Path, ...]:
    """A module's source file, and those of this room's modules that it imports, and so on."""
    file = ROOM.joinpath(*module.split(".")[2:]).with_suffix(".py")
    found = {file: None}
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        name = node.module if isinstance(node, ast.ImportFrom) else None
        if name and name.startswith("railcrate.data.") and name.rsplit(".", 1)[1] not in PLUMBING:
            found |= dict.fromkeys(_sources_of(name))
    return tuple(found)


def uses_benchmarks(study: Study, variant: str) -> bool:
    """Tell whether a step of a recipe reads the data of the benchmarks."""
    return any(find_step(name).reads_benchmarks for name, _ in recipe_steps(study, variant))


def check_recipes(folder: Path, study: Study) -> Iterator[Problem]:
    """Find the steps that do not exist and the parameters that are wrong.

    Args:
        folder: the study's folder.
        study: the configuration.

    Yields:
        A problem for each mistake.
    """
    for variant, recipe in study.recipes.items():
        for place, entry in enumerate(recipe.steps):
            key: tuple[str | int, ...] = ("recipes", variant, "steps", place)
            if isinstance(entry, dict) and len(entry) != 1:
                found = f"{len(entry)} steps in one: {', '.join(entry)}" if entry else "nothing"
                yield Problem(key, found, "one step: its name, or name: {parameter: value}", SPLIT if entry else "")
                continue
            name, given = parts(entry)
            try:
                step = find_step(name, folder)
            except StepError as error:
                key = (*key, name) if isinstance(entry, dict) else key
                yield Problem(key, error.message, "one of railcrate's steps, or 'steps/mine.py:function'", error.hint)
                continue
            try:
                step.parameters.model_validate(given)
            except ValidationError as error:
                for mistake in translate(error, given, step.parameters):
                    yield dataclasses.replace(mistake, key=(*key, name, *mistake.key))
            else:
                yield from check_tokenizer(study, variant, (*key, name), given)


def read_parameters(step: Step, given: dict[str, Any], where: str) -> StepParameters:
    """Read the parameters of a step.

    Args:
        step: the step.
        given: what the recipe says.
        where: the step's key, for the message.

    Raises:
        StepError: when one of them is unknown, missing or wrong; it tells the first mistake.
    """
    try:
        return step.parameters.model_validate(given)
    except ValidationError as error:
        first = translate(error, given, step.parameters)[0]
        key = ".".join([where, step.name, *map(str, first.key)])
        raise StepError(f"{key}: found {first.found}; expected {first.expected}", first.hint) from None


__all__ = [
    "STEPS",
    "augment",
    "check_recipes",
    "decontaminate",
    "duplicates",
    "files_of",
    "filters",
    "find_step",
    "modules_of",
    "near_duplicates",
    "normalize",
    "parts",
    "read_parameters",
    "recipe_steps",
    "sampling",
    "uses_benchmarks",
]
