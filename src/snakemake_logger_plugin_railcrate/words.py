# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""How a run is spoken of: kinds of work, experiments, durations, amounts of jobs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from railcrate.study.units import count
from snakemake_logger_plugin_railcrate.jobs import Job

_DOING = {
    "fetch": "fetching", "base": "fetching the base of", "curate": "curating", "card": "describing",
    "tokenizer": "training the tokenizer", "tokenize": "tokenizing", "license": "laying licenses down",
    "cards": "writing cards", "train": "training", "evaluate": "evaluating", "compare": "comparing",
    "assess": "assessing openness", "report": "writing the report", "record": "recording", "bundle": "bundling",
}  # fmt: skip
_THINGS = {"fetch": "source", "base": "base", "curate": "variant"}


def doing(job: Job) -> str:
    """Say what a job does, such as "curating clean"."""
    return " ".join([_DOING.get(job.kind, job.kind), *job.about])


def short(seconds: float) -> str:
    """Write a duration in few characters: "4.4 s", "48 s", "3.5 min", "2.1 h"."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    if seconds < 5970:
        return f"{seconds / 60:.1f} min"
    return f"{seconds / 3600:.1f} h"


def roughly(seconds: float) -> str:
    """Write an estimated duration with no more digits than it deserves: "5 s", "40 s", "4 min", "2.5 h"."""
    for limit, step, unit, name in ((10, 1, 1, "s"), (55, 10, 1, "s"), (5400, 60, 60, "min"), (1e12, 1800, 3600, "h")):
        if seconds < limit:
            return f"{max(round(seconds / step), 1) * step / unit:g} {name}"
    raise ValueError(f"{seconds} is no duration")


def listed(names: Sequence[str], most: int = 6) -> str:
    """List names, so many of them at most."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


def made(jobs: Iterable[Job]) -> list[str]:
    """Say what finished jobs have made, such as "2 variants", "4 experiments trained"."""
    counts = Counter(job.kind for job in jobs)
    said = [count(counts[kind], thing) for kind, thing in _THINGS.items() if counts[kind]]
    if counts["train"]:
        said.append(f"{count(counts['train'], 'experiment')} trained")
    if counts["evaluate"]:
        said.append(count(counts["evaluate"], "evaluation"))
    if counts["report"]:
        said.append("the report")
    own = [kind for kind in counts if kind not in _DOING]
    said += [f"{kind} ({counts[kind]})" if counts[kind] > 1 else kind for kind in own]
    return said or [count(counts.total(), "job")]
