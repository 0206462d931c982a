# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The report's page: its content laid out by a Jinja template into one HTML file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import jinja2

from railcrate.report import charts, comparison, openness, words
from railcrate.report.configuration import Configuration
from railcrate.report.content import Content, gather
from railcrate.report.footprint import footprint
from railcrate.study import paths, units
from railcrate.study.config import Study
from railcrate.study.files import write_text
from railcrate.study.records import job_record

CURVE_POINTS = 400  # of each curve; more cannot be seen at the chart's width


def write_report(folder: Path, study: Study) -> None:
    """Write `results/report.html`.

    Args:
        folder: the study's folder.
        study: the configuration.

    Raises:
        DataError: when a file that the report shows is missing or damaged.
        ConfigError: when a section of the study's own cannot be shown.
        OSError: when the disk is full; an older report is then as it was.
    """
    with job_record(folder, "report", "all"):
        write_text(folder / paths.REPORT, render(gather(folder, study)))


def render(content: Content) -> str:
    """Lay the report out.

    Args:
        content: what it shows.

    Returns:
        HTML that refers to nothing outside itself.
    """
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("railcrate.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        bytes=units.size, duration=units.duration, p=words.p_value, thousands=lambda value: f"{value:,}"
    )
    study, configuration = content.study, Configuration(content.configuration)
    style = environment.get_template("report.css").render()
    return environment.get_template("report.html").render(
        study=study,
        content=content,
        style=style,
        words=words,
        answer=words.answer(content),
        comparison_charts=list(_comparison_charts(content)),
        level_charts=list(_level_charts(content)),
        group_charts=list(_group_charts(content)),
        published_charts=list(_published_charts(content)),
        curve_charts=list(_curve_charts(content)),
        gates=_failed_gates(content),
        gate_counts=_gate_counts(content),
        footprint=footprint(content),
        openness=openness.view(content, configuration),
        unconfirmed=comparison.UNCONFIRMED,
        configuration=configuration,
        machines=_distinct(content, "machine"),
        versions=_distinct(content, "versions"),
        commits=sorted({str(record["git_commit"]) for record in _records(content) if record.get("git_commit")}),
    )


def _comparison_charts(content: Content) -> Iterable[charts.Chart]:
    """One chart for each metric: differences from the baseline."""
    by_metric: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for entry in content.comparisons["comparisons"]:
        if entry["ci_low"] is None:
            continue
        pair = (words.variant_title(content.study, entry[key]) for key in ("variant", "baseline"))
        name = " vs ".join(pair)
        row = {"name": name, "estimate": entry["estimate"], "low": entry["ci_low"], "high": entry["ci_high"]}
        by_metric[entry["benchmark"], entry["metric"]].append(row)
    for (benchmark, metric), rows in by_metric.items():
        yield charts.intervals(
            rows,
            title=f"difference in {words.metric_title(metric)}, {words.benchmark_title(content.study, benchmark)}",
            zero=0.0,
            names=list(dict.fromkeys(row["name"] for row in rows)),
            percent=words.is_share(metric),
        )


def _level_charts(content: Content) -> Iterable[charts.Chart]:
    """One chart for each metric: the level of each variant."""
    by_metric: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for entry in content.comparisons["levels"]:
        low, high = entry["ci_low"], entry["ci_high"]
        row = {
            "name": _level_name(content, entry),
            "estimate": entry["mean"],
            "low": entry["mean"] if low is None else low,
            "high": entry["mean"] if high is None else high,
        }
        by_metric[entry["benchmark"], entry["metric"]].append(row)
    for (benchmark, metric), rows in by_metric.items():
        yield charts.intervals(
            rows,
            title=f"{words.metric_title(metric)}, {words.benchmark_title(content.study, benchmark)}",
            zero=_chance(content, benchmark) if words.is_share(metric) else None,
            names=[row["name"] for row in rows],
            percent=words.is_share(metric),
        )


def _level_name(content: Content, entry: Mapping[str, Any]) -> str:
    study = content.study
    if entry["variant"] is None:
        return words.model_title(study, entry["model"])
    variant = words.variant_title(study, entry["variant"])
    return variant if len(study.models) == 1 else f"{words.model_title(study, entry['model'])}: {variant}"


def _chance(content: Content, benchmark: str) -> float | None:
    """The level of chance of a benchmark; None where its tasks differ in it."""
    found = {
        task["chance"]
        for item in content.evaluations
        if item["benchmark"] == benchmark
        for task in item["tasks"].values()
    }
    return found.pop() if len(found) == 1 else None


def _group_charts(content: Content) -> Iterable[charts.Chart]:
    """One chart for each benchmark with phenomena: mean accuracy of each variant on each."""
    for benchmark in content.study.benchmarks:
        sums: dict[tuple[str, str], list[float]] = defaultdict(list)
        for item in content.evaluations:
            if item["benchmark"] != benchmark:
                continue
            cell = next(cell for cell in content.experiments if cell.id == item["experiment"])
            name = _level_name(content, {"model": cell.model, "variant": cell.variant})
            for group, figures in item["groups"].items():
                if "accuracy" in figures:
                    sums[group, name].append(figures["accuracy"]["value"])
        lines = list(dict.fromkeys(group for group, _ in sums))
        if len(lines) < 2:
            continue
        rows = [{"line": line, "column": name, "value": sum(v) / len(v)} for (line, name), v in sums.items()]
        yield charts.heat(
            rows,
            columns=list(dict.fromkeys(name for _, name in sums)),
            lines=lines,
            title=f"accuracy by phenomenon, {words.benchmark_title(content.study, benchmark)}",
        )


def _published_charts(content: Content) -> Iterable[charts.Chart]:
    """One chart for each benchmark with published figures: ours beside others', over all tasks."""
    levels = content.comparisons["levels"]
    for benchmark, chosen in content.study.benchmarks.items():
        theirs = [
            {"name": row["model"], "value": row["value"]}
            for row in content.results.get("published", [])
            if row["benchmark"] == benchmark and row["task"] == "overall"
        ]
        ours = [
            {"name": _level_name(content, entry), "value": entry["mean"]}
            for entry in levels
            if entry["benchmark"] == benchmark and entry["metric"] == "accuracy"
        ]
        if chosen.published is not None and theirs and ours:
            title = f"accuracy over all of {words.benchmark_title(content.study, benchmark)}"
            yield charts.scatter(ours, title=title, percent=True, lines=theirs)


def _curve_charts(content: Content) -> Iterable[charts.Chart]:
    """One chart for each model that trains."""
    by_model: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for cell in content.experiments:
        points = [point for point in content.curves.get(cell.id, []) if "loss" in point]
        every = max(1, -(-len(points) // CURVE_POINTS))
        for point in points[::every]:
            name = words.variant_title(content.study, str(cell.variant))
            row = {"tokens": point["tokens"], "loss": point["loss"], "name": name, "experiment": cell.id}
            by_model[cell.model].append(row)
    for rows in by_model.values():
        yield charts.curves(rows, names=list(dict.fromkeys(row["name"] for row in rows)))


def _failed_gates(content: Content) -> list[dict[str, Any]]:
    """Every gate that failed, task by task, gathered over experiments."""
    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    for item in content.evaluations:
        for task, figures in item["tasks"].items():
            for gate, outcome in figures["gates"].items():
                if outcome["passed"] is False:
                    entry = found.setdefault(
                        (item["benchmark"], task, gate),
                        {"benchmark": item["benchmark"], "task": task, "gate": gate, "experiments": [], **outcome},
                    )
                    entry["experiments"].append(item["experiment"])
    return list(found.values())


def _gate_counts(content: Content) -> dict[str, tuple[int, int]]:
    """For each gate: how often it passed, and how often it was judged."""
    counts: dict[str, list[bool]] = defaultdict(list)
    for item in content.evaluations:
        for figures in item["tasks"].values():
            for gate, outcome in figures["gates"].items():
                if outcome["passed"] is not None:
                    counts[gate].append(bool(outcome["passed"]))
    return {gate: (sum(passed), len(passed)) for gate, passed in counts.items()}


def _records(content: Content) -> list[dict[str, Any]]:
    return [record for records in content.records.values() for record in records]


def _distinct(content: Content, key: str) -> list[Mapping[str, Any]]:
    """The different values that a part of the records takes: more than one means a mixed run."""
    found: list[Mapping[str, Any]] = []
    for record in _records(content):
        if key in record and record[key] not in found:
            found.append(record[key])
    return found
