# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Steps that a study brings itself: 'steps/mine.py:function'.

A step that counts with a tokenizer of the study takes its name as the parameter `tokenizer`: so
the recipe waits for it, and runs again when it changes.
"""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

from railcrate.data.errors import StepError
from railcrate.data.own import functions_of, import_own
from railcrate.data.steps.registry import STEPS, Step, make_step
from railcrate.study.problems import nearest

OWN = re.compile(r"^([^:]+\.py):([A-Za-z_]\w*)$")
SHAPE = "A step is a function (rows, parameters: Parameters, context) with a docstring; see `railcrate steps`."


def own_file(name: str) -> str | None:
    """The file of a study's own step, from the study's folder; None for a step of railcrate's."""
    found = OWN.match(name)
    return found[1] if found else None


def own_step(folder: Path, name: str) -> Step:
    """Import a study's own step by its path.

    Args:
        folder: the study's folder.
        name: 'steps/mine.py:function'.

    Returns:
        The step; one that is decorated with `step` keeps what the decorator says, and is
        known by its path all the same.

    Raises:
        StepError: when there is no such file or function, it cannot be imported, or it
            does not have the shape of a step.
    """
    found = OWN.match(name)
    assert found is not None  # the caller has looked
    file, function = found[1], found[2]
    if file.startswith("/") or ".." in Path(file).parts:
        raise StepError(f"the step '{name}' is not in the study's folder", "Give its path from there, without '..'.")
    if not (folder / file).is_file():
        raise StepError(f"the step '{name}': there is no file {file}", "Write it, or correct the path.")
    module, decorated = _import(folder, file)
    functions = functions_of(module)
    if function not in functions:
        raise StepError(f"{file} has no function '{function}'", nearest(function, functions))
    reads = any(entry.reads_benchmarks for entry in decorated if entry.function is functions[function])
    try:
        return make_step(name, functions[function], reads_benchmarks=reads)
    except (TypeError, NameError) as error:
        raise StepError(f"{file}: {error}", SHAPE) from error


def _import(folder: Path, file: str) -> tuple[ModuleType, list[Step]]:
    """Import a file; give the steps that it registers, too, which leave the registry again.

    Another study's recipe must not find them.
    """
    before = dict(STEPS)
    try:
        module = import_own(folder, file, StepError)
    finally:
        decorated = [entry for key, entry in STEPS.items() if key not in before]
        STEPS.clear()
        STEPS.update(before)
    return module, decorated
