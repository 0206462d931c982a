# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A benchmark on some of its items, by the clock: what the whole of it will take is worked out from them.

It is the same evaluation, gates included, with a model of the right size; with trained weights
where they are there, with random ones else, which take as long. A warm process may import this
module before it forks.
"""

from __future__ import annotations

import contextlib
import math
import resource
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from railcrate.evaluate.harness.encoder_decoder import as_lm
from railcrate.evaluate.harness.lm import BatchedLM
from railcrate.evaluate.measure import pass_gates, run_tasks
from railcrate.evaluate.run import load_model
from railcrate.evaluate.tasks import LoadedTask, load_tasks, seed_everything
from railcrate.model.blocks import tokenizer_files
from railcrate.model.build import build_scratch, load_full, scratch_config
from railcrate.model.errors import BaseError
from railcrate.model.footprint import footprint
from railcrate.model.rehearsal import base_of_model
from railcrate.model.tokenizer import load_tokenizer
from railcrate.model.weights import check_device
from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.errors import RailcrateError
from railcrate.study.grid import Experiment, training_of
from railcrate.study.models import ScratchModel

FEW = (2, 8)  # items of each task in the first rounds


@dataclass
class Rehearsed:
    """What a benchmark takes.

    Attributes:
        items: all items of all tasks that the benchmark asks.
        asked: those that were asked.
        seconds: that the whole benchmark takes, worked out where not all items were asked.
        cpu_seconds: CPU time, likewise.
        peak_memory_bytes: of this process, so far.
        footprint: what it cost; see `railcrate.model.footprint`.
        whole: seconds that the footprint is for.
    """

    items: int = 0
    asked: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_memory_bytes: int = 0
    footprint: dict[str, Any] = field(default_factory=dict)
    whole: float = 0.0


def rehearse(folder: Path, study: Study, experiment: Experiment, benchmark: str, seconds: float) -> Rehearsed:
    """Evaluate a model on some items of a benchmark.

    The time of a benchmark is taken as a part that comes once, one that comes with every round,
    and one for each item: three rounds, of few items and of more, give them. It is CPU time that
    is worked out, which other programs on the machine disturb little; by how much longer all of
    the rehearsal took on the clock, the benchmark is taken to do so, too.

    Args:
        folder: the study's folder.
        study: the configuration.
        experiment: whose model.
        benchmark: the benchmark's name.
        seconds: of CPU time that the longest round should take, about.

    Returns:
        What it takes.

    Raises:
        ConfigError: when a task file is wrong, or the benchmark names a task that is not there.
        BaseError: when the model's tokenizer or base is not there yet.
        DataError: when the benchmark's data are not there yet.
        NoAcceleratorError: when the study asks for a GPU and there is none.
    """
    settings = study.evaluation
    check_device(settings.device)
    torch.set_num_threads(settings.threads)
    with contextlib.chdir(folder), footprint(study) as used:
        start = _clock()
        seed_everything()
        tasks = load_tasks(study.benchmarks[benchmark], benchmark)
        lm = _model(folder, study, experiment)
        counts = [_items(task, study.benchmarks[benchmark].limit) for task in tasks]
        loaded = time.process_time() - start[1]
        rounds = [_round(lm, tasks, settings.precision, min(limit, max(counts))) for limit in FEW]
        # An item of a short round takes longer: what comes with every round is in it, too.
        limit = min(max(counts), math.ceil(FEW[1] * seconds / max(rounds[1], 1e-3)))
        if limit > FEW[1]:
            rounds.append(_round(lm, tasks, settings.precision, limit))
        end = _clock()
    wall, cpu = end[0] - start[0], end[1] - start[1]
    asked = [sum(min(count, most) for count in counts) for most in (*FEW, limit)]
    needed = loaded + _extended(rounds, asked, sum(counts))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    if settings.device == "cuda":
        peak = torch.cuda.max_memory_allocated()
    return Rehearsed(sum(counts), asked[-1], needed * wall / max(cpu, 1e-3), needed, peak, used, wall)


def _extended(rounds: list[float], asked: list[int], items: int) -> float:
    """Work out what all items take in one round, as the first one of a process.

    Args:
        rounds: seconds of each round.
        asked: items of each round.
        items: all items.

    Returns:
        Seconds.
    """
    last = len(rounds) - 1
    each = max(0.0, (rounds[last] - rounds[1]) / max(1, asked[last] - asked[1])) if last > 1 else 0.0
    every = max(0.0, rounds[last] - each * asked[last])
    once = max(0.0, rounds[0] - every - each * asked[0])
    return once + every + each * items


def _items(task: LoadedTask, limit: int | None) -> int:
    count = len(task.task.eval_docs)
    return count if limit is None else min(count, limit)


def _round(lm: BatchedLM, tasks: list[LoadedTask], precision: str, limit: int) -> float:
    """Evaluate the first items of every task; gives the CPU seconds."""
    before = time.process_time()
    scored = run_tasks(lm, tasks, limit)
    pass_gates(scored, lm, precision, lambda: lm)  # the model in another precision takes about as long
    return time.process_time() - before


def _clock() -> tuple[float, float]:
    return time.monotonic(), time.process_time()


def _model(folder: Path, study: Study, experiment: Experiment) -> BatchedLM:
    """The experiment's model: its trained weights, or one like it."""
    settings, chosen = study.evaluation, study.models[experiment.model]
    if (folder / paths.training_summary(experiment.id)).is_file():
        with contextlib.suppress(RailcrateError):  # damaged: that is told where the weights are needed
            return load_model(folder, study, experiment)
    if isinstance(chosen, ScratchModel):
        assert experiment.variant is not None
        tokens = tokenizer_files(folder, study, experiment.model, experiment.variant)
        if not (tokens / "tokenizer.json").is_file():
            raise BaseError(f"the tokenizer of '{experiment.model}' is not trained yet", "Its sources come first.")
        tokenizer = load_tokenizer(tokens)
        length = training_of(study, experiment.model).block_length
        model = build_scratch(experiment.model, scratch_config(experiment.model, chosen, tokenizer, length))
        model = model.to(getattr(torch, settings.precision))
    else:
        base = base_of_model(folder, chosen, experiment.model)
        trust = chosen.base.trust_remote_code
        model = load_full(base, precision=settings.precision, trust_remote_code=trust)
        tokenizer = load_tokenizer(base, trust_remote_code=trust)
    model = model.to(settings.device).eval()
    return as_lm(model, tokenizer, batch_size=settings.batch_size, max_length=settings.max_length)
