# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Running tasks on a model through lm-eval, and passing what comes out through the gates."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from lm_eval import evaluator

from railcrate.evaluate import gates
from railcrate.evaluate.harness.lm import BatchedLM
from railcrate.evaluate.score import ScoredTask, score_task
from railcrate.evaluate.tasks import LoadedTask

# What lm-eval warns of is what a study fixes on purpose: shots, a model in memory, no chat template.
logging.getLogger("lm_eval").setLevel(logging.ERROR)


def run_tasks(lm: BatchedLM, tasks: list[LoadedTask], limit: int | None = None) -> list[ScoredTask]:
    """Let lm-eval evaluate tasks, and score its samples.

    Args:
        lm: the model.
        tasks: the tasks.
        limit: items of each task, the first ones; None for all.

    Returns:
        What came out, task by task.
    """
    outcome: dict[str, Any] = evaluator.evaluate(
        lm,
        {"tasks": {loaded.name: loaded.task for loaded in tasks}},
        limit=limit,
        bootstrap_iters=0,  # standard errors are computed from the samples
        log_samples=True,
    )
    samples, results = outcome["samples"], outcome["results"]
    return [
        score_task(loaded, samples[loaded.name], results[loaded.name], lm.truncated[loaded.name]) for loaded in tasks
    ]


def pass_gates(
    scored: list[ScoredTask], lm: BatchedLM, precision: str, in_float32: Callable[[], BatchedLM]
) -> tuple[dict[str, dict[str, gates.Gate]], dict[str, gates.Gate]]:
    """Compute the gates of every task, and of the benchmark.

    Args:
        scored: the tasks.
        lm: the model.
        precision: what it computed in.
        in_float32: gives the model in float32; called only where it computed in something else.

    Returns:
        Gates by task and name, and the benchmark's by name.
    """
    by_task: dict[str, dict[str, gates.Gate]] = {}
    for task in scored:
        own: dict[str, gates.Gate] = {}
        if task.kind in ("pairs", "choice"):
            own = {"tie_rate": gates.tie_rate(task), "chance": gates.chance(task)}
            own["length_bias"] = gates.length_bias(task, lm)
        if task.kind == "choice":
            own["order_flip"] = gates.order_flip(task, lm)
        by_task[task.loaded.name] = own
    for name, one in gates.float32(scored, precision, in_float32).items():
        by_task[name]["float32"] = one
    summary = gates.overall(scored, by_task)
    if precision == "float32" and (single := gates.alone(scored, lm)) is not None:
        summary["float32"] = {**single, "failed": []}
    return by_task, summary
