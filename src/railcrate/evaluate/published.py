# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Others' published figures, from a CSV file of the study."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import Any

from railcrate.study.config import Study
from railcrate.study.errors import ConfigError

COLUMNS = ("model", "task", "metric", "value", "source")


def read_published(folder: Path, study: Study) -> list[dict[str, Any]]:
    """Read the published figures of every benchmark that names some.

    Args:
        folder: the study's folder.
        study: the configuration.

    Returns:
        Rows with benchmark, model, task (`overall` for the whole benchmark), metric, value
        and source.

    Raises:
        ConfigError: when a file lacks a column, or a value is no number; it names file and line.
    """
    rows: list[dict[str, Any]] = []
    for benchmark, chosen in study.benchmarks.items():
        if chosen.published is not None:
            rows += [{"benchmark": benchmark, **row} for row in _read(folder / chosen.published, chosen.published)]
    return rows


def _read(path: Path, name: str) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8", newline="") as content:
        lines = (line for line in content if not line.startswith("#"))
        reader = csv.DictReader(lines)
        missing = [column for column in COLUMNS if column not in (reader.fieldnames or [])]
        if missing:
            raise ConfigError(
                f"{name}: no column {', '.join(missing)}; expected {', '.join(COLUMNS)}", "Add it to the first line."
            )
        rows = []
        for number, row in enumerate(reader, start=2):
            try:
                value = float(row["value"])
            except (TypeError, ValueError):
                value = math.nan
            if not math.isfinite(value):
                raise ConfigError(f"{name}, row {number}: value is '{row['value']}', not a number", "Correct it.")
            rows.append({column: row[column] for column in COLUMNS} | {"value": value})
    return rows
