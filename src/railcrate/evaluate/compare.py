# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Comparing the experiments: the workflow's rule `compare`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from railcrate.evaluate.published import read_published
from railcrate.evaluate.statistics import CONFIDENCE, Estimate, cohens_h, estimate, holm
from railcrate.evaluate.tables import Evaluations, Units
from railcrate.study import paths
from railcrate.study.config import Comparison, Study
from railcrate.study.files import replacing, write_json
from railcrate.study.grid import Experiment, experiments, variants_of
from railcrate.study.records import job_record

LEVEL = 0.05  # of a corrected p-value
METHOD = {
    "name": "crossed random effects of seeds and tasks, t interval with Satterthwaite's degrees of freedom",
    "why": "Trained again with another seed, or asked other questions, the figures would be others: "
    "both kinds of chance widen the interval. Variants are paired on the same seeds and the same items.",
    "correction": "Holm, over all comparisons of the study",
    "confidence": CONFIDENCE,
    "level": LEVEL,
    "effect_size": "Cohen's h for shares, the relative difference for all else",
    "source": "Miller 2024, arXiv:2411.00640; Cornfield and Tukey 1956, doi:10.1214/aoms/1177728067; "
    "Satterthwaite 1946, doi:10.2307/3002019; Holm 1979; Cohen 1988",
}
ROW = pa.schema(
    [
        ("experiment", pa.string()),
        ("model", pa.string()),
        ("variant", pa.string()),
        ("seed", pa.int64()),
        ("benchmark", pa.string()),
        ("shots", pa.int64()),
        ("task", pa.string()),
        ("group", pa.string()),
        ("metric", pa.string()),
        ("value", pa.float64()),
        ("stderr", pa.float64()),
        ("items", pa.int64()),
        ("chance", pa.float64()),
        ("gates_failed", pa.list_(pa.string())),
    ]
)


def compare(folder: Path, study: Study) -> None:
    """Gather all results, and judge every comparison of the study.

    Args:
        folder: the study's folder.
        study: the configuration.

    Raises:
        ConfigError: when a comparison names a metric that its benchmark does not have, or a
            file of published figures is wrong.
        DataError: when experiments that are compared were asked different things, or an
            evaluation is missing or damaged.
    """
    with job_record(folder, "compare", "all"):
        evaluations = Evaluations(folder, study)
        rows = list(_rows(study, evaluations))
        content = {"study": study.title, "rows": rows, "published": read_published(folder, study)}
        judged = {
            "method": METHOD,
            "levels": list(_levels(study, evaluations)),
            "comparisons": _comparisons(study, evaluations),
        }
        with replacing(folder / paths.RESULTS_TABLE) as temporary:
            pq.write_table(pa.Table.from_pylist(rows, schema=ROW), temporary, compression="zstd")
        write_json(folder / paths.COMPARISONS, judged)
        write_json(folder / paths.RESULTS_JSON, content)


def _rows(study: Study, evaluations: Evaluations) -> Iterator[dict[str, Any]]:
    """One row for each figure: of the whole benchmark, of a group, of a task."""
    for cell in experiments(study):
        for benchmark in study.benchmarks:
            content = evaluations.one(cell, benchmark)
            common = {
                "experiment": cell.id,
                "model": cell.model,
                "variant": cell.variant,
                "seed": cell.seed,
                "benchmark": benchmark,
                "shots": content["shots"],
            }
            whole = [name for name, gate in content["gates"].items() if gate["passed"] is False]
            for metric, figure in content["metrics"].items():
                yield _row(common, metric, figure, items=figure["items"], gates_failed=whole)
            failed_by_task = {
                task: [name for name, gate in outcome["gates"].items() if gate["passed"] is False]
                for task, outcome in content["tasks"].items()
            }
            for group, figures in content["groups"].items():
                own = [failed_by_task[task] for task, outcome in content["tasks"].items() if outcome["group"] == group]
                failed = list(dict.fromkeys(gate for gates in own for gate in gates))
                for metric, figure in figures.items():
                    yield _row(common, metric, figure, items=figure["items"], group=group, gates_failed=failed)
            for task, outcome in content["tasks"].items():
                for metric, figure in outcome["metrics"].items():
                    yield _row(
                        common,
                        metric,
                        figure,
                        items=outcome["items"],
                        task=task,
                        group=outcome["group"],
                        chance=outcome["chance"],
                        gates_failed=failed_by_task[task],
                    )


def _row(common: dict[str, Any], metric: str, figure: dict[str, Any], **rest: Any) -> dict[str, Any]:
    row = {
        **common,
        "task": None,
        "group": None,
        "metric": metric,
        "value": figure["value"],
        "stderr": figure.get("stderr"),
        "items": None,
        "chance": None,
        "gates_failed": [],
    }
    return {**row, **rest}


def _cells(study: Study, model: str, variant: str | None) -> list[Experiment]:
    return [cell for cell in experiments(study) if (cell.model, cell.variant) == (model, variant)]


def _levels(study: Study, evaluations: Evaluations) -> Iterator[dict[str, Any]]:
    """The figure of every model and variant, over its seeds."""
    for benchmark in study.benchmarks:
        for model in study.models:
            variants: Sequence[str | None] = variants_of(study, model) or [None]
            for variant in variants:
                cells = _cells(study, model, variant)
                evaluations.same_questions(cells, benchmark)
                for metric in evaluations.one(cells[0], benchmark)["metrics"]:
                    if any(evaluations.one(cell, benchmark)["metrics"][metric]["value"] is None for cell in cells):
                        continue
                    units = evaluations.units(cells, benchmark, metric)
                    found = estimate(units.table)
                    yield {
                        "benchmark": benchmark,
                        "metric": metric,
                        "model": model,
                        "variant": variant,
                        "mean": found.value,
                        "ci_low": found.low,
                        "ci_high": found.high,
                        "scope": found.scope,
                        "seeds": len(cells),
                        "items": units.items,
                    }


def _comparisons(study: Study, evaluations: Evaluations) -> list[dict[str, Any]]:
    judged: list[dict[str, Any]] = []
    for name, comparison in study.comparisons.items():
        judged += [_compare_one(study, evaluations, name, comparison, variant) for variant in comparison.variants]
    corrected = holm([entry["p"] for entry in judged])
    for entry, p in zip(judged, corrected, strict=True):
        entry["p_holm"] = p
        entry["verdict"] = _verdict(entry["expect"], entry["estimate"], p)
    return judged


def _compare_one(
    study: Study, evaluations: Evaluations, name: str, comparison: Comparison, variant: str
) -> dict[str, Any]:
    benchmark, metric = comparison.metric.split("/")
    model = comparison.model or next(name for name in study.models if variants_of(study, name))
    ours, base = _cells(study, model, variant), _cells(study, model, comparison.baseline)
    both = evaluations.units([*base, *ours], benchmark, metric)
    found, levels = _paired(both)
    return {
        "name": name,
        "claim": comparison.claim,
        "benchmark": benchmark,
        "metric": metric,
        "model": model,
        "baseline": comparison.baseline,
        "variant": variant,
        "expect": comparison.expect,
        "estimate": found.value,
        "ci_low": found.low,
        "ci_high": found.high,
        "freedom": found.freedom,
        "scope": found.scope,
        **_effect(metric, *levels),
        "p": found.p,
        "p_holm": None,
        "seeds": len(ours),
        "items": both.items,
        "clusters": len(both.names),
        "unit": both.kind,
        "experiments": [cell.id for cell in (*base, *ours)],
        "verdict": "",
        "gates_failed": evaluations.gates_failed([*base, *ours], benchmark),
        "groups": [
            _group(evaluations, ours, base, f"{benchmark}/{metric}", group)
            for group in evaluations.groups(ours[0], benchmark, metric)
        ],
    }


def _paired(both: Units) -> tuple[Estimate, tuple[float, float]]:
    """Compare the second half of a table's rows with the first, seed by seed; and the mean of each half."""
    base, ours = np.split(both.table, 2)
    return estimate(ours - base), (float(ours.mean()), float(base.mean()))


def _effect(metric: str, one: float, other: float) -> dict[str, Any]:
    if metric.startswith(("accuracy", "acc", "exact_match")) and min(one, other) >= 0 and max(one, other) <= 1:
        return {"effect_size": cohens_h(one, other), "effect_size_name": "Cohen's h"}
    return {"effect_size": one / other - 1 if other else None, "effect_size_name": "relative difference"}


def _group(
    evaluations: Evaluations, ours: Sequence[Experiment], base: Sequence[Experiment], figure: str, group: str
) -> dict[str, Any]:
    benchmark, metric = figure.split("/")
    found, _ = _paired(evaluations.units([*base, *ours], benchmark, metric, group))
    return {"group": group, "estimate": found.value, "ci_low": found.low, "ci_high": found.high}


def _verdict(expect: str, value: float, p: float | None) -> str:
    """What the figures say of the claim; `expect` is the direction of the number itself."""
    if p is None or p >= LEVEL:
        return "not shown"
    if expect == "any":
        return "supported"
    return "supported" if (value > 0) == (expect == "higher") else "contradicted"
