# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What a dry run says: what would be made, in words of experiments, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from railcrate.ledger.staleness import Reason
from railcrate.ledger.status import study_status
from railcrate.study.load import load_study
from railcrate.study.units import count
from snakemake_logger_plugin_railcrate.course import Course
from snakemake_logger_plugin_railcrate.jobs import EXPERIMENTS, JOURNEY, Job
from snakemake_logger_plugin_railcrate.words import listed

_MOST = 8  # names in a line
_WIDEST = max(map(len, JOURNEY))
_REASONS = 3  # reasons in a line
_COUNTED = {"new", "killed", "failed"}


def would(course: Course) -> Iterator[str]:
    """Say what a run would do.

    Args:
        course: the jobs of the dry run.

    Yields:
        Lines: how many jobs, then one for each kind of work, with its own reasons.
    """
    study = load_study(course.folder)
    found = study_status(course.folder, study, ledger=False).found.values()
    reasons = {one.job.log: one.reasons for one in found}
    place = {one.job.log: number for number, one in enumerate(found)}
    yield f"would {_amounts(course)}:"
    whole: list[str] = []
    for kind, jobs in course.kinds():
        if not any(job.about for job in jobs):
            whole.append(kind)
            continue
        jobs.sort(key=lambda job: place.get(job.log, len(place)))
        why = _why(jobs, reasons)
        yield f"  {kind:<{_WIDEST}} {_names(kind, jobs)}" + (f"  ({why})" if why else "")
    if whole:
        why = _why([job for kind in whole for job in course.of(kind)], reasons)
        yield f"  {'and':<{_WIDEST}} {', '.join(whole)}" + (f"  ({why})" if why else "")


def _amounts(course: Course) -> str:
    """How much there is to do: "train 3 experiments, evaluate 9, do 4 other jobs"."""
    words = []
    trained = len(course.of("train"))
    evaluated = len({job.experiment for job in course.of("evaluate")})
    others = sum(job.kind not in EXPERIMENTS for job in course.jobs.values())
    if trained:
        words.append(f"train {count(trained, 'experiment')}")
    if evaluated:
        words.append(f"evaluate {evaluated if words else count(evaluated, 'experiment')}")
    if others:
        words.append(f"do {count(others, 'other job' if words else 'job')}")
    return ", ".join(words)


def _names(kind: str, jobs: Sequence[Job]) -> str:
    if kind == "evaluate":
        benchmarks = list(dict.fromkeys(job.about[-1] for job in jobs))
        names = list(dict.fromkeys(str(job.experiment) for job in jobs))
        return f"{listed(names, _MOST)} on {listed(benchmarks, _MOST)}"
    return listed([" ".join(job.about) for job in jobs], _MOST)


def _why(jobs: Sequence[Job], reasons: Mapping[str, Sequence[Reason]]) -> str:
    """The reasons that some of the jobs have of their own; the others run because of what they rest on."""
    own = [reason for job in jobs for reason in reasons.get(job.log, ())]
    counts = Counter[str](reason.kind for reason in own)
    words = [
        said if counts[kind] == len(jobs) else f"{counts[kind]} {said}"
        for kind, said in (("new", "not made yet"), ("killed", "broken off"), ("failed", "failed before"))
        if counts[kind]
    ]
    # What is missing of what another job makes comes from that job.
    rest = [reason for reason in own if reason.kind not in _COUNTED and not reason.words.endswith("is missing")]
    words += dict.fromkeys(reason.words for reason in rest)
    lost = dict.fromkeys(reason.words for reason in own if reason.kind == "missing")
    words += lost
    return "; ".join(words[:_REASONS]) + (f"; and {len(words) - _REASONS} more" if len(words) > _REASONS else "")
