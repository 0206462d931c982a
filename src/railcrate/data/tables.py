# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Rows as Arrow tables: gathered in batches, measured, and written as Parquet, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from datasets import Dataset
from numpy.typing import NDArray

from railcrate.data.errors import StepError
from railcrate.data.steps.registry import BATCH_BYTES, batch_size
from railcrate.study.files import replacing

SCHEMA = pa.schema([("id", pa.string()), ("text", pa.string()), ("source", pa.string())])
BATCH = 1000  # rows in memory at a time
ROW_GROUP = 10_000  # rows of a row group in the variant's file
GROUP_BYTES = 1 << 25  # bytes of text of a row group


def batches(rows: Iterable[Mapping[str, str]]) -> Iterator[pa.RecordBatch]:
    """Gather rows: `BATCH` of them, or fewer that have `BATCH_BYTES` together."""
    pending: list[Mapping[str, str]] = []
    size = 0
    for row in rows:
        pending.append(row)
        size += len(row["text"])
        if len(pending) == BATCH or size >= BATCH_BYTES:
            yield pa.RecordBatch.from_pylist(pending, schema=SCHEMA)
            pending, size = [], 0
    if pending:
        yield pa.RecordBatch.from_pylist(pending, schema=SCHEMA)


def tables(rows: Dataset) -> Iterator[pa.Table]:
    """Give rows as small tables of the variant's schema, in order."""
    for table in rows.with_format("arrow").iter(batch_size(rows, BATCH)):
        yield table.select(SCHEMA.names).cast(SCHEMA)


def text_bytes(column: Any) -> int:
    """Sum up the UTF-8 bytes of a column."""
    return int(pc.sum(pc.binary_length(column)).as_py() or 0)


@dataclass(frozen=True)
class Measure:
    """What rows are, counted.

    Attributes:
        rows: how many.
        bytes: UTF-8 bytes of all texts.
        ids: a hash of each row's id, sorted.
        texts: a hash of each row's text, in the order of `ids`.
    """

    rows: int
    bytes: int
    ids: NDArray[np.int64]
    texts: NDArray[np.int64]


def measure(rows: Dataset, where: str) -> Measure:
    """Count rows and bytes, and see that the rows are as every step expects them.

    Args:
        rows: the rows.
        where: whose rows they are, for messages.

    Returns:
        The figures; 16 bytes of hashes are kept for each row.

    Raises:
        StepError: when there are other columns, an id or a text is missing or no text, a
            text is blank, or two rows have the same id.
    """
    if sorted(rows.column_names) != sorted(SCHEMA.names):
        raise StepError(
            f"{where}: there are rows with the columns {', '.join(rows.column_names)}",
            f"A step gives rows with {', '.join(SCHEMA.names)}.",
        )
    ids, texts = np.empty(len(rows), np.int64), np.empty(len(rows), np.int64)
    total = place = 0
    try:
        for table in tables(rows):
            _refuse_gaps(table, where)
            total += text_bytes(table.column("text"))
            after = place + table.num_rows
            # Python's own hash: fast, and needed no longer than this process lives.
            ids[place:after] = [hash(identifier) for identifier in table.column("id").to_pylist()]
            texts[place:after] = [hash(text) for text in table.column("text").to_pylist()]
            place = after
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError) as error:
        raise StepError(f"{where}: id, text or source is not text: {error}", "A step gives texts.") from error
    order = np.argsort(ids, kind="stable")
    ids, texts = ids[order], texts[order]
    same = set(ids[1:][ids[1:] == ids[:-1]].tolist())
    if same:
        _refuse_same_ids(rows, same, where)
    return Measure(len(rows), total, ids, texts)


def _refuse_gaps(table: pa.Table, where: str) -> None:
    for name in SCHEMA.names:
        if table.column(name).null_count:
            place = pc.index(pc.is_null(table.column(name)), True).as_py()
            row = table.column("id")[place].as_py() if name != "id" else "?"
            raise StepError(f"{where}: the row {row} has no {name}", f"A step gives rows with a {name}.")
    blank = pc.index(pc.equal(pc.utf8_length(pc.utf8_trim_whitespace(table.column("text"))), 0), True).as_py()
    if blank >= 0:
        raise StepError(
            f"{where}: the text of the row {table.column('id')[blank].as_py()} is blank",
            "A step drops the rows of which it leaves nothing.",
        )


def _refuse_same_ids(rows: Dataset, suspects: set[int], where: str) -> None:
    """Look at the ids whose hashes are the same: two ids may share one by chance."""
    seen: set[str] = set()
    for identifier in chain.from_iterable(table.column("id").to_pylist() for table in tables(rows)):
        if hash(identifier) in suspects:
            if identifier in seen:
                raise StepError(
                    f"{where}: two rows have the id '{identifier}'",
                    "A step that adds or copies rows gives each an id of its own.",
                )
            seen.add(identifier)


def compare(before: Measure, after: Measure) -> dict[str, int]:
    """Count what a step did, by the ids and texts of rows before and after it."""
    _, old, new = np.intersect1d(before.ids, after.ids, assume_unique=True, return_indices=True)
    return {
        "changed": int((before.texts[old] != after.texts[new]).sum()),
        "removed": before.rows - len(old),
        "added": after.rows - len(new),
    }


def write_rows(rows: Dataset, path: Path) -> None:
    """Write rows as Parquet: the same bytes whenever the rows are the same.

    Args:
        rows: the rows.
        path: the file, which is replaced whole or not at all.
    """
    for left in path.parent.glob(f".{path.name}.*.part"):  # by a run that was killed while it wrote
        left.unlink(missing_ok=True)
    # Ids and texts hardly ever repeat: a dictionary of them would only take room and time.
    settings = {"compression": "zstd", "use_dictionary": ["source"]}
    with replacing(path) as temporary, pq.ParquetWriter(temporary, SCHEMA, **settings) as writer:
        for group in _row_groups(tables(rows)):
            # One chunk: how a column is cut into chunks, which depends on the steps, would show in its pages.
            writer.write_table(group.combine_chunks(), row_group_size=ROW_GROUP)


def _row_groups(parts: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Cut rows into groups of at most `ROW_GROUP` rows and (but for a single longer row) `GROUP_BYTES`."""
    pending: list[pa.Table] = []
    count = size = 0
    for part in parts:
        start = 0
        for place, length in enumerate(pc.binary_length(part.column("text")).to_pylist()):
            if count == ROW_GROUP or (count and size + length > GROUP_BYTES):
                yield pa.concat_tables([*pending, part.slice(start, place - start)])
                pending, start, count, size = [], place, 0, 0
            count += 1
            size += length
        pending.append(part.slice(start))
    if count:
        yield pa.concat_tables(pending)
