# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""How many cores a run uses when nobody says: as many as are there, allowed, and have memory for their jobs."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from railcrate.ledger.plan import Plan
from railcrate.ledger.resources import MB, Resources
from railcrate.study import units
from railcrate.study.grid import training_of

TOPOLOGY = Path("/sys/devices/system/cpu")


@dataclass(frozen=True)
class Choice:
    """What was chosen.

    Attributes:
        cores: for Snakemake's `--cores`.
        why: in words, such as "1 of 4 cores: 2.1 GB of memory are free, …"; empty where all are used.
    """

    cores: int
    why: str


def physical(root: Path = TOPOLOGY) -> int:
    """Count the physical cores that this process may run on.

    Two threads of one core share its arithmetic: training on both takes nearly twice as long on each.

    Args:
        root: where Linux tells of processors.

    Returns:
        The count; where the system does not tell which threads belong together, all that it may use.
    """
    allowed = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set(range(os.cpu_count() or 1))
    found = set()
    for number in allowed:
        try:
            found.add((root / f"cpu{number}" / "topology" / "thread_siblings_list").read_text(encoding="utf-8").strip())
        except OSError:  # another system, or one that hides it
            return len(allowed)
    return max(len(found), 1)


def choose(plan: Plan, resources: Resources, *, physical_cores: int, quota: float | None, free: int) -> Choice:
    """Choose.

    Args:
        plan: the plan of the study.
        resources: what its jobs need.
        physical_cores: the physical cores that this process may run on.
        quota: the cores' time that its container or job allows; None where there is no limit.
        free: bytes of memory that it can get.

    Returns:
        At least as many cores as one training has threads, if there are so many; at least one.
    """
    allowed = physical_cores if quota is None else max(min(physical_cores, int(quota)), 1)
    reason = "" if allowed == physical_cores else f"this container may use the time of {quota:.1f}"
    threads = max(
        [*(training_of(plan.study, model).threads for model in plan.trained_on), plan.study.evaluation.threads]
    )
    at_once = max(free // (resources.largest * MB), 1)
    cores = min(allowed, at_once * threads)
    if cores < allowed:
        reason = f"{units.size(free)} of memory are free, and a job may need {units.size(resources.largest * MB)}"
    return Choice(cores, f"{cores} of {units.count(physical_cores, 'core')}: {reason}" if reason else "")
