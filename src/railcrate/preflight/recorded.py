# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What a study's records tell of how long its jobs take: on this machine, or on another."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from railcrate.preflight.jobs import Job
from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.files import read_json
from railcrate.study.grid import training_of
from railcrate.study.records import machine

# Settings that change how long a step takes, and not only how many steps there are.
STEP = ("block_length", "batch_size", "device", "precision", "threads")
MACHINE = ("cpu", "cores", "architecture", "gpus")
PAUSE = 60.0  # seconds without a job after which a run is taken to have been broken off


@dataclass(frozen=True)
class Past:
    """What is known of a job from the past.

    Attributes:
        seconds: how long it takes.
        low: how long it takes where it goes well: the quickest tenth of its kind.
        high: how long it takes where it does not: the slowest tenth.
        kwh: energy that it takes; None where it was not measured.
        exact: whether it is this very job's own record, and not that of one like it.
        here: whether it was on this machine.
        memory: bytes of memory that it took.
    """

    seconds: float
    low: float
    high: float
    kwh: float | None
    exact: bool
    here: bool
    memory: int


@dataclass(frozen=True)
class Whole:
    """What a study's last run took, by its records.

    Attributes:
        seconds: time during which at least one job was at work, pauses between runs left out.
        work: seconds of all jobs, one after another.
        at_once: cores that were at work at the same time, at most.
        kwh: energy of trainings and evaluations.
        crowded: by how much other programs made trainings and evaluations slower, at least: the clock by
            their own CPU time.
    """

    seconds: float
    work: float
    at_once: int
    kwh: float
    crowded: float = 1.0


class Records:
    """The records of a study's jobs.

    Args:
        folder: the study's folder.
        study: the configuration.
        jobs: its jobs.
    """

    def __init__(self, folder: Path, study: Study, jobs: Iterable[Job]) -> None:
        """Read every record once, and leave out those of jobs that the study no longer does in that way."""
        self._folder, self._study = folder, study
        self._here = {key: value for key, value in machine().items() if key in MACHINE}
        self._found: dict[tuple[str, str], dict[str, Any]] = {}
        self._alike: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
        self._other_budget = False
        self.jobs = list(jobs)
        for job in self.jobs:
            record = read_or_none(folder / paths.record(job.rule, job.name))
            if record is not None and self._still_holds(job, record):
                self._found[job.key] = record
                self._alike.setdefault((job.rule, job.model, job.benchmark), []).append(record)

    def of(self, job: Job) -> Past | None:
        """What is known of a job: by its own record, or by those of jobs like it; this machine's first."""
        alike = self._alike.get((job.rule, job.model, job.benchmark), [])
        for here in (True, False):
            fitting = [record for record in alike if self._is_here(record) is here]
            own = self._found.get(job.key)
            if own is not None and self._is_here(own) is here:
                return self._past([own], fitting, exact=True, here=here)
            if fitting:
                return self._past(fitting, fitting, exact=False, here=here)
        return None

    def _past(self, records: list[dict[str, Any]], alike: list[dict[str, Any]], *, exact: bool, here: bool) -> Past:
        seconds = [float(record["seconds"]) for record in records]
        every = sorted(float(record["seconds"]) for record in alike)
        tenths = statistics.quantiles(every, n=10, method="inclusive") if len(every) > 1 else [every[0]] * 9
        kwh = [record["footprint"]["energy_kwh"] for record in records if record.get("footprint")]
        known = [value for value in kwh if value is not None]
        middle = statistics.median(seconds)
        return Past(
            middle, min(middle, tenths[0]), max(middle, tenths[-1]), statistics.median(known) if known else None,
            exact, here, max(int(record.get("peak_memory_bytes", 0)) for record in records),
        )  # fmt: skip

    def intensity(self, country: str) -> float | None:
        """CO2 equivalent of a kWh in a country, in kg, as the records have it; None where they know nothing of it."""
        for record in self._found.values():
            used = record.get("footprint") or {}
            if used.get("country") == country and used.get("emissions_kg") and used.get("energy_kwh"):
                return float(used["emissions_kg"]) / float(used["energy_kwh"])
        return None

    def whole(self) -> Whole | None:
        """What the last run took; None unless it did every training and every evaluation as the study is now."""
        needed = [job for job in self.jobs if job.rule in ("train", "evaluate")]
        if not needed or self._other_budget or any(job.key not in self._found for job in needed):
            return None
        spans = []
        for job in self.jobs:
            record = self._found.get(job.key)
            if record is not None:
                begin = datetime.fromisoformat(record["started"]).timestamp()
                spans.append((begin, begin + float(record["seconds"]), job.threads))
        kwh = [(self._found[job.key].get("footprint") or {}).get("energy_kwh") or 0.0 for job in needed]
        work = sum(end - begin for begin, end, _ in spans)
        return Whole(_busy(spans), work, _at_once(spans), sum(kwh), self._crowded(needed))

    def _crowded(self, jobs: Iterable[Job]) -> float:
        """The clock by the CPU time of jobs that do nothing but compute on one thread."""
        every = [self._found[job.key] for job in jobs]
        own = [
            one for one in every if one.get("device") == "cpu" and one.get("threads") == 1 and one.get("cpu_seconds")
        ]
        cpu = sum(float(one["cpu_seconds"]) for one in own)
        return max(1.0, sum(float(one["seconds"]) for one in own) / cpu) if cpu else 1.0

    def oldest(self) -> float:
        """When the oldest record's training began, in seconds since the epoch; 0 without any."""
        begun = [
            datetime.fromisoformat(record["started"]).timestamp()
            for (rule, _), record in self._found.items()
            if rule in ("train", "evaluate")
        ]
        return min(begun, default=0.0)

    def _is_here(self, record: dict[str, Any]) -> bool:
        there = {key: value for key, value in record.get("machine", {}).items() if key in MACHINE}
        return there == self._here

    def _still_holds(self, job: Job, record: dict[str, Any]) -> bool:
        """Tell whether the study would do a job now as it was done then, but for the number of steps."""
        if job.rule == "train":
            return self._training_holds(job, record)
        if job.rule != "evaluate":
            return True
        cell = job.name.removesuffix(f".{job.benchmark}")
        content = read_or_none(self._folder / paths.evaluation(cell, job.benchmark))
        if content is None:
            return False
        now, then = self._study.evaluation, content.get("settings", {})
        same: dict[str, Any] = {
            "dtype": now.precision,
            "device": now.device,
            "batch_size": now.batch_size,
            "threads": now.threads,
        }
        benchmark = self._study.benchmarks[job.benchmark]
        same |= {"limit": benchmark.limit}
        return all(then.get(key) == value for key, value in same.items()) and content.get("shots") == benchmark.shots

    def _training_holds(self, job: Job, record: dict[str, Any]) -> bool:
        summary = read_or_none(self._folder / paths.training_summary(job.name))
        if summary is None:
            return False
        now, then = training_of(self._study, job.model).model_dump(mode="json"), summary.get("settings", {})
        if any(now[key] != then.get(key) for key in STEP) or record.get("resumed_at_step"):
            return False
        # A budget of more tokens takes as much longer.
        share = now["tokens"] / then["tokens"]
        self._other_budget = self._other_budget or share != 1
        for name in ("seconds", "cpu_seconds"):
            record[name] = float(record[name]) * share
        used = record.get("footprint") or {}
        for name in ("energy_kwh", "emissions_kg"):
            if used.get(name):
                used[name] *= share
        return True


def _busy(spans: list[tuple[float, float, int]]) -> float:
    """Seconds in which at least one of the spans goes on; short gaps between two belong to the run."""
    total, until = 0.0, float("-inf")
    for begin, end, _ in sorted(spans):
        if begin > until + PAUSE:
            total += end - begin
        elif end > until:
            total += end - until
        until = max(until, end)
    return total


def _at_once(spans: list[tuple[float, float, int]]) -> int:
    """Cores at work at the same time, at most; begins are told to the second, so a second of overlap may be none."""
    marks = sorted(
        [(begin + 1, threads) for begin, _, threads in spans] + [(end, -threads) for _, end, threads in spans]
    )
    most = now = 0
    for _, threads in marks:
        now += threads
        most = max(most, now)
    return max(1, most)


def read_or_none(path: Path) -> dict[str, Any] | None:
    """Read a JSON file that may be missing or cut off."""
    try:
        content = read_json(path)
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None
