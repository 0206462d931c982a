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
from railcrate.study.problems import nearest

COLUMNS = ("model", "task", "metric", "value", "source")
HEADER = ",".join(COLUMNS)


def read_published(folder: Path, study: Study) -> list[dict[str, Any]]:
    """Read the published figures of every benchmark that names some.

    Args:
        folder: the study's folder.
        study: the configuration.

    Returns:
        Rows with benchmark, model, task (`overall` for the whole benchmark), metric, value
        and source, in the order of the files.

    Raises:
        ConfigError: when a file is missing, is not UTF-8, lacks a column or has another, or
            a row lacks a value or has one that its metric cannot have; it names file and line.
    """
    rows: list[dict[str, Any]] = []
    for benchmark, chosen in study.benchmarks.items():
        if chosen.published is not None:
            rows += [{"benchmark": benchmark, **row} for row in _read(folder / chosen.published, chosen.published)]
    return rows


def _read(path: Path, name: str) -> list[dict[str, Any]]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines(keepends=True)
    except FileNotFoundError:
        raise ConfigError(f"{name} is not there", f"Make it: its first line is {HEADER}.") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{name} is not UTF-8 (byte {error.start})", "Save it as UTF-8.") from None
    start = next((number for number, line in enumerate(lines) if not line.startswith("#")), len(lines))
    reader = csv.DictReader(lines[start:], strict=True)
    try:
        _check_header(name, start + 1, list(reader.fieldnames or []))
        return [_row(name, start + reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise ConfigError(
            f"{name}, line {start + reader.line_num + 1}: not CSV: {error}", "Close every quotation mark."
        ) from None


def _check_header(name: str, line: int, found: list[str]) -> None:
    unknown = [column for column in found if column not in COLUMNS]
    if unknown:
        raise ConfigError(f"{name}, line {line}: column '{unknown[0]}' is unknown", nearest(unknown[0], COLUMNS))
    missing = [column for column in COLUMNS if column not in found]
    if missing:
        raise ConfigError(f"{name}, line {line}: no column {', '.join(missing)}", f"Expected {HEADER}.")


def _row(name: str, line: int, row: dict[str | None, Any]) -> dict[str, Any]:
    where = f"{name}, line {line}"
    if None in row or None in row.values():
        raise ConfigError(
            f"{where}: not as many values as the {len(COLUMNS)} columns", "Put values that hold commas in quotes."
        )
    text = {column: str(row[column]).strip() for column in COLUMNS}
    empty = [column for column in COLUMNS if not text[column]]
    if empty:
        raise ConfigError(f"{where}: {', '.join(empty)} is empty", "Every figure needs its model, task and source.")
    try:
        value = float(text["value"])
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ConfigError(f"{where}: value is '{text['value']}', not a number", "Write it as 0.715.")
    if text["metric"].startswith("accuracy") and not 0 <= value <= 1:
        raise ConfigError(f"{where}: {text['metric']} is {value:g}, not a share from 0 to 1", "Write 71.5 % as 0.715.")
    return {**text, "value": value}
