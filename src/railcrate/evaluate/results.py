# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The evaluation's file: figures, gates, settings, versions and hashes.

It holds nothing that differs between two equal runs: no dates, no durations, no paths
outside the study.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from railcrate.evaluate.gates import Gate
from railcrate.evaluate.score import Metric, ScoredTask, perplexity
from railcrate.study import paths
from railcrate.study.config import Benchmark, Study
from railcrate.study.files import sha256_file
from railcrate.study.grid import Experiment, is_adapter

PACKAGES = ("lm_eval", "transformers", "torch")
WEIGHTS = ("*.safetensors", "config.json", "adapter_config.json")
TOKENIZER = (
    "tokenizer.json",
    "tokenizer_config.json",
    "vocab.json",
    "merges.txt",
    "*.model",
    "special_tokens_map.json",
)
TASK_FILES = (".yaml", ".yml", ".py")


def assemble(
    folder: Path,
    study: Study,
    experiment: Experiment,
    benchmark: str,
    *,
    scored: Sequence[ScoredTask],
    gates: Mapping[str, Mapping[str, Gate]],
    summary: Mapping[str, Gate],
    max_length: int,
) -> dict[str, Any]:
    """Put the evaluation's content together.

    Args:
        folder: the study's folder.
        study: the configuration.
        experiment: what was evaluated.
        benchmark: the benchmark's name.
        scored: its tasks.
        gates: gates by task and name.
        summary: the benchmark's gates by name.
        max_length: tokens that the model read, at most.

    Returns:
        What is written as JSON.
    """
    settings, chosen = study.evaluation, study.benchmarks[benchmark]
    return {
        "experiment": experiment.id,
        "benchmark": benchmark,
        "shots": chosen.shots,
        "settings": {
            "dtype": settings.precision,
            "device": settings.device,
            "batch_size": settings.batch_size,
            "max_length": max_length,
            "threads": settings.threads,
            "limit": chosen.limit,
        },
        "versions": {package: version(package) for package in PACKAGES},
        "hashes": hashes(folder, study, experiment, chosen, scored),
        "tasks": {task.loaded.name: _task(task, gates[task.loaded.name]) for task in scored},
        "groups": {
            group: {name: _pooled(own, name, error=False) for name in _metric_names(own)}
            for group, own in _by_group(scored).items()
        },
        "metrics": {name: _pooled(scored, name, error=True) for name in _metric_names(scored)},
        "gates": dict(summary),
    }


def _task(task: ScoredTask, gates: Mapping[str, Gate]) -> dict[str, Any]:
    return {
        "group": task.loaded.group,
        "kind": task.kind,
        "version": task.loaded.task.VERSION,
        "task_hash": task.task_hash,
        "items": len(task.rows),
        "truncated": task.truncated,
        "metrics": {name: {"value": m.value, "stderr": m.stderr} for name, m in task.metrics.items()},
        "chance": task.chance,
        "gates": dict(gates),
    }


def _metric_names(scored: Iterable[ScoredTask]) -> list[str]:
    return list(dict.fromkeys(name for task in scored for name in task.metrics))


def _by_group(scored: Iterable[ScoredTask]) -> dict[str, list[ScoredTask]]:
    found: dict[str, list[ScoredTask]] = {}
    for task in scored:
        if task.loaded.group is not None:
            found.setdefault(task.loaded.group, []).append(task)
    return dict(sorted(found.items()))


def _pooled(scored: Sequence[ScoredTask], name: str, *, error: bool) -> dict[str, Any]:
    """Pool a metric over tasks: the mean over tasks, or for texts the ratio over all documents.

    The standard error is that over items; the tasks themselves are what was chosen, not sampled.
    """
    own = [task for task in scored if name in task.metrics]
    if all(task.kind == "perplexity" for task in own) and name in ("bits_per_byte", "word_perplexity"):
        metric = perplexity([row for task in own for row in task.rows])[name]
    else:
        metric = _mean([task.metrics[name] for task in own])
    pooled = {"value": metric.value, "items": sum(len(task.rows) for task in own), "tasks": len(own)}
    return {"value": pooled.pop("value"), "stderr": metric.stderr, **pooled} if error else pooled


def _mean(metrics: Sequence[Metric]) -> Metric:
    values = [metric.value for metric in metrics if metric.value is not None]
    errors = [metric.stderr for metric in metrics if metric.stderr is not None]
    if not values or len(values) < len(metrics):
        return Metric(None, None)
    error = math.sqrt(math.fsum(e * e for e in errors)) / len(metrics) if len(errors) == len(metrics) else None
    return Metric(math.fsum(values) / len(values), error)


def figures(content: Mapping[str, Any]) -> dict[str, Any]:
    """Give the figures alone, as DVC's metrics: `{"accuracy": …, "groups": {"agreement": {"accuracy": …}}}`."""
    return {
        **{name: metric["value"] for name, metric in content["metrics"].items()},
        "groups": {
            group: {name: metric["value"] for name, metric in own.items()} for group, own in content["groups"].items()
        },
    }


def hashes(
    folder: Path, study: Study, experiment: Experiment, benchmark: Benchmark, scored: Sequence[ScoredTask]
) -> dict[str, Any]:
    """Hash what the figures rest on: weights, tokenizer, task files and data.

    Args:
        folder: the study's folder.
        study: the configuration.
        experiment: whose weights.
        benchmark: the benchmark.
        scored: its tasks.

    Returns:
        sha256 of the weights and of the tokenizer (of one file its own, of several that of
        their names and hashes), and of each task file and data file by path.
    """
    own = folder / paths.weights_folder(experiment.id)
    base = folder / paths.base_folder(experiment.model)
    pretrained = experiment.variant is None
    weights = _matching(base if pretrained else own, WEIGHTS)
    if not pretrained and is_adapter(study, experiment.model):
        weights += _matching(base, WEIGHTS)
    place = own if not pretrained and _matching(own, TOKENIZER) else base
    tasks = [] if benchmark.path is None else sorted((folder / benchmark.path).rglob("*"))
    data = {*benchmark.data, *(file for task in scored for file in task.loaded.files)}
    return {
        "weights": _digest(weights),
        "tokenizer": _digest(_matching(place, TOKENIZER)),
        "tasks": {
            path.relative_to(folder).as_posix(): sha256_file(path)
            for path in tasks
            if path.is_file() and path.suffix in TASK_FILES
        },
        "data": {file: sha256_file(folder / file) for file in sorted(data) if (folder / file).is_file()},
    }


def _matching(place: Path, patterns: Sequence[str]) -> list[Path]:
    return sorted({path for pattern in patterns for path in place.glob(pattern) if path.is_file()})


def _digest(files: Sequence[Path]) -> str | None:
    if not files:
        return None
    if len(files) == 1:
        return sha256_file(files[0])
    lines = "".join(f"{path.name} {sha256_file(path)}\n" for path in files)
    return hashlib.sha256(lines.encode()).hexdigest()
