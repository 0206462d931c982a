# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A task's documents, read straight from JSON Lines.

`datasets` would first write them to a cache as Arrow, and then turn each row back into a
dictionary every time it is asked for: most of the time of a benchmark of short sentences.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from railcrate.evaluate.errors import TaskDataError

PLAIN = (".jsonl", ".json", ".ndjson")


class Documents(list[dict[str, Any]]):
    """Rows with the one attribute that lm-eval asks of a data set.

    Attributes:
        features: the fields, in the order in which they first appear.
    """

    def __init__(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Give every row every field, with null where it lacks one, as `datasets` does."""
        found = [dict(row) for row in rows]
        self.features = {field: None for row in found for field in row}
        names = list(self.features)
        super().__init__(row if list(row) == names else {name: row.get(name) for name in names} for row in found)


def split_files(dataset_kwargs: Mapping[str, Any] | None) -> dict[str, list[str]]:
    """List the files of each split that `dataset_kwargs: {data_files: …}` names, globs resolved.

    Args:
        dataset_kwargs: the task's own; paths are relative to the study's folder, the current one.

    Returns:
        Files by split; a path without a split belongs to `train`, as in `datasets`. A glob
        that matches nothing is given as it is, so that whoever opens it can name it.
    """
    named = (dataset_kwargs or {}).get("data_files")
    if named is None:
        return {}
    splits = named if isinstance(named, Mapping) else {"train": named}
    return {str(split): _expand([files] if isinstance(files, str) else files) for split, files in splits.items()}


def _expand(patterns: Iterable[str]) -> list[str]:
    found: list[str] = []
    for pattern in patterns:
        matches = sorted(path.as_posix() for path in Path().glob(pattern)) if "*" in pattern else []
        found += matches or [pattern]
    return found


def is_plain(files: Iterable[str]) -> bool:
    """Tell whether all files can be read here: JSON or JSON Lines, not compressed, not remote."""
    return all(file.endswith(PLAIN) and "://" not in file for file in files)


def read_documents(files: Iterable[str]) -> Documents:
    """Read JSON Lines, or JSON files that hold one list.

    Args:
        files: paths from the current folder.

    Returns:
        The rows of all files, in order.

    Raises:
        TaskDataError: when a file is missing, is not JSON, holds a row that is not an
            object, or holds none; the message names file and line.
    """
    rows: list[dict[str, Any]] = []
    for file in files:
        before = len(rows)
        rows += _read(file)
        if len(rows) == before:
            raise TaskDataError(f"{file}: no rows", "A task needs one JSON object in each line.")
    return Documents(rows)


def _read(file: str) -> list[dict[str, Any]]:
    try:
        text = Path(file).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise TaskDataError(f"{file}: not UTF-8 text ({error.reason} at byte {error.start})") from None
    if text.lstrip().startswith("["):
        try:
            rows = json.loads(text)
        except json.JSONDecodeError as error:
            raise TaskDataError(f"{file}:{error.lineno}: not JSON ({error.msg})") from None
        numbered = list(enumerate(rows, start=1))
    else:
        numbered = []
        # Not splitlines: JSON strings may hold other line separators as they are.
        for number, line in enumerate(text.split("\n"), start=1):
            if line.strip():
                try:
                    numbered.append((number, json.loads(line)))
                except json.JSONDecodeError as error:
                    raise TaskDataError(
                        f"{file}:{number}: not JSON ({error.msg})", "Each line must be one JSON object."
                    ) from None
    for number, row in numbered:
        if not isinstance(row, dict):
            raise TaskDataError(f"{file}:{number}: found {type(row).__name__}, expected a JSON object")
    return [row for _, row in numbered]
