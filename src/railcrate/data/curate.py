# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Curating one variant: the workflow's rule `curate`.

Rows pass from step to step as Arrow files that are mapped into memory, so a variant may be
larger than memory. What a step did is counted on the rows before and after it, not taken
from what the step says.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from datasets import Dataset

from railcrate.data.errors import EmptyVariantError, SourceError, StepError, TooFewRowsError
from railcrate.data.own import told
from railcrate.data.rows import read_rows
from railcrate.data.steps import find_step, read_parameters, recipe_steps
from railcrate.data.steps.own import own_file
from railcrate.data.steps.registry import EXAMPLES, Step, StepContext, StepParameters, StepResult
from railcrate.data.tables import BATCH, SCHEMA, Measure, batches, compare, measure, text_bytes, write_rows
from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.disk import full_disk_told
from railcrate.study.errors import RailcrateError
from railcrate.study.files import write_json
from railcrate.study.miniature import PASSED_OVER, is_miniature
from railcrate.study.records import job_record


def curate(folder: Path, study: Study, variant: str) -> None:
    """Make a variant: read what its recipe names, do its steps, write text and report.

    Args:
        folder: the study's folder.
        study: the configuration.
        variant: the recipe's name.

    Raises:
        EmptyVariantError: when no row is left; it tells at which step, with the numbers. In a
            miniature such a step is passed over.
        StepError: when a step does not exist, its parameters are wrong, its rows are not
            what rows must be, or a step of the study's own fails.
        SourceError: when the file of a source or of another variant cannot be read.
        DiskFullError: when there is no room for the variant, or for what is made on the way.
    """
    datasets.disable_progress_bars()
    scratch = _clean_scratch(folder, study, variant)
    with job_record(folder, "curate", variant) as record, full_disk_told(f"the variant '{variant}'"):
        try:
            with tempfile.TemporaryDirectory(dir=scratch) as inner:
                report = _curate(folder, study, variant, Path(inner))
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        record |= {"rows": report["rows"], "bytes": report["bytes"]}


def _clean_scratch(folder: Path, study: Study, variant: str) -> Path:
    """A scratch folder on the study's own disk: it may have to hold as much as the sources.

    What a killed run of this variant has left is removed, and what belongs to no variant
    any more; another variant's may be in use.
    """
    state = folder / paths.STATE / "curate"
    with full_disk_told(f"the variant '{variant}'"):
        state.mkdir(parents=True, exist_ok=True)
        for left in state.iterdir():
            if left.name == variant or left.name not in study.recipes:
                shutil.rmtree(left, ignore_errors=True)
        (state / variant).mkdir()
    return state / variant


def _curate(folder: Path, study: Study, variant: str, scratch: Path) -> dict[str, Any]:
    recipe = study.recipes[variant]
    rows, inputs = _read_inputs(folder, study, recipe.inputs, scratch / "input.arrow")
    if not len(rows):
        raise EmptyVariantError(
            f"recipes.{variant}.from: {', '.join(recipe.inputs)} have no rows", "Name other inputs."
        )
    size = measure(rows, f"recipes.{variant}.from")
    steps: list[dict[str, Any]] = []
    for position, (name, given) in enumerate(recipe_steps(study, variant)):
        context = StepContext(folder, study, variant, position, scratch)
        step = find_step(name, folder)
        parameters = read_parameters(step, given, context.where)
        before, size_before = rows, size
        try:
            result, size = _do_and_measure(step, before, parameters, context, size_before)
        except (EmptyVariantError, TooFewRowsError) as error:
            if not is_miniature(folder):
                raise
            result, size = _pass_over(name, before, error), size_before
        rows = result.rows
        entry = _entry(step, parameters, result, size_before, size, context)
        steps.append(entry)
        print(
            f"{name}: {size_before.rows:,} rows in, {size.rows:,} out "
            f"({entry['changed']:,} changed, {entry['removed']:,} removed, {entry['added']:,} added)",
            file=sys.stderr,
            flush=True,
        )
        _remove_unused(before, rows, scratch)
    write_rows(rows, folder / paths.variant_text(variant))
    report = {"variant": variant, "inputs": inputs, "steps": steps, "rows": size.rows, "bytes": size.bytes}
    write_json(folder / paths.variant_report(variant), report)
    return report


def _read_inputs(folder: Path, study: Study, names: list[str], target: Path) -> tuple[Dataset, list[dict[str, Any]]]:
    """Bring all inputs into one Arrow file, and give the size of each."""
    inputs: list[dict[str, Any]] = []
    with pa.OSFile(str(target), "wb") as sink, pa.ipc.new_stream(sink, SCHEMA) as writer:
        for name in names:
            entry: dict[str, Any] = {"name": name, "rows": 0, "bytes": 0}
            for batch in _batches(folder, study, name, alone=len(names) == 1):
                entry["rows"] += batch.num_rows
                entry["bytes"] += text_bytes(batch.column("text"))
                writer.write_batch(batch)
            inputs.append(entry)
            print(f"{name}: {entry['rows']:,} rows, {entry['bytes']:,} bytes", file=sys.stderr, flush=True)
    return Dataset.from_file(str(target)), inputs


def _batches(folder: Path, study: Study, name: str, *, alone: bool) -> Iterator[pa.RecordBatch]:
    """Rows of a source or of another variant, in batches."""
    if name in study.sources:
        yield from batches(read_rows(folder, study, name))
        return
    file = paths.variant_text(name)
    try:
        with pq.ParquetFile(folder / file) as table:
            for batch in table.iter_batches(batch_size=BATCH, use_threads=False):
                # Two recipes may hold the same row: with the recipe's name before it, its id stays its own.
                ids = batch.column("id") if alone else pc.binary_join_element_wise(name, batch.column("id"), "/")
                yield pa.RecordBatch.from_arrays([ids, batch.column("text"), batch.column("source")], schema=SCHEMA)
    except FileNotFoundError:
        raise SourceError(f"{file} is not there", f"Run snakemake: it makes the variant '{name}'.") from None
    except (pa.ArrowException, KeyError) as error:
        raise SourceError(
            f"{file} is damaged, or no variant: {error}", "Delete it and run snakemake: it is made again."
        ) from error


def _do_and_measure(
    step: Step, rows: Dataset, parameters: StepParameters, context: StepContext, before: Measure
) -> tuple[StepResult, Measure]:
    result = _do_step(step, rows, parameters, context)
    after = measure(result.rows, f"{context.where}: behind '{step.name}'")
    if not after.rows:
        raise EmptyVariantError(
            f"{context.where}: '{step.name}' leaves nothing of {before.rows:,} rows with {before.bytes:,} bytes",
            f"Its parameters were {parameters.model_dump(mode='json')}. Loosen them, or give the recipe more text.",
        )
    return result, after


def _pass_over(name: str, rows: Dataset, error: RailcrateError) -> StepResult:
    """Go on without a step that a miniature has too few rows for; the study itself may well have enough."""
    print(
        f"warning: '{name}' is passed over, for a miniature has few rows: {error.message}", file=sys.stderr, flush=True
    )
    return StepResult(rows, details={PASSED_OVER: error.message})


def _do_step(step: Step, rows: Dataset, parameters: StepParameters, context: StepContext) -> StepResult:
    """Do one step; what a step of the study's own raises is told with its file and line."""
    try:
        result = step.function(rows, parameters, context)
    except RailcrateError:
        raise
    except Exception as error:
        file = own_file(step.name)
        if file is None or isinstance(error, OSError):
            raise
        raise StepError(
            f"{context.where}: '{step.name}' failed: {file}, {told(error, context.folder / file)}",
            "It is a step of this study: mend it there and run snakemake again.",
        ) from error
    if not isinstance(result, StepResult) or not isinstance(result.rows, Dataset):
        kind = type(result.rows if isinstance(result, StepResult) else result).__name__
        raise StepError(
            f"{context.where}: '{step.name}' gave a {kind}", "A step gives a StepResult with a Dataset of rows."
        )
    return result


def _entry(
    step: Step, parameters: StepParameters, result: StepResult, before: Measure, after: Measure, context: StepContext
) -> dict[str, Any]:
    """What the report says of a step: the figures are counted, and the step's own must agree with them."""
    counts = compare(before, after)
    said = {name: getattr(result, name) for name in counts}
    if any(said.values()) and said != counts:
        wrong = ", ".join(
            f"{said[name]} {name}, but {counts[name]} are" for name in counts if said[name] != counts[name]
        )
        raise StepError(
            f"{context.where}: '{step.name}' says {wrong}",
            "Mend its counts, or leave all three out: they are counted anyway.",
        )
    entry = {
        "step": step.name,
        "parameters": parameters.model_dump(mode="json"),
        "rows_in": before.rows,
        "rows_out": after.rows,
        "bytes_in": before.bytes,
        "bytes_out": after.bytes,
        **counts,
        "details": result.details,
        "examples": result.examples[:EXAMPLES],
    }
    try:
        json.dumps(entry, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise StepError(
            f"{context.where}: the details or examples of '{step.name}' cannot be written as JSON: {error}",
            "Use text, int, float, bool, lists and dictionaries; numbers of NumPy have .item().",
        ) from error
    return entry


def _remove_unused(before: Dataset, after: Dataset, scratch: Path) -> None:
    """Give back the room of Arrow files that the last step replaced."""
    used = {entry["filename"] for entry in after.cache_files}
    for entry in before.cache_files:
        path = Path(entry["filename"])
        if entry["filename"] not in used and path.is_relative_to(scratch):
            path.unlink(missing_ok=True)
