# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""How long a study will take, and how much energy: from its records, or from a trial.

Each job is given the time that its own record tells, or that of jobs like it, on this machine; or
that of the trial; or, where there is nothing else, that of another machine's records. Then the
jobs are laid out on the cores, as Snakemake does it. A range goes with the figure:

- from records of this machine: the quickest and the slowest tenth of jobs of the same kind;
- from a trial: `QUICKER` and `SLOWER` of `railcrate.preflight.tried`;
- from records of another machine: a factor of `ELSEWHERE`, down and up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from railcrate.preflight.jobs import Job, span
from railcrate.preflight.recorded import Records
from railcrate.preflight.tried import ELSEWHERE, Cost, Trial
from railcrate.study.config import Study

MEASURED = ("train", "evaluate")  # rules whose energy is measured
KINDS = ("seconds", "low", "high", "now")
MOST_OVERHEAD = 3.0  # times the jobs' own time; a run that took longer than that was disturbed


@dataclass(frozen=True)
class Estimate:
    """What a study takes.

    Attributes:
        cores: that it is for.
        seconds: how long, from beginning to end.
        low: at least.
        high: at most.
        now: how long while other programs compute as they do now.
        work: seconds of all jobs, one after another.
        kwh: energy of trainings and evaluations; None where that is not known.
        kwh_low: at least.
        kwh_high: at most.
        bases: what it rests on: record, trial, elsewhere.
        unknown: trainings and evaluations that nothing is known of: "train small", "evaluate small blimp".
        at_least: whether it is no more than a lower bound.
    """

    cores: int
    seconds: float
    low: float
    high: float
    now: float
    work: float
    kwh: float | None
    kwh_low: float | None
    kwh_high: float | None
    bases: tuple[str, ...]
    unknown: tuple[str, ...]
    at_least: bool


def work_out(
    study: Study, jobs: Iterable[Job], cores: int, records: Records, trial: Trial | None, sizes: Mapping[str, int],
    *, trial_first: bool = False,
) -> Estimate | None:  # fmt: skip
    """Work out what a study takes.

    Args:
        study: the configuration.
        jobs: its jobs.
        cores: how many cores it has.
        records: its records.
        trial: what a trial found, if there was one.
        sizes: bytes that each recipe reads, for those where it is known.
        trial_first: whether, for trainings and evaluations, the trial counts more than this machine's records.

    Returns:
        The estimate; None where nothing is known of any training or evaluation.
    """
    every = list(jobs)
    costs: dict[tuple[str, str], Cost] = {}
    unknown: dict[str, None] = {}
    for job in every:
        cost = _cost(study, job, records, trial, sizes, trial_first=trial_first)
        if cost is not None:
            costs[job.key] = cost
        elif job.rule in MEASURED:
            unknown.setdefault(" ".join(filter(None, (job.rule, job.model, job.benchmark))))
    energy = [costs[job.key] for job in every if job.rule in MEASURED and job.key in costs]
    if not energy:
        return None
    bases = tuple(dict.fromkeys(cost.basis for cost in energy))
    own = trial if trial is not None and "record" not in bases else None
    whole = {kind: _whole(every, costs, cores, records, own, kind) for kind in KINDS}
    taken = sum(cost.seconds for cost in energy)
    kwh = None if any(cost.kwh is None for cost in energy) else sum(cost.kwh or 0.0 for cost in energy)
    bounds = [None if kwh is None else kwh * sum(getattr(cost, kind) for cost in energy) / max(taken, 1e-9)
              for kind in ("low", "high")]  # fmt: skip
    slow = trial is not None and any(job.model in trial.slow for job in every if job.rule == "train")
    work = sum(cost.seconds for cost in costs.values())
    return Estimate(
        cores, whole["seconds"], whole["low"], whole["high"], whole["now"], work,
        kwh, bounds[0], bounds[1], bases, tuple(unknown), slow,
    )  # fmt: skip


def _whole(
    jobs: list[Job], costs: Mapping[tuple[str, str], Cost], cores: int, records: Records, trial: Trial | None, kind: str
) -> float:
    """Lay the jobs out, with what comes on top of them.

    By a trial, that is the start of each one's process, the imports, and Snakemake's start at both
    ends; by records, the share that it had of the last whole run.
    """

    def seconds(job: Job) -> float:
        cost = costs.get(job.key)
        return start + (float(getattr(cost, kind)) if cost is not None else 0.0)

    start, around, share = 0.0, 0.0, 1.0
    if trial is None:
        share = _overhead(jobs, records)
    else:
        part = 0 if kind == "now" else 1  # what the clock says, or CPU time
        start, around = trial.start[part], 2 * trial.begin[part] + trial.imported[part]
    return share * (around + span(jobs, cores, seconds))


def _cost(
    study: Study, job: Job, records: Records, trial: Trial | None, sizes: Mapping[str, int], *, trial_first: bool
) -> Cost | None:
    past = records.of(job)
    tried = trial.of(study, job, sizes) if trial is not None else None
    measured = job.rule in MEASURED
    if tried is not None and (past is None or not past.here or (trial_first and measured)):
        return tried
    if past is None:
        return None
    if past.here:
        return Cost(past.seconds, past.low, past.high, past.seconds, past.kwh, "record")
    low, high = past.seconds / ELSEWHERE, past.seconds * ELSEWHERE
    return Cost(past.seconds, low, high, past.seconds, past.kwh, "elsewhere")


def _overhead(jobs: list[Job], records: Records) -> float:
    """By how much the last whole run took longer than its jobs: starting processes, importing, writing the ledger."""
    whole = records.whole()
    if whole is None:
        return 1.0
    past = {job.key: found.seconds for job in jobs if (found := records.of(job)) is not None}
    alone = span(jobs, whole.at_once, lambda job: past.get(job.key, 0.0))
    return min(MOST_OVERHEAD, max(1.0, whole.seconds / max(alone, 1e-9)))
