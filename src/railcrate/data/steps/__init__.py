# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The curation steps: which there are, which a recipe uses, and whether their parameters are right.

Importing this registers every step of railcrate. It imports nothing heavy: steps import
`datasets` and the like when they run.
"""

from __future__ import annotations

import ast
import importlib.util
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from railcrate.data.errors import StepError
from railcrate.data.steps import decontaminate, duplicates, filters, near_duplicates, normalize, sampling
from railcrate.data.steps.registry import STEPS, Step, StepParameters, make_step
from railcrate.study.config import Study
from railcrate.study.problems import Problem, nearest

OWN = re.compile(r"^([^:]+\.py):([A-Za-z_]\w*)$")
ROOM = Path(__file__).parent.parent
PLUMBING = {"errors", "registry", "steps"}  # what cannot change a result


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
    own = OWN.match(name)
    if own is None:
        if name not in STEPS:
            raise StepError(f"there is no step '{name}'", nearest(name, STEPS))
        return STEPS[name]
    return _own_step(name, (folder or Path.cwd()) / own[1], own[1], own[2])


def _own_step(name: str, path: Path, file: str, function: str) -> Step:
    """Import a study's own step by its path; under a name of its own, so that it hides no module."""
    if not path.is_file():
        raise StepError(f"the step '{name}': there is no file {file}", "Write it, or correct the path.")
    module_name = "railcrate_own_" + re.sub(r"\W", "_", file)
    spec = importlib.util.spec_from_file_location(module_name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module  # dataclasses and pydantic look their module up here
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise StepError(f"{file} cannot be imported: {type(error).__name__}: {error}", f"Try: python {file}") from error
    found = getattr(module, function, None)
    if not callable(found):
        names = [key for key, value in vars(module).items() if callable(value) and not key.startswith("_")]
        raise StepError(f"{file} has no function '{function}'", nearest(function, names))
    try:
        return make_step(name, found)
    except TypeError as error:
        raise StepError(f"{file}: {error}", "See `railcrate steps` and the documentation of StepParameters.") from error


def recipe_steps(study: Study, variant: str) -> list[tuple[str, dict[str, Any]]]:
    """List the steps of a recipe: names and parameters as they are written."""
    return [parts(entry) for entry in study.recipes[variant].steps]


def files_of(study: Study, variant: str) -> list[str]:
    """List the files of the study's folder that a recipe's own steps are in."""
    found = [OWN.match(name) for name, _ in recipe_steps(study, variant)]
    return list(dict.fromkeys(own[1] for own in found if own is not None))


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
    return any(STEPS[name].reads_benchmarks for name, _ in recipe_steps(study, variant) if name in STEPS)


@cache
def _fields(kind: type[StepParameters]) -> list[str]:
    return [field.alias or name for name, field in kind.model_fields.items()]


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
                yield Problem(key, f"{len(entry)} names", "one step: its name, or name: {parameter: value}")
                continue
            name, given = parts(entry)
            try:
                step = find_step(name, folder)
            except StepError as error:
                yield Problem(key, error.message, "one of railcrate's steps, or 'steps/mine.py:function'", error.hint)
                continue
            try:
                step.parameters.model_validate(given)
            except ValidationError as error:
                for mistake in error.errors(include_url=False):
                    where = ".".join(map(str, mistake["loc"]))
                    unknown = mistake["type"] == "extra_forbidden"
                    yield Problem(
                        (*key, name),
                        f"{where}: {'no such parameter' if unknown else mistake['msg'].lower()}",
                        f"parameters of '{name}' (`railcrate steps {name}`)",
                        nearest(where, _fields(step.parameters)) if unknown else "",
                    )


__all__ = [
    "STEPS",
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
    "recipe_steps",
    "sampling",
    "uses_benchmarks",
]
