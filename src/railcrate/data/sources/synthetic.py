# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Sources that a generator makes."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from railcrate.data.errors import GeneratorError
from railcrate.study.config import SyntheticSource
from railcrate.study.problems import nearest

GENERATORS = {"grammar": "railcrate.data.grammar.generate:generate"}


def find_generator(folder: Path, name: str) -> Callable[..., None]:
    """Find a generator.

    Args:
        folder: the study's folder.
        name: the name of one of railcrate's generators, or 'generators/mine.py:function'.

    Returns:
        A function `generate(output: Path, *, seed: int, **parameters)` that writes files
        into the folder `output`.

    Raises:
        GeneratorError: when there is none, or the study's own cannot be imported.
    """
    if ":" not in name:
        if name not in GENERATORS:
            raise GeneratorError(f"there is no generator '{name}'", nearest(name, GENERATORS))
        module, function = GENERATORS[name].split(":")
        return getattr(importlib.import_module(module), function)
    file, function = name.split(":", 1)
    module_name = "railcrate_own_" + re.sub(r"\W", "_", file)
    spec = importlib.util.spec_from_file_location(module_name, folder / file)
    if spec is None or spec.loader is None or not (folder / file).is_file():
        raise GeneratorError(f"the generator '{name}': there is no file {file}", "Write it, or correct the path.")
    loaded = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = loaded
    try:
        spec.loader.exec_module(loaded)
    except Exception as error:
        raise GeneratorError(
            f"{file} cannot be imported: {type(error).__name__}: {error}", f"Try: python {file}"
        ) from error
    found = getattr(loaded, function, None)
    if not callable(found):
        raise GeneratorError(f"{file} has no function '{function}'", "Correct the name behind the colon.")
    return found


def generate_source(folder: Path, name: str, source: SyntheticSource, target: Path) -> dict[str, Any]:
    """Let a generator make a source's files.

    Args:
        folder: the study's folder.
        name: the source's name.
        source: its configuration.
        target: the folder that the files belong in; it is replaced when all of them are there.

    Returns:
        Where the files come from, for the source's record.

    Raises:
        GeneratorError: when the generator does not take the parameters, refuses them, or
            writes other files than `outputs` says.
    """
    generate = find_generator(folder, source.generator)
    _check_parameters(name, generate, source.parameters)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{name}.", suffix=".part") as scratch:
        output = Path(scratch) / "files"
        output.mkdir()
        try:
            generate(output, seed=source.seed, **source.parameters)
        except (ValueError, TypeError) as error:
            raise GeneratorError(
                f"sources.{name}: the generator '{source.generator}' refuses its parameters: {error}",
                "Correct sources.<name>.parameters.",
            ) from error
        _check_outputs(name, source, output)
        shutil.rmtree(target, ignore_errors=True)
        output.rename(target)
    return {"generator": source.generator, "seed": source.seed, "parameters": source.parameters}


def _check_parameters(name: str, generate: Callable[..., None], parameters: dict[str, Any]) -> None:
    taken = inspect.signature(generate).parameters
    if any(part.kind is part.VAR_KEYWORD for part in taken.values()):
        return
    known = [key for key, part in taken.items() if part.kind is part.KEYWORD_ONLY and key != "seed"]
    for key in parameters:
        if key not in known:
            raise GeneratorError(f"sources.{name}.parameters.{key}: no such parameter", nearest(key, known))


def _check_outputs(name: str, source: SyntheticSource, output: Path) -> None:
    made = {path.relative_to(output).as_posix() for path in output.rglob("*") if path.is_file()}
    missing, extra = sorted(set(source.outputs) - made), sorted(made - set(source.outputs))
    if missing or extra:
        said = [f"did not write {', '.join(missing)}"] * bool(missing) + [f"wrote {', '.join(extra)}"] * bool(extra)
        raise GeneratorError(
            f"sources.{name}: the generator '{source.generator}' {' and '.join(said)}",
            "List in `outputs` exactly the files that it writes.",
        )
