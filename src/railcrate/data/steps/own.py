# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Steps that a study brings itself: 'steps/mine.py:function'."""

from __future__ import annotations

import importlib.util
import inspect
import re
import sys
import traceback
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import cast

from railcrate.data.errors import StepError
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
    functions = {
        key: value
        for key, value in vars(module).items()
        if inspect.isfunction(value) and value.__module__ == module.__name__ and not key.startswith("_")
    }
    if function not in functions:
        raise StepError(f"{file} has no function '{function}'", nearest(function, functions))
    reads = any(entry.reads_benchmarks for entry in decorated if entry.function is functions[function])
    try:
        return make_step(name, functions[function], reads_benchmarks=reads)
    except (TypeError, NameError) as error:
        raise StepError(f"{file}: {error}", SHAPE) from error


def _import(folder: Path, file: str) -> tuple[ModuleType, list[Step]]:
    """Import a file under a name of its own, so that it hides no module; give the steps that it registers, too.

    They leave the registry again: another study's recipe must not find them.
    """
    module_name = "railcrate_own_" + re.sub(r"\W", "_", file)
    loader = SourceFileLoader(module_name, str(folder / file))
    module = importlib.util.module_from_spec(cast(ModuleSpec, importlib.util.spec_from_loader(module_name, loader)))
    sys.modules[module_name] = module  # where data classes and pydantic look for the module that they are in
    before = dict(STEPS)
    try:
        # Compiled anew, not from the folder of compiled files, which knows a file by the second it was saved in.
        exec(loader.source_to_code(loader.get_data(str(folder / file)), str(folder / file)), vars(module))
    except Exception as error:
        del sys.modules[module_name]
        hint = f"Try: python {file}"
        if isinstance(error, ModuleNotFoundError):
            hint = "A step's file stands by itself: it can import what is installed, but no other file of the study."
        raise StepError(f"{file} cannot be imported: {told(error, folder / file)}", hint) from error
    finally:
        decorated = [entry for key, entry in STEPS.items() if key not in before]
        STEPS.clear()
        STEPS.update(before)
    return module, decorated


def told(error: Exception, file: Path) -> str:
    """Tell an error with the line of the study's own file that it comes from, and the row where that is known."""
    line = error.lineno if isinstance(error, SyntaxError) and error.filename == str(file) else None
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(file)]
    place = f"line {line}: " if line else f"line {frames[-1].lineno} ({frames[-1].line}): " if frames else ""
    what = error.msg if isinstance(error, SyntaxError) else str(error)
    notes = "".join(f", {note}" for note in getattr(error, "__notes__", []))
    return f"{place}{type(error).__name__}{': ' if what else ''}{what}{notes}"
