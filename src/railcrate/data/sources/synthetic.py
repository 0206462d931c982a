# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Sources that a generator makes."""

from __future__ import annotations

import importlib
import inspect
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from railcrate.data.errors import GeneratorError
from railcrate.data.own import functions_of, import_own, told
from railcrate.data.sources.place import SCRATCH, remove_scratch
from railcrate.study.errors import RailcrateError
from railcrate.study.problems import nearest
from railcrate.study.sources import SyntheticSource

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
        dotted, function = GENERATORS[name].split(":")
        return getattr(importlib.import_module(dotted), function)
    file, function = name.split(":", 1)
    if not (folder / file).is_file():
        raise GeneratorError(f"the generator '{name}': there is no file {file}", "Write it, or correct the path.")
    functions = functions_of(import_own(folder, file, GeneratorError))
    if function not in functions:
        raise GeneratorError(f"{file} has no function '{function}'", nearest(function, functions))
    return functions[function]


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
    _check_parameters(name, generate, source)
    target.parent.mkdir(parents=True, exist_ok=True)
    remove_scratch(target.parent, name)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{name}.", suffix=SCRATCH) as scratch:
        output = Path(scratch) / "files"
        output.mkdir()
        try:
            generate(output, seed=source.seed, **source.parameters)
        except RailcrateError:
            raise
        except Exception as error:
            own = folder / source.generator.split(":")[0]
            raise GeneratorError(
                f"sources.{name}: the generator '{source.generator}' failed: {told(error, own)}",
                f"Correct sources.{name}.parameters, or the generator.",
            ) from error
        _check_outputs(name, source, output)
        if target.exists():
            target.rename(Path(scratch) / "before")
        output.rename(target)
    return {"generator": source.generator, "seed": source.seed, "parameters": source.parameters}


def _check_parameters(name: str, generate: Callable[..., None], source: SyntheticSource) -> None:
    """Compare the parameters with the generator's signature, before it does any work."""
    taken = inspect.signature(generate).parameters
    named = {
        key: part
        for key, part in list(taken.items())[1:]  # the first is the output folder
        if key != "seed" and part.kind in {part.KEYWORD_ONLY, part.POSITIONAL_OR_KEYWORD}
    }
    key = f"sources.{name}.parameters"
    if not any(part.kind is part.VAR_KEYWORD for part in taken.values()):
        for given in source.parameters:
            if given not in named:
                raise GeneratorError(
                    f"{key}.{given}: the generator '{source.generator}' has no such parameter", nearest(given, named)
                )
    missing = [each for each, part in named.items() if part.default is part.empty and each not in source.parameters]
    if missing:
        raise GeneratorError(f"{key}: the generator '{source.generator}' needs {', '.join(missing)}", "Add them.")
    try:
        inspect.signature(generate).bind(Path(), seed=source.seed, **source.parameters)
    except TypeError as error:
        raise GeneratorError(
            f"the generator '{source.generator}' cannot be called: {error}",
            "It must be a function generate(output, *, seed, ...) that writes its files into the folder `output`.",
        ) from None


def _check_outputs(name: str, source: SyntheticSource, output: Path) -> None:
    made = {path.relative_to(output).as_posix() for path in output.rglob("*") if path.is_file()}
    missing, extra = sorted(set(source.outputs) - made), sorted(made - set(source.outputs))
    if missing or extra:
        said = [f"did not write {', '.join(missing)}"] * bool(missing) + [f"wrote {', '.join(extra)}"] * bool(extra)
        raise GeneratorError(
            f"sources.{name}: the generator '{source.generator}' {' and '.join(said)}",
            f"List in sources.{name}.outputs exactly the files that it writes.",
        )
