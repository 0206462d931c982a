# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""How long a run will still take, and what that rests on.

What a job takes is known, in this order, from how far it is (a training says so in its log),
from finished jobs of its kind in this run, and from the records that earlier runs have left.
The jobs are then laid out on the cores as Snakemake will start them. Of a job of which nothing
is known, nothing is assumed: it is not counted, and that is said.
"""

from __future__ import annotations

import heapq
import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.files import read_json
from railcrate.study.grid import training_of
from snakemake_logger_plugin_railcrate.course import Course
from snakemake_logger_plugin_railcrate.jobs import EXPERIMENTS, Job
from snakemake_logger_plugin_railcrate.training import Progress


@dataclass(frozen=True)
class Left:
    """The time that is left.

    Attributes:
        seconds: the estimate.
        uncounted: the kinds of work of which it is not known how long they take, and which it leaves out.
        earlier: whether it rests on the records of an earlier run, too.
    """

    seconds: float
    uncounted: tuple[str, ...]
    earlier: bool


class Estimate:
    """Estimates of one run; the records of earlier ones are read once, before this one writes new ones.

    Args:
        course: the run, planned.
    """

    def __init__(self, course: Course) -> None:
        """Read what earlier runs have recorded of the jobs that are to run."""
        self._course = course
        self._earlier = {job.log: _recorded(course.folder, course.study, job) for job in course.jobs.values()}
        known: dict[tuple[str, ...], list[float]] = {}
        for job in course.jobs.values():
            seconds = self._earlier[job.log]
            if seconds is not None:
                known.setdefault(_likes(job)[0], []).append(seconds)
        self._earlier_likes = {like: statistics.median(found) for like, found in known.items()}

    def left(self, now: float, progress: Mapping[str, Progress]) -> Left | None:
        """Estimate the time that is left.

        Args:
            now: the time, in seconds of the clock.
            progress: how far running trainings are, by their logs.

        Returns:
            The estimate; None while nothing is known of any job that is left.
        """
        likes = self._projected(now, progress) | self._finished()
        lengths: dict[Job, float] = {}
        uncounted: dict[str, None] = {}
        earlier = known = False
        for job in self._course.in_state("waiting", "running"):
            seconds, from_earlier = self._length(job, now, likes, progress.get(job.log))
            if seconds is None or (seconds == 0 and job.state == "running"):  # it takes longer than others did
                uncounted[job.kind] = None
            known = known or seconds is not None
            earlier = earlier or from_earlier
            lengths[job] = seconds or 0.0
        if not known:
            return None
        seconds = _lay_out(lengths, self._threads, max(self._course.cores, 1))
        return Left(seconds, tuple(uncounted), earlier)

    def _projected(self, now: float, progress: Mapping[str, Progress]) -> dict[tuple[str, ...], float]:
        """What running trainings will have taken: others like them wait, of which none may have finished yet."""
        found: dict[tuple[str, ...], list[float]] = {}
        for log, seen in progress.items():
            left = seen.left(now)
            if left is not None:
                job = self._course.jobs[log]
                for like in _likes(job):
                    found.setdefault(like, []).append(now - job.began + left)
        return {like: statistics.median(seconds) for like, seconds in found.items()}

    def _finished(self) -> dict[tuple[str, ...], float]:
        """What finished jobs of this run took, by what they have in common with others."""
        found: dict[tuple[str, ...], list[float]] = {}
        for job in self._course.in_state("done"):
            for like in _likes(job):
                found.setdefault(like, []).append(job.seconds)
        return {like: statistics.median(seconds) for like, seconds in found.items()}

    def _length(
        self, job: Job, now: float, likes: Mapping[tuple[str, ...], float], progress: Progress | None
    ) -> tuple[float | None, bool]:
        """What a job will still take, and whether an earlier run says so."""
        spent = now - job.began if job.state == "running" else 0.0
        left = progress.left(now) if progress is not None else None
        if left is not None:
            return left, False
        for like in _likes(job):
            if like in likes:
                return max(likes[like] - spent, 0.0), False
        seconds = self._earlier.get(job.log)
        if seconds is None:
            seconds = next((self._earlier_likes[like] for like in _likes(job) if like in self._earlier_likes), None)
        return (None, False) if seconds is None else (max(seconds - spent, 0.0), True)

    def _threads(self, job: Job) -> int:
        """The threads that a job takes of the cores."""
        study = self._course.study
        if study is None:
            return 1
        if job.kind == "train" and job.experiment is not None:
            return training_of(study, job.experiment.split(".")[0]).threads
        return study.evaluation.threads if job.kind == "evaluate" else 1


def _likes(job: Job) -> list[tuple[str, ...]]:
    """What a job has in common with others, the most telling first: kind, model and benchmark.

    Jobs that no experiment waits for are short; where none of the kind is known, the others tell.
    """
    if job.kind not in EXPERIMENTS:
        return [(job.kind,), ("short",)] if job.kind not in {"curate", "tokenize"} else [(job.kind,)]
    model = str(job.experiment).split(".")[0]
    return [(job.kind, model, *job.about[1:]), (job.kind, *job.about[1:])]


def _recorded(folder: Path, study: Study | None, job: Job) -> float | None:
    """What the record of an earlier run says that a job takes; None without one."""
    name = Path(job.log).stem
    try:
        content = read_json(folder / paths.record(job.kind, name))
        seconds = float(content["seconds"])
        rate = float(content.get("tokens_per_second") or 0.0)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if job.kind == "train" and rate and study is not None and job.experiment is not None:
        # The budget may have changed since, and a run that was resumed took only its second part.
        return training_of(study, job.experiment.split(".")[0]).tokens / rate
    return seconds


def _lay_out(lengths: Mapping[Job, float], threads: Callable[[Job], int], cores: int) -> float:
    """Lay jobs out on cores: each begins when what it reads is there and its threads are free.

    Args:
        lengths: what each job will take, those that run already first.
        threads: the threads that a job takes.
        cores: the cores that there are.

    Returns:
        Seconds until the last one has ended.
    """
    makers = {file: job for job in lengths for file in job.outputs}
    waits: dict[Job, set[Job]] = {}
    followers: dict[Job, list[Job]] = {}
    for job in lengths:
        waits[job] = {makers[file] for file in job.inputs if file in makers} if job.state == "waiting" else set()
        for other in waits[job]:
            followers.setdefault(other, []).append(job)
    ready = sorted((job for job in lengths if not waits[job]), key=lambda job: job.state != "running")
    running: list[tuple[float, int, Job]] = []
    free, clock = cores, 0.0
    while ready or running:
        held: list[Job] = []
        for place, job in enumerate(ready):
            if not free:
                held += ready[place:]
                break
            need = min(threads(job), cores)
            if need <= free:
                free -= need
                heapq.heappush(running, (clock + lengths[job], id(job), job))
            else:
                held.append(job)
        clock, _, ended = heapq.heappop(running)
        free += min(threads(ended), cores)
        ready = held
        for job in followers.get(ended, ()):
            waits[job].discard(ended)
            if not waits[job]:
                ready.append(job)
    return clock
