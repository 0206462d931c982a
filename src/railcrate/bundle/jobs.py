# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The jobs that made a study: what each read and made by the ledger, and how it went by its records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from railcrate.ledger.stages import report_stage, stage_name
from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.errors import DataError
from railcrate.study.files import read_json
from railcrate.study.grid import Experiment, base_of, experiments

Record = dict[str, Any]


@dataclass(frozen=True)
class Job:
    """One job of the workflow; of an experiment's evaluation, all of its benchmarks.

    Attributes:
        rule: the rule.
        name: what it is about, such as a variant or an experiment; empty where there is one only.
        title: what it did, in words.
        inputs: what it read, by the ledger: paths of files.
        outputs: what it made: paths of files and folders, these with a `/` at the end.
        parameters: the keys of the configuration that it rests on, with their values.
        records: how it went: one record, or one for each benchmark; none where none was kept.
        experiment: the experiment that it is a part of.
    """

    rule: str
    name: str
    title: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    parameters: Mapping[str, Any]
    records: tuple[Record, ...]
    experiment: Experiment | None = None

    @property
    def started(self) -> datetime | None:
        """When it began."""
        return min((datetime.fromisoformat(record["started"]) for record in self.records), default=None)

    @property
    def ended(self) -> datetime | None:
        """When it was done, to the second as the beginning is recorded."""
        return max((_end(record) for record in self.records), default=None)

    def total(self, key: str) -> float | None:
        """Add up a figure of its records, such as `seconds` or the footprint's `energy_kwh`.

        Returns:
            The sum; None where a record lacks the figure, for the rest would pass for all.
        """
        values = [record.get(key, (record.get("footprint") or {}).get(key)) for record in self.records]
        known = [float(value) for value in values if value is not None]
        return sum(known) if known and len(known) == len(values) else None

    def largest(self, key: str) -> float | None:
        """The largest value of a figure; None where there is none."""
        return max((record[key] for record in self.records if record.get(key) is not None), default=None)


def _end(record: Mapping[str, Any]) -> datetime:
    began = datetime.fromisoformat(record["started"])
    return began + timedelta(seconds=round(float(record["seconds"])))


def jobs_of(folder: Path, study: Study, lock: Mapping[str, Any]) -> list[Job]:
    """List the jobs of a study that the ledger knows, sources first.

    Args:
        folder: the study's folder, with its records.
        study: the configuration.
        lock: the entries of `dvc.lock`.

    Returns:
        The jobs, in the order of the configuration.

    Raises:
        DataError: when a record is damaged.
    """
    found = []
    for stage, rule, name, title, records, cell in _wanted(study):
        entry = lock.get(stage)
        if entry is None:
            continue
        found.append(
            Job(
                rule=rule,
                name=name,
                title=title,
                inputs=tuple(str(file["path"]) for file in entry.get("deps", ())),
                outputs=tuple(_output(file) for file in entry.get("outs", ())),
                parameters=dict(entry.get("params", {}).get(paths.CONFIG, {})),
                records=tuple(_records(folder, rule, records)),
                experiment=cell,
            )
        )
    report = report_stage(study, folder)
    if (folder / paths.REPORT).is_file():
        kept = tuple(_records(folder, "report", ["all"]))
        found.append(Job("report", "", "Report", report.dependencies, report.targets, {}, kept))
    return found


def _output(file: Mapping[str, Any]) -> str:
    is_folder = str(file.get("md5", "")).endswith(".dir")
    return f"{file['path']}/" if is_folder else str(file["path"])


def _wanted(study: Study) -> Iterator[tuple[str, str, str, str, list[str], Experiment | None]]:
    """Name each job's stage and rule, what it is about, a title, and its records."""
    for source in study.sources:
        yield stage_name("fetch", source), "fetch", source, f"Source {source}", [source], None
    for variant in study.recipes:
        yield stage_name("curate", variant), "curate", variant, f"Variant {variant}", [variant], None
    for variant in study.recipes:
        yield stage_name("card", variant), "card", variant, f"Figures of variant {variant}", [variant], None
    yield "license", "license", "", "Licenses", ["all"], None
    yield "cards", "cards", "", "Data cards", ["all"], None
    for name in study.tokenizers:
        for corpus in study.recipes:
            title = f"Tokenizer {name}, trained on {corpus}"
            yield (
                stage_name("tokenizer", name, corpus),
                "tokenizer",
                f"{name}.{corpus}",
                title,
                [f"{name}.{corpus}"],
                None,
            )
    grid = experiments(study)
    for model in study.models:
        if base_of(study, model) is not None:
            yield stage_name("base", model), "base", model, f"Base of {model}", [model], None
    for model, variant in dict.fromkeys((cell.model, cell.variant) for cell in grid if cell.variant is not None):
        name = f"{model}.{variant}"
        yield stage_name("tokenize", model, variant), "tokenize", name, f"Tokens of {variant} for {model}", [name], None
    for cell in grid:
        if cell.variant is not None:
            yield stage_name("train", cell.id), "train", cell.id, f"Training of {cell.id}", [cell.id], cell
    for cell in grid:
        records = [f"{cell.id}.{benchmark}" for benchmark in study.benchmarks]
        yield stage_name("evaluate", cell.id), "evaluate", cell.id, f"Evaluation of {cell.id}", records, cell
    yield "compare", "compare", "", "Comparisons", ["all"], None
    yield "assess", "assess", "", "How open it is", ["all"], None


def _records(folder: Path, rule: str, names: list[str]) -> Iterator[Record]:
    for name in names:
        path = folder / paths.record(rule, name)
        if path.is_file():
            yield read_record(path)


def read_record(path: Path) -> Record:
    """Read a JSON file of the study that holds an object.

    Args:
        path: the file.

    Returns:
        Its content.

    Raises:
        DataError: when it is missing or damaged; the message names it.
    """
    try:
        content = read_json(path)
    except FileNotFoundError:
        raise DataError(f"{path} is missing", "Run `snakemake`, or `railcrate restore`.") from None
    except ValueError as error:
        raise DataError(f"{path} is not JSON: {error}", "Run `railcrate restore`: it brings it back.") from None
    if not isinstance(content, dict):
        raise DataError(f"{path} holds no object", "Run `railcrate restore`: it brings it back.")
    return content
