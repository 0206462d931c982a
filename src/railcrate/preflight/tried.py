# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What a trial found, and what single jobs take by it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from railcrate.preflight.jobs import Job
from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.grid import training_of

# By how much a job may be quicker or slower than the trial says. For the reference study the trial came
# to 1.0 to 1.05 times what was recorded, for the small study of the tests to 0.8 to 1.0 times.
QUICKER, SLOWER = 1.25, 1.25
ELSEWHERE = 2.5  # by how much another machine may be quicker or slower
PATIENCE = {"data": 60.0, "train": 120.0, "evaluate": 120.0}  # seconds; what takes longer is left
LOG = f"{paths.LOGS}/check.log"  # what a trial prints
FIRST = 2  # steps of a training that are not counted: they allocate memory, and pick algorithms


@dataclass(frozen=True)
class Cost:
    """What one job takes.

    Attributes:
        seconds: how long, on a machine that does nothing else.
        low: how long at least.
        high: how long at most.
        now: how long while other programs compute as they did when it was tried.
        kwh: its energy; None where that is not known.
        basis: record, trial, or elsewhere.
    """

    seconds: float
    low: float
    high: float
    now: float
    kwh: float | None = None
    basis: str = "trial"


@dataclass
class Trial:
    """What a trial found; see `railcrate.preflight.trial`.

    Attributes:
        start: seconds, and CPU seconds, until a job's process works.
        begin: seconds, and CPU seconds, until Snakemake works.
        imported: seconds, and CPU seconds, that the warm process imports.
        parameters: counted parameters, by model.
        jobs: what single jobs took, by rule.
        trained: what steps of training took, by model.
        evaluated: what benchmarks take, by model and benchmark.
        slow: seconds that a step takes at least, by model, where too few ended in time.
        left: what could not be tried, and why.
        problems: mistakes that a user can mend.
    """

    start: tuple[float, float] = (0.0, 0.0)
    begin: tuple[float, float] = (0.0, 0.0)
    imported: tuple[float, float] = (0.0, 0.0)
    parameters: dict[str, int] = field(default_factory=dict)
    jobs: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    trained: dict[str, dict[str, Any]] = field(default_factory=dict)
    evaluated: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    slow: dict[str, float] = field(default_factory=dict)
    left: list[dict[str, Any]] = field(default_factory=list)
    problems: list[dict[str, Any]] = field(default_factory=list)

    def take(self, found: dict[str, Any]) -> None:
        """Take up a line of what a trial prints."""
        kind = found["kind"]
        if kind in ("started", "begun", "imported"):
            name = {"started": "start", "begun": "begin", "imported": "imported"}[kind]
            setattr(self, name, (float(found["seconds"]), float(found["cpu"])))
        elif kind == "parameters":
            self.parameters[found["model"]] = int(found["count"])
        elif kind == "job":
            self.jobs.setdefault(found["rule"], []).append(found)
        elif kind == "trained":
            self.trained[found["model"]] = found
        elif kind == "evaluated":
            self.evaluated[found["model"], found["benchmark"]] = found
        elif kind == "left":
            self.left.append(found)
            if found["rule"] == "train" and found.get("how") == "late":
                self.slow[found["name"]] = PATIENCE["train"] / (FIRST + 1)
        elif kind == "problem":
            self.problems.append(found)

    def of(self, study: Study, job: Job, sizes: Mapping[str, int]) -> Cost | None:
        """What a job takes, by the trial; None where it says nothing of it.

        Args:
            study: the configuration.
            job: the job.
            sizes: bytes that each recipe reads, for those where it is known.
        """
        if job.rule == "train":
            return self._training(study, job)
        if job.rule == "evaluate":
            found = self.evaluated.get((job.model, job.benchmark))
            if found is None:
                return None
            settings = study.evaluation
            return self._cost(found["seconds"], found["cpu_seconds"], found, settings.threads, settings.device)
        alike = self.jobs.get(job.rule)
        if not alike:
            return None
        own = next((one for one in alike if one["name"] == job.name), alike[-1])
        share = 1.0
        if job.rule == "curate" and own.get("bytes") and sizes.get(job.name):
            share = sizes[job.name] / own["bytes"]
        return self._cost(own["seconds"] * share, own["cpu"] * share, {}, 1, "cpu")

    def _training(self, study: Study, job: Job) -> Cost | None:
        found = self.trained.get(job.model)
        settings = training_of(study, job.model)
        steps = settings.tokens // (settings.block_length * settings.batch_size)
        if found is None:
            if job.model not in self.slow:
                return None
            least = self.slow[job.model] * steps
            return Cost(least, least, least * ELSEWHERE, least)
        saves = settings.checkpoints + 1  # and the weights at the end
        wall = found["prepare"] + steps * found["seconds"] / found["steps"] + saves * found["save"]
        share = found["cpu_seconds"] / max(found["seconds"], 1e-9)
        return self._cost(wall, wall * share, found, settings.threads, settings.device)

    @property
    def crowded(self) -> float:
        """By how much the clock runs ahead of the CPU time of work that never waits: imports, on one thread."""
        wall, cpu = self.imported
        return max(1.0, wall / cpu) if cpu else 1.0

    def _cost(self, wall: float, cpu: float, found: dict[str, Any], threads: int, device: str) -> Cost:
        """Put a cost together.

        On one thread, what counts is CPU time: on a machine that does nothing else, the clock would
        say the same. Several threads wait for one another, too, so there it is the clock, less what
        the crowd on the machine adds. A GPU's job hardly uses the CPU, and is taken by the clock.
        """
        alone = wall if device == "cuda" else cpu if threads == 1 else wall / self.crowded
        seconds = min(wall, alone)
        kwh = found.get("footprint", {}).get("energy_kwh")
        power = None if kwh is None else kwh / max(found["whole"], 1e-9)
        return Cost(seconds, seconds / QUICKER, seconds * SLOWER, wall, None if power is None else power * seconds)
