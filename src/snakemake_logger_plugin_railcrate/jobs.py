# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A job of the workflow, as a run sees it: what it is about, and how far it is.

A job is known by its log, which `railcrate.study.paths.log` names after the kind of work and
what it is about. The names of Snakemake's rules are no help: a study may import the workflow
under names of its own, and fetching has a rule for each source.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from railcrate.study import paths

State = Literal["waiting", "running", "done", "failed", "stopped", "blocked"]

# The kinds of work in the order of the journey: what comes before the experiments, the
# experiments themselves, and what is made of them.
BEFORE = ("fetch", "base", "curate", "card", "tokenizer", "tokenize", "license", "cards")
EXPERIMENTS = ("train", "evaluate")
AFTER = ("compare", "assess", "report", "record", "bundle")
JOURNEY = (*BEFORE, *EXPERIMENTS, *AFTER)

SKEW = 60.0  # seconds by which the clocks of a cluster's nodes may differ
ALL = "all"  # how the log of a job is called that is about the whole study


@dataclass(eq=False)
class Job:
    """One job.

    Attributes:
        kind: the kind of work, such as `train`.
        about: what it is about, such as an experiment and a benchmark; empty for the whole study.
        log: the log, from the study's folder.
        experiment: the experiment that it belongs to, if any.
        inputs: the files that it reads.
        outputs: the files that it makes.
        local: whether it runs beside Snakemake, and not on a node of a cluster.
        reason: why it runs, in Snakemake's words; empty until it begins.
        state: how far it is. `blocked` is a job that rests on one that failed.
        began: when it began (or was handed to the cluster), in seconds of the clock; 0.0 before.
        ended: when it ended; 0.0 before.
        message: what Snakemake said when it failed.
    """

    kind: str
    about: tuple[str, ...]
    log: str
    experiment: str | None = None
    inputs: Sequence[str] = ()
    outputs: Sequence[str] = ()
    local: bool = True
    reason: str = ""
    state: State = "waiting"
    began: float = 0.0
    ended: float = 0.0
    message: str = ""

    @property
    def title(self) -> str:
        """The job in words, such as "evaluate small.raw.seed0 heldout"."""
        return " ".join([self.kind, *self.about])

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.ended - self.began


def job_of(
    log: Iterable[str], wildcards: Mapping[str, str], inputs: Sequence[str] = (), outputs: Sequence[str] = ()
) -> Job | None:
    """Make a job from what Snakemake says of it.

    Args:
        log: its logs, from the study's folder.
        wildcards: the values of its rule's wildcards.
        inputs: the files that it reads.
        outputs: the files that it makes.

    Returns:
        The job; None for one that has no log, as the rule that only names everything.
    """
    name = next(iter(log), None)
    if name is None:
        return None
    path = PurePosixPath(name)
    inside = path.parts[:1] == (paths.LOGS,) and len(path.parts) == 3
    kind = path.parts[1] if inside else path.stem
    values = tuple(map(str, wildcards.values()))
    if not values and inside and path.stem != ALL:
        values = (path.stem,)
    return Job(kind, values, name, wildcards.get("experiment"), inputs, outputs)
