# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Python files that a study brings itself: its own steps and generators."""

from __future__ import annotations

import importlib.util
import inspect
import re
import sys
import traceback
from collections.abc import Callable
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any, cast

from railcrate.study.errors import ConfigError


def import_own(folder: Path, file: str, error_type: type[ConfigError]) -> ModuleType:
    """Import a file of the study, under a name of its own, so that it hides no module.

    Args:
        folder: the study's folder.
        file: the file, from there.
        error_type: what is raised when it cannot be imported.

    Returns:
        The module.

    Raises:
        ConfigError: of that type; it tells the file's line.
    """
    module_name = "railcrate_own_" + re.sub(r"\W", "_", file)
    loader = SourceFileLoader(module_name, str(folder / file))
    module = importlib.util.module_from_spec(cast(ModuleSpec, importlib.util.spec_from_loader(module_name, loader)))
    sys.modules[module_name] = module  # where data classes and pydantic look for the module that they are in
    try:
        # Compiled anew, not from the folder of compiled files, which knows a file by the second it was saved in.
        exec(loader.source_to_code(loader.get_data(str(folder / file)), str(folder / file)), vars(module))
    except Exception as error:
        del sys.modules[module_name]
        hint = f"Try: python {file}"
        if isinstance(error, ModuleNotFoundError):
            hint = "The file stands by itself: it can import what is installed, but no other file of the study."
        raise error_type(f"{file} cannot be imported: {told(error, folder / file)}", hint) from error
    return module


def functions_of(module: ModuleType) -> dict[str, Callable[..., Any]]:
    """The public functions that a file defines itself."""
    return {
        key: value
        for key, value in vars(module).items()
        if inspect.isfunction(value) and value.__module__ == module.__name__ and not key.startswith("_")
    }


def told(error: Exception, file: Path) -> str:
    """Tell an error with the line of the study's own file that it comes from, and the row where that is known."""
    line = error.lineno if isinstance(error, SyntaxError) and error.filename == str(file) else None
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(file)]
    place = f"line {line}: " if line else f"line {frames[-1].lineno} ({frames[-1].line}): " if frames else ""
    what = error.msg if isinstance(error, SyntaxError) else str(error)
    notes = "".join(f", {note}" for note in getattr(error, "__notes__", []))
    return f"{place}{type(error).__name__}{': ' if what else ''}{what}{notes}"
