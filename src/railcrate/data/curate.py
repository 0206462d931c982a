# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Curating one variant: the workflow's rule `curate`.

Rows pass from step to step as Arrow files that are mapped into memory, so a variant may be
larger than memory. What a step says of itself is checked against the rows that it gave.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import traceback
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from datasets import Dataset

from railcrate.data.errors import EmptyVariantError, StepError
from railcrate.data.rows import read_rows
from railcrate.data.steps import find_step, recipe_steps
from railcrate.data.steps.registry import StepContext, StepResult
from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.errors import RailcrateError
from railcrate.study.files import replacing, write_json
from railcrate.study.records import job_record

SCHEMA = pa.schema([("id", pa.string()), ("text", pa.string()), ("source", pa.string())])
BATCH = 1000  # rows in memory at a time
ROW_GROUP = 10_000  # rows of a row group in the variant's file


def curate(folder: Path, study: Study, variant: str) -> None:
    """Make a variant: read what its recipe names, do its steps, write text and report.

    Args:
        folder: the study's folder.
        study: the configuration.
        variant: the recipe's name.

    Raises:
        EmptyVariantError: when no row is left; it tells at which step, with the numbers.
        StepError: when a step does not exist, its parameters are wrong, or a step of the
            study's own fails.
        SourceError: when a source's file cannot be read.
    """
    datasets.disable_progress_bars()
    # On the study's own disk: it may have to hold as much as the sources.
    state = folder / paths.STATE / "curate"
    shutil.rmtree(state / variant, ignore_errors=True)  # left by a run that was killed
    (state / variant).mkdir(parents=True)
    with job_record(folder, "curate", variant) as record:
        try:
            with tempfile.TemporaryDirectory(dir=state / variant) as scratch:
                report = _curate(folder, study, variant, Path(scratch))
        finally:
            shutil.rmtree(state / variant, ignore_errors=True)
        record |= {"rows": report["rows"], "bytes": report["bytes"]}


def _curate(folder: Path, study: Study, variant: str, scratch: Path) -> dict[str, Any]:
    recipe = study.recipes[variant]
    inputs: list[dict[str, Any]] = []
    rows = _read_inputs(folder, study, recipe.inputs, scratch / "input.arrow", inputs)
    steps: list[dict[str, Any]] = []
    size = {"rows": len(rows), "bytes": text_bytes(rows)}
    if not len(rows):
        raise EmptyVariantError(
            f"recipes.{variant}.from: {', '.join(recipe.inputs)} have no rows", "Name other inputs."
        )
    for position, (name, given) in enumerate(recipe_steps(study, variant)):
        context = StepContext(folder, study, variant, position, scratch)
        result, parameters = _do_step(rows, name, given, context)
        rows, before, size = result.rows, size, {"rows": len(result.rows), "bytes": text_bytes(result.rows)}
        _check_counts(context, name, result, before["rows"], size["rows"])
        steps.append(
            {
                "step": name,
                "parameters": parameters,
                "rows_in": before["rows"],
                "rows_out": size["rows"],
                "bytes_in": before["bytes"],
                "bytes_out": size["bytes"],
                "changed": result.changed,
                "removed": result.removed,
                "added": result.added,
                "details": result.details,
                "examples": result.examples,
            }
        )
        print(
            f"{name}: {before['rows']:,} rows in, {size['rows']:,} out "
            f"({result.changed:,} changed, {result.removed:,} removed, {result.added:,} added)",
            file=sys.stderr,
            flush=True,
        )
        if size["bytes"] == 0:
            raise EmptyVariantError(
                f"{context.where}: '{name}' leaves nothing of {before['rows']:,} rows with {before['bytes']:,} bytes",
                f"Its parameters were {parameters}. Loosen them, or give the recipe more text.",
            )
    write_rows(rows, folder / paths.variant_text(variant))
    report = {"variant": variant, "inputs": inputs, "steps": steps, **size}
    write_json(folder / paths.variant_report(variant), report)
    return report


def _read_inputs(
    folder: Path, study: Study, names: Iterable[str], target: Path, inputs: list[dict[str, Any]]
) -> Dataset:
    """Bring all inputs into one Arrow file, and note the size of each."""
    names = list(names)
    with pa.OSFile(str(target), "wb") as sink, pa.ipc.new_stream(sink, SCHEMA) as writer:
        for name in names:
            entry: dict[str, Any] = {"name": name, "rows": 0, "bytes": 0}
            for batch in _batches(folder, study, name, alone=len(names) == 1):
                entry["rows"] += batch.num_rows
                entry["bytes"] += _bytes(batch.column("text"))
                writer.write_batch(batch)
            inputs.append(entry)
    return Dataset.from_file(str(target))


def _batches(folder: Path, study: Study, name: str, *, alone: bool) -> Iterator[pa.RecordBatch]:
    """Rows of a source or of another variant, in batches."""
    if name in study.sources:
        pending: list[Mapping[str, str]] = []
        for row in read_rows(folder, study, name):
            pending.append(row)
            if len(pending) == BATCH:
                yield pa.RecordBatch.from_pylist(pending, schema=SCHEMA)
                pending = []
        if pending:
            yield pa.RecordBatch.from_pylist(pending, schema=SCHEMA)
        return
    with pq.ParquetFile(folder / paths.variant_text(name)) as table:
        for batch in table.iter_batches(batch_size=BATCH, use_threads=False):
            # Two recipes may hold the same row: with the recipe's name before it, its id stays its own.
            ids = batch.column("id") if alone else pc.binary_join_element_wise(name, batch.column("id"), "/")
            yield pa.RecordBatch.from_arrays([ids, batch.column("text"), batch.column("source")], schema=SCHEMA)


def _do_step(
    rows: Dataset, name: str, given: dict[str, Any], context: StepContext
) -> tuple[StepResult, dict[str, Any]]:
    """Do one step; what a step of the study's own raises is told with its file and line."""
    step = find_step(name, context.folder)
    parameters = step.parameters.model_validate(given)
    try:
        result = step.function(rows, parameters, context)
    except RailcrateError:
        raise
    except Exception as error:
        file = name.split(":", maxsplit=1)[0]
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.endswith(file)]
        if ":" not in name or not frames:
            raise
        place = f"{file}:{frames[-1].lineno} ({frames[-1].line})"
        raise StepError(
            f"{context.where}: '{name}' failed at {place}: {type(error).__name__}: {error}",
            "It is a step of this study: mend it there and run snakemake again.",
        ) from error
    if not isinstance(result, StepResult):
        raise StepError(f"{context.where}: '{name}' gave {type(result).__name__}", "A step gives a StepResult.")
    return result, parameters.model_dump(mode="json")


def _check_counts(context: StepContext, name: str, result: StepResult, before: int, after: int) -> None:
    if sorted(result.rows.column_names) != sorted(SCHEMA.names):
        raise StepError(
            f"{context.where}: '{name}' gave rows with the columns {', '.join(result.rows.column_names)}",
            f"A step gives rows with {', '.join(SCHEMA.names)}.",
        )
    if before - result.removed + result.added != after:
        raise StepError(
            f"{context.where}: '{name}' says that it removed {result.removed} and added {result.added} of "
            f"{before} rows, but gave {after}",
            "Mend its counts: the report shows them.",
        )


def text_bytes(rows: Dataset) -> int:
    """Sum up the UTF-8 bytes of all texts."""
    return sum(_bytes(batch.column("text")) for batch in rows.with_format("arrow").iter(BATCH))


def _bytes(column: Any) -> int:
    return int(pc.sum(pc.binary_length(column)).as_py() or 0)


def write_rows(rows: Dataset, path: Path) -> None:
    """Write rows as Parquet: the same bytes whenever the rows are the same.

    Args:
        rows: the rows.
        path: the file, which is replaced whole or not at all.

    Raises:
        StepError: when two rows have the same id.
    """
    seen: set[int] = set()
    with replacing(path) as temporary, pq.ParquetWriter(temporary, SCHEMA, compression="zstd") as writer:
        for table in rows.with_format("arrow").iter(ROW_GROUP):
            plain = table.select(SCHEMA.names).cast(SCHEMA)
            _refuse_same_ids(plain.column("id").to_pylist(), seen)
            writer.write_table(plain, row_group_size=ROW_GROUP)


def _refuse_same_ids(ids: list[str], seen: set[int]) -> None:
    """Hashes of ids, not ids, are kept: eight bytes and a set's own room for each row."""
    for identifier in ids:
        key = hash(identifier)
        if key in seen:
            raise StepError(
                f"two rows have the id '{identifier}'", "A step that copies rows must give the copies new ids."
            )
        seen.add(key)
