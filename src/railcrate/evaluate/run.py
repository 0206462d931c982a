# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Evaluating one experiment on one benchmark: the workflow's rule `evaluate`.

A warm process imports this module before it forks: that imports lm-eval, transformers and
torch, and starts no computation.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import torch

from railcrate.evaluate.harness.encoder_decoder import as_lm
from railcrate.evaluate.harness.lm import BatchedLM
from railcrate.evaluate.measure import pass_gates, run_tasks
from railcrate.evaluate.results import assemble, figures
from railcrate.evaluate.score import ScoredTask
from railcrate.evaluate.tasks import load_tasks, seed_everything
from railcrate.model.footprint import footprint
from railcrate.model.weights import load_weights
from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.files import replacing, write_json
from railcrate.study.grid import Experiment
from railcrate.study.records import job_record

SAMPLES = pa.schema(
    [
        ("experiment", pa.string()),
        ("benchmark", pa.string()),
        ("task", pa.string()),
        ("group", pa.string()),
        ("item", pa.int64()),
        ("cluster", pa.string()),
        ("score", pa.float64()),
        ("score_norm", pa.float64()),
        ("tie", pa.bool_()),
        ("margin", pa.float64()),
        ("loglikelihoods", pa.list_(pa.float64())),
        ("chosen", pa.int64()),
        ("target", pa.int64()),
        ("nll", pa.float64()),
        ("bytes", pa.int64()),
        ("words", pa.int64()),
        ("doc_hash", pa.string()),
        ("prompt_hash", pa.string()),
        ("target_hash", pa.string()),
    ]
)


def evaluate(folder: Path, study: Study, experiment: Experiment, benchmark: str) -> None:
    """Evaluate one experiment on one benchmark, and write its results, samples and metrics.

    Args:
        folder: the study's folder.
        study: the configuration.
        experiment: what to evaluate; its weights lie where the workflow put them.
        benchmark: the benchmark's name.

    Raises:
        ConfigError: when a task file is wrong, or the benchmark names a task that is not there.
        DataError: when weights or a task's data are missing or wrong.
        EnvironmentProblem: when data of lm-eval's own tasks cannot be had.
    """
    settings, name = study.evaluation, f"{experiment.id}.{benchmark}"
    with job_record(folder, "evaluate", name) as record, contextlib.chdir(folder):
        torch.set_num_threads(settings.threads)
        record |= {"threads": settings.threads, "device": settings.device, "precision": settings.precision}
        with footprint(study) as used:
            seed_everything()
            tasks = load_tasks(study.benchmarks[benchmark], benchmark)
            lm = load_model(folder, study, experiment)
            scored = run_tasks(lm, tasks, study.benchmarks[benchmark].limit)
            by_task, summary = pass_gates(
                scored, lm, settings.precision, lambda: load_model(folder, study, experiment, precision="float32")
            )
        record["footprint"] = used
    content = assemble(
        folder, study, experiment, benchmark, scored=scored, gates=by_task, summary=summary, max_length=lm.max_length
    )
    write_samples(folder / paths.samples(experiment.id, benchmark), experiment.id, benchmark, scored)
    write_json(folder / paths.metrics(experiment.id, benchmark), figures(content))
    write_json(folder / paths.evaluation(experiment.id, benchmark), content)


def load_model(folder: Path, study: Study, experiment: Experiment, *, precision: str | None = None) -> BatchedLM:
    """Load an experiment's weights as lm-eval sees them.

    Args:
        folder: the study's folder.
        study: the configuration, with device, precision, batch size and maximum length.
        experiment: whose weights.
        precision: another one than the study's.
    """
    settings = study.evaluation
    model, tokenizer = load_weights(
        folder, study, experiment, device=settings.device, precision=precision or settings.precision
    )
    return as_lm(model, tokenizer, batch_size=settings.batch_size, max_length=settings.max_length)


def write_samples(path: Path, experiment: str, benchmark: str, scored: list[ScoredTask]) -> None:
    """Write one row for each item; the same bytes whenever the rows are the same."""
    rows = [{"experiment": experiment, "benchmark": benchmark, **row} for task in scored for row in task.rows]
    columns = {field.name: [row.get(field.name) for row in rows] for field in SAMPLES}
    with replacing(path) as temporary:
        pq.write_table(pa.table(columns, schema=SAMPLES), temporary, compression="zstd")
