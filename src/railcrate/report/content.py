# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Everything that the report tells, gathered from the study's files.

Nothing is computed here that is not counting or adding up: every figure comes from a
file that the workflow made, and the report says from which.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from railcrate.report.sections import Section, read_sections
from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.errors import DataError
from railcrate.study.files import read_json, sha256_file
from railcrate.study.grid import Experiment, base_of, experiments, tokenizer_corpus
from railcrate.study.miniature import note_of
from railcrate.study.models import ScratchModel

Record = dict[str, Any]


@dataclass(frozen=True)
class Content:
    """What the report shows.

    Attributes:
        study: the configuration.
        results: `results.json`.
        comparisons: `comparisons.json`.
        experiments: the grid.
        cards: the data card of each variant.
        flows: what each step did, by variant.
        blocks: counts of tokens, by model and variant.
        trainings: the training summary of each experiment that trains.
        curves: the training curve of each, as rows of numbers.
        evaluations: every evaluation file.
        records: the record of every job of the study that has one, by rule.
        sources: every source's record.
        licenses: what each component carries, and what that means.
        provenance: the files behind the figures, with their sha256.
        sections: the study's own sections.
        openness: `openness.json`.
        configuration: the configuration as it is written, YAML.
        miniature: of the report of a miniature, how much it has of everything; None for a study.
    """

    study: Study
    results: Record
    comparisons: Record
    experiments: list[Experiment]
    cards: dict[str, Record]
    flows: dict[str, Record]
    blocks: list[Record]
    trainings: dict[str, Record]
    curves: dict[str, list[dict[str, float]]]
    evaluations: list[Record]
    records: dict[str, list[Record]]
    sources: dict[str, Record]
    licenses: Record
    openness: Record
    configuration: str
    provenance: list[Record] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    miniature: str | None = None


def gather(folder: Path, study: Study) -> Content:
    """Read what the report shows.

    Args:
        folder: the study's folder.
        study: the configuration.

    Returns:
        The content of the report.

    Raises:
        DataError: when a file of the workflow is missing or damaged; it names the file.
        ConfigError: when a section of the study's own cannot be shown.
    """
    grid = experiments(study)
    trained = [cell for cell in grid if cell.variant is not None]
    pairs = list(dict.fromkeys((cell.model, str(cell.variant)) for cell in trained))
    return Content(
        study=study,
        results=_json(folder, paths.RESULTS_JSON),
        comparisons=_json(folder, paths.COMPARISONS),
        experiments=grid,
        cards={name: _json(folder, paths.card_json(name)) for name in study.recipes},
        flows={name: _json(folder, paths.variant_report(name)) for name in study.recipes},
        blocks=[_json(folder, paths.blocks_report(*pair)) for pair in pairs],
        trainings={cell.id: _json(folder, paths.training_summary(cell.id)) for cell in trained},
        curves={cell.id: _curve(folder / paths.training_curve(cell.id)) for cell in trained},
        evaluations=[
            _json(folder, paths.evaluation(cell.id, benchmark)) for cell in grid for benchmark in study.benchmarks
        ],
        records=_records(folder, study, grid),
        sources={name: _json(folder, paths.raw_record(name)) for name in study.sources},
        licenses=_json(folder, paths.LICENSES),
        openness=_json(folder, paths.OPENNESS),
        configuration=(folder / paths.CONFIG).read_text(encoding="utf-8"),
        provenance=_provenance(folder, study, grid),
        sections=read_sections(folder),
        miniature=note_of(folder),
    )


def _json(folder: Path, name: str) -> Record:
    try:
        content = read_json(folder / name)
    except FileNotFoundError:
        raise DataError(f"{name} is missing", "Run snakemake: it makes what is missing.") from None
    except ValueError as error:
        raise DataError(f"{name} is not JSON: {error}", "Delete it and run snakemake: it is made anew.") from None
    if not isinstance(content, dict):
        raise DataError(f"{name} holds no object", "Delete it and run snakemake: it is made anew.")
    return content


def _curve(path: Path) -> list[dict[str, float]]:
    with path.open(encoding="utf-8", newline="") as rows:
        return [{key: float(value) for key, value in row.items() if value} for row in csv.DictReader(rows)]


def _records(folder: Path, study: Study, grid: list[Experiment]) -> dict[str, list[Record]]:
    """Read the record of every job of this study; after a restore from elsewhere some may not be there.

    Jobs of an earlier configuration, such as a seed that was given up, have left records, too: no part of this.
    """
    found: dict[str, list[Record]] = {}
    for rule, name in _jobs(study, grid):
        path = folder / paths.record(rule, name)
        if path.exists():
            found.setdefault(rule, []).append(_json(folder, paths.record(rule, name)))
    return found


def _jobs(study: Study, grid: list[Experiment]) -> list[tuple[str, str]]:
    """Name the jobs that the report rests on, each by its rule and what it is about; none twice."""
    jobs = [("fetch", name) for name in study.sources]
    jobs += [(rule, name) for rule in ("curate", "card") for name in study.recipes]
    jobs += [("license", "all"), ("cards", "all")]
    for cell in grid:
        model = study.models[cell.model]
        if isinstance(model, ScratchModel):
            jobs.append(("tokenizer", f"{model.tokenizer}.{tokenizer_corpus(study, cell.model, str(cell.variant))}"))
        else:
            jobs.append(("base", cell.model))
        if cell.variant is not None:
            jobs += [("tokenize", f"{cell.model}.{cell.variant}"), ("train", cell.id)]
        jobs += [("evaluate", f"{cell.id}.{benchmark}") for benchmark in study.benchmarks]
    return list(dict.fromkeys([*jobs, ("compare", "all")]))


def _provenance(folder: Path, study: Study, grid: list[Experiment]) -> list[Record]:
    """List the files that the figures come from, by what they hold."""
    wanted: list[tuple[str, str]] = [("configuration", paths.CONFIG)]
    for name, source in study.sources.items():
        wanted += [(f"source {name}", file) for file in paths.raw_files(name, source)]
    wanted += [(f"variant {name}", paths.variant_text(name)) for name in study.recipes]
    for cell in grid:
        if cell.variant is not None:
            wanted.append((f"weights {cell.id}", _weights(folder, cell)))
        elif base_of(study, cell.model) is not None:
            wanted.append((f"weights {cell.id}", paths.base_record(cell.model)))
        wanted += [(f"results {cell.id}", paths.samples(cell.id, name)) for name in study.benchmarks]
    wanted += [("results", paths.RESULTS_JSON), ("comparisons", paths.COMPARISONS)]
    wanted.append(("openness", paths.OPENNESS))
    return [
        {"what": what, "path": name, "bytes": (folder / name).stat().st_size, "sha256": sha256_file(folder / name)}
        for what, name in wanted
        if (folder / name).is_file()
    ]


def _weights(folder: Path, cell: Experiment) -> str:
    for adapter in (False, True):
        name = paths.weights_files(cell.id, adapter=adapter)[0]
        if (folder / name).is_file():
            return name
    return paths.weights_files(cell.id, adapter=False)[0]
